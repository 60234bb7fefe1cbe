"""Incidents counted anew after people moved alarms."""

import asyncpg
import pytest

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.incident_work import Work, recount
from ioc.store import reach
from ioc.store.database import Database
from tests.fakes.settled import Settled, minutes, placed
from tests.fakes.store import counted
from tests.fakes.things import NOW


@pytest.fixture
def books(database: Database, area_index: AreaIndex, admin: asyncpg.Connection) -> Settled:
    return Settled(database, area_index, admin)


async def test_a_merge_is_counted_told_and_reaches_as_far_as_both(books: Settled) -> None:
    await books.page(placed(1), placed(2, 9000, 3, severity="extreme"))
    one, two = (str(row["incident"]) for row in await books.admin.fetch("select incident from alarms order by key"))
    async with books.database.transaction(EVERYTHING) as transaction:
        await reach.lock(transaction)
        await transaction.connection.execute(
            "update alarms set incident = $1, match = 'manual' where incident = $2", one, two
        )
        await reach.rebuild(transaction, [one, two])
        after = await recount(transaction, [one, two], minutes(4))
    assert (after[one].alarms, after[one].severity, after[two].alarms) == (2, "extreme", 0)
    assert await counted(books.admin, "incident_cells") == 2
    assert await counted(books.admin, "changes where subject = 'incident'") == 4
    await books.page(placed(3, 9100, 5))
    assert await books.admin.fetchval("select alarms from incidents where id::text = $1", one) == 3


def test_an_incident_of_the_fold_is_kept_under_its_own_id() -> None:
    work = Work(NOW)
    work.ids["new:1"] = "a"
    assert (work.id_of("new:1"), work.id_of("b")) == ("a", "b")
