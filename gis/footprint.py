"""Ground calibration of a camera: picture -> ground with its error, and what of the ground it sees.

Picture coordinates are x, y in 0..1 from the top left; ground positions are WGS 84. In between lies a
local plane in metres, east and north of the calibration's middle, which is flat enough for what a camera
sees (a few kilometres).
"""

import math
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from gis.position import Position

Matrix = npt.NDArray[np.float64]
Ring = tuple[Position, ...]
"""A closed ring (first = last), counter-clockwise as RFC 7946 wants an outer ring."""

PIXEL_SHIFT = 0.005
"""How far a foot point may be off in the picture, as a part of its width and height."""

MARK_ERROR_M = 1.0
"""How far a calibration mark may be off on the ground, in metres."""

REACH_M = 150.0
"""Ground farther away than this is not counted as seen, in metres."""


class GroundPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A mark that was found both in the picture (x, y in 0..1) and on the ground (WGS 84 degrees)."""

    x: float
    y: float
    lon: float
    lat: float

    def __post_init__(self) -> None:
        if not (0.0 <= self.x <= 1.0 and 0.0 <= self.y <= 1.0):
            raise ValueError("a calibration mark's x and y are parts of the picture, 0..1")
        Position(lon=self.lon, lat=self.lat)


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place on the ground and the radius around it, in metres, that holds the true place."""

    position: Position
    error_m: float


class Plane(msgspec.Struct, frozen=True):
    """A local plane around a position: metres east and north (WGS 84 radii of curvature)."""

    origin: Position

    @property
    def scale(self) -> tuple[float, float]:
        """Metres a degree of longitude and of latitude have at the origin."""
        sine = math.sin(math.radians(self.origin.lat))
        flat = 1.0 - 0.00669437999014 * sine * sine
        north = math.radians(6378137.0 * (1.0 - 0.00669437999014) / flat**1.5)
        east = math.radians(6378137.0 / math.sqrt(flat)) * math.cos(math.radians(self.origin.lat))
        return east, north

    def metres(self, position: Position) -> tuple[float, float]:
        """East and north of the origin, in metres."""
        east, north = self.scale
        return (position.lon - self.origin.lon) * east, (position.lat - self.origin.lat) * north

    def position(self, east_m: float, north_m: float) -> Position:
        """The position so many metres east and north. Raises ValueError off the globe."""
        east, north = self.scale
        return Position(lon=self.origin.lon + east_m / east, lat=self.origin.lat + north_m / north)


class Ground:
    """Where a picture's points lie on the ground, from at least four marks.

    Raises ValueError when there are too few marks, or when they lie so that no plane can be fitted.
    """

    def __init__(self, marks: Sequence[GroundPoint]) -> None:
        if len(marks) < 4:
            raise ValueError(f"a ground calibration needs 4 marks, not {len(marks)}: add more")
        middle = Position(
            lon=sum(mark.lon for mark in marks) / len(marks), lat=sum(mark.lat for mark in marks) / len(marks)
        )
        self._plane = Plane(middle)
        picture = np.array([(mark.x, mark.y) for mark in marks])
        ground = np.array([self._plane.metres(Position(lon=mark.lon, lat=mark.lat)) for mark in marks])
        self._homography = _fit(picture, ground)
        depth = _depths(self._homography, picture)
        if not (np.all(depth > 0) or np.all(depth < 0)):
            raise ValueError("the marks lie on both sides of a horizon: check their order and their axes")
        self._homography /= depth.mean()
        self._nearest = float(depth.min() / depth.mean()) if depth.mean() > 0 else float(depth.max() / depth.mean())
        self.residual_m = _residual(self._homography, picture, ground)
        """Root mean square of what the marks miss their place by, in metres; 0 for exactly four marks."""

    def spot(self, x: float, y: float) -> Spot | None:
        """The place that the picture's point x, y shows, or None at and above the horizon.

        The error adds up half a percent of the picture, what the marks miss by, and what a mark may be
        off on the ground.
        """
        here = self._metres(x, y)
        if here is None:
            return None
        pixel = 0.0
        for dx, dy in ((PIXEL_SHIFT, 0.0), (-PIXEL_SHIFT, 0.0), (0.0, PIXEL_SHIFT), (0.0, -PIXEL_SHIFT)):
            there = self._metres(x + dx, y + dy)
            if there is None:
                return None
            pixel = max(pixel, math.dist(here, there))
        try:
            position = self._plane.position(*here)
        except ValueError:
            return None
        return Spot(position=position, error_m=math.sqrt(pixel**2 + self.residual_m**2 + MARK_ERROR_M**2))

    def seen(self, *, reach_m: float = REACH_M, columns: int = 9) -> Ring | None:
        """The ground in the picture as a ring, not farther than `reach_m` from the nearest ground in it.

        None when the picture's lower edge shows no ground within reach.
        """
        foot = self._metres(0.5, 1.0)
        if foot is None:
            return None
        xs = [column / (columns - 1) for column in range(columns)]
        tops = [(x, self._farthest(x, foot, reach_m)) for x in xs]
        ends = [(x, top) for x, top in tops if top is not None]
        if len(ends) < 2:
            return None
        outline = [(x, 1.0) for x, _ in ends] + list(reversed(ends))
        corners = (self._metres(x, y) for x, y in outline)
        return _ring(self._plane, [corner for corner in corners if corner is not None])

    def _metres(self, x: float, y: float) -> tuple[float, float] | None:
        """East and north in metres; None where the view ray meets no ground in front of the camera."""
        east, north, depth = self._homography @ np.array([x, y, 1.0])
        if depth < 1e-3 * self._nearest:
            return None
        return float(east / depth), float(north / depth)

    def _farthest(self, x: float, foot: tuple[float, float], reach_m: float) -> float | None:
        """The smallest y of a column that still shows ground within reach of the foot."""

        def within(y: float) -> bool:
            there = self._metres(x, y)
            return there is not None and math.dist(foot, there) <= reach_m

        if not within(1.0):
            return None
        return 0.0 if within(0.0) else _boundary(within, inside=1.0, outside=0.0)


