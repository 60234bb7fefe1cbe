"""Facts about what counts as moving."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.motion import FIELD, SUDDEN, Luma, Motion, _share, flat, foot
from cameras.scene import MANNERS
from tests.fakes.video import with_square, yard

STEP = 0.2


def settled(background: Luma, seconds: float = 9.0) -> tuple[Motion, float]:
    """A detector that has learnt a background, and the time after it."""
    motion = Motion(MANNERS["street"])
    count = round(seconds / STEP)
    for step in range(count):
        assert motion.blobs(background, step * STEP) == []
    return motion, count * STEP


@settings(max_examples=20, deadline=None)
@given(x=st.floats(0.15, 0.85), y=st.floats(0.2, 0.8), size=st.floats(0.12, 0.3))
def test_an_object_is_found_where_it_is(x: float, y: float, size: float) -> None:
    """Its box fits to two hundredths of the picture, at any size of the picture."""
    background = yard()
    motion, at = settled(background)
    boxes = motion.blobs(with_square(background, x, y, size=size), at)
    assert len(boxes) == 1
    left, top, width, height = boxes[0]
    assert (left + width / 2, top + height / 2) == pytest.approx((x, y), abs=0.02)
    assert (width, height) == pytest.approx((size * 360 / 640, size), abs=0.03)


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 0), (1.4, 0), (1.0, -25), (0.8, 20)])
def test_a_change_of_exposure_is_no_motion_and_hides_none(gain: float, offset: float) -> None:
    """The whole picture gets darker or brighter at once: nothing moves; an object in it is still found."""
    background = yard()
    motion, at = settled(background)

    def exposed(picture: Luma) -> Luma:
        return np.clip(picture * gain + offset, 0, 255).astype(np.uint8)

    for step in range(10):
        assert motion.blobs(exposed(background), at + step * STEP) == []
    assert len(motion.blobs(exposed(with_square(background, 0.5, 0.5)), at + 10 * STEP)) == 1


def test_noise_is_no_motion() -> None:
    """A sensor's noise of four grey values raises nothing."""
    background = yard()
    motion, at = settled(background)
    random = np.random.default_rng(3)
    for step in range(40):
        noisy = np.clip(background + random.normal(0, 4, background.shape), 0, 255).astype(np.uint8)
        assert motion.blobs(noisy, at + step * STEP) == []


def test_another_scene_is_learnt_and_reported_as_nothing() -> None:
    """The camera was turned: no object fills the whole picture, and soon motion is found again."""
    motion, at = settled(yard(seed=1))
    other = 255 - yard(seed=9)
    other[:, ::2] = 255 - other[:, ::2] // 2
    for step in range(20):
        assert motion.blobs(other, at + step * STEP) == []
    assert len(motion.blobs(with_square(other, 0.5, 0.5, tone=0), at + 20 * STEP)) == 1


def test_what_stands_stays_visible_and_leaves_no_ghost() -> None:
    """Half a minute of standing does not hide it, and where it stood nothing remains."""
    background = yard()
    motion, at = settled(background)
    standing = with_square(background, 0.5, 0.5)
    for _ in range(150):
        assert len(motion.blobs(standing, at)) == 1
        at += STEP
    assert motion.blobs(background, at) == []


def test_what_parks_becomes_background_and_its_place_is_known_again() -> None:
    """After more than a minute it is part of the scene; when it leaves, no ghost is left behind."""
    background = yard()
    motion, at = settled(background)
    parked = with_square(background, 0.5, 0.5)
    for _ in range(350):
        motion.blobs(parked, at)
        at += STEP
    assert motion.blobs(parked, at) == []
    assert motion.blobs(background, at + STEP) == []


def test_another_size_of_picture_starts_anew() -> None:
    """A stream that changes its resolution is learnt again, without an error."""
    motion, at = settled(yard())
    other = yard(320, 240)
    for step in range(10):
        assert motion.blobs(other, at + step * STEP) == []
    assert len(motion.blobs(with_square(other, 0.5, 0.5), at + 10 * STEP)) == 1


def test_a_covered_lens_is_flat_and_a_yard_is_not() -> None:
    """One tone shows nothing."""
    assert flat(np.full((90, 160), 12, np.uint8))
    assert not flat(yard(160, 100))


def test_a_box_stands_on_its_foot_unless_seen_from_above() -> None:
    """The bottom's middle on a street, the middle overhead."""
    box = (0.2, 0.4, 0.1, 0.3)
    assert foot(box, MANNERS["street"]) == pytest.approx((0.25, 0.7))
    assert foot(box, MANNERS["overhead"]) == pytest.approx((0.25, 0.55))


@settings(max_examples=200, deadline=None)
@given(
    shape=st.sampled_from([(180, 320), (240, 320), (427, 320), (131, 320)]),
    seed=st.integers(0, 2**32 - 1),
    part=st.floats(0.5, 1.0),
)
def test_few_points_change_few_fields_however_they_lie(shape: tuple[int, int], seed: int, part: float) -> None:
    """So that the fields need not be looked at: put where they change the most, they still change too few."""
    random, mask = np.random.default_rng(seed), np.zeros(shape, np.uint8)
    budget = round(FIELD * SUDDEN * mask.size * part) - 1
    rows, columns = np.linspace(0, shape[0], 7).astype(int), np.linspace(0, shape[1], 9).astype(int)
    for number in random.permutation(48):
        row, column = divmod(int(number), 8)
        place = np.s_[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
        points = np.zeros(mask[place].size, np.uint8)
        points[: min(budget, round(points.size * (FIELD + 0.003)))] = 1
        budget -= int(points.sum())
        mask[place] = random.permutation(points).reshape(mask[place].shape)
    assert _share(mask) < SUDDEN
