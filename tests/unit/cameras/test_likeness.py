"""Facts about what makes a picture the usual view."""

import cv2
import numpy as np
import pytest

from cameras.likeness import FIELDS, Likeness, Look, Usual, looked, shrunk
from cameras.motion import Luma
from tests.fakes.video import yard


def scene(width: int = 640, height: int = 360) -> Luma:
    """A still scene with edges everywhere."""
    picture = yard(width, height)
    for x in range(0, width, width // 16):
        cv2.rectangle(picture, (x, height // 9), (x + width // 40, height - height // 9), int(40 + x % 150), 2)
    return picture


def seen(picture: Luma, times: int = 12) -> Look:
    """What is measured after so many equal pictures."""
    look = looked(picture, None)
    for _ in range(times):
        look = looked(picture, look)
    return look


def against(picture: Luma) -> Likeness:
    """A picture against the usual scene."""
    usual = Usual(seen(scene()))
    return usual.compare(seen(picture))


def test_the_view_is_itself() -> None:
    like = against(scene())
    assert (like.kept, like.flat) == (1.0, 0.0)
    assert like.known > 0.8 * FIELDS[0] * FIELDS[1]
    assert like.sharp == pytest.approx(1.0)
    assert like.layout == pytest.approx(1.0)


@pytest.mark.parametrize(("gain", "offset"), [(0.4, 0), (1.5, 20), (0.3, 150)])
def test_neither_exposure_nor_haze_changes_the_view(gain: float, offset: float) -> None:
    like = against(np.clip(scene() * gain + offset, 0, 255).astype(np.uint8))
    assert like.kept > 0.9
    assert 0.6 < like.sharp < 1.6


def test_a_flat_picture_keeps_nothing() -> None:
    like = against(np.full((360, 640), 120, np.uint8))
    assert (like.kept, like.flat, like.rich) == (0.0, 1.0, 0.0)


def test_a_blurred_picture_has_its_layout_and_not_its_detail() -> None:
    like = against(np.asarray(cv2.GaussianBlur(scene(), (0, 0), 6.0), np.uint8))
    assert like.sharp < 0.3
    assert like.layout > 0.8


@pytest.mark.parametrize(("dx", "dy"), [(0.04, 0.0), (-0.2, 0.02), (0.0, 0.1)])
def test_a_shifted_view_is_found_where_it_went(dx: float, dy: float) -> None:
    move = np.array([[1, 0, dx * 640], [0, 1, dy * 360]], np.float32)
    rng = np.random.default_rng(2)
    usual = np.asarray(cv2.resize(rng.integers(40, 200, (45, 80), dtype=np.uint8), (640, 360)), np.uint8)
    shifted = np.asarray(cv2.warpAffine(usual, move, (640, 360), borderMode=cv2.BORDER_REFLECT), np.uint8)
    view = Usual(seen(usual))
    assert view.turned(seen(shifted)) > 0.6
    assert view.turned(seen(usual)) == 0.0
    assert view.turned(seen(np.asarray(np.flipud(usual), np.uint8))) < 0.5


def test_the_small_plane_has_its_width_whatever_the_picture_s() -> None:
    for height, width in ((240, 426), (360, 640), (720, 1280), (1080, 1920)):
        assert shrunk(np.zeros((height, width), np.uint8)).shape == (180, 320)


def test_rain_is_restless_and_a_still_scene_is_not() -> None:
    rng = np.random.default_rng(3)
    look = looked(scene(), None)
    for _ in range(10):
        drops = rng.integers(0, 2, (360, 640), dtype=np.uint8) * 90
        look = looked(np.maximum(scene() // 4, drops), look)
    assert look.restless > 30
    assert seen(scene()).restless < 1
