"""Tickets as answers tell them."""

import datetime as dt
import uuid

from ioc.access.scope import EVERYTHING, Scope
from ioc.api.ticket_records import lines, record, shown
from ioc.store import ticket_policies, tickets
from ioc.store.database import Database
from ioc.store.tickets import Logged
from ioc.tickets.ticket import Ticket, line_of
from tests.fakes.things import NOW
from tests.fakes.tickets import POLICY, ticket

LATER = NOW + dt.timedelta(hours=1)


def test_everything_of_a_ticket_is_told_and_whether_it_is_late() -> None:
    one = ticket(parent=str(uuid.UUID(int=9)), owner="lan")
    told = shown(one, POLICY, NOW)
    for name in set(Ticket.__struct_fields__) - {"id", "incident", "parent", "position"}:
        assert getattr(told, name) == getattr(one, name)
    assert (told.unit_name, told.unit_name_en, told.late) == ("Hội An", "Hoi An", False)
    assert (told.position, str(told.parent)) == ([108.33, 15.88], one.parent)
    assert shown(one, POLICY, LATER).late


def test_a_unit_that_the_policy_knows_no_more_is_told_by_its_code() -> None:
    assert shown(ticket(unit="gone"), POLICY, NOW).unit_name == "gone"


def test_a_line_is_told_with_the_addresses_of_its_photographs() -> None:
    line = line_of(ticket(), NOW, "lan", "comment", text="ảnh")
    [told] = lines([Logged(id=7, ticket="t", line=line, photos=("p",))])
    assert (told.id, told.text, told.photos, told.version) == (7, "ảnh", ["/api/v1/media/p"], 1)


async def test_who_has_a_part_in_the_work_is_told_how_the_other_parts_stand(database: Database) -> None:
    lead, part = ticket(1), ticket(2, parent=ticket(1).id, unit="quang-nam", centre="quang-nam", task="chặn đường")
    async with database.transaction(EVERYTHING) as transaction:
        await tickets.add(transaction, [lead])
        await tickets.add(transaction, [part])
        await ticket_policies.ship(transaction, NOW)
    async with database.transaction(Scope(frozenset({"hoi-an"})), read_only=True) as transaction:
        told = await record(transaction, lead, "lan", LATER, steps=True, commands=False)
    [sub] = told.subs
    assert (str(sub.id), sub.unit, sub.task, sub.state, sub.late) == (part.id, "quang-nam", "chặn đường", "new", True)
    assert (told.incident.status, told.incident.title) == (None, "Nước ngập"), "its incident is not kept any more"
    assert told.steps[0] == "accept"
    async with database.transaction(Scope(frozenset({"quang-nam"})), read_only=True) as transaction:
        told = await record(transaction, part, "lan", NOW, steps=False, commands=False)
    assert told.parent is not None
    assert (str(told.parent.id), told.subs, told.steps) == (lead.id, [], [])
