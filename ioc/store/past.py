"""The wall as it was: which after-images of the change log made up the picture at a moment, and what came between.

The truth of "as the wall was" is the order in which changes were committed (`changes.id`), not the time of the events:
at a moment a wall had heard what had been told by then (`changes.told_at`). A picture is kept every so often
(`past_pictures`): the one behind a later change is the kept one before it, and for each thing that changed since its
newest change. So it costs the same however long the log is, and pruning keeps just what the oldest picture needs.

Which after-images those are is found out for the whole installation; a reader's scope then decides which are read.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from gis.layer import Layer
from gis.layers import ALARMS, CAMERAS, DEVICES, INCIDENTS, SEVERITIES, TICKETS
from ioc.access.scope import Thing
from ioc.store.changes import Change
from ioc.store.database import Row, Transaction
from ioc.store.layer_sources import relation_of
from ioc.store.layers import in_picture
from ioc.store.ordering import STAMP, Columns
from ioc.store.readings import Owner
from ioc.store.statements import Prepared, prepare
from ioc.store.tables import AREAS, CHANGES
from ioc.store.tables import INCIDENTS as INCIDENT_ROWS
from ioc.store.tables_past import PAST_PICTURES

SHOWN = (INCIDENTS, ALARMS, TICKETS, DEVICES, CAMERAS)
"""What a picture consists of, as the snapshot of the live stream."""

EVERY_CHANGES = 20_000
"""A picture is kept behind so many changes: about as many as a picture has things, so that both parts cost alike."""

EVERY = dt.timedelta(hours=6)
"""And behind so long a time, so that little more of the log is kept than is wanted."""

_IDS = ARRAY(sa.BigInteger)


class Image(msgspec.Struct, frozen=True):
    """An after-image: what the policy is asked about, and the GeoJSON feature as text."""

    thing: Thing
    value: str


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """How many incidents were opened within the hour that begins at `at`, by severity as it is now."""

    at: dt.datetime
    extreme: int
    severe: int
    moderate: int
    minor: int


def _columns(layer: Layer) -> Columns:
    """The fields of a feature as an after-image has them."""
    return {field.name: CHANGES.c.value["properties"][field.name].astext for field in layer.fields}


def _in_picture() -> sa.ColumnElement[bool]:
    """Whether an after-image is shown: it is no removal, has a place, and is not over."""
    kinds = [sa.and_(CHANGES.c.subject == layer.subject, *in_picture(layer, _columns(layer))) for layer in SHOWN]
    return sa.and_(CHANGES.c.op == "put", CHANGES.c.value["geometry"].astext.is_not(None), sa.or_(*kinds))


@cache
def _cut() -> Prepared:
    told = CHANGES.c.told_at <= sa.bindparam("at", type_=STAMP)
    return prepare(sa.select(CHANGES.c.id).where(told).order_by(CHANGES.c.told_at.desc(), CHANGES.c.id.desc()).limit(1))


async def cut(transaction: Transaction, at: dt.datetime) -> int:
    """The last change that had been told by a moment, 0 before the first. Needs the scope of the whole installation."""
    found = await transaction.fetch(_cut(), at=at)
    return found[0]["id"] if found else 0


async def oldest(transaction: Transaction) -> dt.datetime | None:
    """From when on the past is whole, None before the first picture is kept."""
    at: dt.datetime | None = await transaction.value(sa.select(sa.func.min(PAST_PICTURES.c.told_at)))
    return at


@cache
def _kept() -> Prepared:
    return prepare(
        sa.select(PAST_PICTURES.c.change)
        .where(PAST_PICTURES.c.change <= sa.bindparam("through", type_=sa.BigInteger))
        .order_by(PAST_PICTURES.c.change.desc())
        .limit(1)
    )


@cache
def _shown() -> Prepared:
    """`kept` is a value, not a sub-select: row-level security would not let that one choose an index."""
    kept, through = (sa.bindparam(name, type_=sa.BigInteger) for name in ("kept", "through"))
    newer = (
        sa.select(CHANGES.c.id, CHANGES.c.subject, CHANGES.c.subject_id)
        .ext(distinct_on(CHANGES.c.subject, CHANGES.c.subject_id))
        .where(CHANGES.c.id > kept, CHANGES.c.id <= through)
        .order_by(CHANGES.c.subject, CHANGES.c.subject_id, CHANGES.c.id.desc())
        .cte("newer")
    )
    now = sa.select(CHANGES.c.id).join(newer, newer.c.id == CHANGES.c.id).where(_in_picture())
    ids = (
        sa.select(sa.func.unnest(PAST_PICTURES.c.shown, type_=sa.BigInteger).label("id"))
        .where(PAST_PICTURES.c.change == kept)
        .cte("ids")
    )
    again = sa.exists().where(newer.c.subject == CHANGES.c.subject, newer.c.subject_id == CHANGES.c.subject_id)
    before = sa.select(CHANGES.c.id).join(ids, ids.c.id == CHANGES.c.id).where(~again)
    return prepare(sa.union_all(now, before))


async def shown(transaction: Transaction, through: int) -> list[int]:
    """The changes whose after-images were the picture of all walls behind a change, one a thing.

    Needs the scope of the whole installation: a newer change of a thing counts, whoever may see it.
    """
    found = await transaction.fetch(_kept(), through=through)
    kept = found[0]["change"] if found else 0
    return [row["id"] for row in await transaction.fetch(_shown(), kept=kept, through=through)]


@cache
def _images() -> Prepared:
    names = ("subject", "centre", "area", "camera")
    wanted = CHANGES.c.id == sa.any_(sa.bindparam("ids", type_=_IDS))
    return prepare(
        sa.select(*(CHANGES.c[name] for name in names), sa.cast(CHANGES.c.value, sa.Text).label("value")).where(wanted)
    )


async def images(transaction: Transaction, ids: Sequence[int]) -> list[Image]:
    """Those after-images that the transaction's scope allows. They may be of things that had just left the scope."""
    return [
        Image(Thing(row["subject"], row["centre"], row["area"], row["camera"]), row["value"])
        for row in await transaction.fetch(_images(), ids=list(ids))
    ]


