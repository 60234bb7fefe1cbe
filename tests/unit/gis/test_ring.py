"""Positions in polygons."""

import pytest

from gis.position import Position
from gis.ring import within

SQUARE = ((108.0, 15.0), (109.0, 15.0), (109.0, 16.0), (108.0, 16.0))


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [(108.5, 15.5, True), (108.0, 15.5, True), (109.0, 16.0, True), (107.9, 15.5, False), (108.5, 16.01, False)],
)
def test_a_position_lies_in_a_polygon_or_on_its_edge(lon: float, lat: float, inside: bool) -> None:
    assert within(SQUARE, Position(lon=lon, lat=lat)) is inside
    assert within((*SQUARE, SQUARE[0]), Position(lon=lon, lat=lat)) is inside


def test_edges_that_cross_enclose_two_parts() -> None:
    bow = ((108.0, 15.0), (109.0, 16.0), (109.0, 15.0), (108.0, 16.0))
    assert within(bow, Position(lon=108.1, lat=15.5))
    assert within(bow, Position(lon=108.9, lat=15.5))
    assert not within(bow, Position(lon=108.5, lat=15.1))


def test_two_corners_are_no_polygon() -> None:
    with pytest.raises(ValueError, match="at least 4 coordinates"):
        within(SQUARE[:2], Position(lon=108.5, lat=15.5))
