"""Geometries of a filter: GeoJSON (RFC 7946) and bounding boxes, bounded and valid."""

from typing import Any

import msgspec
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from gis.filter_tree import FilterError, Literal
from gis.filter_values import finite

VERTICES = 1_000
"""The most positions of one geometry."""

_RINGS = {
    "Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3,
}  # fmt: skip
"""How many lists lie around the positions of each type of geometry."""

_KNOWN = f"{', '.join(_RINGS)}, GeometryCollection or a bounding box"
_FURTHEST = 1e8


class Axes(msgspec.Struct, frozen=True):
    """How a filter writes coordinates: PROJ's name of their system, empty for WGS 84; `north_first` as in EPSG:4326."""

    proj: str = ""
    north_first: bool = False


LONLAT = Axes()


def geometry(raw: Any, axes: Axes) -> Literal:
    """A geometry literal of a filter. Raises FilterError when it is not one, too large, out of range or not valid."""
    if not isinstance(raw, dict):
        raise FilterError(f"a geometry must be {_KNOWN}")
    shape = _box(raw["bbox"], axes) if raw.keys() == {"bbox"} else _shape(raw, axes)
    if shapely.get_num_coordinates(shape) > VERTICES:
        raise FilterError(f"a geometry may have {VERTICES} positions at most")
    if not shapely.is_valid(shape):
        raise FilterError(f"the geometry is not valid: {shapely.is_valid_reason(shape)}")
    return Literal("geometry", shapely.to_geojson(shape), crs=axes.proj)


def is_collection(literal: Literal) -> bool:
    """Whether points, lines and polygons are mixed."""
    kind: str = orjson.loads(literal.value)["type"]
    return kind == "GeometryCollection"


def _shape(raw: dict[str, Any], axes: Axes) -> BaseGeometry:
    kind = raw.get("type")
    if kind == "GeometryCollection":
        return _collection(raw.get("geometries"), axes)
    depth = _RINGS.get(kind) if isinstance(kind, str) else None
    if depth is None:
        raise FilterError(f"a geometry must be {_KNOWN}")
    placed = {"type": kind, "coordinates": _placed(raw.get("coordinates"), depth, axes)}
    try:
        return shapely.from_geojson(orjson.dumps(placed))
    except shapely.errors.GEOSException as error:
        raise FilterError(
            f"the {kind} is not complete; a ring ends where it began, a line has two positions"
        ) from error


def _collection(parts: object, axes: Axes) -> BaseGeometry:
    """Parts of one kind are one geometry of many parts."""
    if not isinstance(parts, list) or not 1 <= len(parts) <= VERTICES:
        raise FilterError("a GeometryCollection needs at least one geometry")
    if any(not isinstance(part, dict) or part.get("type") not in _RINGS for part in parts):
        raise FilterError(f"a GeometryCollection holds {', '.join(_RINGS)}")
    shapes = [_shape(part, axes) for part in parts]
    if any(not shapely.is_valid(shape) for shape in shapes):
        raise FilterError("a part of the GeometryCollection is not valid")
    if len({shapely.get_dimensions(shape) for shape in shapes}) == 1:
        return shapely.union_all(shapes)
    return shapely.GeometryCollection(shapes)


def _placed(raw: object, depth: int, axes: Axes) -> list[Any]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= VERTICES:
        raise FilterError("coordinates are lists of positions, and of these at least one")
    if depth:
        return [_placed(inner, depth - 1, axes) for inner in raw]
    if len(raw) not in (2, 3):
        raise FilterError("a position has two or three numbers")
    return _position(raw[0], raw[1], axes)


def _position(first: object, second: object, axes: Axes) -> list[float]:
    """East and north, within what their system has; heights are left out."""
    east, north = (_axis(second), _axis(first)) if axes.north_first else (_axis(first), _axis(second))
    widest, highest = (_FURTHEST, _FURTHEST) if axes.proj else (180.0, 90.0)
    if abs(east) > widest or abs(north) > highest:
        order = "latitude, longitude" if axes.north_first else "longitude, latitude"
        said = "in metres of the filter-crs" if axes.proj else f"{order} in degrees"
        raise FilterError(f"a position of a filter is out of range; it is {said}")
    return [east, north]


def _axis(raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise FilterError("coordinates must be numbers")
    return finite(raw)


def _box(raw: object, axes: Axes) -> BaseGeometry:
    """The area of a box, a line or a point where it has no width; two areas across the antimeridian."""
    if not isinstance(raw, list) or len(raw) not in (4, 6):
        raise FilterError("a bounding box has four numbers: west, south, east, north")
    half = len(raw) // 2
    west, south = _position(raw[0], raw[1], axes)
    east, north = _position(raw[half], raw[half + 1], axes)
    if south > north or (west > east and axes.proj):
        raise FilterError("a bounding box is west, south, east, north with south at most north")
    if west <= east:
        return _area(west, south, east, north)
    return shapely.union_all([_area(west, south, 180.0, north), _area(-180.0, south, east, north)])


def _area(west: float, south: float, east: float, north: float) -> BaseGeometry:
    if west == east and south == north:
        return shapely.Point(west, south)
    if west == east or south == north:
        return shapely.LineString([(west, south), (east, north)])
    return shapely.box(west, south, east, north)
