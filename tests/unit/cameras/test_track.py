"""Facts about identities."""

import functools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cameras.motion import Box
from cameras.scene import MANNERS
from cameras.track import CONFIRM, Tracker, middle, overlap, union

STEP = 0.2
boxes = st.tuples(st.floats(0, 0.8), st.floats(0, 0.8), st.floats(0.01, 0.2), st.floats(0.01, 0.2))


def box(x: float, y: float) -> Box:
    """A box around x, y."""
    return x - 0.05, y - 0.1, 0.1, 0.2


def follow(looks: list[list[Box]]) -> list[set[int]]:
    """The numbers of the tracks that were seen in each look."""
    tracker = Tracker(MANNERS["street"])
    return [{track.number for track in tracker.follow(look, n * STEP)} for n, look in enumerate(looks)]


@given(x=st.floats(0.1, 0.3), y=st.floats(0.2, 0.8), speed=st.floats(0.0, 0.08), missing=st.integers(5, 12))
def test_one_thing_on_its_way_keeps_one_identity(x: float, y: float, speed: float, missing: int) -> None:
    """Also when it is not seen for up to four looks."""
    looks = [[box(x + speed * n, y)] if not missing <= n < missing + 4 else [] for n in range(20)]
    seen = set().union(*follow(looks))
    assert len(seen) == 1


def test_two_that_meet_keep_their_identities() -> None:
    """They pass each other on parallel ways."""
    looks = [[box(0.1 + 0.04 * n, 0.4), box(0.9 - 0.04 * n, 0.7)] for n in range(20)]
    numbers = follow(looks)
    assert all(len(seen) == 2 for seen in numbers[CONFIRM - 1 :])
    assert len(set().union(*numbers)) == 2


def test_a_flicker_is_not_believed() -> None:
    """What is seen in fewer than three looks is no track."""
    assert follow([[box(0.5, 0.5)], [box(0.5, 0.5)], [], [], [], []]) == [set()] * 6


def test_one_who_stands_is_remembered_longer() -> None:
    """Five seconds of fading into the background do not cost the identity; a moving thing is forgotten."""
    standing = [[box(0.5, 0.5)]] * 6 + [[]] * 25 + [[box(0.5, 0.5)]] * 4
    assert len(set().union(*follow(standing))) == 1
    moving = [[box(0.1 + 0.05 * n, 0.5)] for n in range(6)] + [[]] * 25 + [[box(0.5, 0.5)]] * 4
    assert len(set().union(*follow(moving))) == 2


def hull(pieces: list[Box]) -> Box:
    """The box around boxes."""
    return functools.reduce(union, pieces)


def lies(inner: Box, outer: Box) -> bool:
    """Whether a box lies within another, but for rounding."""
    return all(
        inner[axis] >= outer[axis] - 1e-9 and inner[axis] + inner[axis + 2] <= outer[axis] + outer[axis + 2] + 1e-9
        for axis in (0, 1)
    )


def fills(guess: Box, blob: Box) -> bool:
    """Whether a box is within a blob, and around its middle where it is longer than that."""
    return all(
        blob[axis] - 1e-9 <= guess[axis] <= blob[axis] + blob[axis + 2] - guess[axis + 2] + 1e-9
        or (guess[axis + 2] > blob[axis + 2] and math.isclose(middle(guess)[axis], middle(blob)[axis]))
        for axis in (0, 1)
    )


@given(looks=st.lists(st.lists(boxes, max_size=6), max_size=20))
@example(
    looks=[
        [(0.0, 0.0, 0.125, 0.015625)],
        [(0.0, 0.0, 0.0625, 0.125)],
        [(0.0, 0.0, 0.125, 0.125)],
        [(0.0, 0.0, 0.125, 0.125), (0.0, 0.0, 0.15625, 0.0625)],
    ]
)
def test_every_blob_has_at_most_one_identity_unless_things_met_there(looks: list[list[Box]]) -> None:
    """Who is alone is where blobs of its own are, and exactly as large as these; who met others is within a blob."""
    tracker = Tracker(MANNERS["square"])
    for n, look in enumerate(looks):
        tracks = tracker.follow(look, n * STEP)
        alone = [track.box for track in tracks if not track.merged]
        assert len({track.number for track in tracks}) == len(tracks)
        assert len(alone) <= len(look)
        for one in alone:
            assert hull([blob for blob in look if lies(blob, one)]) == pytest.approx(one)
        for track in tracks:
            assert not track.merged or any(fills(track.box, blob) for blob in look)


@given(one=boxes, other=boxes)
def test_overlap_is_symmetric_and_between_nothing_and_all(one: Box, other: Box) -> None:
    """A box overlaps itself wholly."""
    assert 0 <= overlap(one, other) <= 1 + 1e-9
    assert overlap(one, other) == pytest.approx(overlap(other, one))
    assert overlap(one, one) == pytest.approx(1)
    assert middle((0.0, 0.0, 0.2, 0.4)) == pytest.approx((0.1, 0.2))
