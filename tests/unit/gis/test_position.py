"""Positions and boxes: what is impossible cannot be built."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.position import Box, Position


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_possible_position_keeps_its_axes_in_the_order_of_geojson(lon: float, lat: float) -> None:
    assert Position(lon=lon, lat=lat).lonlat == (lon, lat)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 180.0000001, -181.0])
def test_a_longitude_that_is_not_finite_or_out_of_range_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="longitude"):
        Position(lon=bad, lat=0.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 90.0000001, 108.1])
def test_a_latitude_that_is_not_finite_or_swapped_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="latitude"):
        Position(lon=15.9, lat=bad)


@given(st.floats(), st.floats())
def test_any_two_floats_make_a_finite_position_or_a_value_error(lon: float, lat: float) -> None:
    try:
        made = Position(lon=lon, lat=lat)
    except ValueError:
        return
    assert math.isfinite(made.lon)
    assert math.isfinite(made.lat)


def test_a_box_is_refused_when_its_sides_are_turned_round() -> None:
    with pytest.raises(ValueError, match="west"):
        Box(west=2, south=0, east=1, north=1)
    with pytest.raises(ValueError, match="west"):
        Box(west=0, south=2, east=1, north=1)


def test_a_box_may_be_a_point_but_not_lie_outside_the_world() -> None:
    assert Box(west=1, south=1, east=1, north=1).west == 1
    with pytest.raises(ValueError, match="latitude"):
        Box(west=0, south=-91, east=1, north=1)
