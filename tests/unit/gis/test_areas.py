"""A point belongs to the deepest unit valid on the day, borders included, and always to the same one."""

import datetime as dt
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.areas import Area, AreaIndex, area_from_feature, fid_of, merged
from gis.position import Position

START = dt.date(2024, 9, 1)
CHANGE = dt.date(2025, 7, 1)


def square(code: str, west: float, south: float, size: float = 1.0, **changed: Any) -> Area:
    feature = {
        "properties": {"code": code, "name": f"Unit {code}", "type": "Xã", "level": changed.pop("level", 2)},
        "geometry": shapely.geometry.mapping(shapely.box(west, south, west + size, south + size)),
    }
    return area_from_feature(feature, **{"valid_from": START, "valid_to": None, **changed})


def at(lon: float, lat: float) -> Position:
    return Position(lon=lon, lat=lat)


def test_a_feature_id_is_the_code_and_the_first_day() -> None:
    assert fid_of("502", START) == "502@2024-09-01"
    assert square("502", 0, 0).fid == "502@2024-09-01"


def test_the_deepest_unit_wins_over_the_one_around_it() -> None:
    index = AreaIndex([square("49", 0, 0, 10, level=1), square("502", 2, 2)])
    inside, beside = index.holding(at(2.5, 2.5), START), index.holding(at(5, 5), START)
    assert inside is not None
    assert inside.code == "502"
    assert beside is not None
    assert beside.code == "49"
    assert [area.code for area in index.all_holding(at(2.5, 2.5), START)] == ["502", "49"]


def test_outside_all_units_there_is_none() -> None:
    assert AreaIndex([square("1", 0, 0)]).holding(at(5, 5), START) is None


def test_a_code_used_again_names_another_unit_from_its_day_on() -> None:
    old = square("20335", 0, 0, valid_to=CHANGE)
    new = square("20335", 0, 0, valid_from=CHANGE)
    index = AreaIndex([new, old])
    assert index.holding(at(0.5, 0.5), START - dt.timedelta(days=1)) is None
    assert index.holding(at(0.5, 0.5), CHANGE - dt.timedelta(days=1)) is old
    assert index.holding(at(0.5, 0.5), CHANGE) is new


@given(order=st.permutations(["3", "1", "2", "4"]))
def test_on_a_shared_corner_the_lowest_code_wins_in_any_order(order: list[str]) -> None:
    places = {"1": (0, 0), "2": (1, 0), "3": (0, 1), "4": (1, 1)}
    index = AreaIndex([square(code, *places[code]) for code in order])
    corner = index.holding(at(1, 1), START)
    assert corner is not None
    assert corner.code == "1"
    edge = index.holding(at(1.5, 1), START)
    assert edge is not None
    assert edge.code == "2"


@given(lon=st.floats(-1, 4), lat=st.floats(-1, 4))
def test_the_index_agrees_with_asking_every_unit(lon: float, lat: float) -> None:
    areas = [square(str(x * 3 + y), x, y) for x in range(3) for y in range(3)]
    covering = [area for area in areas if area.geometry.covers(shapely.Point(lon, lat))]
    found = AreaIndex(areas).holding(at(lon, lat), START)
    assert found is min(covering, key=lambda area: area.code, default=None)


def test_two_units_with_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same code and first day"):
        AreaIndex([square("1", 0, 0), square("1", 5, 5)])


def test_a_merger_covers_what_its_parts_covered() -> None:
    left, right = square("509", 0, 0), square("519", 1, 0)
    joined = merged([left, right], into=left, valid_from=CHANGE, valid_to=None, successors=["9@2025-07-01"])
    assert joined.fid == "509@2025-07-01"
    assert joined.name == left.name
    assert joined.geometry.equals(shapely.box(0, 0, 2, 1))
    assert joined.geometry.covers(shapely.Point(joined.inner.lonlat))


def test_an_inner_point_outside_its_unit_is_replaced() -> None:
    feature = {
        "properties": {"code": "1", "name": "U", "type": "Xã", "level": 2, "label_point": [9.0, 9.0]},
        "geometry": shapely.geometry.mapping(shapely.box(0, 0, 1, 1)),
    }
    area = area_from_feature(feature, valid_from=START, valid_to=None)
    assert area.geometry.covers(shapely.Point(area.inner.lonlat))


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        ({"type": "Point", "coordinates": [0, 0]}, "polygon or multipolygon"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "invalid boundary"),
    ],
)
def test_a_boundary_that_is_no_valid_polygon_is_refused(geometry: dict[str, Any], words: str) -> None:
    feature = {"properties": {"code": "1", "name": "U", "type": "Xã", "level": 2}, "geometry": geometry}
    with pytest.raises(ValueError, match=words):
        area_from_feature(feature, valid_from=START, valid_to=None)


def test_many_points_are_held_as_each_alone() -> None:
    squares = [square(f"{x}{y}", x, y) for x in range(3) for y in range(3)]
    index = AreaIndex(squares)
    points = [at(lon / 4, lat / 4) for lon in range(-2, 16) for lat in range(-2, 16)]
    alone = [index.holding(point, START) for point in points]
    assert index.holdings(points, START) == alone
    assert None in alone
    assert len({area.fid for area in alone if area is not None}) > 1
    assert index.holdings([], START) == []
    assert index.holdings(points, START - dt.timedelta(days=1)) == [None] * len(points)
