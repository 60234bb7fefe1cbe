"""The audit trail: rows written in the transaction of the deed, sealed into a chain, searched and verified."""

import datetime as dt
import functools
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TIMESTAMP

from ioc.access.scope import EVERYTHING
from ioc.audit.chain import Entry, Fault, Head, Inspection, Outcome, Sealed, written
from ioc.store.database import Database, Row, Transaction
from ioc.store.statements import inserting, locking
from ioc.store.tables_audit import AUDIT, AUDIT_HEAD

CHANNEL = "ioc_audit"
"""NOTIFY channel that only wakes the sealer; a trigger speaks on it."""

LOCK = 7_235_010
"""Advisory lock of the one sealer."""

LONGEST = 2_000
"""Characters of a text that are kept."""

_BATCH = 1_000
_SEALS = ("seq", "previous", "hash", "sealed_at")


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did or was refused. `who` is a login, empty for a stranger; `act` a dotted word.

    `kind` and `thing` say what it was done to; `address` from where; `before` and `after` never hold secrets.
    """

    act: str
    who: str
    kind: str
    thing: str = ""
    centre: str | None = None
    area: str | None = None
    address: str = ""
    outcome: Outcome = "done"
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    text: str = ""


def storable(value: Any) -> Any:
    """The value as PostgreSQL can hold it: without U+0000 and halves of surrogate pairs, texts not too long."""
    if isinstance(value, str):
        return value[:LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(member) for name, member in value.items()}
    return [storable(member) for member in value] if isinstance(value, list | tuple) else value


@functools.cache
def _adding() -> sa.Insert:
    """Inline, because RETURNING would ask that the writer's scope shows the row."""
    return inserting(AUDIT, *_SEALS).inline()


async def record(transaction: Transaction, deed: Deed, now: dt.datetime) -> None:
    """Write the row of a deed in its transaction: without the row, no deed."""
    values = {name: storable(getattr(deed, name)) for name in Deed.__struct_fields__}
    await transaction.run(_adding(), at=now, **values)


# --- sealing


def _entry(row: Row) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__struct_fields__})


def _sealed(row: Row) -> Sealed:
    return Sealed(entry=_entry(row), **{name: row[name] for name in _SEALS})


async def only_sealer(transaction: Transaction) -> None:
    """Wait until no other sealer works."""
    await transaction.run(locking(LOCK))


