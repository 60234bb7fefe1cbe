"""Vector tiles of the base map, made by PostGIS of shapes that it is handed: the base map is in no table."""

from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.statements import Prepared

LAYERS = ("basemap_land", "basemap_coast", "basemap_rivers", "basemap_roads", "basemap_places")
"""The layers of a tile, in the order in which they are drawn."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One feature: one of LAYERS, its properties, and its geometry as GeoJSON text in WGS 84."""

    layer: str
    about: dict[str, Any]
    geometry: str


_SQL: LiteralString = """
with drawn as materialized (
  select n.layer, n.about, n.place, st_asmvtgeom(st_transform(st_setsrid(n.geom, 4326), 3857),
    st_tileenvelope($1, $2, $3), 4096, 64, true) as geom
  from (select layer, about, place, st_geomfromgeojson(shape) as geom
        from unnest($4::text[], $5::jsonb[], $6::text[]) with ordinality as n (layer, about, shape, place)) n
  where st_setsrid(n.geom, 4326) && st_transform(st_tileenvelope($1, $2, $3, margin => 64.0 / 4096), 4326)
),
tiles as (
  select w.place, (select st_asmvt(t, w.name, 4096, 'geom')
                   from (select d.about, d.geom from drawn d where d.layer = w.name order by d.place) t) as body
  from unnest($7::text[]) with ordinality as w (name, place)
)
select coalesce(string_agg(body, ''::bytea order by place), ''::bytea) from tiles
"""
"""ST_AsMVT makes a property of each key of `about`, and no layer of no feature."""

_READY = Prepared(_SQL, ("z", "x", "y", "layers", "abouts", "shapes", "names"), {})


async def tile(database: Database, place: tuple[int, int, int], shapes: Sequence[Shape]) -> bytes:
    """The tile at zoom, column, row with all layers that have something there; it shows everybody the same."""
    z, x, y = place
    body: bytes = await database.read(
        EVERYTHING,
        _READY,
        z=z,
        x=x,
        y=y,
        layers=[one.layer for one in shapes],
        abouts=[one.about for one in shapes],
        shapes=[one.geometry for one in shapes],
        names=list(LAYERS),
    )
    return body
