"""Facts about pictures that are stuck, as a coder gives them, and about those that only look so."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from cameras.likeness import shrunk
from cameras.motion import Luma
from cameras.stream import recorded
from cameras.stuck import STUCK_S, Stuck
from tests.fakes.video import write_clip, yard

RATE = 5
SECONDS = 80


def coded(path: Path, pictures: list[Luma]) -> list[Luma]:
    """The pictures as they come out of an H.264 coder, one a second of them."""
    write_clip(path, pictures, rate=Fraction(RATE), b_frames=0)
    return [frame.luma.copy() for frame in recorded(path, rate=1.0)]


def sharp_yard() -> Luma:
    """A still scene with lines and edges."""
    picture = yard(320, 180)
    for x in range(10, 320, 40):
        cv2.rectangle(picture, (x, 20), (x + 18, 160), int(60 + x % 90), 2)
    return picture


def first_stuck(pictures: list[Luma]) -> int | None:
    """After how many seconds it is told."""
    stuck = Stuck()
    return next((at for at, luma in enumerate(pictures) if stuck.look(shrunk(luma), float(at))), None)


def with_clock(picture: Luma, second: int) -> Luma:
    """A clock drawn into a corner."""
    out = picture.copy()
    cv2.putText(out, f"12:{second // 60:02}:{second % 60:02}", (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 255, 1)
    return np.asarray(out, dtype=np.uint8)


def test_a_stuck_picture_with_a_ticking_clock_is_told_after_a_minute(tmp_path: Path) -> None:
    scene = sharp_yard()
    pictures = coded(tmp_path / "stuck.mp4", [with_clock(scene, n // RATE) for n in range(RATE * SECONDS)])
    told = first_stuck(pictures)
    assert told is not None
    assert told <= STUCK_S + 10


@pytest.mark.parametrize(("light", "noise"), [(1.0, 1.0), (0.3, 1.5), (0.2, 3.0)])
def test_a_quiet_night_is_not_stuck(tmp_path: Path, light: float, noise: float) -> None:
    """Nothing moves, and the coder drops most of the noise."""
    scene = sharp_yard().astype(np.float32) * light
    rng = np.random.default_rng(4)
    pictures = [
        np.clip(scene + rng.normal(0, noise, scene.shape), 0, 255).astype(np.uint8) for _ in range(RATE * SECONDS)
    ]
    assert first_stuck(coded(tmp_path / "night.mp4", pictures)) is None


def test_a_short_clip_that_is_played_again_and_again_is_not_stuck() -> None:
    """The demo's cameras do that."""
    rng = np.random.default_rng(4)
    clip = [np.clip(sharp_yard() + rng.normal(0, 2, (180, 320)), 0, 255).astype(np.uint8) for _ in range(8)]
    assert first_stuck([clip[n % 8] for n in range(100)]) is None


def test_a_picture_that_shows_nothing_says_nothing() -> None:
    assert first_stuck([np.full((180, 320), 90, np.uint8)] * 100) is None
