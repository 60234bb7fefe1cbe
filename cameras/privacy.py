"""Static privacy masks: what nobody may see is black before a pixel is stored or shown.

A mask fails closed: what cannot be covered is not made. Whoever makes pictures (`cameras/picture.py`) or encodes
video anew (`cameras/reencode.py`) is handed a Mask, so that none of them can forget it.
"""

import fcntl
import math
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from cameras.camera import FARTHEST, Point

Plane = npt.NDArray[np.uint8]
Covered = npt.NDArray[np.bool_]

MARGIN = 0.01
"""How far a mask reaches beyond its edge, in parts of the picture's longer side."""
LEAST = 16
"""The same in pixels, where the picture is small: an encoder smears colours over a block, and scaling mixes
neighbours (of a secret in HEVC 9 pixels were too few: tried)."""

BLACK = (16, 128, 128)
"""Luma, blue and red difference of black in the limited range (ITU-R BT.601); darkest grey in the full one."""

TURNS = 2
"""So many streams with masks are encoded anew at once on one machine; beyond it there are masked stills."""

_SIZES = 4


class Mask:
    """The masks of one camera: polygons in 0..1 of the picture, whatever its size. False when there is none.

    Raises ValueError for a polygon that cannot be drawn.
    """

    def __init__(self, polygons: Sequence[Sequence[Point]] = ()) -> None:
        for polygon in polygons:
            if len(polygon) < 3 or not all(abs(part) <= FARTHEST for point in polygon for part in point):
                raise ValueError("a privacy mask has three points or more, in parts of the picture")
        self._polygons = tuple(np.array(polygon, float) for polygon in polygons)
        self._known: dict[tuple[int, int], Covered] = {}

    def __bool__(self) -> bool:
        return bool(self._polygons)

    def covered(self, height: int, width: int) -> Covered:
        """Which pixels of a picture are covered, shape (height, width): the polygons and a margin around them."""
        known = self._known.get((height, width))
        if known is None:
            if len(self._known) >= _SIZES:
                self._known.clear()
            known = self._known[height, width] = self._drawn(height, width)
        return known

    def _drawn(self, height: int, width: int) -> Covered:
        drawn = np.zeros((height, width), np.uint8)
        for polygon in self._polygons:
            corners = np.round(polygon * (width - 1, height - 1)).astype(np.int32)
            cv2.fillPoly(drawn, [corners], 1)
        reach = max(LEAST, math.ceil(MARGIN * max(width, height)))
        return np.asarray(cv2.dilate(drawn, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)), bool)

    def blacken(self, picture: Plane) -> Plane:
        """A picture of shape (height, width, 3) or (height, width) with what is covered black; it is written to."""
        if self:
            picture[self.covered(*picture.shape[:2])] = 0
        return picture

    def cover(self, luma: Plane, blue: Plane, red: Plane) -> None:
        """Blacken the planes of a 4:2:0 picture in place; a colour sample goes if any of its four pixels does."""
        if not self:
            return
        covered = self.covered(*luma.shape)
        luma[covered] = BLACK[0]
        height, width = blue.shape
        whole = np.zeros((2 * height, 2 * width), bool)
        whole[: covered.shape[0], : covered.shape[1]] = covered[: 2 * height, : 2 * width]
        colours = whole.reshape(height, 2, width, 2).any(axis=(1, 3))
        blue[colours] = BLACK[1]
        red[colours] = BLACK[2]


class Turns:
    """Who may encode anew: at most so many at once of all processes that share a folder.

    The kernel gives a turn back when its process ends, however it ends.
    """

    def __init__(self, folder: Path, most: int = TURNS) -> None:
        self._folder = folder
        self._most = most
        self._guard = threading.Lock()

    def take(self) -> "Turn | None":
        """A turn, which is held until it is given back; None when all are taken. Never waits. Raises OSError."""
        with self._guard:
            for number in range(self._most):
                place = os.open(self._folder / f"turn-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
                try:
                    fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(place)
                else:
                    return Turn(place)
        return None

    @contextmanager
    def taken(self) -> Iterator[bool]:
        """Whether there is a turn, held for as long as the block lasts."""
        turn = self.take()
        try:
            yield turn is not None
        finally:
            if turn is not None:
                turn.give_back()


class Turn:
    """One of the places of Turns."""

    def __init__(self, place: int) -> None:
        self._place: int | None = place

    def give_back(self) -> None:
        """Let somebody else have it; again is harmless."""
        place, self._place = self._place, None
        if place is not None:
            os.close(place)
