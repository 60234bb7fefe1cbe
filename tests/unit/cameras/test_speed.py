"""Facts about speeds along the ground, against a camera of exact geometry."""

import math
import random

import pytest

from cameras.scene import MANNERS
from cameras.speed import Speed, Speeds
from cameras.track import Track
from tests.fakes.scene_drawn import Pinhole

CAMERA = Pinhole(height_m=7.0, down_deg=22.0)
STREET = MANNERS["street"]


def speed(
    kmh: float, heading_deg: float, *, looks: int = 10, tremble: float = 0.0, seed: int = 1, north: float = 18.0
) -> Speed | None:
    """The speed that is told of a thing that goes straight on, its foot off by `tremble` of the picture."""
    speeds, chance, turn = Speeds(CAMERA.ground(), STREET), random.Random(seed), math.radians(heading_deg)
    for n in range(looks):
        way = kmh / 3.6 * (n * 0.2 - 1.0)
        x, y = CAMERA.point(way * math.sin(turn), north + way * math.cos(turn))
        x, y = x + chance.gauss(0, tremble), y + chance.gauss(0, tremble)
        speeds.look([Track(1, (x - 0.02, y - 0.1, 0.04, 0.1), n * 0.2)], n * 0.2)
    return speeds.of(1)


@pytest.mark.parametrize("heading", [0.0, 90.0, 135.0])
@pytest.mark.parametrize("kmh", [5.0, 15.0, 30.0])
def test_a_straight_way_has_its_speed_and_its_direction(kmh: float, heading: float) -> None:
    found = speed(kmh, heading)
    assert found is not None
    assert found.kmh == pytest.approx(kmh, rel=0.05)
    assert math.degrees(math.atan2(*found.way)) % 360 == pytest.approx(heading, abs=4)


def test_the_error_covers_what_noise_does() -> None:
    """Of 200 noisy ways, the true speed lies within two standard errors of nearly all that are told."""
    told = [found for seed in range(200) if (found := speed(30.0, 90.0, tremble=0.003, seed=seed)) is not None]
    inside = sum(abs(found.kmh - 30.0) <= 2 * found.error_kmh for found in told)
    assert len(told) > 150
    assert inside >= 0.93 * len(told)


def test_two_points_and_a_short_while_give_no_speed() -> None:
    assert speed(30.0, 90.0, looks=2) is None
    assert speed(30.0, 90.0, looks=4) is None


def test_what_is_too_uncertain_is_not_told() -> None:
    assert speed(4.0, 90.0, tremble=0.03) is None


def test_who_stands_is_slow_and_who_is_unknown_has_no_speed() -> None:
    found = speed(0.0, 0.0)
    assert found is not None
    assert found.kmh < 0.5
    assert Speeds(CAMERA.ground(), STREET).of(1) is None


def test_a_foot_above_the_horizon_counts_for_nothing() -> None:
    speeds = Speeds(Pinhole(down_deg=5.0).ground(), STREET)
    for n in range(10):
        speeds.look([Track(1, (0.3 + n / 50, 0.0, 0.04, 0.05), n * 0.2)], n * 0.2)
    assert speeds.of(1) is None


def test_what_was_seen_long_ago_is_forgotten() -> None:
    speeds = Speeds(CAMERA.ground(), STREET)
    for n in range(10):
        speeds.look([Track(1, (0.4, 0.4, 0.1, 0.2), n * 0.2)], n * 0.2)
    speeds.look([], 20.0)
    assert speeds.of(1) is None
