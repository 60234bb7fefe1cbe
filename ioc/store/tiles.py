"""Statements of vector tiles (Mapbox Vector Tile 2.1) of the map layers, in the web Mercator square.

Made from the descriptions in `gis/layers.py`, over the relations and conditions of `layers.py`. Choosing and counting
by severity cost half as much again, so a tile of points that are not gathered is first made without (`whole`); only
one that turns out to be full is made again, with what stays chosen (`statement`).

What a tile shows. A tile is full at FULL features. What stays is chosen by how bad it is (severity; of stations their
state), of the same by age, the oldest first, then by id: never at random, so nothing that is kept is less severe than
anything that was left out. The layer `meta` says how many are in the tile, and how many of each severity it left out.
Below `Layer.clustered_below` the features are gathered on a grid of CELLS x CELLS cells a tile: a cell with one
feature shows it as it is, one with more is a point of the layer `clusters` with the number of each severity and the
worst. It stands where its worst, then oldest member is: it moves only when something worse comes or that one goes.
A point belongs to the one tile and the one cell that it lies in (their west and north edges are theirs), so the
numbers of the tiles of a zoom add up; features of the margin are drawn with, and never counted.
"""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on

from gis.layer import Layer, Worst
from ioc.access.scope import Scope
from ioc.store.database import Database, Transaction
from ioc.store.layer_sources import relation_of
from ioc.store.layers import in_picture
from ioc.store.ordering import STAMP, Columns
from ioc.store.statements import Prepared, bound, prepare

FULL = 2_000
"""The most features of one tile: about 130 kB, and a symbol for every 11 x 11 of its 512 x 512 pixels."""

FULL_OF_SHAPES = 10_000
"""The same of polygons, which are simplified to what can be seen."""

CELLS = 8
"""Cells of the clusters' grid along a tile's edge: 64 pixels each of a 512-pixel tile."""

_EXTENT = 4096
_BUFFER = 64
_WORLD = 40_075_016.685578488


class Drawing(msgspec.Struct, frozen=True):
    """How a tile is drawn: with clusters, or with at most `full` features."""

    clustered: bool
    full: int


def drawing(layer: Layer, z: int) -> Drawing:
    """The rule of this installation for a layer at a zoom."""
    return Drawing(z < layer.clustered_below, FULL if layer.shape == "point" else FULL_OF_SHAPES)


Drawn = Callable[[Layer, int], Drawing]
"""Says how a layer is drawn at a zoom."""


def _constant(value: float | str) -> sa.ColumnElement[Any]:
    """A number or a word of ours in the text itself, so that one plan fits."""
    return sa.literal_column(f"'{value}'" if isinstance(value, str) else str(value))


def _place() -> list[sa.BindParameter[int]]:
    return [sa.bindparam(axis, type_=sa.Integer) for axis in ("z", "x", "y")]


def _square() -> sa.ColumnElement[Any]:
    return sa.func.ST_TileEnvelope(*_place())


