"""What a camera's picture usually shows, and what differs from it. Pictures are small, brightness 0..255.

What is learnt is kept in fractions of a grey value; compared are whole ones, which are a quarter of the memory: after a
picture was decoded nothing is in the processor's cache, so that reading costs more than reckoning.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from cameras.exposure import exposure, median

Small = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.uint8]
Place = tuple[slice, slice]
Layer = TypeVar("Layer", Small, Plane)

LEARN_S = 4.0
"""How fast what is background adapts, in seconds."""
ABSORB_S = 60.0
"""How long something stands before it becomes background, in seconds."""
NOISIEST = 8
"""The most that a point's usual noise is raised by what moves over it, 0..255."""
SETTLE_S = 1.0
"""How long an upheaval lasts before the scene is learnt anew, in seconds."""
YOUNG_S = 8.0
"""How long a new background takes what keeps still for what was behind something that left, in seconds."""
NEW_S = 3.0
"""From when on a new background leaves alone what is known to have come by moving, in seconds."""
LEARN_AGAIN_S = 0.5
"""How often a picture is taken in, in seconds."""
LOOK_AGAIN_S = 3.0
"""How often the marks of exposure and movement are chosen anew, in seconds."""
STILL = 6.0
"""A point that changes by less than this from look to look keeps still, 0..255."""
WHOLE = 160
"""By what number the whole light is told; 255 is the most that can be."""
DEEPEST, BRIGHTEST = 0.65, 1.05
"""A shadow leaves at least this part of the light; what reflects adds at most that."""
EVEN = 0.035
"""A shadow's light varies by less than this part among neighbouring points."""
SPECK = np.ones((3, 3), np.uint8)
"""What is smaller than this is noise."""
SQUARE = np.ones((2, 2), np.uint8)
GROWN = np.ones((5, 5), np.uint8)
GATE = 12
"""Every twelfth point of every twelfth row tells whether the exposure changed at all."""
SAME_LIGHT = 1.5
"""An exposure is still right while neither the bright nor the dark half is off by more, 0..255."""
MARKS = 800
SHADE_S = 20.0
"""How fast light and shadow become background, in seconds."""
SHIFTED = 0.12
"""A movement of the camera below this is none, in pixels."""


