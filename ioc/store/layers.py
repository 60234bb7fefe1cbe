"""Statements of the map layers: features, their number, and one feature; tiles are in `tiles.py`.

Made from the descriptions in `gis/layers.py`; only values travel from a request, as bound parameters.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gis.crs import CRS84, Crs, Plane
from gis.filter_tree import Expression
from gis.layer import AnyOf, Empty, Layer, NoneOf, ValidOn
from gis.layers import feature
from gis.position import Box
from ioc.store import tables
from ioc.store.crs import Seen, seen
from ioc.store.database import Row, Transaction
from ioc.store.filtering import condition, shape
from ioc.store.layer_sources import relation_of
from ioc.store.ordering import STAMP, TYPES, Columns, following, sorting
from ioc.store.ordering import values as place_in
from ioc.store.statements import Prepared, prepare


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which features a reader asks for.

    `boxes` are joined by "or" (a box over the antimeridian is two); `plane` is a box in a projected system, with that
    system; `since` and `until` are inclusive; `equal` maps field names to typed values; `where` is a filter;
    `order` names fields and whether they fall; `after` is where the last feature already read stands in that order
    (`place_of`).
    """

    boxes: tuple[Box, ...] = ()
    plane: tuple[Crs, Plane] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    equal: Mapping[str, Any] = msgspec.field(default_factory=dict)
    where: Expression | None = None
    order: tuple[tuple[str, bool], ...] = ()
    after: tuple[Any, ...] | None = None
    current_only: bool = False


class Out(NamedTuple):
    """How places are written: in which system, and polygons as well-known text or as GeoJSON."""

    seen: Seen
    wkt: bool = False


AS_KEPT = Out(Seen(CRS84, numbered=True))


class Form(NamedTuple):
    """All of a statement for rows but its values."""

    shape: tuple[str, ...]
    plane: Seen | None = None
    where: Expression | None = None
    out: Out = AS_KEPT
    order: tuple[tuple[str, bool], ...] = ()
    after: bool = False


def _place(layer: Layer, columns: Columns, out: Out) -> list[sa.ColumnElement[Any]]:
    crs, shape = out.seen.crs, out.seen.of(columns[layer.geometry])
    if layer.shape == "point":
        first, second = crs.axes if not crs.swapped else crs.axes[::-1]
        return [sa.func.ST_X(shape).label(first), sa.func.ST_Y(shape).label(second)]
    drawn, digits = sa.func.ST_FlipCoordinates(shape) if crs.swapped else shape, crs.digits - 1
    if out.wkt:
        return [sa.func.ST_AsText(drawn, digits, type_=sa.Text).label("geometry")]
    return [sa.func.ST_AsGeoJSON(drawn, digits, 0, type_=sa.Text).label("geometry")]


def in_picture(layer: Layer, columns: Columns) -> list[sa.ColumnElement[bool]]:
    """What keeps a feature in the present picture; written as constants so that partial indexes apply."""
    match layer.current:
        case AnyOf(column=name, values=values):
            return [columns[name].in_([sa.literal_column(f"'{word}'") for word in values])]
        case NoneOf(column=name, values=values):
            # An after-image that was told before things had a life cycle is of one in use.
            unshown: list[Any] = [sa.literal_column(f"'{word}'") for word in values]
            return [sa.func.coalesce(columns[name], sa.literal_column("'active'")).not_in(unshown)]
        case Empty(column=name, but=None):
            return [columns[name].is_(None)]
        case Empty(column=name, but=(other, word)):
            return [columns[name].is_(None), columns[other] != sa.literal_column(f"'{word}'")]
        case ValidOn(first=first, end=end):
            today = sa.bindparam("today", type_=sa.Date)
            return [columns[first] <= today, sa.or_(columns[end].is_(None), columns[end] > today)]
    return []


_PLACE = "place_lon"
"""A column of tables that keep the place of a point as numbers too, of which an index alone tells what is in a box."""


def _placed(layer: Layer, columns: Columns) -> sa.ColumnElement[bool]:
    return columns[_PLACE if _PLACE in columns else layer.geometry].is_not(None)


def _within(layer: Layer, columns: Columns, number: int) -> sa.ColumnElement[bool]:
    west, south, east, north = axes = [
        sa.bindparam(f"{axis}{number}", type_=sa.Float) for axis in ("west", "south", "east", "north")
    ]
    if _PLACE in columns:
        return sa.and_(columns[_PLACE].between(west, east), columns["place_lat"].between(south, north))
    shape, box = columns[layer.geometry], sa.func.ST_MakeEnvelope(*axes, 4326)
    overlaps = shape.op("&&", return_type=sa.Boolean())(box)
    return overlaps if layer.shape == "point" else sa.and_(overlaps, sa.func.ST_Intersects(shape, box))


