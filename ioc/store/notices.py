"""Agencies' notices: each kept once; those that update or cancel each other are one thread."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.observation import Notice, Reference
from gis.position import Position
from gis.stamp import Stamp, digest_of
from ioc.incidents.told import means
from ioc.store import journal
from ioc.store.database import Row, Transaction
from ioc.store.registry import point
from ioc.store.statements import adding, locking
from ioc.store.tables import ALARMS
from ioc.store.tables_reports import NOTICES

LOCK = 7_235_030
"""Advisory lock under which threads are put together, one notice at a time."""

_SAME = (
    *("sender", "identifier", "area", "feed", "status", "kind", "category", "event", "severity", "urgency"),
    *("certainty", "headline", "headline_en", "description", "instruction", "place", "error_m", "onset", "expires"),
    "over",
)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it is kept, and the others of its thread."""

    notice: Notice
    thread: uuid.UUID
    arrived_at: dt.datetime
    entered_by: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which notices are asked for."""

    feed: str = ""
    sender: str = ""
    category: str = ""
    status: str = ""
    since: dt.datetime | None = None
    thread: uuid.UUID | None = None


def stamp_of(centre: str, source: str, name: Reference, position: Position | None) -> Stamp:
    """The stamp of a notice: its key is what the sender gave, and no more."""
    digest = digest_of(f"{name.sender}\n{name.identifier}\n{name.sent.isoformat()}".encode())
    return Stamp(centre=centre, source=source, at=name.sent, digest=digest, position=position)


async def enter(
    transaction: Transaction, notice: Notice, arrived_at: dt.datetime, entered_by: str, shape: str | None
) -> bool:
    """Keep a notice and its journal row; False when it is there already, and nothing is changed.

    Other writers of the journal wait from here to the end of the transaction: do this last.
    """
    await transaction.run(locking(LOCK))
    id, position = uuid.UUID(notice.id), notice.stamp.position  # noqa: A001
    row = {name: getattr(notice, name) for name in _SAME} | {
        "id": id,
        "centre": notice.stamp.centre,
        "sent": notice.stamp.at,
        "arrived_at": arrived_at,
        "entered_by": entered_by,
        "thread": id,
        "refers": [one.identifier for one in notice.references],
        "refers_sent": [one.sent for one in notice.references],
        "refers_sender": [one.sender for one in notice.references],
        "numbers": list(notice.numbers),
        "geom": None if position is None else point(position),
        "shape": shape,
    }
    if await transaction.row(adding(NOTICES, *row, returning="id"), **row) is None:
        return False
    await _tie(transaction, notice)
    await journal.append(transaction, [notice], arrived_at)
    return True


async def _tie(transaction: Transaction, notice: Notice) -> None:
    """Put the threads together that a notice connects; the smallest id stands for all."""
    rows = await transaction.connection.fetch(_NEAR, notice.identifier, [one.identifier for one in notice.references])
    threads = {row["thread"] for row in rows if connected(notice, _notice(row))}
    first = min(threads | {uuid.UUID(notice.id)})
    moved = [*(threads - {first}), *([uuid.UUID(notice.id)] if str(first) != notice.id else [])]
    if moved:
        await transaction.run(sa.update(NOTICES).where(NOTICES.c.thread.in_(moved)).values(thread=first))


def connected(one: Notice, other: Notice) -> bool:
    """Whether two notices speak of the same: one names the other, both name the same, or one is sent again."""
    if one.id == other.id:
        return False
    if (one.sender, one.identifier) == (other.sender, other.identifier):
        return True
    if any(means(one, name, other) for name in one.references) or any(
        means(other, name, one) for name in other.references
    ):
        return True
    trusted = one.sender == other.sender or one.feed == other.feed != ""
    return trusted and bool(_names(one) & _names(other))


def _names(notice: Notice) -> set[tuple[str, str]]:
    return {(one.sender, one.identifier) for one in notice.references}


_NEAR: LiteralString = """
select id, centre, area, sender, identifier, sent, feed, status, kind, thread, refers, refers_sent, refers_sender,
  category, event, severity, urgency, certainty, headline, headline_en, '' as description, '' as instruction, place,
  error_m, onset, expires, over, numbers, null::double precision as lon, null::double precision as lat
