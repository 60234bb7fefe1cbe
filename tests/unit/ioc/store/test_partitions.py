"""Partitions on a real PostgreSQL: made by many at once, dropped whole and in time."""

import asyncio
import datetime as dt

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.retention import RetentionClass, Span, classes, span_of
from ioc.store import partitions
from ioc.store.database import Database
from tests.fakes.store import batch, store
from tests.fakes.things import NOW, reading

DAY = dt.timedelta(days=1)
STANDARD = classes()["standard"]


async def made(database: Database, one: RetentionClass, now: dt.datetime = NOW, ahead: dt.timedelta = 3 * DAY) -> int:
    async with database.transaction(EVERYTHING) as transaction:
        return await partitions.ensure_ahead(transaction, one, now, ahead)


async def names(database: Database, parent: partitions.Parent) -> list[str]:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await partitions.names(transaction, parent)


async def drop(database: Database, before: dt.datetime, number: int = STANDARD.number) -> str | None:
    async with database.transaction(EVERYTHING) as transaction:
        return await partitions.drop_oldest(transaction, "readings", number, before)


async def test_days_are_made_ahead_once(database: Database) -> None:
    assert await made(database, STANDARD) == 5
    assert await made(database, STANDARD) == 0
    assert await names(database, "readings") == [f"readings_c2_202611{day}" for day in (22, 23, 24, 25)]
    assert await names(database, "rollups") == ["rollups_c2_20261101"]


async def test_classes_lie_apart_and_a_long_one_has_months(database: Database) -> None:
    for one in classes().values():
        await made(database, one, ahead=dt.timedelta(0))
    assert await names(database, "readings") == ["readings_c1_20261122", "readings_c2_20261122", "readings_c3_20261101"]


async def test_many_who_need_one_partition_make_it_once(database: Database) -> None:
    async with asyncio.timeout(30):
        assert sum(await asyncio.gather(*(made(database, STANDARD) for _ in range(6)))) == 5


async def test_a_partition_is_made_beside_a_writer_who_has_not_ended(database: Database) -> None:
    """Making one takes no lock that a writer's insert waits for, or that waits for a writer's end."""
    await made(database, STANDARD, ahead=dt.timedelta(0))
    async with asyncio.timeout(5), database.transaction(EVERYTHING) as writer:
        await writer.connection.execute(
            """insert into readings (at, seq, value, arrived_at, stream, owner, retention, quality, derived, run)
               values ($1, 1, 1, $1, 1, 1, 2, 0, false, '')""",
            NOW,
        )
        assert await made(database, STANDARD) == 3


async def test_the_oldest_goes_when_all_of_it_is_before_the_moment(database: Database) -> None:
    await made(database, STANDARD)
    midnight = span_of("day", NOW).end
    assert await drop(database, midnight - dt.timedelta(microseconds=1)) is None
    assert await drop(database, midnight) == "readings_c2_20261122"
    assert await drop(database, midnight) is None
    assert await drop(database, midnight + 9 * DAY, number=3) is None
    assert len(await names(database, "readings")) == 3


async def test_who_reads_is_waited_for_only_briefly(database: Database) -> None:
    await store(database).keep(batch(reading()))
    async with asyncio.timeout(5), database.transaction(EVERYTHING) as reader:
        await reader.connection.fetch("select * from readings")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await drop(database, NOW + DAY)
    assert await drop(database, NOW + DAY) == "readings_c2_20261122"


async def test_a_span_that_is_no_day_and_no_month_is_refused(database: Database) -> None:
    span = span_of("day", NOW)
    foolish = [
        Span(span.first, span.first),
        Span(span.first, span.first + 400 * DAY),
        Span(span.first + dt.timedelta(hours=1), span.end),
    ]
    for one in foolish:
        with pytest.raises(asyncpg.InvalidParameterValueError):
            async with database.transaction(EVERYTHING) as transaction:
                await partitions.ensure(transaction, "readings", 2, one)
    for parent in ("accounts", "readings; drop table accounts"):
        with pytest.raises(asyncpg.InvalidParameterValueError):
            async with database.transaction(EVERYTHING) as transaction:
                await partitions.drop_oldest(transaction, parent, 2, NOW)  # type: ignore[arg-type]


async def test_a_day_of_one_stream_is_read_from_one_partition(database: Database) -> None:
    """And by its index: history of other days and streams costs nothing."""
    await made(database, STANDARD, now=NOW - 30 * DAY, ahead=33 * DAY)
    await made(database, msgspec.structs.replace(STANDARD, code="x", number=9), ahead=3 * DAY)
    span = span_of("day", NOW)
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        plan = await transaction.connection.fetch(
            "explain select * from readings where retention = 2 and stream = 5 and at >= $1 and at < $2",
            span.first,
            span.end,
        )
    text = "\n".join(row[0] for row in plan)
    assert "readings_c2_20261122" in text
    assert text.count("readings_c") == text.count("readings_c2_20261122")
