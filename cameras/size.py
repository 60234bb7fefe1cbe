"""How large things are on the ground, and what they therefore are, where the camera is calibrated. No I/O.

The calibration tells how many metres a step across the picture and a step up the picture have on the ground at a
spot. Their ratio is the sine of the angle at which the camera looks down there, and with it the picture's scale for
what stands upright. The room for error is wide (a box is rarely exact), so a thing that fits no class well stays an
`object`: nothing is guessed.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from cameras.camera import Point
from cameras.motion import Box
from gis.footprint import Plane, Spot

STEP = 0.01
"""How far apart two points of the picture are that a scale is measured between, as a part of it."""
STEEP = math.radians(60)
"""Looking down more steeply than this, only lengths on the ground are seen, no heights."""
FITS = 0.45
"""The most that a width may differ from a class's, as the logarithm of their ratio (a factor of 1.57)."""
RUNNING_KMH = 13.0
"""What is as narrow as a person but quicker than this rides."""
WALKING_KMH = (2.0, 7.0)
"""What is as narrow as a person and goes at this pace walks: seen end on, a two-wheeler is hardly wider."""


class Grounded(Protocol):
    """A camera's calibration: the ground at a point of the picture (0..1)."""

    def spot(self, x: float, y: float) -> Spot | None:
        """The place there, or None where no ground is seen."""


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """The picture's scale at a spot.

    `across` is how many metres the whole width of the picture would have there, `tall` how many metres its whole
    height would have for what stands upright; `along` how many the height has on the ground; `down` is the angle at
    which the camera looks down, in radians; `right` is the way from left to right on the ground, east and north.
    """

    right: Point
    across: float
    along: float
    tall: float
    down: float


class Size(NamedTuple):
    """Metres: how wide a thing looks, and how high it is (None where the camera looks down too steeply)."""

    width_m: float
    height_m: float | None


class Shape(NamedTuple):
    """What a class of things usually measures, in metres: length, width, least and greatest height."""

    name: str
    length: float
    width: float
    lowest: float
    highest: float


SHAPES = (
    Shape("person", 0.6, 0.6, 1.2, 2.2),
    Shape("two-wheeler", 1.9, 0.75, 1.2, 2.2),
    Shape("vehicle", 4.3, 1.8, 1.2, 2.6),
    Shape("vehicle", 10.0, 2.5, 2.2, 4.5),
)


def scale_at(ground: Grounded, point: Point, aspect: float) -> Scale | None:
    """The scale at a point of a picture `aspect` times as wide as high; None where no ground is seen around it."""
    x, y = point
    corners = [ground.spot(x + dx, y + dy) for dx, dy in ((-STEP, 0), (STEP, 0), (0, -STEP), (0, STEP))]
    left, right, above, below = (corner.position if corner is not None else None for corner in corners)
    if left is None or right is None or above is None or below is None:
        return None
    plane = Plane(left)
    east, north = plane.metres(right)
    across = math.hypot(east, north) / (2 * STEP)
    along = math.dist(plane.metres(above), plane.metres(below)) / (2 * STEP)
    if across <= 0 or along <= 0:
        return None
    upright = across / aspect
    down = math.asin(min(1.0, upright / along))
    length = math.hypot(east, north)
    tall = upright / max(math.cos(down), 0.05)
    return Scale(right=(east / length, north / length), across=across, along=along, tall=tall, down=down)


def size_of(box: Box, scale: Scale, length_m: float = 0.0) -> Size:
    """What a box with its foot at the scale's spot measures; `length_m` is how deep the thing is along the view.

    Its depth on the ground adds to the height of the box, and is taken off.
    """
    width_m = box[2] * scale.across
    if scale.down > STEEP:
        return Size(width_m, None)
    depth = length_m / scale.along
    return Size(width_m, max(0.0, box[3] - depth) * scale.tall)


def class_of(box: Box, scale: Scale, speed_kmh: float | None = None, way: Point | None = None) -> str:
    """person, two-wheeler, vehicle, or object where none fits.

    `way` is where it goes, in metres east and north; without one it may be seen from any side.
    """
    if scale.down > STEEP:
        return _from_above(max(box[2] * scale.across, box[3] * scale.along), speed_kmh)
    turned = _turned(way, scale)
    fits: list[tuple[float, str]] = []
    for shape in SHAPES:
        for side in turned:
            wide = side * shape.length + (1 - side) * shape.width
            deep = (1 - side) * shape.length + side * shape.width
            miss = abs(math.log(max(box[2] * scale.across, 0.01) / wide))
            if miss < FITS and _tall_enough(box, scale, shape, deep):
                fits.append((miss, shape.name))
    return _named(sorted(fits), speed_kmh)


def _tall_enough(box: Box, scale: Scale, shape: Shape, deep: float) -> bool:
    """Whether a height between that without any depth and that with all of it (less, further off) fits a class."""
    most, least = size_of(box, scale).height_m, size_of(box, scale, deep).height_m
    return most is not None and least is not None and most > 0.75 * shape.lowest and least < 1.3 * shape.highest


def _turned(way: Point | None, scale: Scale) -> Sequence[float]:
    """How much of its long side a thing shows, 0..1: by its way, or each of a few possibilities."""
    if way is None or not any(way):
        return (0.0, 0.5, 1.0)
    return (abs(way[0] * scale.right[0] + way[1] * scale.right[1]) / math.hypot(*way),)


def _named(fits: Sequence[tuple[float, str]], speed_kmh: float | None) -> str:
    """The class that fits best; none when another fits nearly as well, and speed does not tell them apart.

    A two-wheeler is one only where no person fits, or by its speed: people hold their arms away.
    """
    if not fits:
        return "object"
    names = [name for _, name in fits]
    if "person" in names and speed_kmh is not None:
        narrow = "two-wheeler" if speed_kmh > RUNNING_KMH else "person"
        if narrow == "two-wheeler" or WALKING_KMH[0] <= speed_kmh <= WALKING_KMH[1]:
            names = [narrow if name in ("person", "two-wheeler") else name for name in names]
    rivals = {name for name, (miss, _) in zip(names, fits, strict=True) if miss < fits[0][0] + 0.1}
    if names[0] == "two-wheeler" and "person" in names:
        rivals.add("person")
    return names[0] if len(rivals) == 1 else "object"


def _from_above(longest_m: float, speed_kmh: float | None) -> str:
    """By its longest side alone."""
    if longest_m < 1.2:
        return "two-wheeler" if speed_kmh is not None and speed_kmh > RUNNING_KMH else "person"
    if 1.5 <= longest_m <= 2.6:
        return "two-wheeler"
    return "vehicle" if longest_m >= 3.2 else "object"