class Told(msgspec.Struct, frozen=True):
    """A change, and when walls heard of it."""

    change: Change
    at: dt.datetime


_COLUMNS = [name for name in Change.__struct_fields__ if name != "version"]


@cache
def _between() -> Prepared:
    first, last = (sa.bindparam(name, type_=sa.BigInteger) for name in ("after", "through"))
    return prepare(
        sa.select(CHANGES.c.id, CHANGES.c.told_at, *(CHANGES.c[name] for name in _COLUMNS))
        .where(
            CHANGES.c.id > first,
            CHANGES.c.id <= last,
            CHANGES.c.subject.in_([sa.literal_column(f"'{layer.subject}'") for layer in SHOWN]),
        )
        .order_by(CHANGES.c.id)
        .limit(sa.bindparam("limit", type_=sa.BigInteger))
    )


async def between(transaction: Transaction, after: int, through: int, limit: int) -> list[Told]:
    """At most `limit` changes with after < id <= through that the transaction's scope allows, in their order."""
    rows = await transaction.fetch(_between(), after=after, through=through, limit=limit)
    return [Told(Change(version=row["id"], **{name: row[name] for name in _COLUMNS}), row["told_at"]) for row in rows]


@cache
def _opened() -> Prepared:
    hour = sa.func.date_trunc(sa.literal_column("'hour'"), INCIDENT_ROWS.c.opened_at, sa.literal_column("'UTC'"))
    counts = [
        sa.func.count().filter(INCIDENT_ROWS.c.severity == sa.literal_column(f"'{word}'")).label(word)
        for word in SEVERITIES
    ]
    return prepare(
        sa.select(hour.label("at"), *counts)
        .where(
            INCIDENT_ROWS.c.opened_at >= sa.bindparam("since", type_=STAMP),
            INCIDENT_ROWS.c.opened_at < sa.bindparam("until", type_=STAMP),
        )
        .group_by(sa.text("1"))
        .order_by(sa.text("1"))
    )


async def opened(transaction: Transaction, since: dt.datetime, until: dt.datetime) -> list[Opened]:
    """Incidents of the transaction's scope that were opened, by hour; hours without one are left out."""
    found = await transaction.fetch(_opened(), since=since, until=until)
    return [Opened(**{name: row[name] for name in Opened.__struct_fields__}) for row in found]


