"""Relations of incidents: entered once, read from both ends, taken back."""

import datetime as dt

import asyncpg
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import relations
from ioc.store.database import Database
from ioc.store.relations import Relation
from tests.fakes.settled import Settled, placed
from tests.fakes.things import NOW


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


async def test_a_relation_is_entered_once_and_seen_by_who_sees_both(books: Settled) -> None:
    await books.page(placed(1), placed(2, 9000))
    one, two = (str(row["id"]) for row in await books.admin.fetch("select id from incidents order by id"))
    found = Relation(incident=one, other=two, kind="downstream")
    async with books.database.transaction(EVERYTHING) as transaction:
        for later in range(2):
            await relations.relate(transaction, [found], NOW + dt.timedelta(days=later), "system")
        assert await relations.of(transaction, [one]) == await relations.of(transaction, [two]) == [found]
    await books.admin.execute("update incidents set centre = 'hoi-an' where id::text = $1", two)
    async with books.database.transaction(Scope(frozenset({"quang-nam"})), read_only=True) as transaction:
        assert await relations.of(transaction, [one]) == []
    async with books.database.transaction(EVERYTHING) as transaction:
        await relations.unrelate(transaction, [found])
        assert await relations.of(transaction, [one]) == []
