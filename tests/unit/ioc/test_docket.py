"""Repeats that wait for their turn, and the incident that alarms come to."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.alarm_page import news
from ioc.docket import Docket
from ioc.incident_work import recount
from ioc.incidents.alarm import Alarm
from ioc.store.database import Database
from tests.fakes.store import counted
from tests.fakes.things import NOW, alarm, rule


def docket(index: AreaIndex) -> Docket:
    return Docket((rule(),), index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)


def seconds(number: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=number)


async def settle(docket: Docket, database: Database, after: Alarm, held: Alarm | None, now: dt.datetime) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        before = {held.key: held} if held else {}
        await docket.settle(transaction, {after.id: after}, before, now)


async def catch_up(docket: Docket, database: Database, now: dt.datetime) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await docket.catch_up(transaction, now)


async def test_repeats_that_waited_are_told_after_five_seconds_and_once(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books, first = docket(area_index), alarm()
    await settle(books, database, first, None, NOW)
    assert not books.owes
    again = msgspec.structs.replace(first, count=2, seen_at=seconds(1))
    await settle(books, database, again, first, seconds(1))
    assert books.owes
    await catch_up(books, database, seconds(4.9))
    assert books.owes
    assert await admin.fetchval("select count from incidents") == 1
    assert await admin.fetchval("select count from alarms") == 2
    for late in (5, 60):
        await catch_up(books, database, seconds(late))
        assert not books.owes
        assert tuple(await admin.fetchrow("select count, version from incidents")) == (2, 2)
    assert await counted(admin, "changes where subject = 'incident'") == 2
    assert await counted(admin, "changes where subject = 'alarm'") == 1


async def test_who_begins_anew_owes_what_the_one_before_owed(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    before, first = docket(area_index), alarm()
    await settle(before, database, first, None, NOW)
    await settle(before, database, alarm(2, key="other", category="rain"), None, NOW)
    again = msgspec.structs.replace(first, count=2, seen_at=seconds(1))
    await settle(before, database, again, first, seconds(1))
    after = docket(area_index)
    assert not after.owes
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        await after.recall(transaction)
    assert after.owes
    await catch_up(after, database, seconds(5))
    assert not after.owes
    rows = await admin.fetch("select category, count, version from incidents order by category")
    assert [tuple(row) for row in rows] == [("flood", 2, 2), ("rain", 1, 1)]


async def test_nothing_is_owed_any_more_for_an_incident_that_ended(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books, first = docket(area_index), alarm()
    await settle(books, database, first, None, NOW)
    await settle(books, database, msgspec.structs.replace(first, count=2), first, seconds(1))
    await admin.execute("update incidents set status = 'closed'")
    await catch_up(books, database, seconds(6))
    assert not books.owes
    assert await admin.fetchval("select version from incidents") == 1


async def test_nothing_touched_writes_nothing(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await docket(area_index).settle(transaction, {}, {}, NOW)
    assert await counted(admin, "incidents") == 0


async def test_an_alarm_of_a_rule_that_is_gone_bears_the_name_of_its_source(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    await settle(docket(area_index), database, alarm(rule="gone/gone@1"), None, NOW)
    assert await admin.fetchval("select title from incidents") == "gauge-ai-nghia"


async def test_the_worst_alarm_that_holds_gives_the_title(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books = docket(area_index)
    await settle(books, database, alarm(1, severity="moderate"), None, NOW)
    await settle(books, database, alarm(2, severity="extreme", key="other"), None, seconds(1))
    await settle(books, database, alarm(1, severity="severe"), alarm(1), seconds(2))
    row = await admin.fetchrow("select title, severity, alarms from incidents")
    assert tuple(row) == ("gauge-ai-nghia vượt III", "extreme", 2)


def test_a_mere_repeat_is_nonews() -> None:
    before = alarm()
    assert news(None, before)
    assert not news(before, msgspec.structs.replace(before, count=2, seen_at=seconds(1)))
    assert news(before, msgspec.structs.replace(before, severity="severe"))
    assert news(before, msgspec.structs.replace(before, cleared_at=seconds(1)))
    assert news(before, alarm(2, key=before.key))


async def test_alarms_that_were_moved_are_counted_anew_and_told(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books = docket(area_index)
    await settle(books, database, alarm(1), None, NOW)
    await settle(books, database, alarm(2, key="other", category="rain", severity="extreme"), None, NOW)
    one, two = (row["id"] for row in await admin.fetch("select id from incidents order by category"))
    await admin.execute("update alarms set incident = $1, match = 'manual'", two)
    async with database.transaction(EVERYTHING) as transaction:
        found = await recount(transaction, [str(one), str(two)], seconds(1))
    assert {name: (after.alarms, after.status) for name, after in found.items()} == {
        str(one): (0, "resolved"),
        str(two): (2, "new"),
    }
    assert await admin.fetchval("select severity from incidents where id = $1", two) == "extreme"
    assert await counted(admin, "changes where subject = 'incident'") == 4


async def test_units_that_are_new_count_for_the_next_incident(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books = docket(AreaIndex(()))
    books.redraw(area_index)
    await settle(books, database, alarm(), None, NOW)
    assert await admin.fetchval("select area_code from incidents") == "20500"
