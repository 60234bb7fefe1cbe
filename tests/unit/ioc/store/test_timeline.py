"""The timeline is bounded, in order, and leads through chains of merged incidents."""

import datetime as dt
import uuid

import msgspec
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import incidents as kept
from ioc.store import steps, tickets, timeline
from ioc.store.database import Database
from ioc.tickets.ticket import line_of
from tests.fakes.things import AI_NGHIA, NOW, alarm
from tests.fakes.tickets import ticket

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


async def test_what_is_done_with_its_tickets_is_in_the_timeline_of_who_sees_them(database: Database) -> None:
    one = ticket(incident=TWO)
    line = line_of(one, NOW, "lan", "forwarded", text="đường tỉnh", to="roads")
    photo = str(uuid.UUID(int=4))
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(ONE), None), (incident(TWO, ONE), None)])
        await tickets.add(transaction, [one])
        await tickets.log(transaction, [(one.id, line, [photo])])
        [found], _ = await timeline.of(transaction, uuid.UUID(ONE))
    expected = {
        "kind": "ticket", "who": "lan", "what": "forwarded", "text": "đường tỉnh", "to": "roads", "source": "hoi-an",
        "ticket": one.id, "number": one.number, "of": TWO,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["photos"] == [f"/api/v1/media/{photo}"]
    async with database.transaction(Scope(frozenset({"quang-nam"})), read_only=True) as transaction:
        assert await timeline.of(transaction, uuid.UUID(ONE)) == ([], False)
