"""Whether a position lies in a polygon that people drew."""

import functools
from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from gis.position import Position

Corners = tuple[tuple[float, float], ...]
"""[lon, lat] of each corner in WGS 84 degrees; the last need not repeat the first."""


def within(corners: Corners, position: Position) -> bool:
    """Whether a position lies in the polygon or on its edge. Raises ValueError with fewer than three corners."""
    return bool(shapely.intersects_xy(_polygon(corners), position.lon, position.lat))


@functools.lru_cache(maxsize=1_000)
def _polygon(corners: Sequence[tuple[float, float]]) -> BaseGeometry:
    """Edges that cross make a shape of what they enclose."""
    shape: BaseGeometry = shapely.make_valid(shapely.Polygon(corners))
    shapely.prepare(shape)
    return shape
