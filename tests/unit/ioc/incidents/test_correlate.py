"""The fold: what links, what waits, what opens, and what never may."""

import datetime as dt
import math
import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gis.distance import metres
from gis.position import Position
from ioc import catalogue
from ioc.incidents.alarm import Alarm
from ioc.incidents.correlate import Cell, Fold, Known, Outcome, cell_of, ended, hull, last_sign, order, own, reused
from tests.fakes.things import NOW, alarm, source

POLICY = catalogue.policy()
WEST, SOUTH = 108.1, 15.88
METRE = 1 / 107_000
"""Of longitude, at this latitude, roughly."""


def minutes(number: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def one(number: int, east_m: float = 0.0, after_min: float = 0.0, **changed: object) -> Alarm:
    """A flood's alarm so far east of the first and so long after it."""
    at = Position(lon=WEST + east_m * METRE, lat=SOUTH)
    plain = {
        "source": msgspec.structs.replace(source(f"s{number}"), position=at),
        "raised_at": minutes(after_min),
        "seen_at": minutes(after_min),
        "key": f"k{number:04}",
    }
    return alarm(number, **plain | changed)


def told(*alarms: Alarm) -> list[tuple[str, int | None]]:
    """How each matched, and the number of its incident in the order of opening."""
    fold = Fold(POLICY, (), {})
    found = [fold.take(each) for each in sorted(alarms, key=order)]
    places = {id(known): number for number, known in enumerate(fold.new)}
    return [(outcome.match, places.get(id(outcome.known))) for outcome in found]


def test_the_near_links_the_far_opens_and_between_two_it_waits() -> None:
    assert told(one(1), one(2, 1400), one(3, 2900, 1)) == [("opened", 0), ("linked", 0), ("linked", 0)]
    assert told(one(1), one(2, 3200), one(3, 1600, 1)) == [("opened", 0), ("opened", 1), ("waiting", None)]


def test_one_that_is_near_is_taken_before_several_that_are_in_the_wide_pass() -> None:
    assert told(one(1), one(2, 3300), one(3, 1000, 1))[-1] == ("linked", 0)


def test_categories_that_are_no_pair_do_not_belong_together() -> None:
    assert told(one(1), one(2, 10, 1, category="air")) == [("opened", 0), ("opened", 1)]
    assert told(one(1), one(2, 10, 1, category="rescue"))[-1] == ("linked", 0)


def test_of_a_category_by_source_only_the_same_source_belongs_together() -> None:
    device = {"category": "device", "source_kind": "system"}
    again = msgspec.structs.replace(one(3, 0, 3, **device), source=one(1).source)
    assert told(one(1, **device), one(2, 0, 1, **device), again) == [("opened", 0), ("opened", 1), ("linked", 0)]


def test_the_same_number_of_another_system_links_first_and_from_anywhere() -> None:
    number = {"numbers": ("113:77",)}
    assert told(one(1, **number), one(2, 50_000, 9, **number)) == [("opened", 0), ("number", 0)]
    assert told(one(1, **number), one(2, 50_000), one(3, 50_010, 9, **number))[-1] == ("number", 0)


def test_how_far_a_place_may_be_off_is_added_up_to_a_bound() -> None:
    assert told(one(1), one(2, 4900, 1, error_m=1950.0))[-1] == ("linked", 0)
    assert told(one(1), one(2, 5100, 1, error_m=9_000.0))[-1] == ("opened", 1)


def test_a_condition_that_comes_back_within_ten_minutes_of_its_end_is_the_same_incident() -> None:
    over = one(1, cleared_at=minutes(30), seen_at=minutes(30))
    assert told(over, one(2, 0, 40))[-1] == ("linked", 0)
    assert told(over, one(2, 0, 41))[-1] == ("opened", 1)


def test_an_incident_stays_active_while_a_sensor_says_so_and_open_while_people_do() -> None:
    assert told(one(1), one(2, 0, 3000))[-1] == ("linked", 0)
    assert told(one(1, source_kind="citizen"), one(2, 0, 700))[-1] == ("linked", 0)
    assert told(one(1, source_kind="citizen"), one(2, 0, 721))[-1] == ("opened", 1)


def test_nothing_makes_an_incident_wider_or_longer_than_its_category_allows() -> None:
    chain = [one(number, 1000.0 * number, number) for number in range(1, 30)]
    found = told(*chain)
    assert len({place for _, place in found}) >= 3
    drip = [one(number, 0, 700.0 * number, source_kind="citizen") for number in range(1, 15)]
    assert len({place for _, place in told(*drip)}) == 2


def test_what_a_number_made_wider_than_its_bound_still_takes_what_makes_it_no_wider() -> None:
    number = {"numbers": ("113:77",)}
    wide = [one(1, **number), one(2, 20_000, 9, **number)]
    for east in (0, 300, 18_800, 20_000):
        assert told(*wide, one(3, east, 10))[-1] == ("linked", 0)
    assert told(*wide, one(3, -300, 10))[-1] == ("opened", 1)
    assert told(*wide, one(3, 20_300, 10))[-1] == ("opened", 1)


def test_what_a_person_made_longer_than_its_bound_still_takes_what_makes_it_no_longer() -> None:
    for after_h, match in ((60, "linked"), (130, "linked"), (131, "opened"), (-1, "opened")):
        long = Known("long")
        for each in (one(1), one(2, 0, 130 * 60)):
            long.add(each)
            long.place(cell_of(each))
        assert Fold(POLICY, [long], {}).take(one(3, 10, 60 * after_h)).match == match


PLACES = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=30).map(
    lambda each: [(round(WEST + x / 1000, 5), round(SOUTH + y / 1000, 5)) for x, y in each]
)


