"""The bell of a server process, over a real PostgreSQL."""

import asyncio

from ioc.access.scope import EVERYTHING
from ioc.api.bell import Bell
from ioc.store.database import Database
from ioc.store.notifications import enqueue
from ioc.store.told import NONE
from tests.fakes.telling import notification


async def test_only_who_has_news_is_answered(database: Database) -> None:
    bell = Bell(database)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        lan = tasks.create_task(bell.news("lan", NONE.mark, 15), name="lan")
        mai = tasks.create_task(bell.news("mai", NONE.mark, 15), name="mai")
        stale = tasks.create_task(bell.news("mai", "3-1", 15), name="stale")
        async with database.transaction(EVERYTHING) as transaction:
            await enqueue(transaction, [notification("lan")])
        await bell.look()
        await asyncio.wait([lan, stale])
        assert not mai.done()
        bell.end()
        await mai


async def test_who_waits_long_enough_is_answered_without_news(database: Database) -> None:
    bell = Bell(database)
    await bell.news("lan", NONE.mark, 0.01)
    await bell.look()


async def test_nobody_is_asked_for_while_nobody_waits(database: Database) -> None:
    bell = Bell(database)
    looked = 0

    async def look() -> None:
        nonlocal looked
        looked += 1
        bell.end()

    bell.look = look  # type: ignore[method-assign]
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        run = tasks.create_task(bell.run(), name="bell")
        await asyncio.wait([run], timeout=0.1)
        assert looked == 0
        await bell.news("lan", NONE.mark, 15)
        assert looked == 1
        run.cancel()
