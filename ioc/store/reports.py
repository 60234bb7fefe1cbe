"""Citizens' reports: each kept once under the number of its channel; who told it is kept apart."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gis.observation import Report
from gis.position import Position
from gis.stamp import Stamp, digest_of
from ioc.store import journal
from ioc.store.database import Row, Transaction
from ioc.store.registry import point
from ioc.store.statements import adding
from ioc.store.tables import ALARMS, AREAS
from ioc.store.tables_reports import REPORTERS, REPORTS

State = Literal["open", "withdrawn", "all"]


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who told it, as far as they said: personal data, never in logs, the change log or alarms."""

    name: str = ""
    phone: str = ""

    def __repr__(self) -> str:
        return "Reporter(…)"

    def __bool__(self) -> bool:
        return bool(self.name or self.phone)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept, and the alarm and incident that came of it."""

    id: uuid.UUID
    centre: str
    area: str
    channel: str
    number: str
    at: dt.datetime
    arrived_at: dt.datetime
    category: str
    severity: str
    text: str
    place: str
    error_m: float
    photos: tuple[uuid.UUID, ...]
    numbers: tuple[str, ...]
    entered_by: str
    withdrawn_at: dt.datetime | None
    withdrawn_by: str
    withdrawn_why: str
    position: Position
    alarm: uuid.UUID | None
    incident: uuid.UUID | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which reports are asked for."""

    channel: str = ""
    category: str = ""
    state: State = "all"
    since: dt.datetime | None = None
    incident: uuid.UUID | None = None


async def enter(
    transaction: Transaction, report: Report, arrived_at: dt.datetime, entered_by: str, reporter: Reporter
) -> bool:
    """Keep a report and its journal row; False when its number is there already, and nothing is changed.

    Other writers of the journal wait from here to the end of the transaction: do this last.
    """
    position = report.stamp.position
    if position is None:
        raise ValueError("a report has a place")
    scope = {"centre": report.stamp.centre, "area": report.area, "at": report.stamp.at}
    row = {
        **scope,
        "id": uuid.UUID(report.id),
        "channel": report.stamp.source,
        "number": report.number,
        "arrived_at": arrived_at,
        **{name: getattr(report, name) for name in ("category", "severity", "text", "place", "error_m")},
        "photos": [uuid.UUID(photo) for photo in report.photos],
        "numbers": list(report.numbers),
        "entered_by": entered_by,
        "geom": point(position),
    }
    if await transaction.row(adding(REPORTS, *row, returning="id"), **row) is None:
        return False
    if reporter:
        person = {"report": row["id"], **scope, "name": reporter.name, "phone": reporter.phone}
        await transaction.run(adding(REPORTERS, *person), **person)
    await journal.append(transaction, [report], arrived_at)
    return True


async def withdraw(transaction: Transaction, kept: Kept, now: dt.datetime, by: str, why: str) -> None:
    """Take a report back, and tell the desk."""
    values = {"withdrawn_at": now, "withdrawn_by": by, "withdrawn_why": why}
    await transaction.run(sa.update(REPORTS).where(REPORTS.c.id == kept.id).values(**values))
    await journal.append(transaction, [msgspec.structs.replace(told(kept), withdrawn_at=now)], now)


def told(kept: Kept) -> Report:
    """A kept report as the observation that it was."""
    stamp = Stamp(
        centre=kept.centre,
        source=kept.channel,
        at=kept.at,
        digest=digest_of(kept.number.encode()),
        position=kept.position,
    )
    same = ("number", "area", "category", "severity", "text", "place", "error_m", "numbers", "withdrawn_at")
    photos = tuple(map(str, kept.photos))
    return Report(id=str(kept.id), stamp=stamp, photos=photos, **{name: getattr(kept, name) for name in same})


def _select() -> sa.Select[Any]:
    names = [name for name in Kept.__struct_fields__ if name not in ("position", "alarm", "incident")]
    return sa.select(
        *(REPORTS.c[name] for name in names),
        sa.func.ST_X(REPORTS.c.geom).label("lon"),
        sa.func.ST_Y(REPORTS.c.geom).label("lat"),
        ALARMS.c.id.label("alarm"),
        ALARMS.c.incident,
    ).select_from(REPORTS.outerjoin(ALARMS, ALARMS.c.id == REPORTS.c.id))


def _kept(row: Row) -> Kept:
    names = [name for name in Kept.__struct_fields__ if name not in ("position", "photos", "numbers")]
    return Kept(
        **{name: row[name] for name in names},
        photos=tuple(row["photos"]),
        numbers=tuple(row["numbers"]),
        position=Position(lon=row["lon"], lat=row["lat"]),
    )


async def one(transaction: Transaction, id: uuid.UUID, *, locked: bool = False) -> Kept | None:  # noqa: A002
    """A report; None when it is not visible."""
    statement = _select().where(REPORTS.c.id == id)
    row = await transaction.row(statement.with_for_update(of=REPORTS) if locked else statement)
    return None if row is None else _kept(row)


async def numbered(transaction: Transaction, channel: str, number: str) -> Kept | None:
    """The report of a channel's number; None when it is not visible."""
    row = await transaction.row(_select().where(REPORTS.c.channel == channel, REPORTS.c.number == number))
    return None if row is None else _kept(row)


async def newest(transaction: Transaction, wanted: Wanted, limit: int, before: uuid.UUID | None) -> list[Kept]:
    """Reports in the reverse order of their arrival; `before` is the id of the last one of the page before."""
    statement = _select()
    for name in ("channel", "category"):
        if value := getattr(wanted, name):
            statement = statement.where(REPORTS.c[name] == value)
    if wanted.state != "all":
        gone = REPORTS.c.withdrawn_at.is_not(None)
        statement = statement.where(gone if wanted.state == "withdrawn" else sa.not_(gone))
    if wanted.since is not None:
        statement = statement.where(REPORTS.c.at >= wanted.since)
    if wanted.incident is not None:
        statement = statement.where(ALARMS.c.incident == wanted.incident)
    if before is not None:
        statement = statement.where(REPORTS.c.id < before)
    return [_kept(row) for row in await transaction.rows(statement.order_by(REPORTS.c.id.desc()).limit(limit))]


async def reporter_of(transaction: Transaction, id: uuid.UUID) -> Reporter:  # noqa: A002
    """Who told it; empty when nobody said, or the reader may not know."""
    names = (REPORTERS.c.name, REPORTERS.c.phone)
    row = await transaction.row(sa.select(*names).where(REPORTERS.c.report == id))
    return Reporter() if row is None else Reporter(name=row["name"], phone=row["phone"])


async def forget_reporters(transaction: Transaction, before: dt.datetime) -> None:
    """Drop who told what before a moment; the reports stay."""
    await transaction.run(sa.delete(REPORTERS).where(REPORTERS.c.at < before))


async def area_names(transaction: Transaction, fids: Collection[str]) -> dict[str, str]:
    """The names of units by feature id."""
    rows = await transaction.rows(sa.select(AREAS.c.fid, AREAS.c.name).where(AREAS.c.fid.in_(list(fids))))
    return {row["fid"]: row["name"] for row in rows}
