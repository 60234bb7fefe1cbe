"""What a camera's picture usually shows, and what differs from it. Pictures are small, brightness 0..255."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from cameras.exposure import exposure, median

Small = npt.NDArray[np.float32]
Mask = npt.NDArray[np.uint8]

ONE = np.float32(1.0)

LEARN_S = 4.0
"""How fast what is background adapts, in seconds."""
ABSORB_S = 60.0
"""How long something stands before it becomes background, in seconds."""
NOISIEST = 8.0
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
DEEPEST, BRIGHTEST = 0.65, 1.05
"""A shadow leaves at least this part of the light; what reflects adds at most that."""
EVEN = 0.035
"""A shadow's light varies by less than this part among neighbouring points."""
SPECK = np.ones((3, 3), np.uint8)
"""What is smaller than this is noise."""
GATE = 12
"""Every twelfth point of every twelfth row tells whether the exposure changed at all."""
MARKS = 800
SHADE_S = 20.0
"""How fast light and shadow become background, in seconds."""
SHIFTED = 0.12
"""A movement of the camera below this is none, in pixels."""


class Background:
    """The background of one camera's pictures of one shape; changed in place with each of them."""

    def __init__(self, small: Small, contrast: float, hollow: float) -> None:
        self.shape = small.shape
        self._contrast = contrast
        self._still = np.zeros(small.shape, np.uint8)
        self._shade = np.zeros_like(self._still)
        self._age = 0.0
        self._usual = small.copy()
        self._former = small.copy()
        self._noise = np.full_like(small, 2.0)
        self._stood = np.zeros_like(small)
        self._before = small
        self._enclosed = np.ones((round(hollow * small.shape[0]) | 1,) * 2, np.uint8)
        self._marks_age = math.inf
        self._drift = np.zeros(2)
        self._owed = 0.0
        self._took_in = False
        self._margin = 0
        self._choose_marks()

    def compare(self, small: Small, elapsed: float, kept: Sequence[tuple[float, float, float, float]] = ()) -> Mask:
        """Where a picture differs from the background by more than the usual noise (1, else 0)."""
        self._age += elapsed
        self._marks_age += elapsed
        if self._marks_age >= LOOK_AGAIN_S:
            self._choose_marks()
        self._gain, self._offset = self._exposure(small)
        if (self._gain, self._offset) != (1.0, 0.0):
            small = small * np.float32(self._gain) + np.float32(self._offset)
        self._even = self._steadied(small, elapsed)
        self._difference = cv2.absdiff(self._even, self._usual)
        changed = cv2.compare(self._difference, self._limit, cv2.CMP_GT)
        foreground = np.asarray(cv2.morphologyEx(changed, cv2.MORPH_OPEN, SPECK), dtype=np.uint8) & np.uint8(1)
        if self._margin:
            _clear_edges(foreground, self._margin)
        if foreground.any():
            self._known_again(foreground)
            if self._age < YOUNG_S:
                self._uncover(foreground, kept if self._age > NEW_S else ())
            self._unshade(foreground)
        self._before = self._even
        return foreground

    def _unshade(self, foreground: Mask) -> None:
        """A soft shadow is evenly darker than the ground that it lies on; a thing has edges and a tone of its own."""
        x, y, w, h = cv2.boundingRect(foreground)
        if not w:
            return
        place = np.s_[y : y + h, x : x + w]
        ratio = cv2.divide(self._even[place] + ONE, self._usual[place] + ONE)
        mean = cv2.blur(ratio, (5, 5))
        uneven = cv2.blur(ratio * ratio, (5, 5)) - mean * mean
        shaded = ((ratio > DEEPEST) & (ratio < BRIGHTEST) & (uneven < EVEN * EVEN)).view(np.uint8)
        shaded &= foreground[place]
        kept = cv2.morphologyEx(foreground[place] ^ shaded, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
        shaded &= ~np.asarray(cv2.morphologyEx(kept, cv2.MORPH_CLOSE, self._enclosed), dtype=np.uint8)
        foreground[place] ^= shaded
        self._shade[place] |= shaded

    def _known_again(self, foreground: Mask) -> None:
        """What looks as it did before something was taken in is background again."""
        if not self._took_in:
            return
        alike = cv2.compare(cv2.absdiff(self._even, self._former), self._limit, cv2.CMP_LT)
        again = (np.asarray(alike, dtype=np.uint8) & foreground) > 0
        if not again.any():
            return
        self._usual[again], self._former[again] = self._former[again], self._usual[again]
        foreground[again] = 0

    def _uncover(self, foreground: Mask, kept: Sequence[tuple[float, float, float, float]]) -> None:
        """While young: what keeps still was behind a thing that stood in the first picture and left."""
        still = cv2.absdiff(self._even, self._before) < STILL
        self._still[~still] = 0
        self._still[still] += 1
        for place in self._places(kept):
            self._still[place] = 0
        free = (foreground > 0) & (self._still >= 2)
        if free.any():
            self._took_in = True
            self._former[free], self._usual[free] = self._usual[free], self._even[free]
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
                layer += np.float32(quick) * ((layer - np.float32(self._offset)) / np.float32(self._gain) - layer)
        if not objects.any() and not self._shade.any():
            cv2.accumulateWeighted(self._even, self._usual, quick)
            cv2.accumulateWeighted(self._difference, self._noise, quick / 2)
            self._stood[:] = 0
            return
        grown = np.asarray(cv2.dilate(objects, np.ones((5, 5), np.uint8)), dtype=np.uint8)
        free = 1 - (grown | self._shade)
        cv2.accumulateWeighted(self._even, self._usual, quick, mask=free)
        cv2.accumulateWeighted(self._difference, self._noise, quick / 2, mask=free)
        cv2.accumulateWeighted(np.minimum(self._difference, NOISIEST), self._noise, slow, mask=grown)
        cv2.accumulateWeighted(
            self._even, self._usual, 1 - math.exp(-elapsed / SHADE_S), mask=self._shade & (1 - grown)
        )
        self._shade[:] = 0
        self._absorb(grown, elapsed, kept)

    def _absorb(self, objects: Mask, elapsed: float, kept: Sequence[tuple[float, float, float, float]]) -> None:
        self._stood = (self._stood + np.float32(elapsed)) * objects
        for place in self._places(kept):
            self._stood[place] = 0
        long = self._stood > ABSORB_S
        if long.any():
            self._took_in = True
            self._former[long], self._usual[long] = self._usual[long], self._even[long]
            self._stood[long] = 0

    def _places(self, boxes: Sequence[tuple[float, float, float, float]]) -> list[tuple[slice, slice]]:
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
        self._limit = np.maximum(np.float32(contrast), 4.0 * self._noise) + np.minimum(0.6 * slope, 24.0)
        grid = slope[::3, ::3]
        steep = grid > max(4.0, float(np.percentile(grid[::2, ::2], 75)))
        rows, columns = np.nonzero(steep)
        marks = (rows * 3) * self.shape[1] + columns * 3
        self._marks = marks[:: max(1, len(marks) // MARKS)]
        self._slopes = np.stack([across.ravel()[self._marks], down.ravel()[self._marks]])

    def _exposure(self, small: Small) -> tuple[float, float]:
        """The gain and offset that bring the picture to the background's exposure; 1 and 0 when it is the same."""
        off = (self._usual[::GATE, ::GATE] - small[::GATE, ::GATE]).ravel()
        if all(abs(median(off[half])) < 1.5 for half in self._halves):
            return 1.0, 0.0
        return exposure(small, self._usual)

    def _steadied(self, small: Small, elapsed: float) -> Small:
        """The picture moved onto the background: the camera trembles in the wind, or sinks slowly."""
        shift = self._shift(small)
        self._drift += (1 - math.exp(-elapsed / 1.0)) * (shift - self._drift)
        if np.abs(self._drift).max() > 0.5:
            self._follow(self._drift, small)
            shift = shift - self._drift
            self._drift = np.zeros(2)
        self._margin = 0
        if np.abs(shift).max() < SHIFTED:
            return small
        self._margin = math.ceil(np.abs(shift).max()) + 1
        return _moved(small, -shift)

    def _shift(self, small: Small) -> npt.NDArray[np.float64]:
        """How far the picture lies from the background, x and y in pixels; nought where that cannot be said."""
        if len(self._marks) < 60:
            return np.zeros(2)
        change = small.ravel()[self._marks] - self._usual.ravel()[self._marks]
        size = np.abs(change)
        good = size <= max(6.0, 3.0 * median(size))
        if np.count_nonzero(good) < 0.5 * len(good):
            return np.zeros(2)
        slopes = self._slopes * good
        (a, b), (_, c) = (slopes @ self._slopes.T).tolist()
        u, v = (slopes @ change).tolist()
        area = a * c - b * b
        if area < 1e-3 * (a + c) ** 2:
            return np.zeros(2)
        shift = np.array([b * v - c * u, b * u - a * v]) / area
        return shift if np.abs(shift).max() < 3.0 else np.zeros(2)

    def _follow(self, shift: npt.NDArray[np.float64], small: Small) -> None:
        """Move everything known to where the camera looks now; its edges are known from this picture alone."""
        for name in ("_usual", "_former", "_noise", "_stood"):
            setattr(self, name, _moved(getattr(self, name), shift))
        edge = np.ones(self.shape, np.uint8)
        band = math.ceil(np.abs(shift).max()) + 1
        edge[band:-band, band:-band] = 0
        np.copyto(self._usual, small, where=edge > 0)
        self._choose_marks()


def _clear_edges(foreground: Mask, margin: int) -> None:
    foreground[:margin] = foreground[-margin:] = 0
    foreground[:, :margin] = foreground[:, -margin:] = 0


def _moved(layer: Small, by: npt.NDArray[np.float64]) -> Small:
    matrix = np.array([[1.0, 0.0, by[0]], [0.0, 1.0, by[1]]])
    size = layer.shape[::-1]
    return np.asarray(cv2.warpAffine(layer, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
