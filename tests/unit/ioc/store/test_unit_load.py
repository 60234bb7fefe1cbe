"""How much units have to do."""

import datetime as dt
import uuid

from ioc.access.scope import EVERYTHING
from ioc.store import tickets, unit_load
from ioc.store.database import Database
from ioc.store.unit_load import Load
from tests.fakes.things import NOW
from tests.fakes.tickets import ticket

HOUR = dt.timedelta(hours=1)


async def test_open_and_late_tickets_are_counted_by_unit_and_live_ones_are_named(database: Database) -> None:
    made = [
        ticket(11, incident=str(uuid.UUID(int=1)), accept_by=NOW + HOUR, due_at=NOW + 2 * HOUR),
        ticket(12, incident=str(uuid.UUID(int=2)), accept_by=NOW - HOUR),
        ticket(13, incident=str(uuid.UUID(int=3)), state="resolved", resolved_at=NOW),
        ticket(14, incident=str(uuid.UUID(int=4)), unit="roads", centre="quang-nam", state="waiting",
               due_at=None, rest_s=60.0),
        ticket(15, incident=str(uuid.UUID(int=5)), unit="roads", centre="quang-nam", state="cancelled",
               closed_at=NOW),
    ]  # fmt: skip
    async with database.transaction(EVERYTHING) as transaction:
        assert len(await tickets.add(transaction, made)) == 5
        assert await unit_load.loads(transaction, NOW) == {"hoi-an": Load(open=2, late=1), "roads": Load(open=1)}
        assert await unit_load.live(transaction, ["hoi-an", "roads"], 9) == [
            ("hoi-an", 11), ("hoi-an", 12), ("hoi-an", 13), ("roads", 14),
        ]  # fmt: skip
        assert await unit_load.live(transaction, ["roads"], 9) == [("roads", 14)]
        assert await unit_load.live(transaction, ["hoi-an"], 1) == [("hoi-an", 11)]
