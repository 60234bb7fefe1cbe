"""Shapes of messages: valid, where they should be, and as large as told."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.outline import KM_OF_DEGREE, ewkt, outline
from gis.position import Position

AXES = st.tuples(st.floats(-170, 170), st.floats(-80, 80))


def ring(*corners: tuple[float, float]) -> list[Position]:
    return [Position(lon=lon, lat=lat) for lon, lat in (*corners, corners[0])]


@given(st.lists(AXES, min_size=3, max_size=12), AXES, st.floats(0, 500))
def test_whatever_is_told_becomes_a_valid_shape(
    corners: list[tuple[float, float]], centre: tuple[float, float], radius_km: float
) -> None:
    shape = outline([ring(*corners)], [(Position(lon=centre[0], lat=centre[1]), radius_km)])
    assert shape is not None
    assert shape.is_valid
    assert not shape.is_empty


@pytest.mark.parametrize("radius_km", [0.5, 5.0, 50.0])
def test_a_circle_reaches_as_far_as_told(radius_km: float) -> None:
    shape = outline([], [(Position(lon=108.1, lat=15.6), radius_km)])
    assert shape is not None
    _, south, _, north = shape.bounds
    assert (north - south) * KM_OF_DEGREE / 2 == pytest.approx(radius_km, rel=0.01)


def test_a_ring_that_crosses_itself_covers_both_its_halves() -> None:
    shape = outline([ring((0, 0), (2, 2), (2, 0), (0, 2))])
    assert shape is not None
    assert shape.area == pytest.approx(2.0)


def test_nothing_is_no_shape_and_a_shape_has_its_system_beside_it() -> None:
    assert outline([]) is None
    shape = outline([ring((0, 0), (1, 0), (1, 1))])
    assert shape is not None
    system, _, text = ewkt(shape).partition(";")
    assert system == "SRID=4326"
    assert shapely.from_wkt(text).equals(shape)
