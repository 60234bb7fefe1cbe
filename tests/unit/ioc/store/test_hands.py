"""Facts about which incidents want something of tickets, and that what is closed costs nothing to pass over."""

import uuid

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import hands
from ioc.store.database import Database
from ioc.tickets.policy import Need
from tests.fakes import tickets as fakes
from tests.fakes.ticket_world import World

NEEDS = (Need(categories=("flood",), severity="severe"),)
ONE, TWO = (str(uuid.UUID(int=number)) for number in (1, 2))


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.settle_in()
    return made


async def test_the_log_says_which_incidents_changed(world: World) -> None:
    async with world.database.transaction(EVERYTHING) as transaction:
        before = await hands.reached(transaction)
    await world.put(fakes.incident(1), fakes.incident(2))
    await world.open(2)
    async with world.database.transaction(EVERYTHING) as transaction:
        through = await hands.reached(transaction)
        assert sorted(await hands.changed(transaction, before, through)) == [ONE, TWO]
        assert await hands.changed(transaction, through, through) == []


async def test_missing_worse_and_over_are_found_among_all_or_some(world: World) -> None:
    mild = fakes.incident(1, severity="moderate")
    await world.put(mild, fakes.incident(2))
    async with world.database.transaction(EVERYTHING) as transaction:
        assert await hands.missing(transaction, NEEDS, None) == [TWO]
        assert await hands.missing(transaction, NEEDS, [ONE]) == []
        assert await hands.missing(transaction, (), None) == []
    await world.open(2)
    async with world.database.transaction(EVERYTHING) as transaction:
        assert await hands.missing(transaction, NEEDS, None) == []
        assert await hands.worse(transaction, None) == []
    worse = msgspec.structs.replace(fakes.incident(2), severity="extreme", version=2)
    await world.put(worse)
    async with world.database.transaction(EVERYTHING) as transaction:
        assert await hands.worse(transaction, None) == await hands.worse(transaction, [TWO]) == [TWO]
        assert await hands.worse(transaction, [ONE]) == []
        assert await hands.over(transaction, None) == []
    await world.put(msgspec.structs.replace(worse, status="false_alarm", version=3))
    async with world.database.transaction(EVERYTHING) as transaction:
        assert await hands.over(transaction, None) == [TWO]
        assert await hands.worse(transaction, None) == []
        [held] = (await hands.held(transaction, [ONE, TWO]))[TWO]
        assert held.incident == TWO


CLOSED = """
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
  area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
select gen_random_uuid(), 'quang-nam', '', 1, 'k' || i, '', '', 'flood', 'severe', 'closed', '', '', '{sensor}', 1, 1,
  true, now(), now(), now(), now(), st_setsrid(st_makepoint(108, 15), 4326)
from generate_series(1, 20000) i
"""


async def test_what_is_closed_is_not_read(world: World, admin: asyncpg.Connection) -> None:
    await admin.execute(CLOSED)
    await admin.execute("analyze")
    async with world.database.transaction(EVERYTHING) as transaction:
        for statement, values in (
            (hands._MISSING, (None, [{"categories": ["flood"], "severities": ["severe"]}], ["new"], ["severe"])),
            (hands._WORSE, (None, ["minor", "severe"], ["new"])),
            (hands._OVER, (None, ["new"])),
        ):
            rows = await transaction.connection.fetch("explain (format text) " + statement, *values)
            plan = "\n".join(row[0] for row in rows)
            assert "Seq Scan on incidents" not in plan, plan
