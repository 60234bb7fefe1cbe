"""Statements of vector tiles (Mapbox Vector Tile 2.1) of the map layers, in the web Mercator square.

Made from the descriptions in `gis/layers.py`, over the relations and conditions of `layers.py`.
"""

import datetime as dt
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from gis.layer import Layer
from gis.layers import SEVERITIES
from ioc.store.database import Transaction
from ioc.store.layer_sources import relation_of
from ioc.store.layers import in_picture
from ioc.store.ordering import Columns
from ioc.store.statements import Prepared, prepare

TILE_FEATURES = 10_000
"""The most features of one tile; what is worst, then oldest, is kept."""

_EXTENT = 4096
_BUFFER = 64
_WORLD = 40_075_016.685578488


def _tile_order(layer: Layer, columns: Columns) -> list[sa.ColumnElement[Any]]:
    keys = [columns[name] for name in layer.key]
    if not layer.worst_first or layer.span is None:
        return keys
    rank = sa.case({word: len(SEVERITIES) - place for place, word in enumerate(SEVERITIES)}, value=columns["severity"])
    return [rank, columns[layer.span[0]], *keys]


def _tile_columns(layer: Layer, columns: Columns) -> list[sa.ColumnElement[Any]]:
    shown = {field.name: columns[field.name] for field in layer.fields if field.tile}
    if "id" not in shown:
        shown = {"id": sa.func.concat_ws(":", *(columns[name] for name in layer.key)), **shown}
    else:
        shown["id"] = sa.cast(shown["id"], sa.Text)
    return [column.label(name) for name, column in shown.items()]


@lru_cache(maxsize=64)
def _tile_statement(layer: Layer) -> Prepared:
    source, columns = relation_of(layer)
    place = [sa.bindparam(axis, type_=sa.Integer) for axis in ("z", "x", "y")]
    shape = columns[layer.mercator]
    drawn = shape
    if layer.shape == "polygon":
        drawn = sa.func.ST_Simplify(shape, sa.bindparam("tolerance", type_=sa.Float), sa.true())
    with_margin = sa.func.ST_Expand(sa.func.ST_TileEnvelope(*place), sa.bindparam("margin", type_=sa.Float))
    inner = (
        sa.select(
            sa.func.ST_AsMVTGeom(drawn, sa.func.ST_TileEnvelope(*place), _EXTENT, _BUFFER, sa.true()).label("geom"),
            *_tile_columns(layer, columns),
        )
        .select_from(source)
        .where(shape.op("&&", return_type=sa.Boolean())(with_margin), *in_picture(layer, columns))
        .order_by(*_tile_order(layer, columns))
        .limit(TILE_FEATURES)
        .subquery("t")
    )
    return prepare(
        sa.select(
            sa.func.ST_AsMVT(sa.literal_column("t"), layer.id, _EXTENT, "geom", type_=sa.LargeBinary).label("body")
        )
        .select_from(inner)
        .where(sa.literal_column("t.geom is not null", sa.Boolean))
    )


async def tile(transaction: Transaction, layer: Layer, place: tuple[int, int, int], day: dt.date) -> bytes:
    """The Mapbox vector tile at zoom, column, row of the web Mercator square; empty when nothing is there.

    `day` says which areas are valid. Polygons are drawn to half a pixel of a 512-pixel tile.
    """
    z, x, y = place
    width = _WORLD / 2**z
    found = await transaction.fetch(
        _tile_statement(layer),
        z=z,
        x=x,
        y=y,
        today=day,
        margin=width * _BUFFER / _EXTENT,
        tolerance=width / 1024,
        now=None,
    )
    body: bytes | None = found[0]["body"] if found else None
    return body or b""
