"""What cameras see go on, through the store and the desk: one row, one alarm, one incident, whatever happens."""

import datetime as dt
import os
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.observation import Sighting
from ioc import catalogue
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.store import batch, store
from tests.fakes.things import NOW, going_on, source

RULES = catalogue.rules(demo=False)
START, UPDATE = going_on("start", 10, seq=1, count=1), going_on("update", 15, seq=2, count=3)
END = going_on("end", 18, seq=3)
AT_END = NOW + dt.timedelta(seconds=18)


class Office:
    """A desk that can be dismissed, its store, and a clock that the test turns."""

    def __init__(self, database: Database, index: AreaIndex) -> None:
        self.database = database
        self.index = index
        self.at = NOW
        self.store = store(database)
        self.desk = self.hire()

    def hire(self) -> Desk:
        """A desk that knows nothing yet."""
        return Desk(
            self.database,
            RULES,
            lambda: {"cam-a": source("cam-a")},
            Docket(RULES, self.index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom),
            profile_of=lambda code: "",
            now=lambda: self.at,
            entropy=os.urandom,
        )

    async def take(self, *seen: Sighting) -> None:
        """Reports, one batch each, through the sink and the desk."""
        for one in seen:
            await self.store.keep(batch(one))
        while await self.desk.turn():
            pass


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(database: Database, area_index: AreaIndex) -> Office:
    return Office(database, area_index)


async def only(admin: asyncpg.Connection, table: str) -> asyncpg.Record:
    rows = await admin.fetch(f"select * from {table}")
    assert len(rows) == 1, f"{len(rows)} rows in {table}"
    return rows[0]


async def test_an_alarm_holds_until_the_end_of_what_it_is_about(office: Office, admin: asyncpg.Connection) -> None:
    await office.take(START, UPDATE)
    alarm = await only(admin, "alarms")
    assert (alarm["raised_at"], alarm["cleared_at"], alarm["count"], alarm["severity"]) == (NOW, None, 1, "moderate")
    assert (await only(admin, "incidents"))["status"] == "new"
    await office.take(END)
    assert (await only(admin, "alarms"))["cleared_at"] == AT_END
    assert (await only(admin, "incidents"))["status"] == "resolved"
    row = await only(admin, "sightings")
    assert (row["phase"], row["ended_at"], row["count"], row["since"]) == ("end", AT_END, 3, NOW)


async def test_repetition_and_shuffling_give_the_same_alarm_and_row(office: Office, admin: asyncpg.Connection) -> None:
    await office.take(UPDATE, UPDATE, END, START, END, START, UPDATE)
    alarm = await only(admin, "alarms")
    assert (alarm["raised_at"], alarm["cleared_at"], alarm["count"]) == (NOW, AT_END, 1)
    assert (await only(admin, "sightings"))["phase"] == "end"
    assert (await only(admin, "incidents"))["status"] == "resolved"
    assert office.store.kept.observations == 3
    assert office.store.kept.repeated == 4


async def test_an_end_alone_tells_that_it_was_and_is_over(office: Office, admin: asyncpg.Connection) -> None:
    await office.take(END, START, UPDATE)
    alarm = await only(admin, "alarms")
    assert (alarm["raised_at"], alarm["cleared_at"], alarm["count"]) == (NOW, AT_END, 1)
    assert (await only(admin, "incidents"))["status"] == "resolved"


async def test_a_desk_that_was_killed_knows_what_goes_on(office: Office, admin: asyncpg.Connection) -> None:
    await office.take(START, going_on("start", 12, seq=4, life=2))
    office.desk = office.hire()
    await office.take(going_on("end", 20, seq=5))
    assert (await only(admin, "alarms"))["cleared_at"] is None
    office.desk = office.hire()
    await office.take(going_on("end", 22, seq=6, life=2))
    assert (await only(admin, "alarms"))["cleared_at"] == NOW + dt.timedelta(seconds=22)


async def test_an_alarm_whose_worker_died_ends_by_the_silence(office: Office, admin: asyncpg.Connection) -> None:
    await office.take(START, UPDATE)
    for seconds, cleared in ((74, False), (75, True)):
        office.at = NOW + dt.timedelta(seconds=seconds)
        await office.desk.hush()
        assert ((await only(admin, "alarms"))["cleared_at"] is not None) == cleared
    await office.take(going_on("end", 70, seq=9))
    assert len(await admin.fetch("select from alarms")) == 1, "the end that comes after all opens nothing"


async def test_a_report_from_before_the_silence_that_ended_an_alarm_raises_no_second_one(
    office: Office, admin: asyncpg.Connection
) -> None:
    await office.take(START)
    office.at = NOW + dt.timedelta(seconds=100)
    await office.desk.hush()
    ended = (await only(admin, "alarms"))["cleared_at"]
    assert ended == office.at
    await office.take(UPDATE)
    alarm = await only(admin, "alarms")
    assert (alarm["cleared_at"], alarm["seen_at"]) == (ended, UPDATE.stamp.at)
    await office.take(going_on("update", 101, seq=9))
    assert len(await admin.fetch("select from alarms")) == 2, "what goes on after that is told anew"
