"""Facts about the ground calibration."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.geometry import Point, Polygon

from gis.footprint import Ground, GroundPoint, Plane, sector
from gis.position import Position

HERE = Position(lon=108.33, lat=15.88)


def pinhole(*, height_m: float, tilt_deg: float, fov_deg: float, bearing_deg: float = 0.0) -> np.ndarray:
    """The homography ground (east, north in metres) -> picture (0..1) of a camera over the origin."""
    focal = 0.5 / math.tan(math.radians(fov_deg) / 2)
    tilt, turn = math.radians(tilt_deg), math.radians(bearing_deg)
    ahead = np.array([math.sin(turn) * math.cos(tilt), math.cos(turn) * math.cos(tilt), -math.sin(tilt)])
    right = np.array([math.cos(turn), -math.sin(turn), 0.0])
    down = np.cross(ahead, right)
    rotation = np.array([right, down, ahead])
    camera = np.array([[focal, 0, 0.5], [0, focal, 0.5], [0, 0, 1]]) @ rotation
    return np.c_[camera[:, 0], camera[:, 1], camera @ np.array([0.0, 0.0, -height_m])]


def look(to_picture: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """The ground (east, north) that a picture's point shows, and the sign of its depth."""
    ground = np.linalg.inv(to_picture) @ np.array([x, y, 1.0])
    east, north = ground[0] / ground[2], ground[1] / ground[2]
    return east, north, float((to_picture @ np.array([east, north, 1.0]))[2])


def marks_of(to_picture: np.ndarray, places: list[tuple[float, float]]) -> list[GroundPoint]:
    """Marks at these points of the picture."""
    marks = []
    for x, y in places:
        east, north, _ = look(to_picture, x, y)
        there = Plane(HERE).position(east, north)
        marks.append(GroundPoint(x=x, y=y, lon=there.lon, lat=there.lat))
    return marks


CORNERS = [(0.1, 0.95), (0.9, 0.95), (0.8, 0.55), (0.15, 0.6)]
views = st.builds(
    pinhole,
    height_m=st.floats(3, 30),
    tilt_deg=st.floats(15, 80),
    fov_deg=st.floats(30, 60),
    bearing_deg=st.floats(0, 360),
)


@given(view=views, x=st.floats(0.05, 0.95), y=st.floats(0.55, 0.95))
def test_a_calibrated_view_finds_every_point_of_the_ground(view: np.ndarray, x: float, y: float) -> None:
    """Four exact marks give the whole plane, to a thousandth of the distance."""
    ground = Ground(marks_of(view, CORNERS))
    spot = ground.spot(x, y)
    east, north, _ = look(view, x, y)
    assert spot is not None
    found = Plane(HERE).metres(spot.position)
    assert math.dist(found, (east, north)) <= 0.001 * max(1.0, math.hypot(east, north)) + 0.01


@given(view=views, x=st.floats(0.05, 0.95), y=st.floats(0.55, 0.95), dx=st.floats(-1, 1), dy=st.floats(-1, 1))
def test_the_error_covers_half_a_percent_of_the_picture(
    view: np.ndarray, x: float, y: float, dx: float, dy: float
) -> None:
    """A foot point that is off by half a percent along an axis stays within the radius."""
    assume(abs(dx) + abs(dy) <= 1)
    spot = Ground(marks_of(view, CORNERS)).spot(x, y)
    assert spot is not None
    assert spot.error_m >= 1.0
    east, north, _ = look(view, x + 0.005 * dx, y + 0.005 * dy)
    assert math.dist(Plane(HERE).metres(spot.position), (east, north)) <= spot.error_m + 0.05


def test_nothing_lies_above_the_horizon() -> None:
    """A camera that looks 10 degrees down with 50 degrees of view shows sky in its upper third."""
    ground = Ground(
        marks_of(pinhole(height_m=8, tilt_deg=10, fov_deg=50), [(0.1, 0.95), (0.9, 0.95), (0.8, 0.6), (0.2, 0.6)])
    )
    assert ground.spot(0.5, 0.0) is None
    assert ground.spot(0.5, 0.2) is None
    assert ground.spot(0.5, 0.9) is not None


