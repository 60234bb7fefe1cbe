"""Alarms that wait: the worst first, held against others while somebody decides."""

import asyncio
import datetime as dt
import uuid

import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import waiting
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm


async def test_the_worst_come_first_and_of_these_the_oldest(database: Database) -> None:
    alarms = [
        alarm(1, match="waiting", severity="minor"),
        alarm(2, match="waiting", severity="extreme", raised_at=NOW),
        alarm(3, match="waiting", severity="extreme", raised_at=NOW - dt.timedelta(hours=1)),
        alarm(4, match="history"),
    ]
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, alarms)
        found = await waiting.newest(transaction, 2)
        assert await waiting.count(transaction) == 3
    assert [uuid.UUID(one.id).int for one in found] == [3, 2]


async def test_what_somebody_holds_others_wait_for(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept_alarms.save_alarms(transaction, [alarm(1, match="waiting")])
    ids = [alarm(1).id, alarm(2).id]
    async with database.transaction(EVERYTHING) as one, database.transaction(EVERYTHING) as other:
        assert [found.id for found in await waiting.held(one, ids)] == ids[:1]
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await waiting.held(other, ids)


async def test_an_incident_in_brief(database: Database) -> None:
    place = Place(centre="quang-nam", area="20335@2025-07-01", area_code="", area_name="", position=AI_NGHIA)
    made, _ = opened(alarm(), Titles("t", "e"), place, str(uuid.UUID(int=9)), NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, made, None)
        found = await waiting.briefs(transaction, [made.id, str(uuid.UUID(int=1))])
        assert await waiting.briefs(transaction, []) == {}
    assert list(found) == [made.id]
    assert (found[made.id].title_en, found[made.id].status, found[made.id].version) == ("e", "new", 1)
    assert abs(found[made.id].position.lon - AI_NGHIA.lon) < 1e-9
