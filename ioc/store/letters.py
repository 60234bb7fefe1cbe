"""Dead letters: messages that were refused, with the reason; found again, and marked when they are mended."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from gis.observation import Refusal
from ioc.store.database import Row, Transaction
from ioc.store.readings import Owner
from ioc.store.statements import inserting
from ioc.store.tables import DEAD_LETTERS

HEAD = 4096
"""Bytes of a dead letter that are kept, beside its length and SHA-256 (contract, MQTT)."""

UNJUDGED = "unjudged"
"""The code of an observation that is kept, and that the desk could not judge."""

LONGEST_REASON = 1000
LONGEST_TOPIC = 512

LATER = ("replayed_at", "mended_at", "again")
"""Columns that say what became of a letter after it was buried."""

State = Literal["open", "mended", "all"]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A refused message. `head` is its beginning, `size` its whole length in bytes.

    `replayed_at` is when it was last fed to the decoder again and `again` why it was refused then; `mended_at` is
    when it was understood, or when somebody closed what is `unjudged`.
    """

    id: int
    centre: str | None
    area: str | None
    source: str
    topic: str
    head: bytes
    size: int
    sha256: bytes
    code: str
    reason: str
    skew_s: float | None
    arrived_at: dt.datetime
    replayed_at: dt.datetime | None
    mended_at: dt.datetime | None
    again: str

    @property
    def whole(self) -> bool:
        """Whether all of the message is here, so that it can be replayed."""
        return self.size == len(self.head)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which letters; what is None or empty does not matter. `since` is of the arrival, `ids` are exactly these."""

    code: str = ""
    source: str = ""
    since: dt.datetime | None = None
    state: State = "open"
    ids: tuple[int, ...] = ()


def row_of(refusal: Refusal, arrived_at: dt.datetime, owners: Mapping[str, Owner]) -> dict[str, Any]:
    """A refusal as it is buried: at its source's centre and area, where one is known."""
    owner = owners.get(refusal.source)
    return {
        "centre": owner.centre if owner is not None else None,
        "area": owner.area if owner is not None else None,
        "source": refusal.source if owner is not None else "",
        "topic": refusal.topic[:LONGEST_TOPIC].replace("\0", "�"),
        "head": refusal.payload[:HEAD],
        "bytes": len(refusal.payload),
        "sha256": hashlib.sha256(refusal.payload).digest(),
        "code": refusal.code,
        "reason": refusal.reason.replace("\0", "�")[:LONGEST_REASON],
        "skew_s": refusal.skew_s,
        "arrived_at": arrived_at,
    }


async def bury(transaction: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter refusals as `row_of` makes them."""
    await transaction.run_many(inserting(DEAD_LETTERS, *LATER), rows)


async def bury_once(transaction: Transaction, refusal: Refusal, arrived_at: dt.datetime) -> bool:
    """Enter a refusal of no registered source, unless one of the same topic, content and code lies there."""
    row = row_of(refusal, arrived_at, {})
    same = (DEAD_LETTERS.c[name] == row[name] for name in ("topic", "sha256", "code"))
    if await transaction.row(sa.select(DEAD_LETTERS.c.id).where(*same).limit(1)) is not None:
        return False
    await transaction.run(inserting(DEAD_LETTERS, *LATER), **row)
    return True


async def newest(transaction: Transaction, wanted: Wanted, limit: int, before: int | None = None) -> list[Letter]:
    """Letters from the newest on, those before a place only."""
    statement = _wanted(wanted).order_by(DEAD_LETTERS.c.id.desc()).limit(limit)
    return await _found(transaction, statement if before is None else statement.where(DEAD_LETTERS.c.id < before))


async def count(transaction: Transaction, wanted: Wanted, most: int) -> int:
    """How many letters there are, at most `most`: what is counted costs no more, however many there are."""
    some = _wanted(wanted).with_only_columns(sa.literal(1)).limit(most).subquery()
    rows = await transaction.rows(sa.select(sa.func.count().label("count")).select_from(some))
    return int(rows[0]["count"])


async def oldest(transaction: Transaction, wanted: Wanted, limit: int, after: int = 0) -> list[Letter]:
    """Letters in the order in which they were buried, those after a place only: for replaying them."""
    return await _found(
        transaction, _wanted(wanted).where(DEAD_LETTERS.c.id > after).order_by(DEAD_LETTERS.c.id).limit(limit)
    )


async def one(transaction: Transaction, number: int) -> Letter | None:
    """The letter of a number, if it is there to be seen."""
    found = await _found(transaction, _wanted(Wanted(ids=(number,), state="all")))
    return found[0] if found else None


async def mark(transaction: Transaction, number: int, now: dt.datetime, *, again: str) -> None:
    """Say what came of replaying a letter: why it was refused again, or (empty) that it is mended."""
    values: dict[str, Any] = {"replayed_at": now, "again": again.replace("\0", "�")[:LONGEST_REASON]}
    if not again:
        values["mended_at"] = sa.func.coalesce(DEAD_LETTERS.c.mended_at, now)
    await transaction.run(sa.update(DEAD_LETTERS).where(DEAD_LETTERS.c.id == number).values(**values))


async def close(transaction: Transaction, number: int, now: dt.datetime) -> bool:
    """Say that a letter needs nothing any more, without its being understood; False when that was said already."""
    here = sa.and_(DEAD_LETTERS.c.id == number, DEAD_LETTERS.c.mended_at.is_(None))
    closing = sa.update(DEAD_LETTERS).where(here).values(mended_at=now).returning(DEAD_LETTERS.c.id)
    return await transaction.value(closing) is not None


def _wanted(wanted: Wanted) -> sa.Select[Any]:
    table = DEAD_LETTERS.c
    plain = (table[name] for name in Letter.__struct_fields__ if name != "size")
    statement = sa.select(*plain, table.bytes.label("size"))
    if wanted.code:
        statement = statement.where(table.code == wanted.code)
    if wanted.source:
        statement = statement.where(table.source == wanted.source)
    if wanted.since is not None:
        statement = statement.where(table.arrived_at >= wanted.since)
    if wanted.state != "all":
        statement = statement.where(
            table.mended_at.is_(None) if wanted.state == "open" else table.mended_at.is_not(None)
        )
    return statement.where(table.id.in_(wanted.ids)) if wanted.ids else statement


async def _found(transaction: Transaction, statement: sa.Select[Any]) -> list[Letter]:
    rows: Sequence[Row] = await transaction.rows(statement)
    return [Letter(**{name: row[name] for name in Letter.__struct_fields__}) for row in rows]
