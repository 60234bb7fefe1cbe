"""The desk's own bookkeeping; whole journeys are tried in tests/integration/test_desk.py."""

import asyncio
import datetime as dt
import os
from zoneinfo import ZoneInfo

import asyncpg

from gis.areas import AreaIndex
from gis.observation import Observation
from ioc.access.scope import EVERYTHING
from ioc.desk import APART_S, ENTRIES, LONG_S, MOST_ENTRIES, SHORT_S, Desk
from ioc.docket import Docket
from ioc.store import journal
from ioc.store.database import Database
from tests.fakes.store import counted
from tests.fakes.things import NOW, reading, rule, sighting, source


def desk(database: Database, index: AreaIndex, known: tuple[str, ...] = ("gauge-ai-nghia",)) -> Desk:
    rules = (rule(), rule(code="gate", sighting="zone_entered"))
    return Desk(
        database,
        rules,
        lambda: {code: source(code) for code in known},
        Docket(rules, index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom),
        profile_of=lambda code: "river-gauge",
        now=lambda: NOW,
        entropy=os.urandom,
    )


async def enter(database: Database, *batches: list[Observation], at: dt.datetime = NOW) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for batch in batches:
            await journal.append(transaction, batch, at)


async def test_an_empty_journal_is_no_turn(database: Database, area_index: AreaIndex) -> None:
    worker = desk(database, area_index)
    assert await worker.turn() is False
    assert worker.done.entries == 0


async def test_a_turn_takes_fifty_batches_and_the_next_the_rest(database: Database, area_index: AreaIndex) -> None:
    worker = desk(database, area_index)
    await enter(database, *([reading(1.0, seq=number)] for number in range(ENTRIES + 1)))
    turns = [(await worker.turn(), worker.done.entries) for _ in range(3)]
    assert turns == [(True, ENTRIES), (True, ENTRIES + 1), (False, ENTRIES + 1)]


async def test_what_comes_steadily_shares_turns_and_all_of_it_is_judged(
    database: Database, area_index: AreaIndex
) -> None:
    worker, wake, loop = desk(database, area_index), asyncio.Event(), asyncio.get_running_loop()
    begun = loop.time()
    for number in range(3):
        await enter(database, [reading(1.0, seq=2 * number)], [reading(1.0, seq=2 * number + 1)])
        wake.set()
        working = asyncio.create_task(worker._work(wake), name="work")  # noqa: TID251 - one turn, then it waits
        async with asyncio.timeout(5):
            while worker.done.entries < 2 * number + 2:
                await asyncio.sleep(0.01)
        wake.set()
        await working
    assert loop.time() - begun >= 2 * APART_S


async def test_what_comes_from_nobody_that_is_registered_is_passed_over(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    worker = desk(database, area_index, known=())
    await enter(database, [reading(9.0), sighting()])
    assert await worker.turn() is True
    assert await counted(admin, "alarms") == 0
    assert await admin.fetchval("select through from cursors") > 0


async def test_a_sighting_without_a_place_stands_where_its_camera_does(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    await enter(database, [sighting(position=None)])
    await desk(database, area_index, known=("cam-a",)).turn()
    place = await admin.fetchrow("select st_x(geom), st_y(geom) from alarms")
    assert tuple(place) == source().position.lonlat


async def test_pages_grow_while_the_desk_is_behind_and_quick(database: Database, area_index: AreaIndex) -> None:
    worker = desk(database, area_index)
    worker._pace(ENTRIES, SHORT_S / 2)
    assert worker._most == 2 * ENTRIES
    for _ in range(9):
        worker._pace(worker._most, SHORT_S / 2)
    assert worker._most == MOST_ENTRIES
    worker._pace(MOST_ENTRIES, LONG_S * 2)
    assert worker._most == MOST_ENTRIES // 2
    for _ in range(9):
        worker._pace(1, 0.0)
    assert worker._most == ENTRIES
