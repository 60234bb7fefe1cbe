"""Systems of coordinates: which box is meant."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import CRS84, EPSG4326, KNOWN, VN2000, Plane, box_of
from gis.position import Box

ANY = st.floats(allow_nan=True, allow_infinity=True)


@given(st.tuples(ANY, ANY, ANY, ANY))
def test_any_numbers_are_a_box_or_none(numbers: tuple[float, float, float, float]) -> None:
    for crs in KNOWN.values():
        with contextlib.suppress(ValueError):
            boxes, plane = box_of(crs, numbers)
            assert (len(boxes), plane is None) in ((1, True), (2, True), (0, False))
            if plane is not None and crs.plane is not None:
                assert crs.plane.west <= plane.west <= plane.east <= crs.plane.east
                assert crs.plane.south <= plane.south <= plane.north <= crs.plane.north


def test_the_axes_stand_as_the_system_has_them() -> None:
    box = (Box(west=107, south=15, east=108, north=16),)
    assert box_of(CRS84, (107, 15, 108, 16)) == (box, None)
    assert box_of(EPSG4326, (15, 107, 16, 108)) == (box, None)
    assert [one.west for one in box_of(EPSG4326, (-10, 170, 10, -170))[0]] == [170, -180]


def test_a_box_of_half_the_world_is_cut_to_where_the_plane_may_be_used() -> None:
    assert VN2000.plane is not None
    assert box_of(VN2000, (-4e7, -4e7, 4e7, 4e7)) == ((), VN2000.plane)
    assert box_of(VN2000, (5e5, 17e5, 5.1e5, 17.1e5))[1] == Plane(west=5e5, south=17e5, east=5.1e5, north=17.1e5)
    with pytest.raises(ValueError, match="lesser"):
        box_of(VN2000, (2, 0, 1, 1))
