"""The scripted flood of October 2025 through the store and the desk: in the end the incidents that were written down by
reading, told once, twice, out of order, and with the desk stopped wherever it can be."""

import datetime as dt
import random
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import flood
from tests.fakes.flood import Script
from tests.fakes.flood_office import POINTS, Office, late, opened
from tests.fakes.flood_settled import settled


@pytest.fixture(scope="session")
def script(area_index: AreaIndex) -> Script:
    return flood.script(area_index)


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(database: Database, area_index: AreaIndex, script: Script, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with the gateway, its devices and the camera in the register."""
    async with opened(Office, database, area_index, script, tmp_path / "media") as made:
        yield made


async def test_the_flood_ends_in_the_incidents_that_were_written_down(
    office: Office, script: Script, admin: asyncpg.Connection
) -> None:
    await office.play(script.told)
    await settled(office, admin)


async def test_told_twice_it_is_the_same_flood(office: Office, script: Script, admin: asyncpg.Connection) -> None:
    again = [(at + dt.timedelta(minutes=5), one) for at, one in script.told]
    await office.play(sorted([*script.told, *again], key=lambda one: one[0]))
    await settled(office, admin)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_in_any_order_within_ten_minutes_it_is_the_same_flood(
    office: Office, script: Script, admin: asyncpg.Connection, seed: int
) -> None:
    arriving = late(script.told, random.Random(seed))
    assert [one for _, one in arriving] != [one for _, one in script.told]
    await office.play(arriving)
    await settled(office, admin)


async def test_a_desk_that_is_stopped_at_every_point_of_every_page_loses_nothing(
    office: Office, script: Script, admin: asyncpg.Connection
) -> None:
    office.kills = True
    await office.play(script.told)
    assert set(office.stops) == set(POINTS)
    assert min(office.stops.values()) > 50
    await settled(office, admin)
