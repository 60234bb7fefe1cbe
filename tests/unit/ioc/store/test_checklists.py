"""Procedures: shipped, changed by one at a time, and copies of incidents."""

import uuid

import msgspec

from ioc.access.scope import EVERYTHING
from ioc.incidents.checklist import Item, copied
from ioc.incidents.incident import Place, Titles, opened
from ioc.store import checklists
from ioc.store import incidents as kept
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ITEMS = (Item(item="warn", vi="Cảnh báo", en="Warn", required=True),)


async def test_a_procedure_is_changed_by_one_at_a_time(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        before = await checklists.procedure(transaction, "flood")
        assert before == checklists.shipped()["flood"]
        after = msgspec.structs.replace(before, version=1, items=ITEMS, changed_by="lan", changed_at=NOW)
        assert await checklists.change(transaction, after)
        assert not await checklists.change(transaction, after)
        assert await checklists.procedure(transaction, "flood", lock=True) == after
        assert await checklists.change(transaction, msgspec.structs.replace(after, version=2))
        assert await checklists.procedure(transaction, "none") is None
        listed = {one.category: one.version for one in await checklists.procedures(transaction)}
    assert listed == {category: 2 if category == "flood" else 0 for category in checklists.shipped()}


async def test_an_incident_begins_with_its_category_s_procedure_and_keeps_its_copy(database: Database) -> None:
    id = uuid.UUID(int=9)  # noqa: A001
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, str(id), NOW)
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_incident(transaction, made, None)
        assert await checklists.copy_of(transaction, id) is None
        assert await checklists.worked_on(transaction, id, "flood") == copied(checklists.shipped()["flood"].items)
        assert await checklists.worked_on(transaction, id, "none") == ()
        ticked = (msgspec.structs.replace(copied(ITEMS)[0], done_by="lan", done_at=NOW, note="n"),)
        for items in (copied(ITEMS), ticked):
            await checklists.keep(transaction, id, items)
            assert await checklists.worked_on(transaction, id, "flood") == items
