"""A gauge that stands on its limit: one incident, told once, however often the alarm comes and goes."""

import datetime as dt
import os
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm, rule
from tests.integration.test_desk import Office

MINUTE = dt.timedelta(minutes=1)


class Flapping:
    """A docket, and the one alarm that comes and goes."""

    def __init__(self, database: Database, index: AreaIndex, admin: asyncpg.Connection) -> None:
        self.database, self.admin = database, admin
        self.docket = Docket((rule(),), index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        self.raises = 0

    async def comes_and_goes(self, minute: float, severity: str = "moderate") -> None:
        """Raised at a minute, and over five minutes later."""
        self.raises += 1
        at = NOW + minute * MINUTE
        up = alarm(self.raises, key="k", raised_at=at, seen_at=at, severity=severity)
        await self.settle(up, at)
        down = at + 5 * MINUTE
        await self.settle(msgspec.structs.replace(up, cleared_at=down, seen_at=down), down)

    async def settle(self, one: object, at: dt.datetime) -> None:
        async with self.database.transaction(EVERYTHING) as transaction:
            await self.docket.settle(transaction, {one.id: one}, {}, at)  # type: ignore[attr-defined]

    async def tend(self, minute: float) -> None:
        """What the desk does now and then."""
        at = NOW + minute * MINUTE
        async with self.database.transaction(EVERYTHING) as transaction:
            await self.docket.tend(transaction, at)
        async with self.database.transaction(EVERYTHING) as transaction:
            await self.docket.catch_up(transaction, at)

    async def incidents(self) -> list[tuple[str, int]]:
        rows = await self.admin.fetch("select status, alarms from incidents where alarms > 0 order by opened_at")
        return [tuple(row) for row in rows]

    async def lines(self, *what: str) -> int:
        number: int = await self.admin.fetchval("select count(*) from incident_log where what = any ($1)", list(what))
        return number


@pytest.fixture
def flaps(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Flapping:
    return Flapping(database, area_index, admin)


async def test_what_flaps_for_hours_stays_one_open_incident_and_is_resolved_when_it_is_calm(flaps: Flapping) -> None:
    for turn in range(4):
        await flaps.comes_and_goes(14 * turn)
    before = await flaps.lines("opened", "reopened", "resolved")
    [(status, alarms)] = await flaps.incidents()
    assert (status in ("new", "reopened"), alarms) == (True, 4)
    evidence = await flaps.admin.fetchval("select evidence ->> 'flapping' from alarms order by raised_at desc limit 1")
    assert '"raises": 4' in evidence
    for turn in range(4, 16):
        await flaps.comes_and_goes(14 * turn)
        await flaps.tend(14 * turn + 6)
    assert await flaps.lines("opened", "reopened", "resolved") == before
    assert await flaps.incidents() == [(status, 16)]
    last = 14 * 15
    await flaps.tend(last + 59)
    assert await flaps.incidents() == [(status, 16)]
    await flaps.tend(last + 60)
    assert await flaps.incidents() == [("resolved", 16)]
    assert await flaps.lines("opened", "reopened", "resolved") == before + 1


async def test_it_goes_on_over_gaps_at_which_a_single_alarm_would_be_another_incident(flaps: Flapping) -> None:
    for minute in (0, 6, 12, 18):
        await flaps.comes_and_goes(minute)
    for minute in (70, 125, 180):
        await flaps.comes_and_goes(minute)
    assert [alarms for _, alarms in await flaps.incidents()] == [7]


async def test_what_a_person_resolved_is_not_reopened_by_a_further_raise(flaps: Flapping) -> None:
    for minute in (0, 6, 12, 18):
        await flaps.comes_and_goes(minute)
    await flaps.admin.execute("update incidents set status = 'resolved', resolved_by = 'lan', touched = true")
    await flaps.comes_and_goes(30)
    await flaps.tend(40)
    assert await flaps.incidents() == [("resolved", 5)]
    await flaps.comes_and_goes(50, "extreme")
    await flaps.tend(60)
    [(status, _)] = await flaps.incidents()
    assert status == "reopened"


async def test_through_the_desk_a_river_that_stands_on_its_level_is_one_incident(
    flaps: Flapping, area_index: AreaIndex
) -> None:
    office = Office(flaps.database, area_index)
    for turn in range(10):
        await office.level(7.0, 180.0)
        await office.level(5.0, 180.0)
        await office.desk.hush()
        if turn == 5:
            office.desk = office.hire()
    [(status, alarms)] = await flaps.incidents()
    assert (status in ("new", "reopened"), alarms) == (True, 10)
    assert await flaps.lines("reopened", "resolved") <= 2 * 3
    raises = await flaps.admin.fetch("select evidence #>> '{flapping,raises}' from alarms order by raised_at")
    assert [row[0] for row in raises] == [None, None, None, *map(str, range(4, 11))]
    office.at += 61 * MINUTE
    await office.desk.hush()
    office.at += dt.timedelta(seconds=6)
    await office.desk.hush()
    assert await flaps.incidents() == [("resolved", 10)]
