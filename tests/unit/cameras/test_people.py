"""Facts about the people in a blob."""

import cv2
import numpy as np
import pytest

from cameras.people import Piece, people_in

NECK = 0.05


def group(*people: tuple[int, int, int], width: int = 80, height: int = 100) -> Piece:
    """A mask of people: middle, top and foot in pixels; a head, shoulders and legs each."""
    piece = np.zeros((height, width), np.uint8)
    for x, top, foot in people:
        tall = foot - top
        head = max(2, tall // 10)
        cv2.circle(piece, (x, top + head), head, 1, -1)
        cv2.rectangle(piece, (x - tall // 7, top + 2 * head), (x + tall // 7, foot - 1), 1, -1)
    return piece


def test_one_person_is_one() -> None:
    """The box is the body's."""
    assert people_in(group((40, 0, 100)), NECK) == [(26, 0, 29, 100)]


@pytest.mark.parametrize("gap", [24, 32, 40])
def test_two_beside_each_other_are_two_by_their_heads(gap: int) -> None:
    """Also where their shoulders touch, and when one stands further back."""
    found = people_in(group((20, 0, 95), (20 + gap, 8, 100)), NECK)
    assert len(found) == 2
    middles = [x + width / 2 for x, _, width, _ in found]
    assert middles == pytest.approx([20, 20 + gap], abs=6)


def test_a_shadow_on_the_ground_is_no_body_and_widens_none() -> None:
    """What lies flat beside the feet is left out of the box."""
    piece = group((20, 0, 90))
    piece[84:94, 20:78] = 1
    found = people_in(piece, NECK)
    assert len(found) == 1
    assert found[0][0] + found[0][2] < 40


def test_three_are_three() -> None:
    """Each has a head of its own."""
    assert len(people_in(group((14, 4, 100), (42, 0, 100), (70, 6, 100), width=90), NECK)) == 3


def test_a_flat_or_empty_piece_is_harmless() -> None:
    """One row, one column, a thin mast on a wide foot, nothing at all."""
    mast = np.zeros((40, 21), np.uint8)
    mast[:, 10] = mast[38:] = 1
    assert len(people_in(mast, NECK)) == 1
    assert people_in(np.zeros((10, 10), np.uint8), NECK) == []
    assert people_in(np.ones((1, 9), np.uint8), NECK) == [(0, 0, 9, 1)]
    assert people_in(np.ones((9, 1), np.uint8), NECK) == [(0, 0, 1, 9)]
