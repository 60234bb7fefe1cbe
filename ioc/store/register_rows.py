"""Records of the register as rows: one, or a page of those that are looked for."""

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from cameras.health import DOWN
from gis.position import Position
from ioc.finding import patterns
from ioc.registration.lawful import Asked, Law
from ioc.registration.record import AnyRecord, CameraRecord, DeviceRecord, Subject
from ioc.store.database import Row, Transaction
from ioc.store.record_columns import record
from ioc.store.tables import AREAS, CAMERAS, DEVICES, LATEST, STREAMS

TABLES: Mapping[Subject, sa.Table] = {"device": DEVICES, "camera": CAMERAS}

_SAME = ("code", "name", "centre", "area", "kind", "note", "state", "state_since", *(one.name for one in record()))
_OWN: Mapping[Subject, tuple[str, ...]] = {
    "device": ("profile", "gateway", "approximate"),
    "camera": ("bearing", "fov", "settings"),
}
COLUMNS: Mapping[Subject, tuple[str, ...]] = {subject: (*_SAME, *own) for subject, own in _OWN.items()}
"""The columns of a record but its place."""

_BAD = (1, 3)
"""Qualities of a value that tell of a device that is not well: implausible, fault."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which records; None and empty: all. `words` are folded (`ioc.finding.words`), and sought in name, code, serial
    number and contract.

    `fault`: silent (in use and not heard), unhealthy (heard, and not well), unlawful (what the law asks is missing),
    warranty_over. `today` is the local day by which a warranty is over. `after` is the last code already read.
    """

    words: tuple[str, ...] = ()
    lifecycle: str = ""
    centre: str = ""
    kind: str = ""
    tag: str = ""
    fault: str = ""
    today: dt.date | None = None
    after: str = ""
    codes: tuple[str, ...] | None = None


class Listed(msgspec.Struct, frozen=True):
    """A page of records by code, the names of their areas, and how many match in all."""

    records: list[AnyRecord]
    areas: Mapping[str, str]
    count: int
    more: bool


