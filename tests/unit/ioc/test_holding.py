"""What a parent that is down holds back, what it takes over, and what is let go; and what a silence hides."""

import uuid

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.incidents.silence import Matcher, Silence
from ioc.store import silences
from ioc.store.database import Database
from tests.fakes.settled import Settled, lost, minutes, placed
from tests.fakes.store import counted
from tests.fakes.things import NOW


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


GATEWAY = lost(0, "gateway")


async def test_what_a_gateway_that_is_down_explains_creates_nothing_and_is_counted(books: Settled) -> None:
    await books.page(GATEWAY)
    await books.page(*(lost(number, after_min=0.05) for number in range(1, 30)))
    assert await books.incidents() == [("new", 1)]
    assert await counted(books.admin, "changes") == 2, "nobody is told of each of them"
    await books.tend(minutes(2))
    assert await books.incidents() == [("new", 30)]
    assert await counted(books.admin, "alarms where match = 'suppressed' and cleared_at is null") == 29


async def test_what_comes_in_the_page_of_its_gateway_is_explained_too(books: Settled) -> None:
    await books.page(lost(1), GATEWAY, lost(2))
    assert sorted(match for match, _ in await books.matches()) == ["opened", "suppressed", "suppressed"]
    assert await books.incidents() == [("new", 3)]


async def test_a_gateway_told_a_little_later_takes_its_devices_over(books: Settled) -> None:
    await books.page(lost(1), lost(2), lost(70, property="device"))
    await books.admin.execute("update incidents set touched = true where key = 'device:device-2'")
    await books.page(lost(90))
    await books.page(lost(0, "gateway", 4.0))
    rows = await books.admin.fetch("select status, key, duplicate_of is not null as d from incidents order by key")
    assert [tuple(row) for row in rows] == [
        ("duplicate", "device:device-1", True),
        ("new", "device:device-2", False),
        ("duplicate", "device:device-70", True),
        ("new", "device:device-90", False),
        ("new", "device:gateway-0", False),
    ]
    assert await counted(books.admin, "incident_relations where kind = 'duplicate'") == 2
    assert await counted(books.admin, "alarms where match = 'suppressed'") == 2


async def test_what_was_lost_long_before_its_gateway_stays_its_own(books: Settled) -> None:
    await books.page(lost(1))
    await books.page(lost(0, "gateway", 6.0))
    assert await books.incidents() == [("new", 1), ("new", 1)]


async def test_a_level_behind_a_gateway_that_is_down_is_never_hidden(books: Settled) -> None:
    await books.page(GATEWAY)
    flood = placed(1, source=lost(1).source, after_min=1)
    await books.page(flood)
    assert sorted(match for match, _ in await books.matches()) == ["opened", "opened"]


async def test_what_is_still_lost_when_its_gateway_is_back_gets_its_own_incident(books: Settled) -> None:
    await books.page(GATEWAY, lost(1), lost(2))
    await books.page(msgspec.structs.replace(lost(1), cleared_at=minutes(9), seen_at=minutes(9)))
    await books.page(msgspec.structs.replace(GATEWAY, cleared_at=minutes(10), seen_at=minutes(10)))
    await books.tend(minutes(11))
    assert await books.incidents() == [("resolved", 3)]
    await books.tend(minutes(12))
    assert await books.incidents() == [("resolved", 2), ("new", 1)]
    assert await books.admin.fetchval("select match from alarms where source = 'device-2'") == "opened"


async def test_a_silence_hides_until_it_ends_and_what_still_holds_is_matched_then(books: Settled) -> None:
    silence = Silence(
        id=str(uuid.UUID(int=7)),
        author="lan",
        reason="works",
        matcher=Matcher(categories=("flood",)),
        starts=NOW,
        until=minutes(30),
        created_at=NOW,
    )
    async with books.database.transaction(EVERYTHING) as transaction:
        await silences.create(transaction, silence)
    await books.page(placed(1, after_min=1), placed(2, 9000, 1), at=minutes(1))
    assert await books.incidents() == []
    over = msgspec.structs.replace(placed(2, 9000, 1), cleared_at=minutes(5), seen_at=minutes(5))
    await books.page(over, at=minutes(5))
    await books.tend(minutes(29))
    assert await books.incidents() == []
    await books.tend(minutes(30))
    assert await books.incidents() == [("new", 1)]
    rows = await books.admin.fetch("select match, incident is null as apart from alarms order by key")
    assert [tuple(row) for row in rows] == [("opened", False), ("silenced", True)]
    assert await counted(books.admin, "silenced") == 2


async def test_a_gateway_that_waits_for_a_person_hides_nothing(books: Settled) -> None:
    """It has no incident in which its children would be seen."""
    await books.page(GATEWAY)
    await books.admin.execute("update alarms set match = 'waiting', incident = null")
    await books.page(lost(1))
    assert (await books.matches())[0][0] == "opened"


async def test_what_came_in_the_page_of_a_gateway_that_waits_is_let_go(books: Settled) -> None:
    await books.page(GATEWAY, lost(1))
    await books.admin.execute("update alarms set match = 'waiting', incident = null where property = 'gateway'")
    await books.admin.execute("update alarms set incident = null where property = 'device'")
    await books.tend(minutes(3))
    assert (await books.matches())[0][0] == "opened"
