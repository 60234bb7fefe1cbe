"""Facts about masks and turns."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.privacy import LEAST, Mask, Turns

SQUARE = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
part = st.floats(-0.2, 1.2)


def test_no_mask_is_false_and_covers_nothing() -> None:
    picture = np.full((4, 6, 3), 9, np.uint8)
    assert not Mask()
    assert (Mask().blacken(picture) == 9).all()


@settings(max_examples=60, deadline=None)
@given(
    corners=st.tuples(*[st.tuples(part, part)] * 3),
    size=st.sampled_from([(36, 64), (240, 320), (241, 323), (1080, 1920)]),
    grain=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_every_pixel_of_the_polygon_is_covered_with_a_margin(
    corners: tuple[tuple[float, float], ...], size: tuple[int, int], grain: tuple[float, float]
) -> None:
    """At any size; a point inside the triangle, and its neighbours."""
    (x1, y1), (x2, y2), (x3, y3) = corners
    a, b = sorted(grain)
    x, y = a * x1 + (b - a) * x2 + (1 - b) * x3, a * y1 + (b - a) * y2 + (1 - b) * y3
    height, width = size
    column, row = int(x * width), int(y * height)
    if not (0 <= column < width and 0 <= row < height and x >= 0 and y >= 0):
        return
    covered = Mask([corners]).covered(height, width)
    near = LEAST - 1
    assert covered[max(0, row - near) : row + near + 1, max(0, column - near) : column + near + 1].all()


def test_a_mask_of_another_size_of_picture_is_drawn_anew() -> None:
    mask = Mask([SQUARE])
    for width in (160, 240, 320, 640, 1280, 1920):
        covered = mask.covered(width // 2, width)
        assert covered[width // 4, width // 2]
        assert not covered[0, 0]


@pytest.mark.parametrize("size", [(36, 64), (35, 63), (240, 322)])
def test_no_sample_of_colour_keeps_a_covered_pixel(size: tuple[int, int]) -> None:
    """Of odd sizes, too: a colour sample stands for four pixels."""
    height, width = size
    luma = np.full(size, 200, np.uint8)
    blue = np.full(((height + 1) // 2, (width + 1) // 2), 7, np.uint8)
    red = blue.copy()
    mask = Mask([SQUARE, [(0.9, 0.9), (1.1, 0.9), (1.1, 1.1)]])
    mask.cover(luma, blue, red)
    covered = mask.covered(height, width)
    assert (luma[covered] == 16).all()
    assert (luma[~covered] == 200).all()
    for row, column in np.argwhere(covered):
        assert (blue[row // 2, column // 2], red[row // 2, column // 2]) == (128, 128)


@pytest.mark.parametrize(
    "polygon", [[(0, 0), (1, 1)], [(0, 0), (1, 1), (float("nan"), 0)], [(0, 0), (1, 1), (float("inf"), 0)]]
)
def test_a_mask_that_cannot_be_drawn_is_refused(polygon: list[tuple[float, float]]) -> None:
    """It must not become one that covers something else."""
    with pytest.raises(ValueError, match="three points"):
        Mask([polygon])


def test_a_picture_that_cannot_be_written_to_is_not_shown() -> None:
    picture = np.zeros((36, 64, 3), np.uint8)
    picture.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        Mask([SQUARE]).blacken(picture)


def test_there_are_two_turns_and_a_third_asks_in_vain(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    first, second = turns.take(), turns.take()
    assert first is not None
    assert second is not None
    assert Turns(tmp_path).take() is None
    first.give_back()
    first.give_back()
    with turns.taken() as mine:
        assert mine
        assert Turns(tmp_path).take() is None
    second.give_back()


def test_a_process_that_dies_gives_its_turn_back(tmp_path: Path) -> None:
    """However it dies: it holds a lock of the kernel."""
    code = (
        f"import os; from pathlib import Path; from cameras.privacy import Turns; t=Turns(Path({str(tmp_path)!r}), 1); "
    )
    held = subprocess.run([sys.executable, "-c", code + "x=t.take(); print(x is not None, flush=True); os.abort()"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert held.stdout == "True\n"
    assert Turns(tmp_path, 1).take() is not None
