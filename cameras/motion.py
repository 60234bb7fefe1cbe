"""Luma plane -> foreground blobs, against a background that learns.

The picture is made small, the camera's exposure and its small movements are taken out, and what then differs
from the background by more than that place's usual noise is foreground; the soft shadow beside a thing is not.
Foreground is learnt slowly, so that somebody who stands still stays visible for a minute, or as long as it is
told to be kept.
"""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from cameras.background import SETTLE_S, SPECK, Background, Mask
from cameras.camera import Point
from cameras.people import people_in
from cameras.scene import Manner
from cameras.shrink import shrink

Luma = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x, y, width, height in 0..1 of the picture from its top left."""

SUDDEN = 0.45
"""The part of the picture's fields that no thing changes from one look to the next: a light was switched."""
EVERYWHERE = 0.2
"""A light changes at least this part of the fields in each quarter of the picture."""
FIELD = 0.15
"""A field changed when more than this part of its points did."""


class Motion:
    """The moving things of one camera's pictures. Give it every looked-at picture, in order.

    `mask` is the foreground of the picture looked at last (1, else 0; shape (height, width) of the small
    picture), None while nothing can be said; `blind` says that the whole scene changed, so that what is not
    seen is not gone.
    """

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._background: Background | None = None
        self._at = 0.0
        self._differed: Mask | None = None
        self._upheaval_since: float | None = None
        self.mask: Mask | None = None
        self.blind = False

    def blobs(self, luma: Luma, at: float, kept: Sequence[Box] = ()) -> list[Box]:
        """The boxes of what moves in a luma plane of shape (height, width) at monotonic time `at` (s).

        `kept` are places of the picture before at which something stands that shall stay visible.
        """
        small = _smooth(luma)
        if self._background is None or self._background.shape != small.shape:
            self._background = Background(small, self._manner.contrast, self._manner.hollow)
            self._at, self.mask = at, None
            return []
        elapsed = min(max(at - self._at, 0.001), 2.0)
        self._at = at
        foreground = self._background.compare(small, elapsed, kept)
        points = cv2.countNonZero(foreground)
        if self._upheaval(foreground, points, at):
            self.mask = None
            return []
        boxes: list[Box] = []
        if points:
            opened = np.asarray(cv2.morphologyEx(foreground, cv2.MORPH_OPEN, SPECK), dtype=np.uint8)
            boxes, foreground = self._objects(opened)
        self.mask = foreground
        self._background.learn(foreground, elapsed, kept)
        return boxes

    def _upheaval(self, foreground: Mask, points: int, at: float) -> bool:
        """Whether the whole scene changed; when it stays so for a second, it is learnt anew. `points` differ."""
        before, self._differed = self._differed, foreground
        # So few points cannot lie in enough fields, so that the fields need not be looked at.
        if points < FIELD * min(SUDDEN, self._manner.upheaval) * foreground.size:
            self.blind = False
        else:
            self.blind = self._altered(_fields(foreground), before)
        if not self.blind:
            self._upheaval_since = None
        elif self._upheaval_since is None:
            self._upheaval_since = at
        elif at - self._upheaval_since >= SETTLE_S:
            self._background = None
            self._upheaval_since = None
        return self.blind

    def _altered(self, fields: npt.NDArray[np.bool_], before: Mask | None) -> bool:
        """Whether the fields that changed are those of another light or another view, after what differed before."""
        changed = float(fields.mean())
        sudden = changed >= SUDDEN and (self.blind or changed - _share(before) >= SUDDEN)
        return (sudden and _least(fields) >= EVERYWHERE) or changed >= self._manner.upheaval

    def _objects(self, opened: Mask) -> tuple[list[Box], Mask]:
        """The boxes of the large pieces, near ones joined, and the mask of everything that changed."""
        height, width = opened.shape
        join_x, join_y = self._manner.join
        kernel = np.ones((max(1, round(join_y * height)) | 1, max(1, round(join_x * width)) | 1), np.uint8)
        closed = np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel), dtype=np.uint8)
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        least = self._manner.smallest * width * height
        boxes: list[tuple[int, int, int, int]] = []
        for contour in contours:
            if cv2.contourArea(contour) >= least:
                x, y, w, h = cv2.boundingRect(contour)
                if self._manner.people:
                    piece = np.zeros((h, w), np.uint8)
                    cv2.drawContours(piece, [contour], -1, 1, -1, offset=(-x, -y))
                    boxes += [
                        (x + a, y + b, c, d) for a, b, c, d in people_in(piece, self._manner.neck) if c * d >= least
                    ]
                else:
                    boxes.append((x, y, w, h))
        return [(x / width, y / height, w / width, h / height) for x, y, w, h in boxes], closed


def use_one_thread() -> None:
    """Keep OpenCV from starting threads of its own in this process: each camera has one already."""
    cv2.setNumThreads(1)


def flat(luma: Luma) -> bool:
    """Whether the picture shows nothing at all: one tone, as with a covered lens or at deep night."""
    _, spread = cv2.meanStdDev(np.ascontiguousarray(luma[::16, ::8]))
    return float(spread[0, 0]) < 2.0


def foot(box: Box, manner: Manner) -> Point:
    """The point of a box that stands on the ground."""
    x, y, width, height = box
    return x + width / 2, y + (height if manner.foot else height / 2)


def _fields(foreground: Mask) -> npt.NDArray[np.bool_]:
    """In which of the picture's 8 x 6 fields something changed.

    An object changes some fields, a large one near by all of some quarters; a turn and a light change all quarters.
    """
    part = cv2.resize(foreground * np.uint8(255), (8, 6), interpolation=cv2.INTER_AREA)
    return np.asarray(part) > FIELD * 255


def _share(foreground: Mask | None) -> float:
    """The part of the fields in which something changed."""
    return 0.0 if foreground is None else float(_fields(foreground).mean())


def _least(fields: npt.NDArray[np.bool_]) -> float:
    """The changed part of the fields of that quarter of the picture that changed least."""
    return float(fields.reshape(2, 3, 2, 4).mean(axis=(1, 3)).min())


def _smooth(luma: Luma) -> Luma:
    """The small plane without its finest noise."""
    return np.asarray(cv2.GaussianBlur(shrink(luma), (3, 3), 0), dtype=np.uint8)