class Background:
    """The background of one camera's pictures of one shape; changed in place with each of them."""

    def __init__(self, small: Plane, contrast: float, hollow: float) -> None:
        self.shape = small.shape
        self._contrast = contrast
        self._still = np.zeros(small.shape, np.uint8)
        self._shade = np.zeros_like(self._still)
        self._age = 0.0
        self._usual = small.astype(np.float32)
        self._former = self._usual.copy()
        self._noise = np.full_like(self._usual, 2.0)
        self._stood = np.zeros_like(self._usual)
        self._before = small
        self._enclosed = np.ones((round(hollow * small.shape[0]) // 2 + 1 | 1,) * 2, np.uint8)
        self._marks_age = math.inf
        self._drift = (0.0, 0.0)
        self._gain, self._offset = 1.0, 0.0
        self._owed = 0.0
        self._took_in = False
        self._margin = 0
        self._whole_usual, self._whole_former = small.copy(), small.copy()
        self._choose_marks()

    def compare(self, small: Plane, elapsed: float, kept: Sequence[tuple[float, float, float, float]] = ()) -> Mask:
        """Where a picture differs from the background by more than the usual noise (1, else 0)."""
        self._age += elapsed
        self._marks_age += elapsed
        if self._marks_age >= LOOK_AGAIN_S:
            self._choose_marks()
        self._gain, self._offset = self._exposure(small)
        if (self._gain, self._offset) != (1.0, 0.0):
            small = np.asarray(cv2.addWeighted(small, self._gain, small, 0.0, self._offset), dtype=np.uint8)
        self._even = self._steadied(small, elapsed)
        self._difference = np.asarray(cv2.absdiff(self._even, self._whole_usual), dtype=np.uint8)
        changed = cv2.compare(self._difference, self._limit, cv2.CMP_GT)
        foreground = np.asarray(cv2.morphologyEx(changed, cv2.MORPH_OPEN, SPECK), dtype=np.uint8) & np.uint8(1)
        if self._margin:
            _clear_edges(foreground, self._margin)
        if cv2.countNonZero(foreground):
            if self._took_in:
                self._known_again(foreground, _around(foreground))
            if self._age < YOUNG_S:
                self._uncover(foreground, kept if self._age > NEW_S else ())
            self._unshade(foreground, _around(foreground))
        self._before = self._even
        return foreground

    def _unshade(self, foreground: Mask, place: Place) -> None:
        """A soft shadow is evenly darker than the ground that it lies on; a thing has edges and a tone of its own."""
        changed = foreground[place]
        if not changed.size:
            return
        light = cv2.divide(self._even[place], self._whole_usual[place], scale=WHOLE)
        off = cv2.absdiff(light, cv2.blur(light, (5, 5)))
        uneven = np.asarray(cv2.blur(np.square(off, dtype=np.uint16), (5, 5)), dtype=np.uint16)
        between = cv2.inRange(light, math.ceil(DEEPEST * WHOLE), math.floor(BRIGHTEST * WHOLE))
        shaded = np.asarray(between, dtype=np.uint8) & changed
        shaded &= (uneven < math.ceil((EVEN * WHOLE) ** 2)).view(np.uint8)
        if not cv2.countNonZero(shaded):
            return
        kept = cv2.morphologyEx(changed ^ shaded, cv2.MORPH_OPEN, SQUARE)
        shaded &= 1 - self._closed(np.asarray(kept, dtype=np.uint8))
        changed ^= shaded
        self._shade[place] |= shaded

    def _closed(self, kept: Mask) -> Mask:
        """A mask with its hollows closed. Nothing in it is smaller than two by two points, so half of them are enough:
        closing costs by the width of the hollows, and is four times as much for each point."""
        high, wide = kept.shape
        half = cv2.morphologyEx(np.ascontiguousarray(kept[::2, ::2]), cv2.MORPH_CLOSE, self._enclosed)
        return np.asarray(cv2.resize(half, (wide, high), interpolation=cv2.INTER_NEAREST), dtype=np.uint8) | kept

    def _known_again(self, foreground: Mask, place: Place) -> None:
        """What looks as it did before something was taken in is background again."""
        changed, usual, former = foreground[place], self._usual[place], self._former[place]
        alike = cv2.compare(cv2.absdiff(self._even[place], self._whole_former[place]), self._limit[place], cv2.CMP_LE)
        again = np.asarray(alike, dtype=np.uint8) & changed
        if not cv2.countNonZero(again):
            return
        before = usual.copy()
        cv2.copyTo(former, again, usual)
        cv2.copyTo(before, again, former)
        self._whole(place)
        changed ^= again

    def _uncover(self, foreground: Mask, kept: Sequence[tuple[float, float, float, float]]) -> None:
        """While young: what keeps still was behind a thing that stood in the first picture and left."""
        still = np.asarray(cv2.absdiff(self._even, self._before), dtype=np.uint8) < STILL
        self._still[~still] = 0
        self._still[still] += 1
        for place in self._places(kept):
            self._still[place] = 0
        free = (foreground > 0) & (self._still >= 2)
        if free.any():
            self._took_in = True
            self._former[free], self._usual[free] = self._usual[free], self._even[free]
            self._whole()
            foreground[free] = 0

    def learn(self, objects: Mask, elapsed: float, kept: Sequence[tuple[float, float, float, float]] = ()) -> None:
        """Take the picture in: quickly where nothing stands; what stands is taken in when it stood long."""
        self._owed += elapsed
        if self._owed < LEARN_AGAIN_S:
            return
        elapsed, self._owed = self._owed, 0.0
        quick, slow = 1 - math.exp(-elapsed / LEARN_S), 1 - math.exp(-elapsed / ABSORB_S)
        if (self._gain, self._offset) != (1.0, 0.0):
            for layer in (self._usual, self._former):
                layer *= np.float32(1 + quick * (1 / self._gain - 1))
                layer -= np.float32(quick * self._offset / self._gain)
        if not cv2.countNonZero(objects) and not cv2.countNonZero(self._shade):
            cv2.accumulateWeighted(self._even, self._usual, quick)
            cv2.accumulateWeighted(self._difference, self._noise, quick / 2)
            self._stood[:] = 0
        else:
            self._learn_around(objects, elapsed, quick, slow)
            self._absorb(objects, elapsed, kept)
        self._whole()

    def _learn_around(self, objects: Mask, elapsed: float, quick: float, slow: float) -> None:
        grown = np.asarray(cv2.dilate(objects, GROWN), dtype=np.uint8)
        free = 1 - (grown | self._shade)
        cv2.accumulateWeighted(self._even, self._usual, quick, mask=free)
        cv2.accumulateWeighted(self._difference, self._noise, quick / 2, mask=free)
        np.minimum(self._difference, NOISIEST, out=self._difference)
        cv2.accumulateWeighted(self._difference, self._noise, slow, mask=grown)
        soft = self._shade & (1 - grown)
        cv2.accumulateWeighted(self._even, self._usual, 1 - math.exp(-elapsed / SHADE_S), mask=soft)
        self._shade[:] = 0

    def _absorb(self, objects: Mask, elapsed: float, kept: Sequence[tuple[float, float, float, float]]) -> None:
        self._stood += np.float32(elapsed)
        self._stood *= cv2.dilate(objects, GROWN)
        for place in self._places(kept):
            self._stood[place] = 0
        long = self._stood > ABSORB_S
        if long.any():
            self._took_in = True
            self._former[long], self._usual[long] = self._usual[long], self._even[long]
            self._stood[long] = 0

    def _places(self, boxes: Sequence[tuple[float, float, float, float]]) -> list[Place]:
        """The points in boxes that are given in parts of the picture."""
        height, width = self.shape
        return [
            np.s_[
                max(int(y * height), 0) : math.ceil((y + h) * height),
                max(int(x * width), 0) : math.ceil((x + w) * width),
            ]
            for x, y, w, h in boxes
        ]

    def _choose_marks(self) -> None:
        """Where exposure and movement are read, and how much each point may differ."""
        self._marks_age = 0.0
        bright = (points := self._usual[::GATE, ::GATE].ravel()) > median(points)
        halves = np.flatnonzero(bright), np.flatnonzero(~bright)
        self._halves = [half for half in halves if half.size]  # where most is burnt out, nothing is brighter
        across = cv2.Sobel(self._usual, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
        down = cv2.Sobel(self._usual, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
        slope = np.abs(across) + np.abs(down)
        contrast = self._contrast * min(max(float(self._usual[::8, ::8].mean()) / 110.0, 0.5), 1.0)
        limit = np.maximum(np.float32(contrast), 4.0 * self._noise) + np.minimum(0.6 * slope, 24.0)
        # What is more than a limit is more than the whole number below it.
        self._limit = np.minimum(limit, 255.0).astype(np.uint8)
        grid = slope[::3, ::3]
        steep = grid > max(4.0, float(np.percentile(grid[::2, ::2], 75)))
        rows, columns = np.nonzero(steep)
        marks = (rows * 3) * self.shape[1] + columns * 3
        self._marks = marks[:: max(1, len(marks) // MARKS)]
        self._slopes = np.stack([across.ravel()[self._marks], down.ravel()[self._marks]])

    def _whole(self, place: Place = np.s_[:, :]) -> None:
        """The background in whole grey values, after it changed at a place."""
        self._whole_usual[place] = cv2.convertScaleAbs(self._usual[place])
        self._whole_former[place] = cv2.convertScaleAbs(self._former[place])

    def _exposure(self, small: Plane) -> tuple[float, float]:
        """The gain and offset that bring the picture to the background's exposure; 1 and 0 when it is the same."""
        now, usual = small[::GATE, ::GATE].astype(np.float32), self._usual[::GATE, ::GATE]
        if self._fits(usual - now):
            return 1.0, 0.0
        # To find one costs as much as to compare; the last one is mostly right for some looks.
        last = self._gain, self._offset
        if last != (1.0, 0.0) and self._fits(usual - (now * np.float32(last[0]) + np.float32(last[1]))):
            return last
        return exposure(small, self._usual)

    def _fits(self, off: Small) -> bool:
        """Whether what is left between background and picture is none of the exposure's, among bright and dark."""
        points = off.ravel()
        return all(abs(median(points[half])) < SAME_LIGHT for half in self._halves)

    def _steadied(self, small: Plane, elapsed: float) -> Plane:
        """The picture moved onto the background: the camera trembles in the wind, or sinks slowly."""
        x, y = self._shift(small)
        part = 1 - math.exp(-elapsed / 1.0)
        dx, dy = self._drift[0] + part * (x - self._drift[0]), self._drift[1] + part * (y - self._drift[1])
        self._drift = dx, dy
        if max(abs(dx), abs(dy)) > 0.5:
            self._follow(self._drift, small)
            x, y = x - dx, y - dy
            self._drift = (0.0, 0.0)
        self._margin = 0
        if max(abs(x), abs(y)) < SHIFTED:
            return small
        self._margin = math.ceil(max(abs(x), abs(y))) + 1
        return _moved(small, (-x, -y))

    def _shift(self, small: Plane) -> tuple[float, float]:
        """How far the picture lies from the background, x and y in pixels; nought where that cannot be said."""
        if len(self._marks) < 60:
            return 0.0, 0.0
        change = small.ravel()[self._marks].astype(np.float32) - self._whole_usual.ravel()[self._marks]
        size = np.abs(change)
        good = size <= max(6.0, 3.0 * median(size))
        if np.count_nonzero(good) < 0.5 * len(good):
            return 0.0, 0.0
        slopes = self._slopes * good
        (a, b), (_, c) = (slopes @ self._slopes.T).tolist()
        u, v = (slopes @ change).tolist()
        area = a * c - b * b
        if area < 1e-3 * (a + c) ** 2:
            return 0.0, 0.0
        x, y = (b * v - c * u) / area, (b * u - a * v) / area
        return (x, y) if max(abs(x), abs(y)) < 3.0 else (0.0, 0.0)

    def _follow(self, shift: tuple[float, float], small: Plane) -> None:
        """Move everything known to where the camera looks now; its edges are known from this picture alone."""
        for name in ("_usual", "_former", "_noise", "_stood"):
            setattr(self, name, _moved(getattr(self, name), shift))
        edge = np.ones(self.shape, np.uint8)
        band = math.ceil(max(map(abs, shift))) + 1
        edge[band:-band, band:-band] = 0
        np.copyto(self._usual, small, where=edge > 0)
        self._whole()
        self._choose_marks()


def _clear_edges(foreground: Mask, margin: int) -> None:
    foreground[:margin] = foreground[-margin:] = 0
    foreground[:, :margin] = foreground[:, -margin:] = 0


def _around(foreground: Mask) -> Place:
    """The rows and columns in which something changed."""
    x, y, w, h = cv2.boundingRect(foreground)
    return np.s_[y : y + h, x : x + w]


def _moved(layer: Layer, by: tuple[float, float]) -> Layer:
    matrix = np.array([[1.0, 0.0, by[0]], [0.0, 1.0, by[1]]])
    size = layer.shape[::-1]
    moved = cv2.warpAffine(layer, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=layer.dtype)
