"""What a silence does to alarms, from the moment that hides them to the one after its end, on a real PostgreSQL."""

import datetime as dt
import os
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.silence import Matcher, Recurrence, Silence
from ioc.store import silences
from ioc.store.database import Database
from tests.fakes.things import NOW, alarm, rule
from tests.integration.test_desk import Office

MINUTE = dt.timedelta(minutes=1)
UNTIL = NOW + 60 * MINUTE


class Muted:
    """A centre with one silence of the gauge, an hour long."""

    def __init__(self, database: Database, index: AreaIndex, admin: asyncpg.Connection) -> None:
        self.database, self.admin = database, admin
        self.docket = Docket((rule(),), index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        self.held: dict[str, Alarm] = {}

    async def silence(self, number: int = 1, **members: Any) -> str:
        """Make a silence; its id."""
        plain: dict[str, Any] = {
            "id": str(uuid.UUID(int=number)),
            "author": "an",
            "reason": "bảo trì",
            "matcher": Matcher(sources=("gauge-ai-nghia",)),
            "starts": NOW - MINUTE,
            "until": UNTIL,
            "created_at": NOW - MINUTE,
        }
        made = Silence(**plain | members)
        async with self.database.transaction(EVERYTHING) as transaction:
            await silences.create(transaction, made)
        return made.id

    async def settle(self, *touched: Alarm, at: dt.datetime = NOW) -> None:
        """What the desk does with alarms that changed."""
        async with self.database.transaction(EVERYTHING) as transaction:
            await self.docket.settle(transaction, {one.id: one for one in touched}, self.held, at)
        self.held |= {one.key: one for one in touched if one.cleared_at is None}

    async def tend(self, at: dt.datetime) -> None:
        """What the desk does now and then."""
        async with self.database.transaction(EVERYTHING) as transaction:
            await self.docket.tend(transaction, at)

    async def matches(self) -> list[str]:
        return [row[0] for row in await self.admin.fetch("select match from alarms order by raised_at, key")]

    async def incidents(self) -> int:
        number: int = await self.admin.fetchval("select count(*) from incidents")
        return number

    async def hidden(self, silence: str) -> list[silences.Hidden]:
        async with self.database.transaction(EVERYTHING, read_only=True) as transaction:
            return await silences.hidden(transaction, uuid.UUID(silence), 100)


@pytest.fixture
def muted(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Muted:
    return Muted(database, area_index, admin)


async def test_a_silenced_alarm_makes_no_incident_and_its_own_life_goes_on(muted: Muted) -> None:
    one = await muted.silence()
    raised = alarm()
    await muted.settle(raised)
    assert (await muted.incidents(), await muted.matches()) == (0, ["silenced"])
    again = msgspec.structs.replace(raised, count=2, severity="severe", seen_at=NOW + MINUTE)
    await muted.settle(again, at=NOW + MINUTE)
    await muted.settle(msgspec.structs.replace(again, cleared_at=NOW + 2 * MINUTE), at=NOW + 2 * MINUTE)
    assert tuple(await muted.admin.fetchrow("select count, severity, cleared_at, match from alarms")) == (
        2, "severe", NOW + 2 * MINUTE, "silenced",
    )  # fmt: skip
    [line] = await muted.hidden(one)
    assert (line.severity, line.released_at, line.incident) == ("severe", None, None)
    await muted.tend(UNTIL)
    assert await muted.incidents() == 0, "what is over when the silence ends comes back as nothing"


async def test_what_still_holds_when_it_ends_is_correlated_then(muted: Muted) -> None:
    one = await muted.silence()
    await muted.settle(alarm(1, key="a"), alarm(2, key="b"))
    await muted.tend(UNTIL - MINUTE)
    assert await muted.incidents() == 0
    await muted.tend(UNTIL)
    assert await muted.incidents() == 1
    assert sorted(await muted.matches()) == ["linked", "opened"]
    assert [line.released_at for line in await muted.hidden(one)] == [UNTIL, UNTIL]
    await muted.tend(UNTIL + MINUTE)
    assert (await muted.incidents(), len(await muted.hidden(one))) == (1, 2)


async def test_an_early_end_lets_it_through_at_once(muted: Muted) -> None:
    one = await muted.silence()
    await muted.settle(alarm())
    async with muted.database.transaction(EVERYTHING) as transaction:
        await silences.end(transaction, one, "binh", NOW + 5 * MINUTE)
    await muted.tend(NOW + 5 * MINUTE)
    assert await muted.incidents() == 1


async def test_one_that_becomes_extreme_breaks_through_a_silence_that_does_not_say_so(muted: Muted) -> None:
    one = await muted.silence()
    raised = alarm()
    await muted.settle(raised)
    worse = msgspec.structs.replace(raised, severity="extreme", seen_at=NOW + MINUTE)
    await muted.settle(worse, at=NOW + MINUTE)
    assert await muted.incidents() == 1
    assert [line.released_at for line in await muted.hidden(one)] == [NOW + MINUTE]
    await muted.silence(2, matcher=Matcher(sources=("gauge-ai-nghia",), worst="extreme"))
    await muted.settle(alarm(3, key="other", severity="extreme"), at=NOW + MINUTE)
    assert await muted.incidents() == 1


async def test_when_a_second_silence_goes_on_it_stays_hidden_until_both_are_over(muted: Muted) -> None:
    first = await muted.silence()
    second = await muted.silence(2, until=UNTIL + 30 * MINUTE, created_at=NOW)
    await muted.settle(alarm())
    assert (len(await muted.hidden(first)), len(await muted.hidden(second))) == (1, 0)
    await muted.tend(UNTIL + MINUTE)
    assert (await muted.incidents(), len(await muted.hidden(second))) == (0, 1)
    await muted.tend(UNTIL + 30 * MINUTE)
    assert await muted.incidents() == 1


async def test_in_a_series_what_holds_is_told_after_each_window_and_what_is_new_hidden_again(muted: Muted) -> None:
    nightly = Recurrence(start=dt.time(7, 59), end=dt.time(9), zone="Asia/Ho_Chi_Minh")  # NOW is eight there
    one = await muted.silence(until=NOW + dt.timedelta(days=20), recurs=nightly)
    await muted.settle(alarm(1, key="a"))
    await muted.tend(NOW + 59 * MINUTE)
    assert await muted.incidents() == 0
    await muted.tend(NOW + 60 * MINUTE)
    assert await muted.incidents() == 1
    tomorrow = NOW + dt.timedelta(days=1)
    await muted.settle(alarm(2, key="b", raised_at=tomorrow, seen_at=tomorrow), at=tomorrow)
    assert (await muted.incidents(), len(await muted.hidden(one))) == (1, 2)


async def test_a_silence_made_later_takes_nothing_out_of_its_incident(muted: Muted) -> None:
    raised = alarm()
    await muted.settle(raised)
    one = await muted.silence(starts=NOW + MINUTE)
    later = NOW + 2 * MINUTE
    await muted.settle(msgspec.structs.replace(raised, count=2, seen_at=later), at=later)
    await muted.tend(later)
    assert (await muted.matches(), await muted.hidden(one)) == (["opened"], [])


async def test_many_that_are_still_muted_keep_none_waiting_whose_silence_is_over(muted: Muted) -> None:
    await muted.silence(1, matcher=Matcher(categories=("flood",)), until=UNTIL + 60 * MINUTE)
    crowd = [alarm(number, key=f"k{number:04}") for number in range(10, 620)]
    await muted.settle(*crowd)
    await muted.silence(2, matcher=Matcher(categories=("rain",)))
    await muted.settle(alarm(5, key="rain", category="rain", raised_at=NOW + MINUTE), at=NOW + MINUTE)
    await muted.tend(UNTIL)
    assert await muted.admin.fetchval("select match from alarms where key = 'rain'") == "opened"
    assert await muted.admin.fetchval("select count(*) from alarms where match = 'silenced'") == len(crowd)


async def test_through_the_desk_also_when_it_begins_anew_in_between(muted: Muted, area_index: AreaIndex) -> None:
    office = Office(muted.database, area_index)
    one = await muted.silence(until=office.at + 10 * MINUTE)
    await office.level(5.0)
    await office.level(7.0)
    assert (await muted.incidents(), await muted.matches()) == (0, ["silenced"])
    await office.desk.hush()
    office.desk = office.hire()
    await office.level(7.2)
    assert (await muted.incidents(), len(await muted.hidden(one))) == (0, 1)
    office.at += 7 * MINUTE
    await office.desk.hush()
    await office.desk.hush()
    assert (await muted.incidents(), await muted.matches()) == (1, ["opened"])
    await office.level(5.0)
    assert await muted.admin.fetchval("select status from incidents") == "resolved"
