"""Facts about the camera's exposure."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.exposure import exposure, median, ranked
from tests.fakes.video import yard


@settings(max_examples=50, deadline=None)
@given(gain=st.floats(0.6, 1.6), offset=st.floats(-30, 30), wide=st.floats(0.0, 0.15))
def test_the_exposure_is_found_beside_a_large_object(gain: float, offset: float, wide: float) -> None:
    """Whatever stands in a seventh of the picture does not bend the line."""
    background = yard(320, 180).astype(np.float32)
    small = ((background - offset) / gain).astype(np.float32)
    small[:, : round(320 * wide)] = 250
    found_gain, found_offset = exposure(small, background)
    assert (found_gain, found_offset) == (pytest.approx(gain, rel=0.05), pytest.approx(offset, abs=6))


def test_a_flat_picture_has_no_gain() -> None:
    """Of one tone only the offset can be told."""
    flat = np.full((180, 320), 40, np.float32)
    assert exposure(flat, flat + 5) == (1.0, 5.0)


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=99))
def test_the_median_is_one_of_the_numbers(numbers: list[float]) -> None:
    """The upper one of an even count."""
    assert median(np.array(numbers, np.float32)) == sorted(numbers)[len(numbers) // 2]


@given(st.lists(st.floats(-1000, 1000, width=32), min_size=1, max_size=99), st.floats(0.0, 1.0, exclude_max=True))
def test_a_part_of_the_numbers_is_not_above_the_one_at_its_rank(numbers: list[float], part: float) -> None:
    """The rank is rounded down."""
    assert ranked(np.array(numbers, np.float32), part) == sorted(numbers)[int(part * len(numbers))]
