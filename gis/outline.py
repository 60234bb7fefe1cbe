"""Polygons and circles of messages as one valid shape."""

import math
from collections.abc import Iterable, Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from gis.position import Position

KM_OF_DEGREE = 111.195
"""Kilometres of a degree of a great circle, on a sphere of 6,371 km."""

SMALLEST_KM = 0.01
"""A circle without a radius is a point; it is told as a small one, so that it has an area."""

CORNERS = 48


def outline(
    polygons: Iterable[Sequence[Position]], circles: Iterable[tuple[Position, float]] = ()
) -> BaseGeometry | None:
    """The union of closed rings and of circles (centre, radius in km), WGS 84; None when there is nothing of both.

    A ring that crosses itself covers what it goes round (as ST_MakeValid says), never the outside.
    """
    shapes: list[BaseGeometry] = []
    for ring in polygons:
        shape = shapely.make_valid(shapely.Polygon([corner.lonlat for corner in ring]))
        if not shape.is_empty:
            shapes.append(shape)
    shapes += [_circle(centre, radius_km) for centre, radius_km in circles]
    return shapely.union_all(shapes) if shapes else None


def _circle(centre: Position, radius_km: float) -> BaseGeometry:
    """Flat around its centre: right to a percent for what a message warns of."""
    tall = min(max(radius_km, SMALLEST_KM) / KM_OF_DEGREE, 90.0)
    wide = min(tall / max(math.cos(math.radians(centre.lat)), 0.01), 180.0)
    steps = [2 * math.pi * number / CORNERS for number in range(CORNERS)]
    ring = [(centre.lon + wide * math.cos(step), centre.lat + tall * math.sin(step)) for step in steps]
    return shapely.intersection(shapely.Polygon(ring), shapely.box(-180, -90, 180, 90))


def ewkt(shape: BaseGeometry) -> str:
    """The form in which PostGIS takes it; seven decimals are a centimetre."""
    return f"SRID=4326;{shapely.to_wkt(shape, rounding_precision=7)}"
