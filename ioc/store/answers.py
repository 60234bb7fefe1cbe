"""Answers to changes that were asked for under an Idempotency-Key, kept for a day."""

import datetime as dt
import functools
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from ioc.store.database import Transaction
from ioc.store.tables_answers import ANSWERS

KEPT = dt.timedelta(hours=24)
MOST = 1_000
"""Keys of one person that are kept; the oldest go first."""

CLAIMED = dt.timedelta(seconds=60)
"""How long a claim without an answer holds: its process may have died. Longer than any request may take."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a request: `status` None while it is being carried out, `body` None when it was not kept."""

    request: bytes
    status: int | None
    media: str
    body: bytes | None
    claimed_at: dt.datetime


@functools.cache
def _claiming() -> Any:
    names = ("login", "key", "request", "claimed_at")
    made = insert(ANSWERS).values({name: sa.bindparam(name) for name in names})
    over = sa.and_(ANSWERS.c.status.is_(None), ANSWERS.c.claimed_at < sa.bindparam("dead"))
    return made.on_conflict_do_update(
        index_elements=["login", "key"],
        set_={"claimed_at": made.excluded.claimed_at},
        where=sa.and_(over, ANSWERS.c.request == made.excluded.request),
    ).returning(ANSWERS.c.key)


def _this() -> sa.ColumnElement[bool]:
    return sa.and_(ANSWERS.c.login == sa.bindparam("of"), ANSWERS.c.key == sa.bindparam("under"))


@functools.cache
def _reading() -> sa.Select[Any]:
    return sa.select(*(ANSWERS.c[name] for name in Answer.__struct_fields__)).where(_this())


@functools.cache
def _keeping() -> sa.Update:
    values: dict[str, Any] = {"status": sa.bindparam("kept_status"), "media": sa.bindparam("kept_media")}
    return sa.update(ANSWERS).where(_this()).values(**values, body=sa.bindparam("kept_body"))


@functools.cache
def _clearing() -> sa.Delete:
    newest = sa.select(ANSWERS.c.key).where(ANSWERS.c.login == sa.bindparam("of"))
    newest = newest.order_by(ANSWERS.c.claimed_at.desc()).offset(MOST)
    mine = sa.and_(ANSWERS.c.login == sa.bindparam("of"), ANSWERS.c.key.in_(newest))
    return sa.delete(ANSWERS).where(sa.or_(ANSWERS.c.claimed_at < sa.bindparam("old"), mine))


async def claim(transaction: Transaction, login: str, key: str, request: bytes, now: dt.datetime) -> Answer | None:
    """Claim a key for a request (its digest): None when it is ours now, else what is kept under it already."""
    while True:
        mine = await transaction.value(
            _claiming(), login=login, key=key, request=request, claimed_at=now, dead=now - CLAIMED
        )
        if mine is not None:
            await transaction.run(_clearing(), of=login, old=now - KEPT)
            return None
        row = await transaction.row(_reading(), of=login, under=key)
        if row is not None:
            return Answer(**{name: row[name] for name in Answer.__struct_fields__})


async def keep(transaction: Transaction, login: str, key: str, *, status: int, media: str, body: bytes | None) -> None:
    """Keep the answer under a claimed key; in the transaction of the deed it holds when, and only when, that does."""
    await transaction.run(_keeping(), of=login, under=key, kept_status=status, kept_media=media, kept_body=body)


async def release(transaction: Transaction, login: str, key: str) -> None:
    """Give a key back whose request was not carried out."""
    await transaction.run(sa.delete(ANSWERS).where(_this(), ANSWERS.c.status.is_(None)), of=login, under=key)