def _within_plane(layer: Layer, columns: Columns, seen: Seen) -> sa.ColumnElement[bool]:
    own, around = seen.box()
    shape = columns[layer.geometry]
    return sa.and_(
        shape.op("&&", return_type=sa.Boolean())(around),
        sa.func.coalesce(sa.func.ST_Intersects(seen.of(shape), own, type_=sa.Boolean), sa.false()),
    )


def _during(layer: Layer, columns: Columns, part: str) -> sa.ColumnElement[bool]:
    """A feature without an end, or without any time, matches every later moment."""
    if layer.span is None:
        return sa.true()
    first, end = columns[layer.span[0]], columns[layer.span[1]]
    if isinstance(layer.current, ValidOn):
        day = sa.bindparam(f"{part}_day", type_=sa.Date)
        return first <= day if part == "until" else sa.or_(end.is_(None), end > day)
    at = sa.bindparam(part, type_=STAMP)
    return first <= at if part == "until" else sa.or_(end.is_(None), end >= at)


def conditions(layer: Layer, columns: Columns, form: Form) -> list[sa.ColumnElement[bool]]:
    """What a feature must be for a form, wherever reading is."""
    found = [_placed(layer, columns)]
    if isinstance(layer.current, NoneOf):
        found += in_picture(layer, columns)
    boxes = [_within(layer, columns, int(part[3:])) for part in form.shape if part.startswith("box")]
    if boxes:
        found.append(sa.or_(*boxes))
    if form.plane is not None:
        found.append(_within_plane(layer, columns, form.plane))
    if form.where is not None:
        found.append(condition(layer, columns, form.where))
    for part in form.shape:
        if part in ("since", "until"):
            found.append(_during(layer, columns, part))
        elif part == "current" and not isinstance(layer.current, NoneOf):
            found += in_picture(layer, columns)
        elif part.startswith("="):
            field = layer.field(part[1:])
            if field is None or not field.scalar:
                raise ValueError(f"{part[1:]} is not a field of {layer.id} that may be filtered")
            found.append(columns[field.name] == sa.bindparam(f"equal_{field.name}", type_=TYPES[field.kind]))
    return found


def _chosen(layer: Layer, columns: Columns, out: Out) -> list[sa.ColumnElement[Any]]:
    names = dict.fromkeys((*layer.key, *(field.name for field in layer.fields)))
    return [columns[name].label(name) for name in names] + _place(layer, columns, out)


