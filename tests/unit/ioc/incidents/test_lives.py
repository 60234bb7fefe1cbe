"""Alarms of what goes on: held until the end, whatever the order and the repetition."""

import datetime as dt
import itertools

import pytest

from gis.observation import Sighting
from ioc.incidents.alarm import Alarm, quiet
from ioc.incidents.lives import GOING_ON, REMEMBERED, is_history, step, went_on
from ioc.incidents.rules import Verdict, judge_sighting
from tests.fakes.things import NOW, going_on, rule, sighting, source

LOITERING = rule(sighting="loitering", severity="moderate", hold_s=60)


def verdict(seen: Sighting) -> Verdict:
    found = judge_sighting(LOITERING, seen)
    assert found is not None
    return found


def stepped(*reports: Sighting) -> list[Alarm]:
    """All alarms that come of reports, each as it was last; judged as the desk does it."""
    alarms: list[Alarm] = []
    for number, seen in enumerate(reports):
        one = verdict(seen)
        held = alarms[-1] if alarms and alarms[-1].cleared_at is None else None
        if held is None and alarms and is_history(one, max(alarm.seen_at for alarm in alarms)):
            continue
        after = step(held, one, source("cam-a"), f"id-{number}")
        if after is not None:
            alarms = [*(alarms if held is None else alarms[:-1]), after]
    return alarms


def after(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def test_it_holds_from_its_beginning_to_its_end() -> None:
    start, update, end = going_on("start", 10, seq=1), going_on("update", 15, seq=2), going_on("end", 18, seq=3)
    (held,) = stepped(start, update)
    assert (held.raised_at, held.seen_at, held.cleared_at, held.count) == (NOW, after(15), None, 1)
    (over,) = stepped(start, update, end)
    assert (over.raised_at, over.cleared_at, over.count, over.severity) == (NOW, after(18), 1, "moderate")


def test_every_order_and_repetition_of_one_life_gives_the_same_alarm() -> None:
    reports = [going_on("start", 10, seq=1), going_on("update", 15, seq=2), going_on("end", 18, seq=3)]
    found = set()
    for order in itertools.permutations([*reports, *reports]):
        (alarm,) = stepped(*order)
        found.add((alarm.raised_at, alarm.seen_at, alarm.cleared_at, alarm.count, alarm.severity))
    assert found == {(NOW, after(18), after(18), 1, "moderate")}


def test_two_lives_under_one_key_are_one_alarm_until_both_have_ended() -> None:
    first = [going_on("start", 10, seq=1), going_on("end", 30, seq=4)]
    second = [going_on("start", 12, seq=2, life=2), going_on("update", 25, seq=3, life=2)]
    (held,) = stepped(first[0], *second, first[1])
    assert (held.cleared_at, held.count) == (None, 2)
    (over,) = stepped(first[0], *second, first[1], going_on("end", 40, seq=5, life=2))
    assert over.cleared_at == after(40)


def test_an_end_that_comes_before_a_later_report_of_another_is_not_lost() -> None:
    """The end of one is older than what the alarm has seen of the other."""
    reports = [
        going_on("start", 10, seq=1),
        going_on("start", 12, seq=2, life=2),
        going_on("update", 30, seq=3, life=2),
        going_on("end", 20, seq=4),
        going_on("end", 31, seq=5, life=2),
    ]
    (over,) = stepped(*reports)
    assert (over.cleared_at, over.seen_at) == (after(31), after(31))


def test_an_ended_life_is_not_woken_while_another_goes_on() -> None:
    other = going_on("start", 12, seq=2, life=2)
    (held,) = stepped(going_on("start", 10, seq=1), other, going_on("end", 20, seq=4), going_on("update", 15, seq=3))
    ended = [over for _, over in held.evidence[GOING_ON].values()]
    assert sorted(ended) == [False, True]
    late = int(REMEMBERED.total_seconds()) + 30
    (held,) = stepped(
        going_on("start", 10, seq=1), other, going_on("end", 20, seq=4), going_on("update", late, seq=9, life=2)
    )
    assert list(held.evidence[GOING_ON]) == [other.id], "what ended long ago is forgotten"


def test_silence_ends_what_its_worker_never_ended() -> None:
    (held,) = stepped(going_on("start", 10, seq=1), going_on("update", 15, seq=2))
    assert quiet(held, LOITERING.hold_s, after(74)) is None
    cleared = quiet(held, LOITERING.hold_s, after(75))
    assert cleared is not None
    assert cleared.cleared_at == after(75)


def test_a_life_that_goes_on_after_the_silence_raises_anew() -> None:
    (held,) = stepped(going_on("start", 10, seq=1))
    assert not is_history(verdict(going_on("update", 200, seq=2)), held.seen_at)
    assert is_history(verdict(going_on("end", 200, seq=2)), held.seen_at), "its end alone opens nothing again"


def test_the_picture_and_its_box_stay_together_until_a_better_one_comes() -> None:
    start = going_on("start", 10, seq=1, picture="p1", box=(0.1, 0.1, 0.2, 0.2), count=3)
    (alarm,) = stepped(start, going_on("update", 15, seq=2, box=(0.5, 0.5, 0.1, 0.1), count=2))
    shown = alarm.evidence
    assert (shown["picture"], shown["box"], shown["count"]) == ("p1", (0.1, 0.1, 0.2, 0.2), 3)
    (alarm,) = stepped(start, going_on("end", 18, seq=3, picture="p2", box=(0.3, 0.3, 0.3, 0.3)))
    assert (alarm.evidence["picture"], alarm.evidence["box"]) == ("p2", (0.3, 0.3, 0.3, 0.3))


@pytest.mark.parametrize(("seconds", "history"), [(-1, True), (0, False), (1, False)])
def test_a_moment_is_history_only_before_what_was_seen(seconds: float, history: bool) -> None:
    moment = judge_sighting(rule(sighting="zone_entered"), sighting(at=after(seconds)))
    assert moment is not None
    assert is_history(moment, NOW) is history


def test_a_moment_is_left_to_the_alarm_itself() -> None:
    moment = judge_sighting(rule(sighting="zone_entered"), sighting())
    assert moment is not None
    raised = step(None, moment, source("cam-a"), "id-0")
    assert raised is not None
    assert GOING_ON not in raised.evidence


def test_a_late_report_of_a_life_belongs_to_the_alarm_that_a_silence_ended_and_leaves_it_ended() -> None:
    held = step(None, verdict(going_on("start", 0, seq=1)), source("cam-a"), "id-1")
    assert held is not None
    ended = quiet(held, 60, after(100))
    assert ended is not None
    late = went_on([ended], verdict(going_on("update", 30, seq=2)), source("cam-a"))
    assert late is not None
    assert (late.id, late.seen_at, late.cleared_at) == ("id-1", after(30), after(100))
    assert went_on([late], verdict(going_on("update", 20, seq=3)), source("cam-a")) == late
    assert went_on([ended], verdict(going_on("update", 30, seq=4, life=2)), source("cam-a")) is None
