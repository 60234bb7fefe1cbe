"""Incidents come back as they were written."""

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.store import incidents as kept
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="Bàn Thạch", position=AI_NGHIA)
ID = "00000000-0000-7000-8000-000000000001"


def one(**changed: object) -> Incident:
    made, _ = opened(alarm(), Titles("Mực nước", "Level"), PLACE, ID, NOW)
    return msgspec.structs.replace(made, **changed)


async def test_what_is_written_is_read_and_written_again_is_replaced(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        for count in (1, 2):
            written = one(version=count, owner="lan", count=count)
            await kept.save_incident(transaction, written, None)
            assert await kept.incident(transaction, ID) == written
        assert await kept.incident(transaction, ID.replace("1", "2")) is None


async def test_the_log_grows_in_its_order(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, one(), None)
        await kept.add_logs(transaction, [(one(), Entry(NOW, "system", what, what)) for what in ("opened", "severity")])
        rows = await transaction.connection.fetch("select what, centre from incident_log order by id")
    assert [tuple(row) for row in rows] == [("opened", "quang-nam"), ("severity", "quang-nam")]
