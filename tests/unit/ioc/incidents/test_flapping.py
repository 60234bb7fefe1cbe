"""Facts about alarms that flap."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents import flapping
from ioc.incidents.flapping import Flap, Raise, flap_of, followed, kept, name_all, named, repeats
from ioc.incidents.quality import FLAPS, FLAPS_WITHIN, flaps
from tests.fakes.things import NOW, alarm


def at(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def raised(*minutes: float, kind: str = "sensor") -> list[Flap | None]:
    """The episode of each of the raises of one key."""
    alarms = [
        alarm(number, key="k", raised_at=at(minute), seen_at=at(minute), source_kind=kind)
        for number, minute in enumerate(minutes, 1)
    ]
    return [flap_of(one.evidence) for one in name_all(alarms, {})]


def test_the_fourth_raise_within_an_hour_is_named_and_what_follows_goes_on_with_it() -> None:
    found = raised(0, 15, 30, 45, 100, 160, 221)
    assert found == [
        None, None, None, Flap(4, at(0), at(105)), Flap(5, at(0), at(160)), Flap(6, at(0), at(220)), None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "named"),
    [((0, 20, 40, 60), True), ((0, 20, 40, 60.1), False), ((0, 30, 60, 90, 120), False), ((0, 0, 0, 0), True)],
)
def test_four_in_an_hour_is_the_least(minutes: tuple[float, ...], named: bool) -> None:
    assert (raised(*minutes)[-1] is not None) is named


def test_people_do_not_flap() -> None:
    assert raised(0, 1, 2, 3, 4, kind="citizen") == [None] * 5
    assert raised(0, 1, 2, 3, kind="camera")[-1] is not None


def test_what_comes_late_counts_what_was_before_it() -> None:
    past = [Raise(at(minute)) for minute in (10, 20, 30, 90)]
    assert followed(at(25), past) is None
    assert followed(at(40), past) == Flap(4, at(10), at(100))


def test_one_episode_has_one_number_and_another_has_another() -> None:
    first, second = Flap(4, at(0), at(90)), Flap(9, at(0), at(300))
    one = named(named(alarm(numbers=("114:7",)), first), second)
    assert one.numbers == ("114:7", f"flapping:{one.key}@2026-11-22T01:00:00.000Z")
    assert flap_of(one.evidence) == second
    assert named(alarm(), Flap(4, at(1), at(90))).numbers != named(alarm(), first).numbers


def test_the_name_stays_when_the_alarm_goes_on_and_other_evidence_is_that_of_now() -> None:
    before = named(alarm(evidence={"value": 1}), Flap(4, at(0), at(90)))
    after = kept(before, alarm(evidence={"value": 2}))
    assert after.evidence["value"] == 2
    assert flap_of(after.evidence) == Flap(4, at(0), at(90))
    assert after.numbers == before.numbers
    assert kept(alarm(), alarm(evidence={"value": 2})) == alarm(evidence={"value": 2})


def test_only_what_was_named_before_is_a_repeat() -> None:
    assert not repeats(alarm())
    assert not repeats(named(alarm(), Flap(FLAPS, at(0), at(90))))
    assert repeats(named(alarm(), Flap(FLAPS + 1, at(0), at(90))))


@given(st.lists(st.integers(0, 600), min_size=1, max_size=30))
def test_a_key_is_named_exactly_when_it_flaps(minutes: list[int]) -> None:
    minutes = sorted(minutes)
    found = raised(*minutes)
    for number, flap in enumerate(found):
        so_far = [at(minute) for minute in minutes[: number + 1]]
        newest = [one for one in so_far if so_far[-1] - one <= FLAPS_WITHIN]
        goes_on = number > 0 and found[number - 1] is not None and so_far[-1] - so_far[-2] <= FLAPS_WITHIN
        assert (flap is not None) == (len(newest) >= FLAPS or goes_on)
    assert any(found) == flaps([at(minute) for minute in minutes])


def test_what_is_written_is_read() -> None:
    flap = Flap(5, at(0.5), at(70))
    told = named(alarm(), flap).evidence[flapping.NAME]
    assert told == {"raises": 5, "since": "2026-11-22T01:00:30.000Z", "until": "2026-11-22T02:10:00.000Z"}
    assert flap_of({flapping.NAME: told}) == flap
