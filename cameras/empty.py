"""How a scene looks with nobody and nothing in it, learnt slowly: what stands in it for long stays visible.

The background of `background.py` takes in what stands for a minute. A crowd stands for hours, and a bag until somebody
comes for it; so this one follows what is empty within seconds, takes in what stands only after an hour, and looks
about twice a second at a small picture, which costs little.
"""

import math

import cv2
import numpy as np
import numpy.typing as npt

from cameras.background import Mask, Small
from cameras.motion import Luma
from cameras.shrink import shrink

LOOK_S = 0.5
"""How often the picture is looked at, in seconds."""
YOUNG_S = 6.0
"""How long at the start everything is learnt within seconds: what moves is averaged away."""
FREE_S = 8.0
"""How fast what is empty is followed, in seconds."""
TAKEN_IN_S = 3600.0
"""How long something stands before its place is taken for empty with it, in seconds."""
UPHEAVAL = 0.5
"""More of the picture than this does not fill from one look to the next: then the scene itself changed."""
CLEAR = 1.35
"""What came differs by so many times the least change of brightness that counts."""
OUTLINED = 1.3
"""The edges along its outline are so many times as strong as they were there."""
STILL = 8.0
"""What changes by less than this between two looks keeps still, 0..255."""


class Empty:
    """The empty scene of one camera. After each look that counted, `occupied` and `still` hold (1, else 0).

    `still` tells which points look as they did at the look before. Both have the shape (height, width) of the small
    picture; None before the first, and after the whole scene changed.
    """

    def __init__(self, contrast: float) -> None:
        self._contrast = contrast
        self._usual: Small | None = None
        self._noise: Small | None = None
        self._even: Small | None = None
        self._stood: Small | None = None
        self._at = -math.inf
        self._age = 0.0
        self.elapsed = 0.0
        self.occupied: Mask | None = None
        self.still: Mask | None = None

    def look(self, luma: Luma, at: float, keep: Mask | None = None) -> bool:
        """Whether a picture at monotonic time `at` (s) was looked at; most are passed over.

        `keep` (1, else 0) are points that are not learnt at all: what stands there is known and shall stay visible.
        """
        if at - self._at < LOOK_S:
            return False
        small = _smooth(luma)
        self.elapsed, self._at = min(at - self._at, 2.0), at
        if self._usual is None or self._noise is None or self._usual.shape != small.shape:
            self._begin(small)
            return True
        even = self._exposed(small, self._usual)
        difference = np.asarray(cv2.absdiff(even, self._usual), dtype=np.float32)
        rough = (difference > np.maximum(self._contrast, 4.0 * self._noise)).astype(np.uint8)
        occupied = np.asarray(cv2.morphologyEx(rough, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), dtype=np.uint8)
        before = 0.0 if self.occupied is None else float(self.occupied.mean())
        if float(occupied.mean()) - before > UPHEAVAL:
            self._begin(small)
            return True
        self.still = None if self._even is None else (cv2.absdiff(even, self._even) < STILL).astype(np.uint8)
        self._even, self.occupied = even, occupied
        self._learn(self._usual, self._noise, difference, occupied, keep)
        return True

    def came(self, mask: Mask) -> bool:
        """Whether a mask is a thing that came: clearly unlike the empty scene, and with an outline of its own.

        What was taken away uncovers a background that has no outline there; a shadow's is soft.
        """
        if self._usual is None or self._even is None or not mask.any():
            return False
        unlike = float(cv2.absdiff(self._even, self._usual)[mask > 0].mean())
        square = np.ones((3, 3), np.uint8)
        outline = np.asarray(cv2.dilate(mask, square) - cv2.erode(mask, square), dtype=np.uint8)
        now, before = _edges(self._even, outline), _edges(self._usual, outline)
        return unlike > CLEAR * self._contrast and now > OUTLINED * before + self._contrast / 2

    def _begin(self, small: Small) -> None:
        self._usual, self._noise, self._even = small.copy(), np.full_like(small, 2.0), None
        self._stood = np.zeros_like(small)
        self._age, self.occupied, self.still = 0.0, None, None

    def _learn(self, usual: Small, noise: Small, difference: Small, occupied: Mask, keep: Mask | None) -> None:
        self._age += self.elapsed
        quick = 1 - math.exp(-self.elapsed / FREE_S)
        grown = np.asarray(cv2.dilate(occupied, np.ones((5, 5), np.uint8)), dtype=np.uint8)
        if self._even is None or self._stood is None:
            return
        if self._age < YOUNG_S:
            cv2.accumulateWeighted(self._even, usual, 1 - math.exp(-self.elapsed / 2.0))
        cv2.accumulateWeighted(self._even, usual, quick, mask=1 - grown)
        cv2.accumulateWeighted(np.minimum(difference, 8.0), noise, quick / 4, mask=1 - grown)
        self._stood = np.asarray(
            (self._stood + np.float32(self.elapsed)) * (grown if keep is None else grown * (1 - keep))
        )
        long = self._stood > TAKEN_IN_S
        if long.any():
            usual[long], self._stood[long] = self._even[long], 0

    def _exposed(self, small: Small, usual: Small) -> Small:
        """The picture at the exposure of the empty scene, by middle and spread of what was empty at the last look."""
        now, then = small[::3, ::3], usual[::3, ::3]
        if self.occupied is not None:
            free = self.occupied[::3, ::3] == 0
            now, then = now[free], then[free]
        if now.size < 200:
            return small
        gain = float(np.clip(then.std() / max(float(now.std()), 1.0), 0.5, 2.0))
        offset = float(np.median(then) - gain * np.median(now))
        return np.asarray(small * np.float32(gain) + np.float32(offset), dtype=np.float32)


def region(polygon: tuple[tuple[float, float], ...], shape: tuple[int, int]) -> Mask:
    """The points of a small picture of a shape (height, width) that a polygon holds (1, else 0)."""
    height, width = shape
    corners = np.array([(x * width, y * height) for x, y in polygon])
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return mask


def _edges(picture: Small, mask: Mask) -> float:
    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    strength: npt.NDArray[np.float32] = np.abs(across) + np.abs(down)
    return float(strength[mask > 0].mean())


def _smooth(luma: Luma) -> Small:
    return np.asarray(cv2.GaussianBlur(shrink(luma), (3, 3), 0), dtype=np.float32)
