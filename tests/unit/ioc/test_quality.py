"""The hours of alarms' quality on a real PostgreSQL, under a clock of the test's own."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.quality import HOUR
from ioc.quality import BACK, MOST_HOURS, SETTLED, Quality
from ioc.store import alarms as kept
from ioc.store.database import Database
from tests.unit.ioc.store.test_alarm_quality import T0, incident, told

SECOND = dt.timedelta(seconds=1)


async def believed() -> bool:
    return True


async def turned(database: Database, now: dt.datetime) -> Quality:
    """The work until nothing is left at a moment."""
    worker = Quality(database, lambda: now, believed)
    while await worker.turn():
        pass
    return worker


async def hours_of(admin: asyncpg.Connection) -> list[dt.datetime]:
    return [row["hour"] for row in await admin.fetch("select hour from alarm_hours order by hour")]


async def save(database: Database, *minutes: float) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [told(one, str(one)) for one in minutes])


async def test_an_hour_is_made_when_it_is_over_and_its_last_minute_was_answered(
    database: Database, admin: asyncpg.Connection
) -> None:
    await save(database, 5)
    await turned(database, T0 + HOUR + SETTLED - SECOND)
    assert await hours_of(admin) == []
    assert (await turned(database, T0 + HOUR + SETTLED)).kept == 1
    assert (await turned(database, T0 + HOUR + SETTLED)).kept == 0
    assert await hours_of(admin) == [T0]


async def test_hours_without_alarms_are_kept_and_none_is_left_out(
    database: Database, admin: asyncpg.Connection
) -> None:
    await save(database, 5)
    await turned(database, T0 + 3 * HOUR)
    await turned(database, T0 + (MOST_HOURS + 10) * HOUR)
    found = await hours_of(admin)
    assert found == [T0 + number * HOUR for number in range(MOST_HOURS + 9)]


async def test_without_any_alarm_the_last_hour_is_the_first(database: Database, admin: asyncpg.Connection) -> None:
    await turned(database, T0 + 3 * HOUR + SETTLED)
    assert await hours_of(admin) == [T0 + 2 * HOUR]


async def test_no_more_than_a_month_is_made_anew(database: Database, admin: asyncpg.Connection) -> None:
    await save(database, 5)
    await turned(database, T0 + 40 * 24 * HOUR + SETTLED)
    assert (await hours_of(admin))[0] == T0 + 40 * 24 * HOUR - BACK


async def test_a_later_verdict_renews_its_hour_and_the_rest_stays(
    database: Database, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await incident(transaction, 1, 5)
    await save(database, 5)
    await turned(database, T0 + 2 * HOUR + SETTLED)
    async with database.transaction(EVERYTHING) as transaction:
        await incident(transaction, 1, 5, "false_alarm")
    await turned(database, T0 + 3 * HOUR + SETTLED)
    rows = await admin.fetch("select hour, false_alarms from alarm_quality where false_alarms > 0")
    assert [tuple(row) for row in rows] == [(T0, 1)]


async def test_an_error_is_told_and_the_work_goes_on(
    database: Database, admin: asyncpg.Connection, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.execute("alter table alarm_hours rename to elsewhere")
    monkeypatch.setattr("ioc.quality.EVERY_S", 0.05)
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Quality(database, lambda: T0 + 2 * HOUR + SETTLED, believed).run(), name="quality")
        while "could not be made" not in caplog.text:
            await asyncio.sleep(0.01)
        await admin.execute("alter table elsewhere rename to alarm_hours")
        while not await hours_of(admin):
            await asyncio.sleep(0.01)
        running.cancel()


async def test_a_clock_that_is_not_believed_makes_no_hours(database: Database, admin: asyncpg.Connection) -> None:
    async def doubted() -> bool:
        return False

    await save(database, 5)
    assert not await Quality(database, lambda: T0 + 24 * 365 * HOUR, doubted).turn()
    assert await hours_of(admin) == []
