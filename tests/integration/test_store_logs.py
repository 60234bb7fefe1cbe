"""The journal and the change log on a real PostgreSQL: their readers skip nothing."""

import asyncio
import datetime as dt

from ioc.access.scope import EVERYTHING, Scope
from ioc.store import changes, journal
from ioc.store.database import Database
from tests.fakes.things import NOW, reading


def change(number: int) -> changes.Change:
    return changes.Change(
        subject="device", subject_id=str(number), op="put", centre="quang-nam", area="x", at=NOW, value={"n": number}
    )


async def read_changes(database: Database, cursor: int) -> list[changes.Change]:
    """As the board does."""
    return await changes.told(database, EVERYTHING, cursor, 100)


async def test_what_a_scope_may_not_see_is_not_told_in_one_exchange_either(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await changes.record(transaction, [change(1), change(2)])
    assert [one.subject_id for one in await changes.told(database, EVERYTHING, 0, 1)] == ["1"]
    assert await changes.told(database, Scope(frozenset({"hoi-an"})), 0, 100) == []
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await changes.after(transaction, 0, 100)
    assert len(found) == 2
    assert await changes.told(database, EVERYTHING, 0, 100) == found


async def test_a_reader_skips_no_change_of_writers_that_commit_in_another_order(database: Database) -> None:
    """The second writer began later but took its place in the log first, and commits last."""
    first_began, second_wrote, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    seen: list[str] = []
    cursor = 0

    async def look() -> None:
        nonlocal cursor
        for found in await read_changes(database, cursor):
            seen.append(found.subject_id)
            cursor = found.version

    async def first() -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.fetchval("select pg_current_xact_id()")
            first_began.set()
            await second_wrote.wait()
            await changes.record(transaction, [change(1)])
        first_done.set()

    async def second() -> None:
        await first_began.wait()
        async with database.transaction(EVERYTHING) as transaction:
            await changes.record(transaction, [change(2)])
            second_wrote.set()
            try:
                async with asyncio.timeout(0.5):
                    await first_done.wait()
            except TimeoutError:
                pass
            await look()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(first(), name="first")
        tasks.create_task(second(), name="second")
    await look()
    assert sorted(seen) == ["1", "2"]


async def test_a_desk_skips_no_batch_of_writers_that_commit_in_another_order(database: Database) -> None:
    first_began, second_wrote, first_done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    seen: list[int | None] = []
    cursor = 0

    async def look() -> None:
        nonlocal cursor
        async with database.transaction(EVERYTHING) as transaction:
            for entry in await journal.after(transaction, cursor, 100):
                seen.extend(one.stamp.sequence for one in entry.observations)
                cursor = entry.id

    async def first() -> None:
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.fetchval("select pg_current_xact_id()")
            first_began.set()
            await second_wrote.wait()
            await journal.append(transaction, [reading(seq=1)], NOW)
        first_done.set()

    async def second() -> None:
        await first_began.wait()
        async with database.transaction(EVERYTHING) as transaction:
            await journal.append(transaction, [reading(seq=2)], NOW)
            second_wrote.set()
            try:
                async with asyncio.timeout(0.5):
                    await first_done.wait()
            except TimeoutError:
                pass
            await look()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(first(), name="first")
        tasks.create_task(second(), name="second")
    await look()
    assert sorted(number for number in seen if number) == [1, 2]


async def test_many_writers_and_one_reader_agree_on_the_log(database: Database) -> None:
    seen: list[str] = []
    versions: list[int] = []
    done = asyncio.Event()

    async def write(writer: int) -> None:
        for number in range(20):
            async with database.transaction(EVERYTHING) as transaction:
                await transaction.connection.fetchval("select pg_current_xact_id()")
                await asyncio.sleep(0)
                await changes.record(transaction, [change(1000 * writer + number)])

    async def follow() -> None:
        cursor = 0
        while True:
            last = done.is_set()
            for found in await read_changes(database, cursor):
                seen.append(found.subject_id)
                versions.append(found.version)
                cursor = found.version
            if last:
                return

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        following = tasks.create_task(follow(), name="follow")
        async with asyncio.TaskGroup() as writers:
            for writer in range(4):
                writers.create_task(write(writer), name=f"writer-{writer}")
        done.set()
        await following
    assert len(seen) == len(set(seen)) == 80
    assert versions == sorted(versions)


async def test_a_change_is_seen_at_once_though_an_older_transaction_goes_on(database: Database) -> None:
    async with database.transaction(EVERYTHING) as older:
        await older.connection.fetchval("select pg_current_xact_id()")
        async with database.transaction(EVERYTHING) as writer:
            await changes.record(writer, [change(1)])
        assert [found.subject_id for found in await read_changes(database, 0)] == ["1"]


async def test_the_journal_is_pruned_behind_the_cursor_and_by_age_alone(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for number, age in enumerate((48, 1, 48)):
            await journal.append(transaction, [reading(seq=number)], NOW - dt.timedelta(hours=age))
        first, second, third = [entry.id for entry in await journal.after(transaction, 0, 10)]
        for reader in journal.READERS:
            await journal.advance(transaction, reader, second)
        await journal.prune(transaction, NOW - dt.timedelta(hours=24))
        assert [entry.id for entry in await journal.after(transaction, 0, 10)] == [second, third]
    assert first < second < third
