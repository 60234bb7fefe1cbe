"""The surroundings of a place in a few kilobytes, for a phone: outlines of units, and lines of the base map."""

import datetime as dt
from collections.abc import Sequence

import msgspec
import orjson

from gis.position import Position
from ioc.store.database import Transaction
from ioc.store.statements import Prepared

HALF_DEG = 0.035
"""From the place to each edge of the map, in degrees of latitude and longitude: about 3.8 km."""

GRID = 1_000
"""Steps from one edge to the other: 8 m each."""

Line = list[int]
"""x, y, x, y … in steps from the north-western corner, y to the south."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Something on the map: `area` (rings), `land` (rings), or a line: `river`, `coast`, `road`, `rail`."""

    kind: str
    name: str
    lines: list[Line]


class Outline(msgspec.Struct, frozen=True, kw_only=True):
    """A square map around a place; `box` is west, south, east, north in WGS 84."""

    box: tuple[float, float, float, float]
    pieces: list[Piece]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A shape of the base map to be clipped: GeoJSON text of its geometry."""

    kind: str
    name: str
    geometry: str


_SQL = """
with box as (select st_setsrid(st_makeenvelope($1, $2, $3, $4), 4326) as geom),
found as (
  select 'area' as kind, a.name, a.geom from areas a, box
  where a.level = 2 and a.valid_from <= $5 and (a.valid_to is null or a.valid_to > $5) and a.geom && box.geom
  union all
  select g.kind, g.name, st_setsrid(st_geomfromgeojson(g.geometry), 4326)
  from unnest($6::text[], $7::text[], $8::text[]) as g(kind, name, geometry)
)
select kind, name, st_asgeojson(st_simplify(st_intersection(st_makevalid(found.geom), box.geom), $9), 5) as shape
from found, box where st_intersects(found.geom, box.geom)
order by kind, name
"""
_READY = Prepared(_SQL, ("west", "south", "east", "north", "day", "kinds", "names", "shapes", "tolerance"), {})


def box_of(at: Position) -> tuple[float, float, float, float]:
    """The square around a place; places within 100 m of each other share one, so that it is kept once."""
    lon, lat = round(at.lon, 3), round(at.lat, 3)
    west, south, east, north = lon - HALF_DEG, lat - HALF_DEG, lon + HALF_DEG, lat + HALF_DEG
    return round(west, 3), round(south, 3), round(east, 3), round(north, 3)


async def around(transaction: Transaction, at: Position, day: dt.date, ground: Sequence[Ground]) -> Outline:
    """The map around a place on a day, details of less than 8 m left out."""
    box = box_of(at)
    rows = await transaction.fetch(
        _READY, west=box[0], south=box[1], east=box[2], north=box[3], day=day,
        kinds=[one.kind for one in ground], names=[one.name for one in ground],
        shapes=[one.geometry for one in ground], tolerance=2 * HALF_DEG / GRID,
    )  # fmt: skip
    pieces = [Piece(kind=row["kind"], name=row["name"], lines=_lines(row["shape"], box)) for row in rows]
    return Outline(box=box, pieces=[piece for piece in pieces if piece.lines])


def _lines(shape: str | None, box: tuple[float, float, float, float]) -> list[Line]:
    if shape is None:
        return []
    return [line for part in _parts(orjson.loads(shape)) if len(line := _on_grid(part, box)) >= 4]


def _parts(geometry: dict[str, object]) -> list[list[list[float]]]:
    """The lines and rings of a geometry; points are left out."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return [part for one in geometry["geometries"] for part in _parts(one)]  # type: ignore[attr-defined]
    coordinates: list[object] = geometry["coordinates"]  # type: ignore[assignment]
    deep = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}.get(str(kind))
    if deep is None:
        return []
    parts: list[object] = [coordinates]
    for _ in range(deep):
        parts = [one for part in parts for one in part]  # type: ignore[attr-defined]
    return parts  # type: ignore[return-value]


def _on_grid(points: list[list[float]], box: tuple[float, float, float, float]) -> Line:
    """Whole steps, points that fall on the one before left out."""
    west, south, east, north = box
    made: Line = []
    for lon, lat, *_ in points:
        x, y = round((lon - west) / (east - west) * GRID), round((north - lat) / (north - south) * GRID)
        if made[-2:] != [x, y]:
            made += [x, y]
    return made
