"""Statements of the map layers: features, their number, and one feature; tiles are in `tiles.py`.

Made from the descriptions in `gis/layers.py`; only values travel from a request, as bound parameters.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from gis.layer import AnyOf, Empty, Layer, ValidOn
from gis.layers import QUALITIES, feature
from gis.position import Box
from ioc.store import tables
from ioc.store.database import Row, Transaction
from ioc.store.statements import Prepared, prepare
from ioc.store.tables_tickets import TICKETS

_STAMP = TIMESTAMP(timezone=True)
_TYPES: Mapping[str, Any] = {
    "string": sa.Text(),
    "uuid": UUID(as_uuid=True),
    "integer": sa.BigInteger(),
    "number": sa.Float(),
    "boolean": sa.Boolean(),
    "datetime": _STAMP,
    "date": sa.Date(),
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which features a reader asks for.

    `boxes` are joined by "or" (a box over the antimeridian is two); `since` and `until` are inclusive;
    `equal` maps field names to typed values; `after` is the key of the last feature already read.
    """

    boxes: tuple[Box, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    equal: Mapping[str, Any] = msgspec.field(default_factory=dict)
    after: tuple[Any, ...] | None = None
    current_only: bool = False


Columns = Mapping[str, sa.ColumnElement[Any]]


def _quality(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case(dict(enumerate(QUALITIES)), value=column)


def _latest_values() -> sa.ColumnElement[Any]:
    streams, latest = tables.STREAMS, tables.LATEST
    at = sa.func.to_char(sa.func.timezone("UTC", latest.c.at), sa.literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""))
    value = sa.func.jsonb_build_object(
        sa.literal_column("'value'"),
        latest.c.value,
        sa.literal_column("'unit'"),
        streams.c.unit,
        sa.literal_column("'at'"),
        at,
        sa.literal_column("'quality'"),
        _quality(latest.c.quality),
        sa.literal_column("'freshness'"),
        streams.c.state,
        sa.literal_column("'derived'"),
        latest.c.derived,
    )
    found = (
        sa.select(sa.func.jsonb_object_agg(streams.c.property, value))
        .select_from(streams.join(latest, latest.c.stream == streams.c.id))
        .where(streams.c.device == tables.DEVICES.c.code)
        .correlate(tables.DEVICES)
        .scalar_subquery()
    )
    return sa.func.coalesce(found, sa.literal_column("'{}'::jsonb"), type_=JSONB)


def _observations() -> tuple[sa.FromClause, dict[str, sa.ColumnElement[Any]]]:
    latest, streams, devices = tables.LATEST, tables.STREAMS, tables.DEVICES
    source = latest.join(streams, streams.c.id == latest.c.stream).join(devices, devices.c.code == streams.c.device)
    columns: dict[str, sa.ColumnElement[Any]] = {
        **{column.name: column for column in devices.c},
        **{column.name: column for column in streams.c},
        **{column.name: column for column in latest.c},
    }
    now = sa.bindparam("now", type_=_STAMP)
    columns["age_s"] = sa.func.round(sa.extract("epoch", now - latest.c.at), 1).cast(sa.Float)
    columns["quality"] = _quality(latest.c.quality)
    columns["freshness"] = streams.c.state
    return source, columns


def relation_of(layer: Layer) -> tuple[sa.FromClause, dict[str, sa.ColumnElement[Any]]]:
    """The relation of a layer and its columns by the names that the description uses."""
    if layer.relation == "observations_latest":
        source, columns = _observations()
    else:
        source = TICKETS if layer.relation == TICKETS.name else tables.METADATA.tables[layer.relation]
        columns = {column.name: column for column in source.c}
    if layer.relation == "devices":
        columns["latest"] = _latest_values()
    if "area_code" not in columns and "area" in columns:
        columns["area_code"] = sa.func.split_part(columns["area"], "@", 1)
    return source, columns


def _place(layer: Layer, columns: Columns) -> list[sa.ColumnElement[Any]]:
    shape = columns[layer.geometry]
    if layer.shape == "point":
        return [sa.func.ST_X(shape).label("lon"), sa.func.ST_Y(shape).label("lat")]
    return [sa.func.ST_AsGeoJSON(shape, 6, type_=sa.Text).label("geometry")]


def in_picture(layer: Layer, columns: Columns) -> list[sa.ColumnElement[bool]]:
    """What keeps a feature in the present picture; written as constants so that partial indexes apply."""
    match layer.current:
        case AnyOf(column=name, values=values):
            return [sa.or_(*(columns[name] == sa.literal_column(f"'{word}'") for word in values))]
        case Empty(column=name, but=None):
            return [columns[name].is_(None)]
        case Empty(column=name, but=(other, word)):
            return [columns[name].is_(None), columns[other] != sa.literal_column(f"'{word}'")]
        case ValidOn(first=first, end=end):
            today = sa.bindparam("today", type_=sa.Date)
            return [columns[first] <= today, sa.or_(columns[end].is_(None), columns[end] > today)]
    return []


def _within(layer: Layer, columns: Columns, number: int) -> sa.ColumnElement[bool]:
    axes = [sa.bindparam(f"{axis}{number}", type_=sa.Float) for axis in ("west", "south", "east", "north")]
    shape, box = columns[layer.geometry], sa.func.ST_MakeEnvelope(*axes, 4326)
    overlaps = shape.op("&&", return_type=sa.Boolean())(box)
    return overlaps if layer.shape == "point" else sa.and_(overlaps, sa.func.ST_Intersects(shape, box))


def _during(layer: Layer, columns: Columns, part: str) -> sa.ColumnElement[bool]:
    """A feature without an end, or without any time, matches every later moment."""
    if layer.span is None:
        return sa.true()
    first, end = columns[layer.span[0]], columns[layer.span[1]]
    if isinstance(layer.current, ValidOn):
        day = sa.bindparam(f"{part}_day", type_=sa.Date)
        return first <= day if part == "until" else sa.or_(end.is_(None), end > day)
    at = sa.bindparam(part, type_=_STAMP)
    return first <= at if part == "until" else sa.or_(end.is_(None), end >= at)


def _after(layer: Layer, columns: Columns) -> sa.ColumnElement[bool]:
    kind = _TYPES[layer.key_kind]
    binds = [sa.bindparam(f"after{number}", type_=kind) for number in range(len(layer.key))]
    keys = [columns[name] for name in layer.key]
    return sa.tuple_(*keys) > sa.tuple_(*binds) if len(keys) > 1 else keys[0] > binds[0]


def _conditions(layer: Layer, columns: Columns, shape: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [columns[layer.geometry].is_not(None)]
    boxes = [_within(layer, columns, int(part[3:])) for part in shape if part.startswith("box")]
    if boxes:
        found.append(sa.or_(*boxes))
    for part in shape:
        if part in ("since", "until"):
            found.append(_during(layer, columns, part))
        elif part == "current":
            found += in_picture(layer, columns)
        elif part == "after":
            found.append(_after(layer, columns))
        elif part.startswith("="):
            field = layer.field(part[1:])
            if field is None or not field.filter:
                raise ValueError(f"{part[1:]} is not a field of {layer.id} that may be filtered")
            found.append(columns[field.name] == sa.bindparam(f"equal_{field.name}", type_=_TYPES[field.kind]))
    return found


def _chosen(layer: Layer, columns: Columns) -> list[sa.ColumnElement[Any]]:
    names = dict.fromkeys((*layer.key, *(field.name for field in layer.fields)))
    return [columns[name].label(name) for name in names] + _place(layer, columns)


@lru_cache(maxsize=512)
def _items_statement(layer: Layer, shape: tuple[str, ...]) -> Prepared:
    source, columns = relation_of(layer)
    statement = (
        sa.select(*_chosen(layer, columns))
        .select_from(source)
        .where(*_conditions(layer, columns, shape))
        .order_by(*(columns[name] for name in layer.key))
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )
    return prepare(statement)


@lru_cache(maxsize=512)
def _count_statement(layer: Layer, shape: tuple[str, ...]) -> Prepared:
    source, columns = relation_of(layer)
    statement = (
        sa.select(sa.func.count().label("number")).select_from(source).where(*_conditions(layer, columns, shape))
    )
    return prepare(statement)


@lru_cache(maxsize=64)
def _by_key_statement(layer: Layer) -> Prepared:
    source, columns = relation_of(layer)
    kind = ARRAY(_TYPES[layer.key_kind])
    wanted = sa.func.unnest(*(sa.bindparam(f"keys{number}", type_=kind) for number in range(len(layer.key))))
    table = wanted.table_valued(*(f"k{number}" for number in range(len(layer.key)))).render_derived()
    match = [
        columns[name] == sa.type_coerce(table.c[f"k{number}"], _TYPES[layer.key_kind])
        for number, name in enumerate(layer.key)
    ]
    return prepare(
        sa.select(*_chosen(layer, columns))
        .select_from(source.join(table, sa.and_(*match)))
        .where(columns[layer.geometry].is_not(None))
        .order_by(*(columns[name] for name in layer.key))
    )


def _shape(wanted: Wanted) -> tuple[str, ...]:
    """Which conditions apply, never their values: what a prepared statement is kept under."""
    parts = [f"box{number}" for number in range(len(wanted.boxes))]
    parts += [part for part in ("since", "until") if getattr(wanted, part) is not None]
    parts += ["current"] if wanted.current_only else []
    return (*parts, *(f"={name}" for name in sorted(wanted.equal)))


def _values(wanted: Wanted, now: dt.datetime) -> dict[str, Any]:
    """All values that a statement may ask for; `now` in the centre's zone tells which day today is."""
    values: dict[str, Any] = {"now": now, "today": now.date()}
    for number, box in enumerate(wanted.boxes):
        for axis in ("west", "south", "east", "north"):
            values[f"{axis}{number}"] = getattr(box, axis)
    for part in ("since", "until"):
        at: dt.datetime | None = getattr(wanted, part)
        if at is not None:
            values |= {part: at, f"{part}_day": at.astimezone(now.tzinfo).date()}
    values |= {f"equal_{name}": value for name, value in wanted.equal.items()}
    return values | {f"after{number}": value for number, value in enumerate(wanted.after or ())}


async def rows(transaction: Transaction, layer: Layer, wanted: Wanted, *, now: dt.datetime, limit: int) -> list[Row]:
    """At most `limit` rows in the order of their keys."""
    shape = _shape(wanted) + (("after",) if wanted.after else ())
    values = _values(wanted, now) | {"limit": limit}
    return await transaction.fetch(_items_statement(layer, shape), **values)


async def number(transaction: Transaction, layer: Layer, wanted: Wanted, *, now: dt.datetime) -> int:
    """How many features match, wherever the reader is in reading them."""
    found = await transaction.fetch(_count_statement(layer, _shape(wanted)), **_values(wanted, now))
    count: int = found[0]["number"]
    return count


async def features_of(
    transaction: Transaction, layer: Layer, ids: Sequence[str], *, now: dt.datetime | None = None
) -> list[dict[str, Any]]:
    """The features with these ids as the open transaction sees them; ids that are not there are left out.

    `now` is needed for `observations_latest` only, whose features carry their age.
    """
    keys = [key for key in (layer.key_of(str(fid)) for fid in ids) if key is not None]
    if not keys:
        return []
    values: dict[str, Any] = {f"keys{at}": list(column) for at, column in enumerate(zip(*keys, strict=True))}
    found = await transaction.fetch(_by_key_statement(layer), **values, now=now)
    return [feature(layer, row) for row in found]


async def extent(transaction: Transaction) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of all areas, None before they are loaded."""
    box = sa.func.ST_Extent(tables.AREAS.c.geom, type_=sa.Text)
    sides = ("XMin", "YMin", "XMax", "YMax")
    row = await transaction.row(sa.select(*(getattr(sa.func, f"ST_{side}")(box).label(side) for side in sides)))
    if row is None or row["XMin"] is None:
        return None
    return row["XMin"], row["YMin"], row["XMax"], row["YMax"]
