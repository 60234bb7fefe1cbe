"""Alarms come back as they were written, and are found by what holds."""

import datetime as dt

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import alarms as kept
from ioc.store import incidents
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="Bàn Thạch", position=AI_NGHIA)
ID = "00000000-0000-7000-8000-000000000001"


async def test_what_is_written_is_read_and_written_again_is_replaced(database: Database) -> None:
    raised = alarm(evidence={"value": 7.5, "levels": {"moderate": 6.5}}, incident=ID)
    async with database.transaction(EVERYTHING) as transaction:
        await incidents.save_incident(transaction, opened(raised, Titles("Mực nước", "Level"), PLACE, ID, NOW)[0], None)
        for count in (1, 2):
            after = msgspec.structs.replace(raised, count=count)
            await kept.save_alarms(transaction, [after])
            assert await kept.open_alarms(transaction) == [after]
            assert await kept.alarms_by_id(transaction, [after.id]) == {after.id: after}
        await kept.save_alarms(transaction, [msgspec.structs.replace(raised, cleared_at=NOW)])
        assert await kept.open_alarms(transaction) == []
        assert len(await kept.alarms_by_id(transaction, [raised.id])) == 1


async def test_the_newest_moment_of_a_key_is_known(database: Database) -> None:
    later = NOW + dt.timedelta(seconds=9)
    async with database.transaction(EVERYTHING) as transaction:
        assert await kept.last_seen(transaction, "k") is None
        await kept.save_alarms(transaction, [alarm(1, key="k", seen_at=later, cleared_at=later), alarm(2, key="k")])
        assert await kept.last_seen(transaction, "k") == later


async def test_the_alarms_of_a_key_that_held_since_a_moment_are_found(database: Database) -> None:
    over = [alarm(number, key="k", cleared_at=NOW + dt.timedelta(seconds=number)) for number in (1, 2)]
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [*over, alarm(3, key="k"), alarm(4, key="other")])
        found = await kept.held_since(transaction, "k", NOW + dt.timedelta(seconds=2))
    assert {one.id for one in found} == {alarm(2).id, alarm(3).id}