def selected(layer: Layer, form: Form, *first: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The rows of a form in their order, `limit` of them; `first` are conditions before all others."""
    source, columns = relation_of(layer)
    wanted = conditions(layer, columns, form)
    if form.after:
        wanted.append(following(layer, columns, form.order))
    return (
        sa.select(*_chosen(layer, columns, form.out))
        .select_from(source)
        .where(*first, *wanted)
        .order_by(*sorting(layer, columns, form.order))
        .limit(sa.bindparam("limit", type_=sa.Integer))
    )


@lru_cache(maxsize=1024)
def _items_statement(layer: Layer, form: Form) -> Prepared:
    return prepare(selected(layer, form))


@lru_cache(maxsize=512)
def _count_statement(layer: Layer, form: Form) -> Prepared:
    source, columns = relation_of(layer)
    wanted = conditions(layer, columns, form)
    return prepare(sa.select(sa.func.count().label("number")).select_from(source).where(*wanted))


@lru_cache(maxsize=64)
def _by_key_statement(layer: Layer, out: Out) -> Prepared:
    source, columns = relation_of(layer)
    kind = ARRAY(TYPES[layer.key_kind])
    wanted = sa.func.unnest(*(sa.bindparam(f"keys{number}", type_=kind) for number in range(len(layer.key))))
    table = wanted.table_valued(*(f"k{number}" for number in range(len(layer.key)))).render_derived()
    match = [
        columns[name] == sa.type_coerce(table.c[f"k{number}"], TYPES[layer.key_kind])
        for number, name in enumerate(layer.key)
    ]
    return prepare(
        sa.select(*_chosen(layer, columns, out))
        .select_from(source.join(table, sa.and_(*match)))
        .where(columns[layer.geometry].is_not(None))
        .order_by(*(columns[name] for name in layer.key))
    )


def shape_of(wanted: Wanted) -> tuple[str, ...]:
    """Which conditions apply, never their values: what a prepared statement is kept under."""
    parts = [f"box{number}" for number in range(len(wanted.boxes))]
    parts += [part for part in ("since", "until") if getattr(wanted, part) is not None]
    parts += ["current"] if wanted.current_only else []
    return (*parts, *(f"={name}" for name in sorted(wanted.equal)))


def values_of(wanted: Wanted, now: dt.datetime) -> dict[str, Any]:
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
    if wanted.plane is not None:
        values |= {f"plane_{side}": getattr(wanted.plane[1], side) for side in Plane.__struct_fields__}
    return values | {f"after{number}": value for number, value in enumerate(wanted.after or ())}


async def rows(
    transaction: Transaction,
    layer: Layer,
    wanted: Wanted,
    *,
    now: dt.datetime,
    limit: int,
    crs: Crs = CRS84,
    wkt: bool = False,
) -> list[Row]:
    """At most `limit` rows in the order that is asked for; without one, in that of their keys.

    Places are the axes of `crs` by their names; those of polygons GeoJSON text, or well-known text with `wkt`.
    """
    form, values = await _form(transaction, wanted, now)
    form = form._replace(out=Out(await seen(transaction, crs), wkt), order=wanted.order, after=wanted.after is not None)
    return await transaction.fetch(_items_statement(layer, form), **values, limit=limit)


def place_of(layer: Layer, row: Row, wanted: Wanted) -> tuple[Any, ...]:
    """Where a row stands in the order: the `after` with which reading goes on behind it."""
    return place_in(layer, row, wanted.order)


async def _form(transaction: Transaction, wanted: Wanted, now: dt.datetime) -> tuple[Form, dict[str, Any]]:
    """What is counted, and the values of a statement."""
    plane = None if wanted.plane is None else await seen(transaction, wanted.plane[0])
    where, bound = (None, {}) if wanted.where is None else shape(wanted.where)
    return Form(shape_of(wanted), plane, where), values_of(wanted, now) | bound


async def number(transaction: Transaction, layer: Layer, wanted: Wanted, *, now: dt.datetime) -> int:
    """How many features match, wherever the reader is in reading them."""
    form, values = await _form(transaction, wanted, now)
    found = await transaction.fetch(_count_statement(layer, form), **values)
    count: int = found[0]["number"]
    return count


async def features_of(
    transaction: Transaction,
    layer: Layer,
    ids: Sequence[str],
    *,
    now: dt.datetime | None = None,
    crs: Crs = CRS84,
) -> list[dict[str, Any]]:
    """The features with these ids as the open transaction sees them; ids that are not there are left out.

    `now` is needed for `observations_latest` only, whose features carry their age.
    """
    keys = [key for key in (layer.key_of(str(fid)) for fid in ids) if key is not None]
    if not keys:
        return []
    values: dict[str, Any] = {f"keys{at}": list(column) for at, column in enumerate(zip(*keys, strict=True))}
    statement = _by_key_statement(layer, Out(await seen(transaction, crs)))
    found = await transaction.fetch(statement, **values, now=now)
    return [feature(layer, row, crs) for row in found]


@lru_cache(maxsize=64)
def _begun_statement(layer: Layer) -> Prepared | None:
    if layer.span is None:
        return None
    source, columns = relation_of(layer)
    return prepare(sa.select(sa.func.min(columns[layer.span[0]]).label("first")).select_from(source))


async def begun(transaction: Transaction, layer: Layer) -> dt.datetime | None:
    """When the first feature that is seen began; a day begins in UTC. None for none, or a collection without time."""
    statement = _begun_statement(layer)
    first = None if statement is None else (await transaction.fetch(statement, now=None))[0]["first"]
    if isinstance(first, dt.datetime) or first is None:
        return first
    return dt.datetime.combine(first, dt.time.min, tzinfo=dt.UTC)


async def extent(transaction: Transaction) -> tuple[float, float, float, float] | None:
    """West, south, east, north in degrees of all areas, None before they are loaded."""
    box = sa.func.ST_Extent(tables.AREAS.c.geom, type_=sa.Text)
    sides = ("XMin", "YMin", "XMax", "YMax")
    row = await transaction.row(sa.select(*(getattr(sa.func, f"ST_{side}")(box).label(side) for side in sides)))
    if row is None or row["XMin"] is None:
        return None
    return row["XMin"], row["YMin"], row["XMax"], row["YMax"]