def _drawn(shape: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.func.ST_AsMVTGeom(shape, _square(), _constant(_EXTENT), _constant(_BUFFER), sa.true())


def _cell(shape: sa.ColumnElement[Any], axis: str) -> sa.ColumnElement[Any]:
    """The number of a point's cell from the west or from the north edge of the world."""
    half, cell = _constant(_WORLD / 2), sa.bindparam("cell", type_=sa.Float)
    along = sa.func.ST_X(shape) + half if axis == "x" else half - sa.func.ST_Y(shape)
    return sa.cast(sa.func.floor(along / cell), sa.Integer)


def _own(gx: sa.ColumnElement[Any], gy: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether a cell is one of the tile's."""
    first = [sa.bindparam(axis, type_=sa.Integer) * _constant(CELLS) for axis in ("x", "y")]
    inside = [at.between(low, low + _constant(CELLS - 1)) for at, low in zip((gx, gy), first, strict=True)]
    return sa.and_(*inside)


def _rank(worst: Worst, columns: Columns) -> sa.ColumnElement[Any]:
    """0 for the worst word; what is no such word comes last."""
    words = enumerate(reversed(worst.words))
    whens = [(columns[worst.column] == _constant(word), _constant(place)) for place, word in words]
    return sa.case(*whens, else_=_constant(len(worst.words)))


def _tile_columns(layer: Layer, columns: Columns) -> dict[str, sa.ColumnElement[Any]]:
    shown = {field.name: columns[field.name] for field in layer.fields if field.tile}
    if "id" in shown:
        return {**shown, "id": sa.cast(shown["id"], sa.Text)}
    return {"id": sa.func.concat_ws(":", *(columns[name] for name in layer.key)), **shown}


def _order(layer: Layer, columns: Columns) -> dict[str, sa.ColumnElement[Any]]:
    """What a full tile keeps first, by names that no field has."""
    keys = {f"_key{number}": columns[name] for number, name in enumerate(layer.key)}
    if layer.worst is None:
        return {"_rank": _constant(0), **keys}
    return {"_rank": _rank(layer.worst, columns), "_since": columns[layer.worst.since], **keys}


def _here(layer: Layer, columns: Columns, *, binds: bool) -> list[sa.ColumnElement[bool]]:
    """What is in the tile or its margin, and in the present picture.

    Nothing is looked at before the scope is bound: `bound` is a condition on no row, which PostgreSQL asks before it
    reads any. Were it ever not so, the policies would find no scope and the tile would be empty, never another's.
    """
    with_margin = sa.func.ST_Expand(_square(), sa.bindparam("margin", type_=sa.Float))
    overlaps = columns[layer.mercator].op("&&", return_type=sa.Boolean())(with_margin)
    return [*([bound()] if binds else []), overlaps, *in_picture(layer, columns)]


def _hits(layer: Layer, *, binds: bool) -> sa.CTE:
    """Everything in the tile and its margin, with what is needed to choose, to count and to gather."""
    source, columns = relation_of(layer)
    shape = columns[layer.mercator]
    if layer.shape == "point":
        place = {"_geom": shape, "_gx": _cell(shape, "x"), "_gy": _cell(shape, "y")}
    else:
        place = {"_geom": _drawn(sa.func.ST_Simplify(shape, sa.bindparam("tolerance", type_=sa.Float), sa.true()))}
    chosen = place | _order(layer, columns) | _tile_columns(layer, columns)
    return (
        sa.select(*(column.label(name) for name, column in chosen.items()))
        .select_from(source)
        .where(*_here(layer, columns, binds=binds))
        .cte("hits")
        .prefix_with("MATERIALIZED")
    )


def _names(hits: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """The columns that the tile shows."""
    return [column for column in hits.c if not column.name.startswith("_")]


def _in_order(hits: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    return [column for column in hits.c if column.name.startswith(("_rank", "_since", "_key"))]


def _ours(layer: Layer, hits: sa.FromClause) -> sa.ColumnElement[bool]:
    """What the tile counts: the points that lie in it, the shapes that reach into it."""
    return _own(hits.c["_gx"], hits.c["_gy"]) if layer.shape == "point" else hits.c["_geom"].is_not(None)


def _words(layer: Layer) -> tuple[str, ...]:
    """By rank: the worst first."""
    return layer.worst.words[::-1] if layer.worst else ()


def numbers_of(layer: Layer) -> tuple[str, ...]:
    """What is counted: `n`, and `n_` with each word, the worst first."""
    return ("n", *(f"n_{word}" for word in _words(layer)))


def _counts(layer: Layer, hits: sa.FromClause) -> dict[str, sa.ColumnElement[Any]]:
    """Each of `numbers_of`."""
    total, *of_words = numbers_of(layer)
    of_rank = {name: sa.func.count().filter(hits.c["_rank"] == _constant(place)) for place, name in enumerate(of_words)}
    return {total: sa.func.count(), **of_rank}


def _labelled(columns: dict[str, sa.ColumnElement[Any]]) -> list[sa.Label[Any]]:
    return [column.label(name) for name, column in columns.items()]


def _layer(name: str, rows: sa.Select[Any]) -> sa.ColumnElement[Any]:
    """A layer of a tile; no bytes where there are no rows. ST_AsMVT itself leaves out what has no geometry."""
    made = sa.func.ST_AsMVT(sa.literal_column(name), _constant(name), _constant(_EXTENT), _constant("geom"))
    return sa.select(made).select_from(rows.subquery(name)).scalar_subquery()


def _meta(source: sa.FromClause, total: sa.ColumnElement[Any], dropped: dict[str, Any]) -> sa.ColumnElement[Any]:
    """One feature at the tile's middle, when there is anything at all; `dropped` is by the names of `_counts`."""
    middle = _constant(_EXTENT // 2)
    lost = {f"n_dropped{name[1:]}": column for name, column in dropped.items()}
    columns = {"geom": sa.func.ST_MakePoint(middle, middle), "n_total": total, **lost}
    return _layer("meta", sa.select(*_labelled(columns)).select_from(source))


def _body(*parts: sa.ColumnElement[Any]) -> Prepared:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.op("||")(part)
    return prepare(sa.select(whole.label("body")))


def _features(layer: Layer, hits: sa.CTE) -> Prepared:
    """At most `full` features, and how many were left out."""
    kept = sa.select(hits).order_by(*_in_order(hits)).limit(sa.bindparam("full", type_=sa.Integer)).cte("kept")
    geom = _drawn(kept.c["_geom"]) if layer.shape == "point" else kept.c["_geom"]
    there, stay = (
        sa.select(*_labelled(_counts(layer, rows))).where(_ours(layer, rows)).subquery(name)
        for rows, name in ((hits, "there"), (kept, "stay"))
    )
    some = sa.select(there).where(sa.exists().select_from(hits)).subquery("some")
    dropped = {name: some.c[name] - stay.c[name] for name in _counts(layer, hits)}
    return _body(
        _layer(layer.id, sa.select(geom.label("geom"), *_names(kept))),
        _meta(some.join(stay, sa.true()), some.c.n, dropped),
    )


def _whole(layer: Layer, *, binds: bool) -> Prepared:
    """Everything in the tile and its margin, in no order; null when that is more than `full`."""
    source, columns = relation_of(layer)
    shape = columns[layer.mercator]
    shown = sa.select(_drawn(shape).label("geom"), *_labelled(_tile_columns(layer, columns))).correlate(source)
    one = shown.lateral("shown")
    most = sa.bindparam("full", type_=sa.Integer)
    found = (
        sa.select(_own(_cell(shape, "x"), _cell(shape, "y")).label("own"), sa.literal_column("shown").label("shown"))
        .select_from(source.join(one, sa.true()))
        .where(*_here(layer, columns, binds=binds))
        .limit(most + _constant(1))
        .subquery("found")
    )
    made = sa.func.ST_AsMVT(found.c.shown, _constant(layer.id), _constant(_EXTENT), _constant("geom"))
    counted = sa.select(
        made.label("body"), sa.func.count().label("n"), sa.func.count().filter(found.c.own).label("own")
    ).subquery("counted")
    none: dict[str, Any] = dict.fromkeys(numbers_of(layer), sa.literal_column("0::bigint"))
    some = sa.select(counted.c.own).where(counted.c.n > _constant(0)).correlate(counted).lateral("some")
    body = counted.c.body.op("||")(sa.func.coalesce(_meta(some, some.c.own, none), sa.literal_column("''::bytea")))
    return prepare(sa.select(sa.case((counted.c.n <= most, body)).label("body")).select_from(counted))


def _leads(layer: Layer, hits: sa.CTE) -> sa.CTE:
    """The worst, then oldest feature of each cell with the cell's numbers (`numbers_of`).

    Found by hashing: sorting all features of a dense tile takes twice as long. With a second join PostgreSQL, which
    guesses that a grid has one cell, would go through all pairs.
    """
    grid = ["_gx", "_gy"]
    same = sa.select(*(hits.c[name] for name in (*grid, "_rank")), sa.func.count().label("n"))
    same = same.add_columns(sa.func.min(hits.c["_since"]).label("_since")).where(_ours(layer, hits))
    parts = same.group_by(*(hits.c[name] for name in (*grid, "_rank"))).cte("parts")

    def added(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
        number = sa.func.sum(parts.c.n).filter(*which) if which else sa.func.sum(parts.c.n)
        return sa.cast(sa.func.coalesce(number, _constant(0)), sa.BigInteger)

    total, *of_words = numbers_of(layer)
    of_rank = {name: added(parts.c["_rank"] == _constant(place)) for place, name in enumerate(of_words)}
    numbers = {total: added(), **of_rank}
    places = [parts.c[name] for name in grid]
    worst = sa.func.min(parts.c["_rank"]).label("_rank")
    oldest = sa.func.array_agg(aggregate_order_by(parts.c["_since"], parts.c["_rank"]), type_=ARRAY(STAMP))
    since = oldest[sa.literal_column("1")].label("_since")
    cells = sa.select(*places, worst, since, *_labelled(numbers)).group_by(*places).cte("cells")
    same_as = (hits.c[name] == cells.c[name] for name in (*grid, "_rank", "_since"))
    first = cells.join(hits, sa.and_(*same_as))
    leads = sa.select(hits, *(cells.c[name] for name in numbers)).select_from(first)
    order = [hits.c[name] for name in grid]
    leads = leads.ext(distinct_on(*order)).order_by(*order, *_in_order(hits))
    return leads.cte("leads")


def _clusters(layer: Layer, hits: sa.CTE) -> Prepared:
    """Cells with more than one feature as clusters; the rest as it is."""
    leads, numbers = _leads(layer, hits), numbers_of(layer)
    words = enumerate(_words(layer))
    worst = sa.case(*((leads.c["_rank"] == _constant(place), _constant(word)) for place, word in words))
    geom = _drawn(leads.c["_geom"]).label("geom")
    counted = [leads.c[name] for name in ("id", *numbers)]
    one = _constant(1)
    lone = sa.select(geom, *(leads.c[column.name] for column in _names(hits))).where(leads.c.n == one)
    many = sa.select(geom, *counted, worst.label("worst")).where(leads.c.n > one)
    total = sa.cast(sa.func.sum(leads.c.n), sa.BigInteger).label("n")
    there = sa.select(total).having(sa.func.count() > _constant(0)).subquery("there")
    dropped: dict[str, Any] = dict.fromkeys(numbers, sa.literal_column("0::bigint"))
    return _body(_layer(layer.id, lone), _layer("clusters", many), _meta(there, there.c.n, dropped))


@lru_cache(maxsize=64)
def statement(layer: Layer, *, clustered: bool, binds: bool = True) -> Prepared:
    """One row with one column, the tile's body; with `binds` for `Database.read`, else for an open transaction.

    ValueError for clusters of what has no place or nothing worse.
    """
    if clustered and (layer.shape != "point" or layer.worst is None):
        raise ValueError(f"{layer.id} cannot be gathered in clusters")
    hits = _hits(layer, binds=binds)
    return _clusters(layer, hits) if clustered else _features(layer, hits)


@lru_cache(maxsize=64)
def whole(layer: Layer, *, binds: bool = True) -> Prepared | None:
    """As `statement`, the body null where the tile is full. Only of points that are in one table; else None."""
    simple = layer.shape == "point" and isinstance(relation_of(layer)[0], sa.Table)
    return _whole(layer, binds=binds) if simple else None


def values(place: tuple[int, int, int], day: dt.date, full: int) -> dict[str, Any]:
    """What `statement` and `whole` ask for; `place` is zoom, column, row, and `day` says which areas are valid."""
    z, x, y = place
    width = _WORLD / 2**z
    return {
        "z": z,
        "x": x,
        "y": y,
        "today": day,
        "margin": width * _BUFFER / _EXTENT,
        "tolerance": width / 1024,  # half a pixel of a 512-pixel tile
        "cell": width / CELLS,
        "full": full,
    }


async def tile(
    database: Database,
    scope: Scope,
    layer: Layer,
    place: tuple[int, int, int],
    day: dt.date,
    drawn: Drawn = drawing,
) -> bytes:
    """The tile at zoom, column, row; empty when nothing is there. `day` says which areas are valid.

    Made in one exchange with the server, as what the scope allows was at one moment; a full tile in two.
    """
    rule = drawn(layer, place[0])
    if place[0] < layer.drawn_from:
        return b""
    asked = values(place, day, rule.full)
    simple = None if rule.clustered else whole(layer)
    body: bytes | None = None if simple is None else await database.read(scope, simple, **asked)
    if body is None:  # full: what stays is chosen
        body = await database.read(scope, statement(layer, clustered=rule.clustered), **asked)
    return body


async def places(transaction: Transaction, layer: Layer) -> list[tuple[str, float, float]]:
    """Id, longitude and latitude of every point that tiles of a layer may show under the transaction's scope."""
    source, columns = relation_of(layer)
    at = columns[layer.geometry]
    chosen = [*(columns[name] for name in layer.key), sa.func.ST_X(at).label("lon"), sa.func.ST_Y(at).label("lat")]
    wanted = sa.select(*chosen).select_from(source).where(at.is_not(None), *in_picture(layer, columns))
    return [(layer.fid(row), row["lon"], row["lat"]) for row in await transaction.rows(wanted)]