@given(PLACES)
def test_the_width_is_the_distance_of_the_two_places_that_are_farthest_apart(places: list[tuple[float, float]]) -> None:
    known = Known("a")
    for lon, lat in places:
        known.place(Cell(lon, lat, "flood", "", NOW))
    widest = max(metres(*one, *other) for one in places for other in places)
    assert math.isclose(known.width(), widest, rel_tol=1e-4)
    assert set(hull(places)) <= set(places)
    for lon, lat in places:
        assert known.within(lon, lat, 0.0), "where it is, it may be"


@given(PLACES, st.tuples(st.integers(-50, 450), st.integers(-50, 450)), st.floats(0, 60_000))
def test_nothing_makes_an_incident_wider_than_its_bound_and_than_it_is(
    places: list[tuple[float, float]], place: tuple[int, int], bound: float
) -> None:
    known = Known("a")
    for lon, lat in places:
        known.place(Cell(lon, lat, "flood", "", NOW))
    lon, lat = WEST + place[0] / 1000, SOUTH + place[1] / 1000
    farthest = max(metres(lon, lat, *one) for one in places)
    limit = max(bound, *(metres(*one, *other) for one in places for other in places), 0.0)
    if abs(farthest - limit) > 1e-4 * limit + 2:  # cells are kept to a metre
        assert known.within(lon, lat, bound) == (farthest <= limit)


def test_what_people_closed_takes_nobody_and_is_named_as_the_previous_one() -> None:
    closed = Known("closed", takes=False)
    closed.add(one(1))
    closed.place(cell_of(one(1)))
    outcome = Fold(POLICY, [closed], {}).take(one(2, 100, 5))
    assert (outcome.match, outcome.previous) == ("opened", ["closed"])


def test_what_may_not_open_is_history() -> None:
    assert Fold(POLICY, (), {}).take(one(1), opens=False).match == "history"


def test_what_a_person_placed_stays_there() -> None:
    fold = Fold(POLICY, (), {})
    fold.take(one(1))
    outcome = fold.take(one(2, 0, 1, match="manual"), fixed="elsewhere")
    assert (outcome.match, outcome.known and outcome.known.id) == ("manual", "elsewhere")


def test_a_camera_s_alarm_goes_on_for_a_while_after_its_last_sighting() -> None:
    seen = one(1, source_kind="camera")
    assert last_sign(seen) == ended(seen) == minutes(10)
    assert last_sign(one(1)) is None
    assert ended(one(1, source_kind="agency", cleared_at=minutes(60))) == minutes(60)


def test_what_is_held_back_or_was_withdrawn_shapes_nothing() -> None:
    assert own(one(1))
    assert not own(one(1, match="suppressed"))
    assert not own(one(1, evidence={"withdrawn": True}))


def test_an_emptied_incident_goes_on_with_the_alarm_that_opened_it() -> None:
    made = Known("new:1")
    first, second = one(1, incident="a", match="opened"), one(2, incident="b", match="opened")
    outcomes = [Outcome(alarm=each, match="linked", known=made) for each in (first, second)]
    assert reused(outcomes, ["a", "b"]) == {"new:1": "a"}
    assert reused(outcomes, ["b"]) == {"new:1": "b"}
    assert reused(outcomes, []) == {}


ALARMS = st.lists(
    st.tuples(
        st.floats(0, 12_000),
        st.floats(0, 20_000),
        st.sampled_from(("flood", "road", "rescue", "traffic", "infrastructure", "device", "storm")),
        st.sampled_from(("sensor", "citizen", "camera")),
        st.booleans(),
    ),
    max_size=40,
).map(
    lambda each: [
        one(number + 1, east, after, category=category, source_kind=kind)
        if holds
        else one(number + 1, east, after, category=category, source_kind=kind, cleared_at=minutes(after))
        for number, (east, after, category, kind, holds) in enumerate(each)
    ]
)


@given(ALARMS, st.integers(0, 99))
def test_no_alarm_is_lost_every_bound_holds_and_the_order_of_asking_does_not_matter(
    alarms: list[Alarm], seed: int
) -> None:
    shuffled = list(alarms)
    random.Random(seed).shuffle(shuffled)
    assert told(*alarms) == told(*shuffled)
    fold = Fold(POLICY, (), {})
    outcomes = [fold.take(each) for each in sorted(alarms, key=order)]
    assert {outcome.alarm.id for outcome in outcomes} == {each.id for each in alarms}
    for outcome in outcomes:
        assert (outcome.known is None) == (outcome.match == "waiting") == bool(outcome.candidates)
        assert outcome.match != "waiting" or len(outcome.candidates) > 1
    for known in fold.new:
        mine = [outcome.alarm for outcome in outcomes if outcome.known is known]
        about = POLICY.category(mine[0].category)
        times = [each.raised_at for each in mine]
        assert (max(times) - min(times)).total_seconds() <= about.hours * 3600
        places = [each.source.position for each in mine]
        widest = max(metres(a.lon, a.lat, b.lon, b.lat) for a in places for b in places)
        assert widest <= about.diameter_m + 2  # a place is kept to a metre
