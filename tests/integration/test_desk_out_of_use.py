"""Alarms of what is put out of use, on a real PostgreSQL."""

import asyncpg

from gis.areas import AreaIndex
from ioc.store.database import Database
from tests.integration.test_desk import Office, only


async def test_what_holds_of_a_gauge_ends_when_that_is_suspended_and_comes_again_with_it(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    office = Office(database, area_index)
    await office.level(6.6)
    await office.desk.hush()
    assert (await only(admin, "alarms"))["cleared_at"] is None
    office.barred["gauge-ai-nghia"] = "suspended"
    await office.desk.hush()
    assert (await only(admin, "alarms"))["cleared_at"] == office.at
    office.barred.clear()
    await office.level(6.7)
    assert await admin.fetchval("select count(*) from alarms where cleared_at is null") == 1