def sector(
    position: Position, *, bearing_deg: float, fov_deg: float, reach_m: float = REACH_M, steps: int = 12
) -> Ring:
    """What a camera without calibration may see: a sector around its bearing (from north, clockwise)."""
    if not 0.0 < fov_deg <= 360.0:
        raise ValueError(f"a field of view of {fov_deg} degrees cannot be: give 0..360")
    start = bearing_deg - fov_deg / 2
    angles = [math.radians(start + fov_deg * step / steps) for step in range(steps + 1)]
    arc = [(reach_m * math.sin(angle), reach_m * math.cos(angle)) for angle in angles]
    return _ring(Plane(position), arc if fov_deg == 360.0 else [(0.0, 0.0), *arc])


def _ring(plane: Plane, corners: Iterable[tuple[float, float]]) -> Ring:
    """A closed, counter-clockwise ring of points in metres; repeated corners are dropped."""
    points: list[tuple[float, float]] = []
    for corner in corners:
        if not points or math.dist(points[-1], corner) > 0.01:
            points.append(corner)
    if len(points) > 1 and math.dist(points[0], points[-1]) <= 0.01:
        points.pop()
    if _area(points) < 0:
        points.reverse()
    ring = tuple(plane.position(*point) for point in points)
    return (*ring, ring[0])


def _area(points: Sequence[tuple[float, float]]) -> float:
    """The signed area (shoelace formula): positive for counter-clockwise."""
    following = [*points[1:], points[0]]
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, following, strict=True)) / 2


def _boundary(holds: Callable[[float], bool], *, inside: float, outside: float) -> float:
    """The last value that holds between one that does and one that does not, by halving."""
    for _ in range(30):
        middle = (inside + outside) / 2
        if holds(middle):
            inside = middle
        else:
            outside = middle
    return inside


def _fit(picture: Matrix, ground: Matrix) -> Matrix:
    """The homography picture -> ground by the normalised direct linear transform (Hartley 1997)."""
    spread_in, spread_out = _normaliser(picture), _normaliser(ground)
    rows = []
    for (x, y), (east, north) in zip(_apply(spread_in, picture), _apply(spread_out, ground), strict=True):
        rows.append([-x, -y, -1.0, 0.0, 0.0, 0.0, east * x, east * y, east])
        rows.append([0.0, 0.0, 0.0, -x, -y, -1.0, north * x, north * y, north])
    _, strengths, directions = np.linalg.svd(np.array(rows))
    if strengths[7] < 1e-6 * strengths[0]:
        raise ValueError("the calibration marks lie on a line: spread them over the visible ground")
    fitted = directions[-1].reshape(3, 3)
    if abs(np.linalg.det(fitted)) < 1e-9:
        raise ValueError("three calibration marks lie on a line: spread them over the visible ground")
    return np.asarray(np.linalg.inv(spread_out) @ fitted @ spread_in)


def _normaliser(points: Matrix) -> Matrix:
    """The similarity that moves the points' middle to 0 and their mean distance to sqrt(2)."""
    middle = points.mean(axis=0)
    distance = float(np.hypot(*(points - middle).T).mean())
    if distance == 0.0:
        raise ValueError("all calibration marks are the same point")
    scale = math.sqrt(2.0) / distance
    return np.array([[scale, 0, -scale * middle[0]], [0, scale, -scale * middle[1]], [0, 0, 1.0]])


def _apply(homography: Matrix, points: Matrix) -> Matrix:
    """The images of n points, shape (n, 2)."""
    images = np.c_[points, np.ones(len(points))] @ homography.T
    return np.asarray(images[:, :2] / images[:, 2:])


def _depths(homography: Matrix, points: Matrix) -> Matrix:
    """The third homogeneous coordinate of each image; one sign for each side of the horizon."""
    return np.asarray(np.c_[points, np.ones(len(points))] @ homography[2])


def _residual(homography: Matrix, picture: Matrix, ground: Matrix) -> float:
    """Root mean square distance between the marks and where the fit puts them, in metres."""
    missed = _apply(homography, picture) - ground
    return float(np.sqrt((missed**2).sum(axis=1).mean()))