from notices
where identifier = $1 or identifier = any ($2::text[]) or refers && ($2::text[] || $1::text)
"""


def _notice(row: Row) -> Notice:
    position = None if row["lon"] is None else Position(lon=row["lon"], lat=row["lat"])
    told = zip(row["refers_sent"], row["refers_sender"], row["refers"], strict=True)
    name = Reference(row["sent"], row["sender"], row["identifier"])
    return Notice(
        id=str(row["id"]),
        stamp=stamp_of(row["centre"], source_of(row["feed"], row["sender"]), name, position),
        references=tuple(Reference(sent, sender, identifier) for sent, sender, identifier in told),
        numbers=tuple(row["numbers"]),
        **{one: row[one] for one in _SAME},
    )


def source_of(feed: str, sender: str) -> str:
    """The code under which a notice's sender is a source: that of its feed, else the sender in letters of codes."""
    if feed:
        return feed
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in sender.lower()).strip("-")
    return letters[:63] if len(letters) > 1 else f"sender-{letters}".strip("-")


def _select(*, brief: bool = False) -> sa.Select[Any]:
    """Notices; in brief without their long texts, which say nothing of a thread."""
    texts = ("description", "instruction")
    left_out = ("geom", "shape", *(texts if brief else ()))
    return sa.select(
        *(column for column in NOTICES.c if column.name not in left_out),
        *(sa.literal_column("''").label(name) for name in texts if brief),
        sa.func.ST_X(NOTICES.c.geom).label("lon"),
        sa.func.ST_Y(NOTICES.c.geom).label("lat"),
    )


def _kept(row: Row) -> Kept:
    return Kept(notice=_notice(row), thread=row["thread"], arrived_at=row["arrived_at"], entered_by=row["entered_by"])


async def one(transaction: Transaction, id: uuid.UUID) -> Kept | None:  # noqa: A002
    """A notice; None when it is not visible."""
    row = await transaction.row(_select().where(NOTICES.c.id == id))
    return None if row is None else _kept(row)


async def named(transaction: Transaction, name: Reference) -> Kept | None:
    """The notice of a sender, an identifier and a moment; None when it is not visible."""
    same = (NOTICES.c.sender == name.sender, NOTICES.c.identifier == name.identifier, NOTICES.c.sent == name.sent)
    row = await transaction.row(_select().where(*same))
    return None if row is None else _kept(row)


async def thread_of(transaction: Transaction, id: str) -> list[Notice]:  # noqa: A002
    """All notices of the thread of one, in brief, oldest first."""
    thread = sa.select(NOTICES.c.thread).where(NOTICES.c.id == uuid.UUID(id)).scalar_subquery()
    rows = await transaction.rows(
        _select(brief=True).where(NOTICES.c.thread == thread).order_by(NOTICES.c.sent, NOTICES.c.id)
    )
    return [_notice(row) for row in rows]


async def threads_of(transaction: Transaction, threads: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Notice]]:
    """All notices of some threads, in brief, oldest first."""
    found: dict[uuid.UUID, list[Notice]] = {}
    statement = _select(brief=True).where(NOTICES.c.thread.in_(list(threads))).order_by(NOTICES.c.sent, NOTICES.c.id)
    for row in await transaction.rows(statement):
        found.setdefault(row["thread"], []).append(_notice(row))
    return found


async def incidents_of(transaction: Transaction, notices: Sequence[uuid.UUID]) -> dict[str, tuple[str, str | None]]:
    """The newest alarm of each notice that ever spoke for one, and its incident."""
    said = ALARMS.c.evidence["notice"].astext
    statement = (
        sa.select(said.label("notice"), ALARMS.c.id, ALARMS.c.incident)
        .where(ALARMS.c.source_kind == sa.literal_column("'agency'"), said.in_([str(one) for one in notices]))
        .order_by(ALARMS.c.raised_at)
    )
    return {
        row["notice"]: (str(row["id"]), row["incident"] and str(row["incident"]))
        for row in await transaction.rows(statement)
    }


async def newest(transaction: Transaction, wanted: Wanted, limit: int, before: uuid.UUID | None) -> list[Kept]:
    """Notices in the reverse order of their arrival; `before` is the id of the last one of the page before."""
    statement = _select()
    for name in ("feed", "sender", "category", "status"):
        if value := getattr(wanted, name):
            statement = statement.where(NOTICES.c[name] == value)
    if wanted.since is not None:
        statement = statement.where(NOTICES.c.sent >= wanted.since)
    if wanted.thread is not None:
        statement = statement.where(NOTICES.c.thread == wanted.thread)
    if before is not None:
        statement = statement.where(NOTICES.c.id < before)
    return [_kept(row) for row in await transaction.rows(statement.order_by(NOTICES.c.id.desc()).limit(limit))]
