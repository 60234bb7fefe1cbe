"""What has been kept long enough goes: whole partitions of readings, and rows of what is few."""

import datetime as dt
from typing import LiteralString

import asyncpg
import sqlalchemy as sa

from ioc.access.scope import EVERYTHING
from ioc.retention import RetentionClass
from ioc.store import partitions
from ioc.store.database import Database, Transaction
from ioc.store.tables_answers import ANSWERS

MOST = 10_000
"""Rows of one statement: a deletion never holds anything for long."""

_LETTERS: LiteralString = """
delete from dead_letters where id in (select id from dead_letters where arrived_at < $1 order by arrived_at limit $2)
"""


async def drop_partitions(database: Database, one: RetentionClass, now: dt.datetime) -> tuple[list[str], bool]:
    """Drop what a class keeps no longer, oldest first, each in a transaction of its own.

    Returns the names of what went, and whether that was all: somebody may have read or written for so long that
    the rest has to wait for the next time.
    """
    gone: list[str] = []
    limits: tuple[tuple[partitions.Parent, int], ...] = (
        ("readings", one.readings_days),
        ("rollups", one.rollups_days),
    )
    for parent, days in limits:
        while True:
            try:
                async with database.transaction(EVERYTHING) as transaction:
                    name = await partitions.drop_oldest(transaction, parent, one.number, now - dt.timedelta(days=days))
            except asyncpg.LockNotAvailableError:
                return gone, False
            if name is None:
                break
            gone.append(name)
    return gone, True


async def prune_dead_letters(transaction: Transaction, before: dt.datetime) -> int:
    """Drop the oldest dead letters that arrived before a moment; how many."""
    tag: str = await transaction.connection.execute(_LETTERS, before, MOST)
    return int(tag.rpartition(" ")[2])


async def prune_answers(transaction: Transaction, before: dt.datetime) -> int:
    """Drop answers to requests that were made before a moment; how many."""
    tag = await transaction.run(sa.delete(ANSWERS).where(ANSWERS.c.claimed_at < before))
    return int(tag.rpartition(" ")[2])