@functools.cache
def _unsealed() -> sa.Select[Any]:
    chosen = (AUDIT.c[name] for name in Entry.__struct_fields__)
    return (
        sa.select(*chosen)
        .where(AUDIT.c.seq.is_(None))
        .order_by(AUDIT.c.id)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


async def unsealed(transaction: Transaction, limit: int) -> list[Entry]:
    """Rows that wait for their seal, in the order of their ids."""
    return [_entry(row) for row in await transaction.rows(_unsealed(), most=limit)]


async def head(transaction: Transaction) -> Head:
    """The newest link."""
    row = await transaction.row(_head())
    if row is None:
        raise LookupError("the head of the audit trail is missing: verify it with `ioc check audit`")
    return Head(row["seq"], row["hash"])


@functools.cache
def _head() -> sa.Select[Any]:
    return sa.select(AUDIT_HEAD.c.seq, AUDIT_HEAD.c.hash)


@functools.cache
def _seal() -> sa.Select[Any]:
    return sa.select(
        sa.func.seal_audit(
            sa.bindparam("ids", type_=ARRAY(sa.BigInteger)),
            sa.bindparam("hashes", type_=ARRAY(BYTEA)),
            sa.bindparam("behind", type_=BYTEA),
            sa.bindparam("moment", type_=TIMESTAMP(timezone=True)),
        )
    )


async def put_seals(transaction: Transaction, rows: Sequence[Sealed]) -> None:
    """Write the seals of rows that were chained behind the newest link; PostgreSQL refuses any other place."""
    await transaction.run(
        _seal(),
        ids=[row.entry.id for row in rows],
        hashes=[row.hash for row in rows],
        behind=rows[0].previous,
        moment=rows[0].sealed_at,
    )


# --- reading


@functools.cache
def _after_seq(table: sa.Table) -> sa.Select[Any]:
    names = (*Entry.__struct_fields__, *_SEALS)
    return (
        sa.select(*(table.c[name] for name in names))
        .where(table.c.seq > sa.bindparam("seq"))
        .order_by(table.c.seq)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


async def sealed_after(transaction: Transaction, seq: int, limit: int) -> list[Sealed]:
    """The links after a place, in their order."""
    return [_sealed(row) for row in await transaction.rows(_after_seq(AUDIT), seq=seq, most=limit)]


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None means any. `act` may end with `*`; `since` and `until` are inclusive."""

    who: str | None = None
    act: str | None = None
    kind: str | None = None
    thing: str | None = None
    outcome: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    after: int | None = None
    """The id of the last row of the page before."""

    def asked(self) -> dict[str, Any]:
        """What was asked for, to be written into the deed of the search."""
        found = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return {name: written(v) if isinstance(v, dt.datetime) else v for name, v in found if v is not None}


def _conditions(search: Search) -> Iterable[sa.ColumnElement[bool]]:
    for name in ("who", "kind", "thing", "outcome"):
        value = getattr(search, name)
        if value is not None:
            yield AUDIT.c[name] == value
    if search.act is not None:
        prefix = search.act.removesuffix("*")
        yield AUDIT.c.act.startswith(prefix, autoescape=True) if prefix != search.act else AUDIT.c.act == prefix
    if search.since is not None:
        yield AUDIT.c.at >= search.since
    if search.until is not None:
        yield AUDIT.c.at <= search.until
    if search.after is not None:
        yield AUDIT.c.id < search.after


class Found(msgspec.Struct, frozen=True):
    """A row of a search; its seal is None for less than a second."""

    entry: Entry
    seq: int | None
    hash: bytes | None


async def search(transaction: Transaction, wanted: Search, limit: int) -> list[Found]:
    """Rows that match and that the transaction's scope allows, newest first."""
    rows = await transaction.rows(sa.select(AUDIT).where(*_conditions(wanted)).order_by(AUDIT.c.id.desc()).limit(limit))
    return [Found(_entry(row), row["seq"], row["hash"]) for row in rows]


class Range(msgspec.Struct, frozen=True):
    """A contiguous part of the chain, both ends included; empty when `first` is greater than `last`."""

    first: int
    last: int


async def range_of(transaction: Transaction, since: dt.datetime | None, until: dt.datetime | None) -> Range:
    """The shortest contiguous part of the chain that holds all sealed rows of a time."""
    statement = sa.select(sa.func.min(AUDIT.c.seq), sa.func.max(AUDIT.c.seq)).where(AUDIT.c.seq.is_not(None))
    row = await transaction.row(statement.where(*_conditions(Search(since=since, until=until))))
    return Range(1, 0) if row is None or row[0] is None else Range(row[0], row[1])


class Waiting(msgspec.Struct, frozen=True):
    """How many rows wait for their seal, and since when (None when there are none)."""

    rows: int
    since: dt.datetime | None


async def waiting(transaction: Transaction, table: sa.Table = AUDIT) -> Waiting:
    """The rows without a seal."""
    row = await transaction.row(sa.select(sa.func.count(), sa.func.min(table.c.at)).where(table.c.seq.is_(None)))
    return Waiting(0, None) if row is None else Waiting(row[0], row[1])


# --- verifying


def _outside(table: sa.Table) -> sa.Table:
    """The view of a table that `ioc_outside` may read."""
    return table.to_metadata(sa.MetaData(), schema="outside")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found: how many links hold, the newest of them, the first fault, what waits for a seal."""

    rows: int
    last: Head
    fault: Fault | None
    waiting: Waiting


async def verify(database: Database, anchors: Sequence[Head] = (), *, outside: bool = False) -> Report:
    """Recompute the whole chain from the database, in one snapshot, against its stored head and what else is known.

    `outside` reads through the views of `ioc_outside`.
    """
    rows, kept = (_outside(AUDIT), _outside(AUDIT_HEAD)) if outside else (AUDIT, AUDIT_HEAD)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        stored = await transaction.row(sa.select(kept.c.seq, kept.c.hash))
        known = [] if stored is None else [Head(stored["seq"], stored["hash"])]
        inspection = Inspection([*anchors, *known])
        async for row in _chain(transaction, rows):
            if not inspection.take(row):
                break
        fault = inspection.end()
        if stored is None and fault is None:
            fault = Fault("removed", inspection.last.seq, "the stored head of the chain was removed")
        late = await waiting(transaction, rows)
    return Report(rows=inspection.rows, last=inspection.last, fault=fault, waiting=late)


async def _chain(transaction: Transaction, table: sa.Table) -> AsyncIterator[Sealed]:
    seq = -(1 << 62)
    while rows := await transaction.rows(_after_seq(table), seq=seq, most=_BATCH):
        for row in rows:
            yield _sealed(row)
        seq = rows[-1]["seq"]
