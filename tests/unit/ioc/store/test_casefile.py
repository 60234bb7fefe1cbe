"""What an incident's page shows beside the incident."""

import uuid

import msgspec

from ioc.access.scope import EVERYTHING, Thing
from ioc.incidents.incident import Incident, Place, Titles, opened
from ioc.store import alarms as kept_alarms
from ioc.store import casefile, relations
from ioc.store import incidents as kept
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ONE, TWO, THREE = (uuid.UUID(int=number) for number in (91, 92, 93))


def incident(name: uuid.UUID, duplicate_of: uuid.UUID | None = None) -> Incident:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, str(name), NOW)
    return msgspec.structs.replace(made, duplicate_of=str(duplicate_of) if duplicate_of else None)


async def test_a_chain_of_duplicates_leads_to_its_end(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        chain = [(incident(ONE), "cam-a"), (incident(TWO, ONE), None), (incident(THREE, TWO), None)]
        await kept.save_incidents(transaction, chain)
        assert [await casefile.leads_to(transaction, one) for one in (ONE, TWO, THREE)] == [ONE] * 3
        assert await casefile.leads_to(transaction, uuid.UUID(int=1)) is None
        assert await casefile.thing(transaction, ONE) == Thing("incident", PLACE.centre, PLACE.area, "cam-a")
        assert await casefile.thing(transaction, uuid.UUID(int=1)) is None


async def test_a_page_has_all_parts(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(ONE), None), (incident(TWO, ONE), None)])
        await kept_alarms.save_alarms(
            transaction, [alarm(1, incident=str(ONE)), alarm(2, incident=str(ONE), cleared_at=NOW)]
        )
        row = {"status": "new", "category": "flood", "duplicate_of": None}
        found = await casefile.told(transaction, ONE, row)
        gone = await casefile.told(transaction, TWO, {**row, "status": "duplicate", "duplicate_of": ONE})
    assert (found["holding"], found["undo"], found["seen"], found["related"]) == (1, None, [], [])
    assert "acknowledge" in found["steps"]
    assert "undo" not in found["steps"]
    assert [one["done_by"] for one in found["checklist"]] == [""] * len(found["checklist"]) != []
    assert (gone["duplicate_of"], gone["leads_to"], gone["steps"]) == (str(ONE), str(ONE), [])


async def test_a_duplicate_is_named_as_such_and_not_as_up_or_down_the_river(database: Database) -> None:
    gone = msgspec.structs.replace(incident(TWO, ONE), status="duplicate")
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incidents(transaction, [(incident(ONE), None), (gone, None), (incident(THREE), None)])
        found = [
            relations.Relation(incident=str(TWO), other=str(ONE), kind="duplicate"),
            relations.Relation(incident=str(TWO), other=str(ONE), kind="downstream"),
            relations.Relation(incident=str(THREE), other=str(ONE), kind="downstream"),
        ]
        await relations.relate(transaction, found, NOW, "system")
        row = {"status": "new", "category": "flood", "duplicate_of": None}
        related = (await casefile.told(transaction, ONE, row))["related"]
    assert {(one["incident"], one["kind"]) for one in related} == {
        (str(TWO), "has-duplicate"),
        (str(THREE), "upstream"),
    }
