"""Rates of false alarms."""

import datetime as dt
import uuid

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import verdicts
from ioc.store.database import Database
from ioc.store.verdicts import Rate
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)


async def test_only_what_people_judged_counts_once_an_incident(database: Database) -> None:
    judged = [("false_alarm", "lan"), ("closed", "lan"), ("resolved", "system"), ("new", ""), ("duplicate", "lan")]
    async with database.transaction(EVERYTHING) as transaction:
        for number, (status, by) in enumerate(judged):
            name = str(uuid.UUID(int=90 + number))
            made, _ = opened(alarm(), Titles("t", "t"), PLACE, name, NOW)
            after = msgspec.structs.replace(made, status=status, resolved_by=by)
            await kept.save_incident(transaction, after, None)
            alarms = [alarm(2 * number + one, incident=name, cleared_at=NOW) for one in (0, 1)]
            await kept_alarms.save_alarms(transaction, alarms)
        found = await verdicts.since(transaction, NOW - dt.timedelta(days=1))
        later = await verdicts.since(transaction, NOW + dt.timedelta(days=1))
    assert found == verdicts.Verdicts(all=Rate("", 2, 1), rules=[Rate("test/level@1", 2, 1)], cameras=[])
    assert later.all.rate == 0.0
    assert found.all.rate == 0.5
