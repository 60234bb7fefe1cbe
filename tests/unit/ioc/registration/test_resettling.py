"""Where things belong once their unit has ceased."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.areas import Area
from gis.position import Position
from ioc.registration.resettling import Land, Moved, Report, Undecided
from tests.fakes.squares import DAY, box, province

OLD = "A@2024-09-01"


def ended(area: Area, *successors: str, day: dt.date = DAY) -> Area:
    return replace(area, valid_to=day, successors=tuple(f"{code}@{day}" for code in successors))


def land(*areas: Area, day: dt.date = DAY, serves: dict[str, str] | None = None) -> Land:
    return Land((province(), *areas), day, serves or {}, "quang-nam")


def at(lon: float) -> Position:
    return Position(lon=lon, lat=15.5)


CUT = (ended(box("A", 100, 102), "C", "D"), box("C", 100, 101, since=DAY), box("D", 101, 105, since=DAY))


def test_a_point_goes_to_the_unit_that_holds_it() -> None:
    cut = land(*CUT)
    assert cut.ceased(OLD)
    assert cut.over == [OLD]
    assert not cut.ceased("C@2025-07-01")
    assert not cut.ceased("nowhere@2024-09-01")
    assert cut.holding(OLD, at(100.5)) == "C@2025-07-01"
    assert cut.holding(OLD, at(101.5)) == "D@2025-07-01"
    assert cut.around(at(101.5), DAY) == ["D@2025-07-01", "1@2024-09-01"]


def test_off_all_units_the_nearest_successor_and_far_off_a_person() -> None:
    cut = land(*CUT)
    assert cut.holding(OLD, at(99.9)) == "C@2025-07-01"
    assert cut.holding(OLD, Position(lon=100.5, lat=16.1)) == "C@2025-07-01"
    assert cut.holding(OLD, Position(lon=100.5, lat=17.0)) is None


def test_without_a_point_the_one_successor_or_a_person() -> None:
    assert land(*CUT).holding(OLD, None) is None
    whole = land(ended(box("A", 100, 102), "E"), box("E", 99, 105, since=DAY))
    assert whole.holding(OLD, None) == "E@2025-07-01"


def test_before_the_day_nothing_has_ceased() -> None:
    assert land(*CUT, day=dt.date(2025, 6, 30)).over == []


def test_units_that_were_joined_and_parted_again_are_followed_by_those_of_their_land() -> None:
    joined = dt.date(2025, 1, 1)
    parted = land(
        ended(box("A", 100, 102), "A", day=joined),
        ended(box("B", 102, 104), "A", day=joined),
        ended(box("A", 100, 104, since=joined), "C", "D"),
        box("C", 100, 102, since=DAY),
        box("D", 102, 104, since=DAY),
    )
    assert parted.followers(OLD) == ("C@2025-07-01",)
    assert parted.followers("B@2024-09-01") == ("D@2025-07-01",)
    assert parted.followers("A@2025-01-01") == ("C@2025-07-01", "D@2025-07-01")


def test_lists_of_areas() -> None:
    """What went into a larger unit is replaced; what was cut up stays where its parts count anyhow."""
    larger = land(ended(box("A", 100, 102), "E"), box("E", 99, 105, since=DAY))
    assert larger.instead([OLD, "x"], spelt=True) == (("E@2025-07-01", "x"), ())
    parts = (ended(box("A", 100, 104), "C", "D"), box("C", 100, 102, since=DAY), box("D", 102, 104, since=DAY))
    assert land(*parts).instead([OLD], spelt=True) == ((OLD,), ())
    assert land(*parts).instead([OLD], spelt=False) == ((OLD, "C@2025-07-01", "D@2025-07-01"), ())
    unsure = land(*CUT).instead([OLD], spelt=True)
    assert unsure == ((OLD,), (OLD,)), "D lies for the greater part elsewhere"
    gone = land(ended(box("A", 100, 102)))
    assert gone.instead([OLD], spelt=True) == ((OLD,), (OLD,))


def test_who_serves_what() -> None:
    some = land(*CUT, serves={"C@2025-07-01": "tam-ky"})
    assert (some.centre("C@2025-07-01"), some.centre("D@2025-07-01")) == ("tam-ky", "quang-nam")


def test_a_report_counts() -> None:
    one = Moved(kind="device", code="g", name="g", area_before="a", area="b")
    undecided = Undecided(kind="account", code="lan", name="Lan", area="a", why="x")
    report = Report(moved=[one, one], undecided=[undecided])
    assert report.counts() == {"device": 2, "undecided": 1}


@given(st.floats(100.0, 104.0), st.lists(st.integers(1, 39), min_size=1, max_size=6, unique=True).map(sorted))
def test_every_point_of_the_old_land_has_exactly_one_new_unit(lon: float, cuts: list[int]) -> None:
    edges = [100.0, *(100 + cut / 10 for cut in cuts), 104.0]
    units = [box(f"N{n}", west, east, since=DAY) for n, (west, east) in enumerate(itertools.pairwise(edges))]
    cut = land(ended(box("A", 100, 104), *(unit.code for unit in units)), *units)
    found = cut.holding(OLD, at(lon))
    assert found is not None
    unit = cut.area(found)
    assert unit is not None
    assert unit.level == 2
    west, _, east, _ = unit.geometry.bounds
    assert west <= lon <= east
    assert found in cut.followers(OLD)


@pytest.mark.parametrize("fids", [[], ["x@2024-09-01"]])
def test_lists_without_a_ceased_unit_stay(fids: list[str]) -> None:
    assert land(*CUT).instead(fids, spelt=True) == (tuple(fids), ())
