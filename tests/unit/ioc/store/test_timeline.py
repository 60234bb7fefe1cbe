"""The timeline is bounded, in order, and leads through chains of merged incidents."""

import datetime as dt
import uuid

import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import steps, timeline
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ONE, TWO, THREE = (str(uuid.UUID(int=number)) for number in (91, 92, 93))


def incident(name: str, duplicate_of: str | None = None) -> Incident:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, name, NOW)
    status = "duplicate" if duplicate_of else "new"
    return msgspec.structs.replace(made, duplicate_of=duplicate_of, status=status)


async def test_what_went_into_an_incident_over_others_is_in_its_timeline(database: Database) -> None:
    chain = [incident(ONE), incident(TWO, ONE), incident(THREE, TWO)]
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(one, None) for one in chain])
        for number, one in enumerate(chain):
            at = NOW + dt.timedelta(minutes=number)
            await steps.log(transaction, one, [Entry(at, "lan", "comment", one.id)])
        gone = alarm(7, incident=ONE, cleared_at=NOW, evidence={"withdrawn": True, "picture": "p"})
        await kept_alarms.save_alarms(transaction, [gone])
        found, cut = await timeline.of(transaction, uuid.UUID(ONE))
        later, _ = await timeline.of(transaction, uuid.UUID(TWO))
    assert not cut
    assert [one["text"] for one in found if one["kind"] == "comment"] == [ONE, TWO, THREE]
    assert [one["text"] for one in later if one["kind"] == "comment"] == [TWO, THREE]
    assert {(one["kind"], one["what"]) for one in found if one["alarm"]} == {("raised", ""), ("cleared", "withdrawn")}
    assert [one["photos"] for one in found if one["kind"] == "raised"] == [["/api/v1/media/p"]]


async def test_the_newest_moments_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST", 3)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, incident(ONE), None)
        lines = [Entry(NOW + dt.timedelta(seconds=number), "lan", "comment", str(number)) for number in range(5)]
        await steps.log(transaction, incident(ONE), lines)
        found, cut = await timeline.of(transaction, uuid.UUID(ONE))
    assert ([one["text"] for one in found], cut) == (["2", "3", "4"], True)
