"""Centres under whose topics moved devices may still speak."""

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store import former_topics
from ioc.store.database import Database
from tests.fakes.things import NOW


async def test_they_are_listed_by_code_and_ended_with_a_row_of_the_audit_trail(
    database: Database, admin: asyncpg.Connection
) -> None:
    rows = [("b2", "tam-ky", NOW), ("a1", "tam-ky", NOW), ("a1", "hoi-an", NOW)]
    await admin.executemany("insert into former_topics values ($1, $2, $3)", rows)
    async with database.transaction(EVERYTHING) as transaction:
        assert await former_topics.by_code(transaction) == {"a1": ("hoi-an", "tam-ky"), "b2": ("tam-ky",)}
        assert await former_topics.end(transaction, ["a1", "c3"], "lan", NOW) == {"a1"}
        assert [one.code for one in await former_topics.listed(transaction)] == ["b2"]
    deeds = await admin.fetch("select act, who, thing, centre from audit where act like 'topic.%' order by centre")
    assert [tuple(row) for row in deeds] == [("topic.end", "lan", "a1", "hoi-an"), ("topic.end", "lan", "a1", "tam-ky")]
