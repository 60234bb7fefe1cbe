"""The journal: every committed batch in order, for readers with a durable cursor."""

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.observation import Mark, Observation
from ioc.store.database import Row, Transaction
from ioc.store.statements import upserting
from ioc.store.tables import CURSORS, JOURNAL

CHANNEL = "ioc_journal"
"""NOTIFY channel that only wakes the desk."""

LOCK = 7_235_003
"""Advisory lock from a writer's entry to its commit, so that ids become visible in their order."""

READERS = ("desk", "rollups", "receipts")
"""All who read the journal: nothing is dropped before each of them has passed it."""

KIND = "page"
"""What is in a row that this version writes."""

_OLD_KIND = "observations"
"""Rows that an earlier version wrote: the observations alone."""


class Page(msgspec.Struct, frozen=True, array_like=True):
    """What a journal row holds: what was new in a batch, and which messages of it were refused."""

    observations: list[Observation]
    marks: list[Mark] = []


_APPEND: LiteralString = """
with held as materialized (select pg_advisory_xact_lock($1)), told as materialized (select pg_notify($5, ''))
insert into journal (kind, payload, arrived_at) select $2, $3, $4 from held, told
"""
"""One exchange with the server for three things; the id is drawn for a row that comes after the lock."""

_PAGE = msgspec.msgpack.Decoder(Page)
_OBSERVATIONS = msgspec.msgpack.Decoder(list[Observation])


class Entry(msgspec.Struct, frozen=True):
    """One batch as it was committed, with its place in the journal."""

    id: int
    arrived_at: dt.datetime
    observations: list[Observation]
    marks: list[Mark] = []


class Sealed(msgspec.Struct, frozen=True):
    """A batch as it lies in the journal; decoding a large one takes milliseconds, so its reader says when."""

    id: int
    row: Row

    def opened(self) -> Entry:
        """The batch itself."""
        return _entry(self.row)


async def append(
    transaction: Transaction, observations: list[Observation], arrived_at: dt.datetime, marks: Sequence[Mark] = ()
) -> None:
    """Add a batch in the transaction that keeps it, and wake the desk at its commit.

    Other writers wait until the transaction ends: do this last.
    """
    await append_sealed(transaction, sealed(observations, marks), arrived_at)


def sealed(observations: list[Observation], marks: Sequence[Mark] = ()) -> bytes:
    """A batch as it lies in the journal."""
    return msgspec.msgpack.encode(Page(observations, list(marks)))


async def append_sealed(transaction: Transaction, payload: bytes, arrived_at: dt.datetime) -> None:
    """As `append`, of a batch that was sealed before."""
    await transaction.connection.execute(_APPEND, LOCK, KIND, payload, arrived_at, CHANNEL)


@functools.cache
def _after() -> sa.Select[Any]:
    return (
        sa.select(JOURNAL.c.id, JOURNAL.c.arrived_at, JOURNAL.c.kind, JOURNAL.c.payload)
        .where(JOURNAL.c.id > sa.bindparam("through"))
        .order_by(JOURNAL.c.id)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


async def sealed_after(transaction: Transaction, through: int, limit: int) -> list[Sealed]:
    """The batches after a place, oldest first, not decoded yet."""
    rows = await transaction.rows(_after(), through=through, most=limit)
    return [Sealed(row["id"], row) for row in rows]


async def after(transaction: Transaction, through: int, limit: int) -> list[Entry]:
    """The batches after a place, oldest first."""
    return [sealed.opened() for sealed in await sealed_after(transaction, through, limit)]


def _entry(row: Row) -> Entry:
    if row["kind"] == _OLD_KIND:
        return Entry(row["id"], row["arrived_at"], _OBSERVATIONS.decode(row["payload"]))
    page = _PAGE.decode(row["payload"])
    return Entry(row["id"], row["arrived_at"], page.observations, page.marks)


@functools.cache
def _cursor() -> sa.Select[Any]:
    return sa.select(CURSORS.c.through).where(CURSORS.c.name == sa.bindparam("reader")).with_for_update()


async def cursor(transaction: Transaction, name: str) -> int:
    """How far a reader has come; 0 for a new one. Held against another of the same name until the end."""
    return int(await transaction.value(_cursor(), reader=name) or 0)


async def reached(transaction: Transaction, name: str) -> tuple[int, int]:
    """How far a reader has come, and the newest place; nothing is held."""
    newest = sa.select(sa.func.coalesce(sa.func.max(JOURNAL.c.id), 0))
    through = sa.select(CURSORS.c.through).where(CURSORS.c.name == name)
    return int(await transaction.value(through) or 0), int(await transaction.value(newest))


async def advance(transaction: Transaction, name: str, through: int) -> None:
    """Move a reader's cursor in the transaction that did its work."""
    await transaction.run(upserting(CURSORS, "name", "name", "through"), name=name, through=through)


async def prune(transaction: Transaction, before: dt.datetime) -> None:
    """Drop what every reader has passed and what arrived before a moment."""
    passed = (
        sa.select(sa.func.min(CURSORS.c.through))
        .where(CURSORS.c.name.in_(READERS))
        .having(sa.func.count() == len(READERS))
        .scalar_subquery()
    )
    await transaction.run(sa.delete(JOURNAL).where(JOURNAL.c.id <= passed, JOURNAL.c.arrived_at < before))
