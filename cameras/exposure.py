"""The camera's exposure: the gain and offset that turn one small picture into another at the same exposure."""

import numpy as np
import numpy.typing as npt

STEP = 6
"""Every sixth point of every sixth row is looked at, some 1,600 of a picture: medians cost by the point."""
FEWEST = 20

Numbers = npt.NDArray[np.floating]
Plane = npt.NDArray[np.uint8] | Numbers


def exposure(small: Plane, background: Plane) -> tuple[float, float]:
    """The gain and offset that turn the picture into one at the background's exposure.

    A line through (picture, background) that most points agree on: medians, so that a large object in
    the picture cannot bend it.
    """
    now, before = (plane[::STEP, ::STEP].ravel().astype(np.float32) for plane in (small, background))
    a, b = now, before
    gain, offset = 1.0, 0.0
    for _ in range(3):
        middle_a, middle_b = median(a), median(b)
        spread_a, spread_b = median(np.abs(a - middle_a)), median(np.abs(b - middle_b))
        gain = min(max(spread_b / spread_a, 0.4), 2.5) if min(spread_a, spread_b) > 1.0 else 1.0
        offset = middle_b - gain * middle_a
        off = np.abs(now * np.float32(gain) + np.float32(offset) - before)
        chosen = off <= max(6.0, 1.5 * median(off))
        if np.count_nonzero(chosen) < FEWEST:
            break
        a, b = now[chosen], before[chosen]
    return gain, offset


def median(values: Numbers) -> float:
    """The upper median of some numbers: an eighth of the cost of numpy's, which looks for NaN and takes a mean."""
    return ranked(values, 0.5)


def ranked(values: Numbers, part: float) -> float:
    """The number that this part (0..1, without 1) of some numbers lies below, itself one of them."""
    place = int(part * values.size)
    return float(np.partition(values, place)[place])
