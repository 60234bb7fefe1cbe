"""Facts about the ground that a camera shows by its height, bearing, field of view and tilt."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.footprint import Ground, GroundPoint, Plane
from gis.pose import ASPECT, Pose, derived_tilt
from gis.position import Position

HOME = Position(lon=108.33, lat=15.88)
PLANE = Plane(HOME)


def metres(position: Position) -> tuple[float, float]:
    return PLANE.metres(position)


def test_the_middle_of_the_picture_lies_where_the_tilt_says() -> None:
    """A camera 6 m up that looks 30 degrees down to the east sees 6 / tan(30) m ahead of itself."""
    spot = Pose(HOME, height_m=6.0, bearing_deg=90.0, fov_deg=70.0, tilt_deg=30.0).spot(0.5, 0.5)
    assert spot is not None
    east, north = metres(spot.position)
    assert east == pytest.approx(6.0 / math.tan(math.radians(30.0)), abs=1e-6)
    assert north == pytest.approx(0.0, abs=1e-6)


def test_the_right_of_the_picture_is_clockwise_of_its_middle() -> None:
    """Half the field of view to the right, along the ground at the horizon's end."""
    pose = Pose(HOME, height_m=6.0, bearing_deg=0.0, fov_deg=60.0, tilt_deg=20.0)
    middle, right = pose.spot(0.5, 0.7), pose.spot(0.9, 0.7)
    assert middle is not None
    assert right is not None
    assert metres(middle.position)[0] == pytest.approx(0.0, abs=1e-6)
    assert metres(right.position)[0] > 1.0
    assert metres(right.position)[1] == pytest.approx(metres(middle.position)[1], abs=1e-6)


def test_four_marks_made_of_a_pose_give_the_same_places() -> None:
    """The two ways of calibrating answer alike, and the one that knows less says so."""
    pose = Pose(HOME, height_m=8.0, bearing_deg=215.0, fov_deg=80.0, tilt_deg=35.0)
    corners = [(0.1, 0.4), (0.9, 0.45), (0.85, 0.95), (0.15, 0.9)]
    places = [pose.spot(*corner) for corner in corners]
    marks = [
        GroundPoint(x=x, y=y, lon=place.position.lon, lat=place.position.lat)
        for (x, y), place in zip(corners, places, strict=True)
        if place is not None
    ]
    ground = Ground(marks)
    for x, y in [(0.5, 0.6), (0.3, 0.8), (0.7, 0.5)]:
        by_marks, by_pose = ground.spot(x, y), pose.spot(x, y)
        assert by_marks is not None
        assert by_pose is not None
        assert math.dist(metres(by_marks.position), metres(by_pose.position)) < 0.05
        assert by_pose.error_m > by_marks.error_m


@given(
    height=st.floats(-0.09, 0.09), bearing=st.floats(-4.5, 4.5), tilt=st.floats(-1.8, 1.8),
    x=st.floats(0.05, 0.95), y=st.floats(0.4, 1.0),
)  # fmt: skip
def test_the_true_place_lies_within_the_error_when_the_pose_is_off(
    height: float, bearing: float, tilt: float, x: float, y: float
) -> None:
    """Whatever height, bearing and tilt really are, as far as each may be off."""
    said = Pose(HOME, height_m=7.0, bearing_deg=120.0, fov_deg=75.0, tilt_deg=28.0)
    true = Pose(HOME, height_m=7.0 * (1 + height), bearing_deg=120.0 + bearing, fov_deg=75.0, tilt_deg=28.0 + tilt)
    spot, really = said.spot(x, y), true.spot(x, y)
    if spot is None or really is None:
        return
    assert math.dist(metres(spot.position), metres(really.position)) <= 1.25 * spot.error_m


def test_without_a_tilt_the_sky_is_taken_to_be_out_of_the_picture_and_the_error_is_large() -> None:
    tilt, off = derived_tilt(70.0)
    upright = 2 * math.degrees(math.atan(math.tan(math.radians(35.0)) / ASPECT))
    assert (tilt, off) == pytest.approx((upright / 2, upright / 4))
    derived = Pose(HOME, height_m=6.0, bearing_deg=0.0, fov_deg=70.0)
    given = Pose(HOME, height_m=6.0, bearing_deg=0.0, fov_deg=70.0, tilt_deg=tilt)
    guessed, known = derived.spot(0.5, 0.8), given.spot(0.5, 0.8)
    assert guessed is not None
    assert known is not None
    assert guessed.position == known.position
    assert guessed.error_m > 2 * known.error_m
    assert derived.spot(0.5, 0.1) is None, "the horizon may lie there"
    assert given.spot(0.5, 0.1) is not None


def test_the_ground_in_the_picture_is_a_ring_ahead_of_the_camera() -> None:
    ring = Pose(HOME, height_m=6.0, bearing_deg=90.0, fov_deg=60.0, tilt_deg=20.0).seen(reach_m=80.0)
    assert ring is not None
    assert ring[0] == ring[-1]
    places = [metres(corner) for corner in ring]
    assert all(east > 0 for east, _ in places)
    assert max(math.dist(place, (0.0, 0.0)) for place in places) < 110


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"height_m": 0.0}, "above the ground"),
        ({"fov_deg": 170.0}, "field of view"),
        ({"tilt_deg": 120.0}, "a tilt of"),
        ({"tilt_deg": -60.0}, "shows no ground"),
        ({"height_m": math.nan}, "above the ground"),
    ],
)
def test_a_pose_that_cannot_be_is_refused_with_a_sentence(wrong: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Pose(HOME, **{"height_m": 6.0, "bearing_deg": 0.0, "fov_deg": 60.0, "tilt_deg": 20.0} | wrong)
