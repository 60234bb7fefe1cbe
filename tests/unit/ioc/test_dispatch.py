"""Facts about the dispatcher on a real PostgreSQL: what is missing is made once, killed wherever it may be."""

import asyncio
import datetime as dt
import uuid

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.incidents.incident import Incident
from ioc.store import ticket_policies
from ioc.store.database import Database
from ioc.tickets.policy import Along, Clock, Need, Route, WorkDay
from ioc.tickets.ticket import Ticket
from tests.fakes import tickets as fakes
from tests.fakes.escalations import NOON, POLICY
from tests.fakes.ticket_world import KilledError, World

NEEDY = msgspec.structs.replace(
    POLICY,
    needs=(Need(categories=("flood",), severity="moderate"), Need(severity="extreme")),
    routes=(
        Route(
            categories=("flood",), severities=("extreme",), unit="centre", task="sơ tán", why="lũ lớn",
            along=(Along(unit="cap-nuoc", task="bơm"), Along(unit="quang-nam", task="điều phối")),
        ),
        Route(categories=("flood",), unit="centre", task="kiểm tra", why="lũ"),
    ),
)  # fmt: skip

POINTS = ("dispatch-looked", "dispatch-decided", "dispatch-saved", "dispatch-committed")


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database, NEEDY)
    await made.settle_in()
    return made


def incident(number: int = 1, **changed: object) -> Incident:
    return fakes.incident(number, **changed)


def changed(about: Incident, **members: object) -> Incident:
    return msgspec.structs.replace(about, version=about.version + 1, **members)


async def turn(world: World, *points: str) -> None:
    """The dispatcher works, after it was killed at each of these points; each time it knows nothing of before."""
    for point in points:
        with pytest.raises(KilledError):
            await world.dispatch(point).turn()
    await world.dispatch().turn()


def shown(found: list[Ticket]) -> list[tuple[str, str, str, str]]:
    return [(one.unit, one.state, one.severity, one.task) for one in found]


@pytest.mark.parametrize("points", [(), *((point,) for point in POINTS), POINTS[:3]])
async def test_an_incident_that_needs_hands_gets_one_lead_ticket_and_its_parts(
    world: World, points: tuple[str, ...]
) -> None:
    one = incident(severity="extreme")
    await world.put(one, incident(2, severity="minor"), incident(3, category="noise"))
    await turn(world, *points)
    found = await world.tickets(one.id)
    assert shown(found) == [
        ("hoi-an", "new", "extreme", "sơ tán"),
        ("cap-nuoc", "new", "extreme", "bơm"),
        ("quang-nam", "new", "extreme", "điều phối"),
    ]
    assert {part.parent for part in found[1:]} == {found[0].id}
    assert await world.tickets(str(uuid.UUID(int=2))) == await world.tickets(str(uuid.UUID(int=3))) == []
    assert sorted(login for _, login, _ in await world.told("ticket")) == ["hoi", "nuoc", "tinh"]
    await turn(world)
    assert len(await world.tickets(one.id)) == 3


async def test_what_people_opened_or_ended_is_not_opened_again_until_it_comes_up_again(
    world: World, admin: asyncpg.Connection
) -> None:
    one = incident()
    await world.put(one)
    by_hand = await world.open(1, "cap-nuoc")
    await turn(world)
    assert [ticket.id for ticket in await world.tickets(one.id)] == [by_hand.id]
    await world.step(by_hand, "accept")
    await world.step(by_hand, "resolve", text="xong")
    await world.step(by_hand, "verify", who="tinh")
    await world.step(by_hand, "close", who="tinh")
    await turn(world)
    assert len(await world.tickets(one.id)) == 1
    world.now += dt.timedelta(hours=1)
    await admin.execute(
        "insert into incident_log (incident, centre, area, at, who, what, text)"
        " values ($1, 'hoi-an', '', $2, 'system', 'reopened', '')", uuid.UUID(one.id), world.now,
    )  # fmt: skip
    await world.put(changed(one, status="reopened"))
    await turn(world)
    assert [ticket.state for ticket in await world.tickets(one.id)] == ["closed", "new"]


