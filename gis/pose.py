"""Ground calibration from where a camera hangs and looks: position, height, bearing, field of view, tilt.

A pinhole looking over a flat plane. It knows far less than four marks do, and its error says so: each of height,
bearing and tilt is moved by what it may be off, and the spots that come out are compared.
"""

import itertools
import math
from typing import NamedTuple

import numpy as np

from gis.footprint import MARK_ERROR_M, PIXEL_SHIFT, Ground, Matrix, Plane, Spot
from gis.position import Position

ASPECT = 16 / 9
"""Width of a picture by its height, where nobody said."""

HEIGHT_ERROR = 0.1
"""How far a height may be off, as a part of it: it is estimated, and the ground is not flat."""

BEARING_ERROR_DEG = 5.0
"""How far a bearing may be off: read from a map or a compass beside an iron pole."""

TILT_ERROR_DEG = 2.0
"""How far a tilt that was given may be off."""

WIDEST_DEG = 150.0
"""A wider field of view bends straight lines too much for this."""


class _Angles(NamedTuple):
    height_m: float
    bearing_deg: float
    tilt_deg: float


def derived_tilt(fov_deg: float, aspect: float = ASPECT) -> tuple[float, float]:
    """The tilt of a camera of which nobody told it, and how far it may be off, in degrees.

    Who hangs a camera turns the sky out of its picture: the horizon is taken to lie at the upper edge, and may
    as well lie a quarter of the picture's height above or below it.
    """
    upright = 2 * math.degrees(math.atan(math.tan(math.radians(fov_deg) / 2) / aspect))
    return upright / 2, upright / 4


class Pose(Ground):
    """Where a picture's points lie on the ground, from the camera's pose. Same questions as to a `Ground`.

    `bearing_deg` is clockwise from north, `fov_deg` the horizontal field of view, `tilt_deg` how far the picture's
    middle lies below the horizon; None: as `derived_tilt` says, with its error. Raises ValueError for a height,
    field of view or tilt that cannot be, and when the picture shows no ground.
    """

    def __init__(
        self,
        position: Position,
        *,
        height_m: float,
        bearing_deg: float,
        fov_deg: float,
        tilt_deg: float | None = None,
        aspect: float = ASPECT,
    ) -> None:
        if not 0.5 <= height_m <= 500.0:
            raise ValueError(f"a camera {height_m} m above the ground cannot be: give 0.5..500")
        if not 1.0 <= fov_deg <= WIDEST_DEG:
            raise ValueError(f"a field of view of {fov_deg} degrees cannot be used: give 1..{WIDEST_DEG:g}")
        if tilt_deg is not None and not -90.0 <= tilt_deg <= 90.0:
            raise ValueError(f"a tilt of {tilt_deg} degrees cannot be: give -90 (up) to 90 (down)")
        tilt, tilt_error = (tilt_deg, TILT_ERROR_DEG) if tilt_deg is not None else derived_tilt(fov_deg, aspect)
        self._plane = Plane(position)
        self._fov_deg, self._aspect = fov_deg, aspect
        angles = _Angles(height_m, bearing_deg, tilt)
        self._homography = self._project(angles)
        self._nearest = self._depth(1.0)
        if self._nearest <= 0.0:
            raise ValueError(f"a camera tilted by {tilt:g} degrees shows no ground: give its tilt downwards")
        self.residual_m = 0.0
        offs = _Angles(height_m * HEIGHT_ERROR, BEARING_ERROR_DEG, tilt_error)
        self._others = [
            self._project(angles._replace(**{name: getattr(angles, name) + sign * getattr(offs, name)}))
            for name, sign in itertools.product(_Angles._fields, (-1.0, 1.0))
        ]

    def spot(self, x: float, y: float) -> Spot | None:
        """The place that the picture's point shows; None where the horizon may be, for all that is known.

        The error adds up half a percent of the picture, how far off the camera may stand, and the larger one of what
        height, bearing and tilt each do when they are off to either side.
        """
        here = self._metres(x, y)
        if here is None:
            return None
        moves = ((PIXEL_SHIFT, 0.0), (-PIXEL_SHIFT, 0.0), (0.0, PIXEL_SHIFT), (0.0, -PIXEL_SHIFT))
        pixels = [self._metres(x + dx, y + dy) for dx, dy in moves]
        others = [self._through(homography, x, y) for homography in self._others]
        if None in pixels or None in others:
            return None
        squares = max(math.dist(here, there) for there in pixels if there is not None) ** 2 + MARK_ERROR_M**2
        misses = [math.dist(here, there) for there in others if there is not None]
        squares += sum(max(pair) ** 2 for pair in zip(misses[::2], misses[1::2], strict=True))
        try:
            return Spot(position=self._plane.position(*here), error_m=math.sqrt(squares))
        except ValueError:
            return None

    def _depth(self, y: float) -> float:
        return float(self._homography[2] @ np.array([0.5, y, 1.0]))

    def _through(self, homography: Matrix, x: float, y: float) -> tuple[float, float] | None:
        east, north, depth = homography @ np.array([x, y, 1.0])
        if depth < 1e-3 * self._nearest:
            return None
        return float(east / depth), float(north / depth)

    def _project(self, angles: _Angles) -> Matrix:
        """The homography picture -> metres east and north of the camera; its last row is how steep a ray falls."""
        focal = 0.5 / math.tan(math.radians(self._fov_deg) / 2)
        tilt, bearing = math.radians(angles.tilt_deg), math.radians(angles.bearing_deg)
        centred = np.array([[1.0, 0.0, -0.5], [0.0, 1.0 / self._aspect, -0.5 / self._aspect], [0.0, 0.0, 1.0]])
        ray = np.array(
            [
                [0.0, -math.sin(tilt), focal * math.cos(tilt)],  # ahead
                [1.0, 0.0, 0.0],  # to the right
                [0.0, math.cos(tilt), focal * math.sin(tilt)],  # down
            ]
        )
        turned = np.array(
            [
                [math.sin(bearing), math.cos(bearing), 0.0],
                [math.cos(bearing), -math.sin(bearing), 0.0],
                [0.0, 0.0, 1.0 / angles.height_m],
            ]
        )
        return np.asarray(turned @ ray @ centred)
