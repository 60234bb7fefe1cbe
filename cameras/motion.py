"""Luma plane -> foreground blobs, against a background that learns.

The picture is made small, the camera's exposure is taken out (a gain and an offset that most of the
picture agrees on), and what then differs from the background by more than that place's usual noise is
foreground. Foreground is learnt slowly, so that somebody who stands still stays visible for a minute.
"""

import dataclasses
import math

import cv2
import numpy as np
import numpy.typing as npt

from cameras.camera import Point
from cameras.exposure import exposure
from cameras.scene import Manner
from cameras.shrink import shrink

Luma = npt.NDArray[np.uint8]
Small = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]
"""x, y, width, height in 0..1 of the picture from its top left."""

LEARN_S = 4.0
"""How fast what is background adapts, in seconds."""
ABSORB_S = 60.0
"""How long something stands before it becomes background, in seconds."""
NOISIEST = 8.0
"""The most that a point's usual noise is raised by what moves over it, 0..255."""
SETTLE_S = 1.0
"""How long the background is learnt quickly at the start and after an upheaval, in seconds."""


@dataclasses.dataclass(slots=True)
class _Model:
    """What is usual at each point, changed in place; all of shape (height, width), brightness 0..255.

    `former` is what was usual before something that stood long was taken in, so that it is known again when
    that thing leaves; `stood` says for how many seconds a point has not looked as usual.
    """

    usual: Small
    former: Small
    noise: Small
    stood: Small

    @classmethod
    def of(cls, small: Small) -> "_Model":
        """The model of a first picture."""
        return cls(small.copy(), small.copy(), np.full_like(small, 2.0), np.zeros_like(small))

    def unusual(self, even: Small, contrast: float) -> tuple[Mask, Small]:
        """Where a picture differs by more than the usual noise (1, else 0), and by how much everywhere."""
        limit = np.maximum(contrast, 4.0 * self.noise)
        difference = cv2.absdiff(even, self.usual)
        foreground = (difference > limit).astype(np.uint8)
        if foreground.any():
            again = (foreground > 0) & (cv2.absdiff(even, self.former) < limit)
            self.usual[again], self.former[again] = self.former[again], self.usual[again]
            foreground[again] = 0
        return foreground, np.asarray(difference, dtype=np.float32)

    def learn(self, even: Small, difference: Small, objects: Mask, elapsed: float) -> None:
        """Take a picture in: quickly where nothing stands; what stands is taken in when it stood long."""
        quick, slow = 1 - math.exp(-elapsed / LEARN_S), 1 - math.exp(-elapsed / ABSORB_S)
        free = 1 - objects
        cv2.accumulateWeighted(even, self.usual, quick, mask=free)
        cv2.accumulateWeighted(difference, self.noise, quick / 2, mask=free)
        cv2.accumulateWeighted(np.minimum(difference, NOISIEST), self.noise, slow, mask=objects)
        self.stood = (self.stood + np.float32(elapsed)) * objects
        long = self.stood > ABSORB_S
        if long.any():
            self.former[long], self.usual[long] = self.usual[long], even[long]
            self.stood[long] = 0

    def expose(self, gain: float, offset: float, elapsed: float) -> None:
        """Follow the camera's exposure everywhere, also under what stands."""
        quick = 1 - math.exp(-elapsed / LEARN_S)
        factor, shift = np.float32(1 - quick + quick / gain), np.float32(-quick * offset / gain)
        for layer in (self.usual, self.former):
            layer *= factor
            layer += shift


class Motion:
    """The moving things of one camera's pictures. Give it every looked-at picture, in order."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._model: _Model | None = None
        self._at = 0.0
        self._settled = 0.0
        self._upheaval_since: float | None = None

    @property
    def settling(self) -> bool:
        """Whether the background is still being learnt, so that nothing can be said."""
        return self._at < self._settled

    def blobs(self, luma: Luma, at: float) -> list[Box]:
        """The boxes of what moves in a luma plane of shape (height, width) at monotonic time `at` (s)."""
        small = _smooth(luma)
        if self._model is None or self._model.usual.shape != small.shape:
            self._model = _Model.of(small)
            self._at, self._settled = at, at + SETTLE_S
            return []
        elapsed = min(max(at - self._at, 0.001), 2.0)
        self._at = at
        if self.settling:
            cv2.accumulateWeighted(small, self._model.usual, 0.5)
            return []
        gain, offset = exposure(small, self._model.usual)
        even = np.asarray(small * np.float32(gain) + np.float32(offset), dtype=np.float32)
        foreground, difference = self._model.unusual(even, self._manner.contrast)
        if self._upheaval(_spread(foreground), at):
            return []
        boxes, objects = self._objects(foreground)
        self._model.learn(even, difference, objects, elapsed)
        self._model.expose(gain, offset, elapsed)
        return boxes

    def _upheaval(self, changed: float, at: float) -> bool:
        """Whether the whole scene changed; when it stays so for a second, it is learnt anew."""
        if changed < self._manner.upheaval:
            self._upheaval_since = None
            return False
        if self._upheaval_since is None:
            self._upheaval_since = at
        elif at - self._upheaval_since >= SETTLE_S:
            self._model = None
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
        grown = np.asarray(cv2.dilate(closed, np.ones((7, 7), np.uint8)), dtype=np.uint8)
        return [(x / width, y / height, w / width, h / height) for x, y, w, h in boxes], grown


def use_one_thread() -> None:
    """Keep OpenCV from starting threads of its own in this process: each camera has one already."""
    cv2.setNumThreads(1)


def flat(luma: Luma) -> bool:
    """Whether the picture shows nothing at all: one tone, as with a covered lens or at deep night."""
    return float(luma[::8, ::8].std()) < 2.0


def foot(box: Box, manner: Manner) -> Point:
    """The point of a box that stands on the ground."""
    x, y, width, height = box
    return x + width / 2, y + (height if manner.foot else height / 2)


def _spread(foreground: Mask) -> float:
    """In which part of the picture's 8 x 6 fields something changed: an object changes some, a turn all."""
    fields = cv2.resize(foreground.astype(np.float32), (8, 6), interpolation=cv2.INTER_AREA)
    return float((fields > 0.15).mean())


def _smooth(luma: Luma) -> Small:
    """The small plane without its finest noise."""
    return np.asarray(cv2.GaussianBlur(shrink(luma), (5, 5), 0), dtype=np.float32)
