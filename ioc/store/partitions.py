"""The partitions of readings and rollups: made ahead and on demand, dropped whole. The service owns no table, so
functions of the owner make and drop them (0002_storage.sql)."""

import datetime as dt
from typing import Literal, LiteralString

from ioc.retention import RetentionClass, Span, spans
from ioc.store.database import Transaction

Parent = Literal["readings", "rollups"]

_ENSURE: LiteralString = "select ensure_partition($1, $2, $3, $4)"
_DROP: LiteralString = "select drop_oldest_partition($1, $2, $3)"
_NAMES: LiteralString = """
select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = $1::text::regclass order by 1
"""


async def ensure(transaction: Transaction, parent: Parent, number: int, span: Span) -> bool:
    """Make the partition of a class unless it is there; whether it was made.

    Writers that need it at the same time wait for each other; those who write elsewhere go on.
    """
    made: bool = await transaction.connection.fetchval(_ENSURE, parent, number, span.first, span.end)
    return made


async def ensure_ahead(transaction: Transaction, one: RetentionClass, now: dt.datetime, ahead: dt.timedelta) -> int:
    """Make the partitions of a class for now and for `ahead`; how many were made."""
    made = 0
    for span in spans(one.step, now, now + ahead):
        made += await ensure(transaction, "readings", one.number, span)
    for span in spans("month", now, now + ahead):
        made += await ensure(transaction, "rollups", one.number, span)
    return made


async def drop_oldest(transaction: Transaction, parent: Parent, number: int, before: dt.datetime) -> str | None:
    """Drop the oldest partition of a class if all of it lies before a moment; its name, None when there is none.

    Raises asyncpg.LockNotAvailableError when somebody reads or writes for longer than it may wait: try again later.
    """
    name: str | None = await transaction.connection.fetchval(_DROP, parent, number, before)
    return name


async def names(transaction: Transaction, parent: Parent) -> list[str]:
    """The partitions that are there."""
    return [row["relname"] for row in await transaction.connection.fetch(_NAMES, parent)]
