"""What is read of the neighbourhood of alarms."""

import asyncpg
import pytest

from gis.areas import AreaIndex
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.matching import boxes
from ioc.store import neighbours
from ioc.store.database import Database
from tests.fakes.settled import Settled, lost, minutes, placed

POLICY = catalogue.policy()


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


async def test_the_near_and_those_of_a_source_are_found_and_no_others(books: Settled) -> None:
    await books.page(placed(1), placed(2, 9000), placed(3, 0, category="air"), lost(4))
    async with books.database.transaction(EVERYTHING) as transaction:
        asked = boxes([placed(5, 500)], POLICY)
        (by_place,) = (await neighbours.near(transaction, asked, [], [])).values()
        (by_source,) = (await neighbours.near(transaction, [], ["device-4"], ["device"])).values()
    assert (by_place.known.category, by_place.fixed, len(by_place.known.cells)) == ("flood", False, 1)
    assert by_source.known.category == "device"


async def test_an_incident_before_a_moment_is_without_what_came_then(books: Settled) -> None:
    await books.page(placed(1), placed(2, 500, 5, category="rescue"))
    async with books.database.transaction(EVERYTHING) as transaction:
        found = await neighbours.near(transaction, boxes([placed(3)], POLICY), [], [])
        (name,) = found
        before = (await neighbours.before(transaction, found, {name: minutes(5)}))[name]
        none = (await neighbours.before(transaction, found, {name: minutes(0)}))[name]
    assert (before.newest_at, len(before.cells), before.category) == (minutes(0), 1, "flood")
    assert none.empty


async def test_numbers_lead_to_what_bears_them_unless_people_ended_it(books: Settled) -> None:
    await books.page(placed(1, numbers=("113:9",)), placed(2, 9000, numbers=("113:8",)))
    await books.admin.execute("update incidents set status = 'closed' where key = 'flood:s2'")
    async with books.database.transaction(EVERYTHING) as transaction:
        found = await neighbours.numbered(transaction, ["113:9", "113:8", "113:7"])
    assert [list(ids.values()) for ids in found.values()] == [[minutes(0)], [], []]


async def test_what_waits_and_what_came_later_around_a_change_is_found(books: Settled) -> None:
    await books.page(placed(1), placed(2, 3200), placed(3, 1600, 5))
    async with books.database.transaction(EVERYTHING) as transaction:
        around = [(box, minutes(5)) for box in boxes([placed(9, 1000)], POLICY)]
        assert await neighbours.waiting(transaction, around) == [placed(3).id]
        first = str(await books.admin.fetchval("select incident from alarms where key = 'k0001'"))
        incidents, alarms = await neighbours.disturbed(transaction, {first: minutes(0)}, 0.05)
    assert len(incidents) == 2
    assert alarms == [placed(3).id]
