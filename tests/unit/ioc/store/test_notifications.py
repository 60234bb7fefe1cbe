"""Notifications in PostgreSQL."""

import asyncpg

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.notifications import enqueue
from tests.fakes.store import counted
from tests.fakes.telling import notification


async def test_what_is_entered_twice_is_there_once(database: Database, admin: asyncpg.Connection) -> None:
    one, other = notification("lan", key="a"), notification("lan", key="b")
    async with database.transaction(EVERYTHING) as transaction:
        assert await enqueue(transaction, [one, one, other]) == 2
        assert await enqueue(transaction, [notification("lan", key="a"), notification("mai", key="a")]) == 1
        assert await enqueue(transaction, []) == 0
    assert await counted(admin, "notifications") == 3


async def test_all_of_it_is_kept(database: Database, admin: asyncpg.Connection) -> None:
    thing = "0193662b-9a3c-7000-8000-000000000017"
    one = notification(body="b", body_en="e", ticket=thing, incident=thing, severity="extreme", topic="escalation")
    async with database.transaction(EVERYTHING) as transaction:
        await enqueue(transaction, [one])
    row = await admin.fetchrow("select * from notifications")
    assert row is not None
    assert (row["recipient"], row["thread"], str(row["ticket"]), str(row["incident"])) == (
        one.to,
        one.group,
        *[thing] * 2,
    )
    for name in ("key", "topic", "severity", "title", "title_en", "body", "body_en", "link", "centre", "area", "at"):
        assert row[name] == getattr(one, name)
    assert row["due_at"] == one.at
    assert row["read_at"] is None


async def test_what_several_are_told_alike_is_entered_for_each(database: Database, admin: asyncpg.Connection) -> None:
    some = [
        notification(to, key=key, title=f"{key} cho tất cả") for key in ("a", "b") for to in ("mai", "lan", "@nuoc")
    ]
    other = notification("an", key="a", title="a cho riêng an")
    async with database.transaction(EVERYTHING) as transaction:
        assert await enqueue(transaction, [*some, other]) == 7
    rows = await admin.fetch("select key, recipient, title from notifications order by key, recipient")
    assert [tuple(row) for row in rows] == [
        ("a", "@nuoc", "a cho tất cả"), ("a", "an", "a cho riêng an"), ("a", "lan", "a cho tất cả"),
        ("a", "mai", "a cho tất cả"), ("b", "@nuoc", "b cho tất cả"), ("b", "lan", "b cho tất cả"),
        ("b", "mai", "b cho tất cả"),
    ]  # fmt: skip
