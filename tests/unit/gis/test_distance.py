"""Distances against values of the geodesic on WGS 84 (Karney's, as GeographicLib and PostGIS give them)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.distance import degrees, metres

LON, LAT = st.floats(-179.0, 179.0), st.floats(-59.0, 59.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((108.0, 15.0), (108.0, 16.0), 110_644.0),
        ((108.0, 15.0), (109.0, 15.0), 107_550.8),
        ((0.0, 0.0), (1.0, 0.0), 111_319.5),
        ((179.9, 16.0), (-179.9, 16.0), 21_407.5),
    ],
)
def test_it_is_within_half_a_percent_of_the_geodesic(
    one: tuple[float, float], other: tuple[float, float], expected: float
) -> None:
    assert metres(*one, *other) == pytest.approx(expected, rel=0.005)


@given(LON, LAT, LON, LAT)
def test_it_is_the_same_from_both_ends_and_nothing_at_home(lon: float, lat: float, x: float, y: float) -> None:
    assert metres(lon, lat, x, y) == pytest.approx(metres(x, y, lon, lat))
    assert metres(lon, lat, lon, lat) == 0.0


@given(LON, LAT, st.floats(1.0, 30_000.0), st.floats(0.0, 2 * math.pi))
def test_the_degrees_of_a_reach_hold_it_all(lon: float, lat: float, reach: float, angle: float) -> None:
    east, north = degrees(reach, lat)
    edge = metres(lon, lat, lon + 1.001 * east * math.cos(angle), lat)
    assert edge >= 0.99 * reach * abs(math.cos(angle))
    assert metres(lon, lat, lon + east, lat) >= 0.99 * reach
    assert metres(lon, lat, lon, lat + north) >= 0.99 * reach