async def test_what_gets_worse_after_people_ended_its_work_needs_hands_again(world: World) -> None:
    mild = incident(severity="moderate")
    await world.put(mild)
    await turn(world)
    [ticket] = await world.tickets(mild.id)
    for word, who in (("accept", "hoi"), ("resolve", "hoi"), ("verify", "tinh"), ("close", "tinh")):
        await world.step(ticket, word, who=who, text="xong" if word == "resolve" else "")
    worse = changed(mild, severity="extreme")
    await world.put(worse)
    await turn(world)
    assert [(one.state, one.severity) for one in await world.tickets(mild.id) if one.parent is None] == [
        ("closed", "moderate"),
        ("new", "extreme"),
    ]
    [again] = [one for one in await world.tickets(mild.id) if one.state == "new" and one.parent is None]
    for word, who in (("accept", "hoi"), ("resolve", "hoi"), ("verify", "tinh"), ("close", "tinh")):
        await world.step(again, word, who=who, text="xong" if word == "resolve" else "", why="phần việc khác làm tiếp")
    await world.put(changed(changed(worse), severity="severe"))
    await turn(world)
    assert [one for one in await world.tickets(mild.id) if one.parent is None and one.live] == []


@pytest.mark.parametrize("points", [(), POINTS[:3]])
async def test_an_incident_that_gets_worse_brings_deadlines_forward_and_further_units_in(
    world: World, points: tuple[str, ...]
) -> None:
    one = incident(severity="severe")
    await world.put(one)
    await turn(world)
    [lead] = await world.tickets(one.id)
    world.now += dt.timedelta(minutes=5)
    await world.put(changed(one, severity="extreme", title="Báo động III"))
    await turn(world, *points)
    found = await world.tickets(one.id)
    assert {ticket.title for ticket in found} == {"Báo động III"}
    assert [(ticket.unit, ticket.severity) for ticket in found] == [
        ("hoi-an", "extreme"), ("cap-nuoc", "extreme"), ("quang-nam", "extreme"),
    ]  # fmt: skip
    after = found[0]
    assert after.due_at is not None
    assert lead.due_at is not None
    assert after.due_at < lead.due_at
    assert [line.what for line in await world.log(lead)] == ["opened", "severity", "sub", "sub"]
    await world.put(changed(changed(one), severity="moderate"))
    await turn(world)
    assert [ticket.version for ticket in await world.tickets(one.id)] == [2, 1, 1]


@pytest.mark.parametrize(
    ("status", "accepted", "state"),
    [
        ({"status": "false_alarm"}, False, "cancelled"),
        ({"status": "false_alarm"}, True, "accepted"),
        ({"status": "resolved", "resolved_by": "system"}, False, "cancelled"),
        ({"status": "resolved", "resolved_by": "system"}, True, "accepted"),
        ({"status": "resolved", "resolved_by": "lan"}, False, "new"),
        ({"status": "closed", "resolved_by": "lan"}, False, "new"),
    ],
)
async def test_what_ended_cancels_what_nobody_accepted(
    world: World, status: dict[str, str], accepted: bool, state: str
) -> None:
    one = incident()
    await world.put(one)
    await turn(world)
    [ticket] = await world.tickets(one.id)
    if accepted:
        await world.step(ticket, "accept")
    await world.put(changed(one, **status))
    await turn(world, *(() if state != "cancelled" else POINTS[:3]))
    [after] = await world.tickets(one.id)
    assert after.state == state
    world.now += dt.timedelta(days=30)
    told = await world.escalating().turns()
    assert (told == 0) == (state == "cancelled")


async def test_what_was_over_by_itself_and_comes_back_gets_a_ticket_again(
    world: World, admin: asyncpg.Connection
) -> None:
    one = incident()
    await world.put(one)
    await turn(world)
    await world.put(changed(one, status="resolved", resolved_by="system"))
    await turn(world)
    await world.put(changed(one, status="reopened", resolved_by=""))
    await turn(world)
    assert [ticket.state for ticket in await world.tickets(one.id)] == ["cancelled", "new"]


@pytest.mark.parametrize("points", [(), POINTS[:3]])
async def test_a_duplicates_work_goes_to_the_incident_that_stands_for_it(world: World, points: tuple[str, ...]) -> None:
    one, other, third = incident(1), incident(2), incident(3)
    await world.put(one, other, third)
    await turn(world)
    [touched], [untouched], [there] = [await world.tickets(each.id) for each in (one, other, third)]
    await world.step(touched, "accept")
    await world.put(changed(one, status="duplicate", duplicate_of=other.id))
    await world.put(changed(other, status="duplicate", duplicate_of=third.id))
    await turn(world, *points)
    assert await world.tickets(one.id) == []
    assert [(ticket.id, ticket.state) for ticket in await world.tickets(other.id)] == [(untouched.id, "cancelled")]
    found = {ticket.id: ticket for ticket in await world.tickets(third.id)}
    assert found.keys() == {there.id, touched.id}
    assert (found[touched.id].state, found[touched.id].parent) == ("accepted", there.id)
    await turn(world)
    assert {ticket.id for ticket in await world.tickets(third.id)} == found.keys()