async def areas_changed(transaction: Transaction, since: dt.date, until: dt.date) -> list[dt.date]:
    """The days after one and up to another on which administrative units came or went, in their order."""
    days = sa.union(sa.select(AREAS.c.valid_from.label("day")), sa.select(AREAS.c.valid_to)).subquery()
    wanted = sa.select(days.c.day).where(days.c.day > since, days.c.day <= until).order_by(days.c.day)
    return [row["day"] for row in await transaction.rows(wanted)]


# Keeping


def _rows_of(layer: Layer) -> sa.Select[Any]:
    source, columns = relation_of(layer)
    [key] = layer.key
    chosen = sa.cast(columns[key], sa.Text).label("id"), columns["centre"], columns["area"]
    placed = columns[layer.geometry].is_not(None)
    return sa.select(*chosen).select_from(source).where(placed, *in_picture(layer, columns))


async def _known(transaction: Transaction) -> set[tuple[str, str]]:
    ids = await shown(transaction, (1 << 63) - 1)
    rows = await transaction.rows(
        sa.select(CHANGES.c.subject, CHANGES.c.subject_id).where(
            CHANGES.c.id == sa.any_(sa.bindparam("ids", ids, _IDS))
        )
    )
    return {(row["subject"], row["subject_id"]) for row in rows}


async def missing(transaction: Transaction) -> list[tuple[Layer, dict[str, Owner]]]:
    """Things of the present picture that the log has never told of, as after an upgrade, with whose they are."""
    known, found = await _known(transaction), []
    for layer in SHOWN:
        rows = await transaction.rows(_rows_of(layer))
        left_out = {
            row["id"]: Owner(row["centre"], row["area"]) for row in rows if (layer.subject, row["id"]) not in known
        }
        if left_out:
            found.append((layer, left_out))
    return found


async def keep(transaction: Transaction) -> bool:
    """Keep the picture behind the newest change when it is time; whether that was done."""
    newest = await _last(transaction, CHANGES.c.id, CHANGES)
    kept = await _last(transaction, PAST_PICTURES.c.change, PAST_PICTURES)
    if newest is None or (kept is not None and not _due(newest, kept)):
        return False
    ids = await shown(transaction, newest["id"])
    await transaction.run(
        sa.insert(PAST_PICTURES).values(
            change=sa.bindparam("number"), told_at=sa.bindparam("told"), shown=sa.bindparam("ids", type_=_IDS)
        ),
        number=newest["id"],
        told=newest["told_at"],
        ids=sorted(ids),
    )
    return True


async def _last(transaction: Transaction, key: sa.Column[Any], table: sa.Table) -> Row | None:
    return await transaction.row(sa.select(key.label("id"), table.c.told_at).order_by(key.desc()).limit(1))


def _due(newest: Row, kept: Row) -> bool:
    changed: int = newest["id"] - kept["id"]
    return changed >= EVERY_CHANGES or (changed > 0 and newest["told_at"] - kept["told_at"] >= EVERY)


_LET_GO = """
delete from changes c where c.id < $1 and not exists (
  select from past_pictures p, unnest(p.shown) as needed (id) where p.change = $1 and needed.id = c.id)
"""


async def prune(transaction: Transaction, before: dt.datetime) -> None:
    """Drop changes told before a moment, but not those of which the picture at that moment consists.

    It goes by whole pictures: what was told since the newest one before the moment stays, and so does the change
    that it stands behind, from which versions go on.
    """
    first = await transaction.value(
        sa.select(sa.func.max(PAST_PICTURES.c.change)).where(PAST_PICTURES.c.told_at <= before)
    )
    if first is not None:
        await transaction.connection.execute(_LET_GO, first)
        await transaction.run(sa.delete(PAST_PICTURES).where(PAST_PICTURES.c.change < first))


def grouped(found: Iterable[Image]) -> dict[str, list[str]]:
    """After-images by the collection that they are features of, each in the order in which they came."""
    groups: dict[str, list[str]] = {layer.id: [] for layer in SHOWN}
    names = {layer.subject: layer.id for layer in SHOWN}
    for image in found:
        groups[names[image.thing.kind]].append(image.value)
    return groups
