"""Luma plane -> foreground blobs, against a background that learns.

The picture is made small, the camera's exposure is taken out (a gain and an offset that most of the
picture agrees on), and what then differs from the background by more than that place's usual noise is
foreground. Foreground is learnt slowly, so that somebody who stands still stays visible for a minute.
"""

import cv2
import numpy as np
import numpy.typing as npt

from cameras.camera import Point
from cameras.scene import Manner

Luma = npt.NDArray[np.uint8]
Small = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x, y, width, height in 0..1 of the picture from its top left."""

WIDTH = 320
LEARN_S = 4.0
"""How fast what is background adapts, in seconds."""
ABSORB_S = 60.0
"""How fast a standing object becomes background, in seconds."""
SETTLE_S = 1.0
"""How long the background is learnt quickly at the start and after an upheaval, in seconds."""


class Motion:
    """The moving things of one camera's pictures. Give it every looked-at picture, in order."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._background: Small | None = None
        self._noise: Small | None = None
        self._at = 0.0
        self._settled = 0.0
        self._upheaval_since: float | None = None

    @property
    def settling(self) -> bool:
        """Whether the background is still being learnt, so that nothing can be said."""
        return self._at < self._settled

    def blobs(self, luma: Luma, at: float) -> list[Box]:
        """The boxes of what moves in a luma plane of shape (height, width) at monotonic time `at` (s)."""
        small = _shrink(luma)
        if self._background is None or self._noise is None or self._background.shape != small.shape:
            self._begin(small, at)
            return []
        elapsed = min(max(at - self._at, 0.001), 2.0)
        self._at = at
        if self.settling:
            self._learn(small, None, elapsed)
            return []
        even = _even_out(small, self._background)
        difference = cv2.absdiff(even, self._background)
        foreground = (difference > np.maximum(self._manner.contrast, 4.0 * self._noise)).astype(np.uint8)
        if self._upheaval(float(foreground.mean()), at):
            return []
        boxes, objects = self._objects(foreground)
        self._learn(even, objects, elapsed, small, difference)
        return boxes

    def _begin(self, small: Small, at: float) -> None:
        self._background = small.copy()
        self._noise = np.full_like(small, 2.0)
        self._at = at
        self._settled = at + SETTLE_S

    def _upheaval(self, changed: float, at: float) -> bool:
        """Whether the whole scene changed; when it stays so for a second, it is learnt anew."""
        if changed < self._manner.upheaval:
            self._upheaval_since = None
            return False
        if self._upheaval_since is None:
            self._upheaval_since = at
        elif at - self._upheaval_since >= SETTLE_S:
            self._background = None
            self._upheaval_since = None
        return True

    def _objects(self, foreground: Mask) -> tuple[list[Box], Mask]:
        """The boxes of the large pieces, near ones joined, and the mask of everything that changed."""
        height, width = foreground.shape
        opened = cv2.morphologyEx(foreground, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        join_x, join_y = self._manner.join
        kernel = np.ones((max(3, round(join_y * height)) | 1, max(3, round(join_x * width)) | 1), np.uint8)
        closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel)
        contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        least = self._manner.smallest * width * height
        boxes = [cv2.boundingRect(contour) for contour in contours if cv2.contourArea(contour) >= least]
        grown = cv2.dilate(closed, np.ones((7, 7), np.uint8))
        return [(x / width, y / height, w / width, h / height) for x, y, w, h in boxes], grown

    def _learn(
        self,
        even: Small,
        objects: Mask | None,
        elapsed: float,
        plain: Small | None = None,
        difference: Small | None = None,
    ) -> None:
        """Take the picture into the background: quickly where nothing stands, slowly where something does."""
        assert self._background is not None
        assert self._noise is not None
        if objects is None:
            cv2.accumulateWeighted(even, self._background, 0.5)
            return
        quick, slow = 1 - np.exp(-elapsed / LEARN_S), 1 - np.exp(-elapsed / ABSORB_S)
        free = 1 - objects
        cv2.accumulateWeighted(plain, self._background, float(quick), mask=free)
        cv2.accumulateWeighted(even, self._background, float(slow), mask=objects)
        cv2.accumulateWeighted(difference, self._noise, float(quick) / 2, mask=free)


def flat(luma: Luma) -> bool:
    """Whether the picture shows nothing at all: one tone, as with a covered lens or at deep night."""
    return float(luma[::8, ::8].std()) < 2.0


def foot(box: Box, manner: Manner) -> Point:
    """The point of a box that stands on the ground."""
    x, y, width, height = box
    return x + width / 2, y + (height if manner.foot else height / 2)


def _shrink(luma: Luma) -> Small:
    height, width = luma.shape
    size = (WIDTH, max(2, round(height * WIDTH / width)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (5, 5), 0), dtype=np.float32)


def _even_out(small: Small, background: Small) -> Small:
    """The picture as it would be at the background's exposure.

    A line through (picture, background) that most points agree on: medians, so that a large object in
    the picture cannot bend it.
    """
    now, before = small[::4, ::4].ravel(), background[::4, ::4].ravel()
    gain, offset = 1.0, 0.0
    chosen = np.ones(now.shape, bool)
    for _ in range(3):
        a, b = now[chosen], before[chosen]
        middle_a, middle_b = np.median(a), np.median(b)
        spread_a, spread_b = np.median(np.abs(a - middle_a)), np.median(np.abs(b - middle_b))
        gain = float(np.clip(spread_b / spread_a, 0.4, 2.5)) if min(spread_a, spread_b) > 1.0 else 1.0
        offset = float(middle_b - gain * middle_a)
        off = np.abs(gain * now + offset - before)
        chosen = off <= max(6.0, 1.5 * float(np.median(off)))
        if chosen.sum() < 50:
            break
    return np.asarray(small * np.float32(gain) + np.float32(offset), dtype=np.float32)