async def test_what_moves_to_a_worse_incident_runs_by_that_at_once(world: World) -> None:
    one, other = incident(1, severity="moderate"), incident(2, severity="extreme")
    await world.put(one, other)
    dispatch = world.dispatch()
    await dispatch.turn()
    [ticket] = await world.tickets(one.id)
    await world.step(ticket, "accept")
    await dispatch.turn()
    await world.put(changed(one, status="duplicate", duplicate_of=other.id))
    await dispatch.turn()  # who was never stopped, and does not look at all that is open
    moved = next(each for each in await world.tickets(other.id) if each.id == ticket.id)
    assert (moved.state, moved.severity) == ("accepted", "extreme")


async def test_a_part_that_is_worked_on_takes_its_lead_along(world: World) -> None:
    one, other = incident(1, severity="extreme"), incident(2, category="noise", severity="minor")
    await world.put(one, other)
    await turn(world)
    lead, part, _ = await world.tickets(one.id)
    await world.step(part, "accept")
    await world.put(changed(one, status="duplicate", duplicate_of=other.id))
    await turn(world)
    assert [(ticket.id, ticket.state) for ticket in await world.tickets(other.id)] == [
        (lead.id, "new"), (part.id, "accepted"),
    ]  # fmt: skip


async def test_work_that_moved_is_hurried_at_once_by_the_incident_that_stands_for_it(world: World) -> None:
    one, other = incident(1, severity="moderate"), incident(2, severity="extreme")
    dispatch = world.dispatch()
    await world.put(one)
    await dispatch.turn()
    [touched] = await world.tickets(one.id)
    await world.step(touched, "accept")
    await world.put(other)
    await dispatch.turn()
    await world.put(changed(one, status="duplicate", duplicate_of=other.id))
    await dispatch.turn()
    assert {ticket.severity for ticket in await world.tickets(other.id)} == {"extreme"}


async def test_one_incident_whose_ticket_cannot_be_opened_holds_up_no_other(database: Database) -> None:
    """Its clock ends beyond ten years: the machine of a policy that people made says OverflowError."""
    hour = WorkDay(days=(1,), hours=((dt.time(7), dt.time(8)),))
    never = Clock(categories=("noise",), accept_min=60, done_min=366 * 1440, hours="office", plan="plain")
    world = World(database, msgspec.structs.replace(NEEDY, clocks=(never, *NEEDY.clocks), work=(hour,)))
    await world.settle_in()
    bad, good, later = incident(1, category="noise", severity="extreme"), incident(2), incident(3)
    await world.put(bad, good)
    with pytest.raises(OverflowError):
        await world.dispatch().turn()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        work = tasks.create_task(world.dispatch().run(), name="dispatch")
        for each in (good, later):
            await world.put(each)
            while not await world.tickets(each.id):
                await asyncio.sleep(0.02)
        work.cancel()
    assert await world.tickets(bad.id) == []


async def test_by_a_new_policy_all_that_is_open_is_looked_at_again(world: World) -> None:
    one = incident(category="noise", severity="minor")
    dispatch = world.dispatch()
    await world.put(one)
    assert await dispatch.turn() == 0
    async with world.database.transaction(EVERYTHING) as transaction:
        wider = msgspec.structs.replace(NEEDY, version=2, needs=(Need(),))
        await ticket_policies.add(transaction, wider, NOON, "admin", "mọi việc")
    assert await dispatch.turn() == 1
    assert [ticket.policy for ticket in await world.tickets(one.id)] == [2]


async def test_nothing_is_looked_at_when_nothing_changed(world: World) -> None:
    dispatch = world.dispatch()
    await world.put(incident())
    assert await dispatch.turn() == 1
    looked: list[str] = []
    dispatch._passing = looked.append
    assert await dispatch.turn() == 0
    assert looked == []


@pytest.mark.parametrize("category", ["device", "camera"])
async def test_by_the_shipped_policy_what_fails_gets_a_repair_ticket_by_itself(
    database: Database, category: str
) -> None:
    world = World(database, ticket_policies.shipped())
    async with database.transaction(EVERYTHING) as transaction:
        await ticket_policies.ship(transaction, NOON)
    one = incident(category=category, severity="minor")
    await world.put(one)
    await turn(world)
    [ticket] = await world.tickets(one.id)
    assert (ticket.unit, ticket.state) == ("ky-thuat", "new")
    assert ticket.due_at is not None