def record_of(subject: Subject, row: Row) -> AnyRecord:
    """The record of a row with COLUMNS, `lon` and `lat`."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS[subject]}
    values |= {"tags": tuple(row["tags"]), "position": Position(lon=row["lon"], lat=row["lat"])}
    return DeviceRecord(**values) if subject == "device" else CameraRecord(**values)


def _select(subject: Subject) -> sa.Select[Any]:
    table = TABLES[subject]
    axes = [sa.func.st_x(table.c.geom).label("lon"), sa.func.st_y(table.c.geom).label("lat")]
    return sa.select(*(table.c[name] for name in COLUMNS[subject]), *axes)


@functools.cache
def _one(subject: Subject, lock: bool) -> sa.Select[Any]:
    wanted = _select(subject).where(TABLES[subject].c.code == sa.bindparam("code", type_=sa.Text))
    return wanted.with_for_update() if lock else wanted


async def one(transaction: Transaction, subject: Subject, code: str, *, lock: bool = False) -> AnyRecord | None:
    """A record, if it is there to be seen; `lock` holds it against other writers."""
    row = await transaction.row(_one(subject, lock), code=code)
    return None if row is None else record_of(subject, row)


async def some(transaction: Transaction, subject: Subject, codes: Iterable[str]) -> dict[str, AnyRecord]:
    """Records by their codes; what is not there to be seen is left out."""
    one_of_them = TABLES[subject].c.code == sa.any_(sa.bindparam("codes", type_=ARRAY(sa.Text)))
    rows = await transaction.rows(_select(subject).where(one_of_them), codes=list(codes))
    return {row["code"]: record_of(subject, row) for row in rows}


async def listed(transaction: Transaction, subject: Subject, wanted: Wanted, law: Law, limit: int) -> Listed:
    """At most `limit` records that match, by code, and how many match in all."""
    table = TABLES[subject]
    where = conditions(subject, wanted, law)
    page = _select(subject).where(*where, table.c.code > wanted.after).order_by(table.c.code).limit(limit + 1)
    rows = await transaction.rows(page)
    records = [record_of(subject, row) for row in rows[:limit]]
    whole = len(rows) <= limit and not wanted.after
    count = len(rows) if whole else await transaction.value(sa.select(sa.func.count()).select_from(table).where(*where))
    return Listed(records, await area_names(transaction, (one.area for one in records)), count, len(rows) > limit)


async def area_names(transaction: Transaction, areas: Iterable[str]) -> dict[str, str]:
    """What areas are called, by feature id."""
    wanted = sa.select(AREAS.c.fid, AREAS.c.name).where(AREAS.c.fid.in_(sorted(set(areas))))
    return {row["fid"]: row["name"] for row in await transaction.rows(wanted)}


def conditions(subject: Subject, wanted: Wanted, law: Law) -> Sequence[sa.ColumnElement[bool]]:
    """What a row must be to be one of those that are looked for; `after` is left to the page."""
    table = TABLES[subject]
    found = [
        table.c[name] == getattr(wanted, name) for name in ("lifecycle", "centre", "kind") if getattr(wanted, name)
    ]
    found += [_searched(table).like(pattern) for pattern in patterns(wanted.words)]
    if wanted.tag:
        found.append(table.c.tags.any_() == wanted.tag)
    if wanted.codes is not None:
        found.append(table.c.code.in_(list(wanted.codes)))
    if wanted.fault:
        found.append(_at_fault(subject, wanted, law))
    return found


def _searched(table: sa.Table) -> sa.ColumnElement[str]:
    """Name and code as they are kept to be searched, and in the same manner what is on a thing and on its papers."""
    more = [sa.func.ioc_fold(table.c[name], type_=sa.Text) for name in ("serial", "contract")]
    return sa.func.concat(table.c.folded, " ", more[0], " | ", more[1], " |", type_=sa.Text)


def _at_fault(subject: Subject, wanted: Wanted, law: Law) -> sa.ColumnElement[bool]:
    table = TABLES[subject]
    match wanted.fault:
        case "silent":
            words = ("lost",) if subject == "device" else tuple(state.value for state in DOWN)
            return sa.and_(table.c.lifecycle == "active", table.c.state.in_(words))
        case "unhealthy":
            unwell = _unwell_device() if subject == "device" else _unwell_camera()
            return sa.and_(table.c.lifecycle == "active", unwell)
        case "unlawful":
            missing = [_lacks(subject, asked) for asked in law.asked if subject in asked.of]
            return sa.and_(table.c.lifecycle != "retired", sa.or_(*missing, sa.false()))
        case "warranty_over":
            return sa.and_(table.c.lifecycle != "retired", table.c.warranty_until < wanted.today)
    raise ValueError(f"there is no fault {wanted.fault!r}")


def _unwell_device() -> sa.ColumnElement[bool]:
    """It is late, or one of its newest values is not believed."""
    value = STREAMS.join(LATEST, LATEST.c.stream == STREAMS.c.id)
    bad = sa.exists().select_from(value).where(STREAMS.c.device == DEVICES.c.code, LATEST.c.quality.in_(_BAD))
    return sa.or_(DEVICES.c.state == "stale", sa.and_(DEVICES.c.state == "fresh", bad))


def _unwell_camera() -> sa.ColumnElement[bool]:
    """It shows something, and not what it should, or badly."""
    shown = CAMERAS.c.state.not_in(("live", *(state.value for state in DOWN)))
    return sa.or_(shown, sa.and_(CAMERAS.c.state == "live", CAMERAS.c.grade.in_(("poor", "unusable"))))


def _lacks(subject: Subject, asked: Asked) -> sa.ColumnElement[bool]:
    """As `lawful.unlawful` tells it of one field."""
    table = TABLES[subject]
    column = table.c[asked.field]
    empty = column == "" if isinstance(column.type, sa.Text) else column.is_(None)
    about: list[sa.ColumnElement[bool]] = [table.c.kind.in_(asked.kinds)] if asked.kinds else []
    if asked.networked:
        gateway = table.c.gateway if subject == "device" else table.c.settings["gateway"].astext
        about.append(sa.func.coalesce(gateway, "") == "")
    return sa.and_(empty, *about)
