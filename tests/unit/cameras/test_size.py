"""Facts about sizes on the ground, against a camera of exact geometry."""

import math

import pytest

from cameras.size import class_of, scale_at, size_of
from tests.fakes.scene_drawn import Pinhole

PERSON, BIKE, CAR, BUS = (0.5, 0.5, 1.7), (1.9, 0.7, 1.6), (4.3, 1.8, 1.45), (10.0, 2.5, 3.2)
HEIGHTS = (4.0, 6.0, 9.0)


@pytest.mark.parametrize("height_m", HEIGHTS)
@pytest.mark.parametrize("north", [12.0, 20.0, 30.0])
def test_the_scale_at_a_spot_is_the_camera_s_own(height_m: float, north: float) -> None:
    camera = Pinhole(height_m=height_m)
    x, y = camera.point(1.0, north)
    scale = scale_at(camera.ground(), (x, y), camera.aspect)
    assert scale is not None
    left, right = camera.point(0.5, north), camera.point(1.5, north)
    assert scale.across == pytest.approx(1.0 / (right[0] - left[0]), rel=0.03)
    assert scale.down == pytest.approx(math.atan2(height_m, north), abs=0.04)
    assert scale.right == pytest.approx((1.0, 0.0), abs=0.01)
    foot, head = camera.point(1.0, north), camera.point(1.0, north, 1.7)
    assert (foot[1] - head[1]) * scale.tall == pytest.approx(1.7, rel=0.2)


def test_where_there_is_no_ground_there_is_no_scale() -> None:
    camera = Pinhole(down_deg=5.0)
    assert scale_at(camera.ground(), (0.5, 0.05), camera.aspect) is None


def named(size: tuple[float, float, float], north: float, heading: float, kmh: float | None, height_m: float) -> str:
    camera = Pinhole(height_m=height_m)
    box = camera.box(0.5, north, size, heading)
    scale = scale_at(camera.ground(), (box[0] + box[2] / 2, box[1] + box[3]), camera.aspect)
    assert scale is not None
    turn = math.radians(heading)
    return class_of(box, scale, kmh, (math.sin(turn), math.cos(turn)) if kmh else None)


@pytest.mark.parametrize("height_m", HEIGHTS)
@pytest.mark.parametrize("north", [12.0, 18.0, 25.0])
@pytest.mark.parametrize("heading", [0.0, 45.0, 90.0, 180.0])
def test_what_moves_is_known_by_its_size_its_way_and_its_speed(height_m: float, north: float, heading: float) -> None:
    assert named(PERSON, north, heading, 5.0, height_m) == "person"
    assert named(BIKE, north, heading, 30.0, height_m) == "two-wheeler"
    assert named(CAR, north, heading, 40.0, height_m) == "vehicle"
    assert named(BUS, north, heading, 30.0, height_m) == "vehicle"


def test_what_fits_no_class_is_an_object() -> None:
    for size in ((0.4, 0.4, 0.4), (0.3, 0.3, 6.0), (25.0, 20.0, 10.0)):
        assert named(size, 18.0, 0.0, 5.0, 6.0) == "object"


def test_what_stands_is_known_only_where_its_side_does_not_matter() -> None:
    assert named(PERSON, 18.0, 0.0, None, 6.0) == "person"
    assert named(BUS, 25.0, 90.0, None, 6.0) == "vehicle"


def test_straight_down_the_longest_side_decides() -> None:
    camera = Pinhole(height_m=10.0, down_deg=85.0, fov_deg=80.0)
    for size, name in (((0.5, 0.5, 0.1), "person"), ((1.9, 0.7, 0.1), "two-wheeler"), ((4.3, 1.8, 0.1), "vehicle")):
        box = camera.box(0.0, 1.0, size, 90.0)
        scale = scale_at(camera.ground(), (box[0] + box[2] / 2, box[1] + box[3] / 2), camera.aspect)
        assert scale is not None
        assert size_of(box, scale).height_m is None
        assert class_of(box, scale) == name


def test_a_person_with_the_arms_away_is_no_two_wheeler() -> None:
    """As wide as one that is seen end on: walking it is a person, standing nothing is guessed, quick it rides."""
    wide = (0.78, 0.78, 1.8)
    assert named(wide, 18.0, 0.0, 4.0, 6.0) == "person"
    assert named(wide, 18.0, 0.0, 1.0, 6.0) == "object"
    assert named(wide, 18.0, 0.0, 25.0, 6.0) == "two-wheeler"
