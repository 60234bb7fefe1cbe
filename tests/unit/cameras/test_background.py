"""Facts about the background: light, shadow, a camera that trembles, what was there at the start."""

import cv2
import numpy as np
import pytest

from cameras.background import Background, Mask, Plane
from tests.fakes.video import with_square, yard

STEP = 0.2
PLACE = (slice(60, 120), slice(130, 190))


def plane(picture: np.ndarray) -> Plane:
    """A picture as it is compared."""
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0), dtype=np.uint8)


def ground() -> np.ndarray:
    """A textured ground of shape (180, 320)."""
    return yard(320, 180)


def learnt(first: np.ndarray, looks: int = 45) -> Background:
    """A background that has seen one picture for nine seconds."""
    background = Background(plane(first), 13.0, 0.3)
    for _ in range(looks):
        see(background, first)
    return background


def see(background: Background, picture: np.ndarray) -> Mask:
    """What differs in one more picture."""
    foreground = background.compare(plane(picture), STEP)
    background.learn(foreground, STEP)
    return foreground


def test_a_soft_shadow_is_no_thing_and_a_thing_is() -> None:
    """A fifth of the light is gone in one, a thing of its own tone stands in the other."""
    shaded, standing = ground().astype(np.float32), ground()
    shaded[PLACE] *= 0.8
    standing[PLACE] = 235
    background = learnt(ground())
    assert see(background, shaded.astype(np.uint8))[PLACE].mean() < 0.1
    assert see(background, standing)[PLACE].mean() > 0.9


def test_the_smooth_side_of_a_thing_is_not_its_shadow() -> None:
    """What is enclosed by the thing belongs to it, although it is only a little darker than the ground."""
    picture = ground().astype(np.float32)
    picture[50:130, 120:200] = 240
    picture[PLACE] = ground()[PLACE] * 0.8
    assert see(learnt(ground()), picture.astype(np.uint8))[60:120, 130:190].mean() > 0.9


@pytest.mark.parametrize("shift", [(0.5, 0.0), (-0.4, 0.7), (1.0, -1.0), (1.5, 0.5)])
def test_a_camera_that_trembles_sees_nothing_move(shift: tuple[float, float]) -> None:
    """A point to and fro at 320 points a row."""
    background = learnt(ground())
    for step in range(10):
        by = [part * (-1) ** step for part in shift]
        moved = cv2.warpAffine(ground(), np.array([[1, 0, by[0]], [0, 1, by[1]]]), (320, 180), borderMode=1)
        assert see(background, moved).mean() < 0.002


def test_a_camera_that_sinks_slowly_is_followed() -> None:
    """Ten points in twenty seconds: nothing moves, and a thing is still found where it is."""
    large = yard(400, 240)
    background = learnt(large[20:200, 40:360])
    for step in range(100):
        down = step // 10
        assert see(background, large[20 + down : 200 + down, 40:360]).mean() < 0.01
    standing = large[29:209, 40:360].copy()
    standing[PLACE] = 235
    assert see(background, standing)[PLACE].mean() > 0.9


def test_what_stood_in_the_first_picture_leaves_no_ghost() -> None:
    """It moves away within the first seconds; where it stood is soon ground again."""
    first = with_square(ground(), 0.3, 0.5)
    background = Background(plane(first), 13.0, 0.3)
    for step in range(1, 12):
        foreground = see(background, with_square(ground(), 0.3 + 0.05 * step, 0.5))
    assert foreground[:, 60:130].mean() < 0.01
    assert foreground[80:100, 265:282].mean() > 0.9


def test_what_is_kept_is_never_taken_in() -> None:
    """What stands for two minutes is still seen when it is known to have come; else it becomes background."""
    standing = with_square(ground(), 0.5, 0.5)
    place = (0.4, 0.3, 0.2, 0.4)
    for kept, seen in (((place,), True), ((), False)):
        background = learnt(ground())
        for _ in range(600):
            foreground = background.compare(plane(standing), STEP, kept)
            background.learn(foreground, STEP, kept)
        assert bool(foreground[80:100, 150:170].all()) is seen


@pytest.mark.parametrize("tone", [0, 128, 255])
@pytest.mark.parametrize("part", [1.0, 0.6])
def test_a_picture_that_is_mostly_of_one_tone_is_looked_at_too(tone: int, part: float) -> None:
    """A lens in the dark, in fog or in the sun; what comes then is seen, and noise is not."""
    picture = ground()
    picture[: round(180 * part)] = tone
    background = learnt(picture)
    shown = picture.copy()
    shown[PLACE] = 255 - tone if tone != 128 else 255
    assert see(background, shown)[PLACE].mean() > 0.9
    noise = np.random.default_rng(1).normal(0.0, 2.0, picture.shape)
    assert see(learnt(picture), np.clip(picture + noise, 0, 255).astype(np.uint8)).mean() < 0.02


def test_a_light_that_stays_shows_nothing_while_it_is_learnt() -> None:
    """Each look's exposure is the last one's as long as that is right, and the thing in the picture is still seen."""
    background, seen = learnt(ground()), ground()
    seen[PLACE] = 235
    for picture, least, most in ((ground(), 0.0, 0.001), (seen, 0.03, 0.2)):
        lit = np.clip(picture.astype(np.float32) * 0.8 + 12, 0, 255).astype(np.uint8)
        for _ in range(20):
            assert least <= see(background, lit).mean() <= most