def test_the_error_grows_with_the_distance() -> None:
    """A pixel at the far end covers more ground than one at the near end."""
    ground = Ground(marks_of(pinhole(height_m=8, tilt_deg=20, fov_deg=50), CORNERS))
    far, near = ground.spot(0.5, 0.3), ground.spot(0.5, 0.95)
    assert far is not None
    assert near is not None
    assert far.error_m > 1.5 * near.error_m


def test_marks_that_disagree_raise_the_error() -> None:
    """With more than four marks what they miss by is part of the error."""
    view = pinhole(height_m=8, tilt_deg=30, fov_deg=50)
    exact = marks_of(view, [*CORNERS, (0.5, 0.7), (0.3, 0.8)])
    moved = [
        *exact[:-1],
        GroundPoint(x=exact[-1].x, y=exact[-1].y, lon=exact[-1].lon + 6e-5, lat=exact[-1].lat),
    ]
    assert Ground(exact).residual_m < 0.01
    good, bad = Ground(exact).spot(0.5, 0.8), Ground(moved).spot(0.5, 0.8)
    assert good is not None
    assert bad is not None
    assert bad.error_m > good.error_m


@pytest.mark.parametrize(
    "places",
    [
        [(0.1, 0.9), (0.9, 0.9), (0.5, 0.6)],
        [(0.1, 0.9), (0.3, 0.9), (0.5, 0.9), (0.9, 0.9)],
        [(0.5, 0.9)] * 4,
        [(0.1, 0.9), (0.5, 0.9), (0.9, 0.9), (0.5, 0.6)],
    ],
)
def test_marks_that_fix_no_plane_are_refused(places: list[tuple[float, float]]) -> None:
    """Too few, on a line, or all the same."""
    with pytest.raises(ValueError, match=r"mark"):
        Ground(marks_of(pinhole(height_m=8, tilt_deg=30, fov_deg=50), places))


@given(view=views)
def test_the_field_of_view_is_a_valid_ring_within_reach(view: np.ndarray) -> None:
    """Closed, counter-clockwise, without self-crossing, and it holds what the picture shows in its middle."""
    ground = Ground(marks_of(view, CORNERS))
    ring = ground.seen(reach_m=60.0)
    assert ring is not None
    assert ring[0] == ring[-1]
    plane = Plane(HERE)
    polygon = Polygon([plane.metres(position) for position in ring])
    assert polygon.is_valid
    assert polygon.exterior.is_ccw
    east, north, _ = look(view, 0.5, 1.0)
    assert all(math.dist((east, north), point) <= 60.5 for point in polygon.exterior.coords)
    east, north, _ = look(view, 0.5, 0.99)
    assert polygon.buffer(0.5).contains(Point(east, north))


@given(bearing=st.floats(0, 360), angle=st.floats(10, 350), reach=st.floats(10, 300))
def test_a_sector_looks_where_the_bearing_points(bearing: float, angle: float, reach: float) -> None:
    """It is as large as a part of a circle, and its arc's middle lies on the bearing."""
    ring = sector(HERE, bearing_deg=bearing, fov_deg=angle, reach_m=reach, steps=64)
    plane = Plane(HERE)
    polygon = Polygon([plane.metres(position) for position in ring])
    assert polygon.is_valid
    assert polygon.exterior.is_ccw
    assert polygon.area == pytest.approx(math.pi * reach**2 * angle / 360, rel=0.02)
    turn = math.radians(bearing)
    assert polygon.buffer(0.1).contains(Point(0.95 * reach * math.sin(turn), 0.95 * reach * math.cos(turn)))


def test_an_impossible_angle_is_refused() -> None:
    """A field of view is more than nothing and at most a full turn."""
    with pytest.raises(ValueError, match="field of view"):
        sector(HERE, bearing_deg=0, fov_deg=0)


@given(east=st.floats(-5000, 5000), north=st.floats(-5000, 5000))
def test_the_plane_goes_there_and_back(east: float, north: float) -> None:
    """Metres -> degrees -> metres changes less than a millimetre."""
    plane = Plane(HERE)
    assert plane.metres(plane.position(east, north)) == pytest.approx((east, north), abs=1e-3)
