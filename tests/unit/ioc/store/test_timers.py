"""Facts about timers as they are kept, on a real PostgreSQL."""

import datetime as dt
import uuid

import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store import timers
from ioc.store.database import Database
from ioc.tickets.escalation import NAG, timers_of
from ioc.tickets.ticket import Ticket
from tests.fakes.escalations import NOON, POLICY
from tests.fakes.ticket_world import World

LATER = NOON + dt.timedelta(minutes=20)


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.settle_in()
    return made


async def kept(world: World, of: Ticket) -> dict[str, bool]:
    """The steps that are kept, and whether they were done."""
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await timers.of_ticket(transaction, of.id)
    return {key[2]: done is not None for key, (_, done) in found.items()}


async def test_a_ticket_gets_its_timers_with_itself_and_the_next_moment_is_known(world: World) -> None:
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await timers.next_at(transaction) is None
    opened = await world.open()
    assert (await kept(world, opened)).keys() == {one.step for one in timers_of(opened, POLICY)}
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await timers.next_at(transaction) == LATER


async def test_what_is_due_comes_once_a_ticket_in_the_order_of_time_and_never_again_when_done(world: World) -> None:
    first, second = await world.open(1000), await world.open(1001)
    now = NOON + dt.timedelta(minutes=45)
    async with world.database.transaction(EVERYTHING) as transaction:
        due = await timers.due(transaction, now, 100)
        assert [(one.ticket.id, one.timer.step) for one in due] == [(first.id, "10"), (second.id, "10")]
        await timers.done(transaction, due, now)
        after = await timers.due(transaction, now, 100)
        assert [one.timer.step for one in after] == ["plain/0", "plain/0"]
        assert await timers.due(transaction, NOON, 100) == []
    assert (await kept(world, first))["10"]


async def test_planning_again_keeps_what_was_done_and_drops_what_is_met(world: World) -> None:
    opened = await world.open()
    async with world.database.transaction(EVERYTHING) as transaction:
        await timers.done(transaction, await timers.due(transaction, LATER, 100), LATER)
        await timers.replan(transaction, opened, POLICY, LATER)
    assert (await kept(world, opened))["10"]
    accepted = await world.step(opened, "accept")
    steps = await kept(world, accepted)
    assert steps.keys() == {"10", "45", "plain/3", "plain/4", "plain/5", NAG}
    moved = msgspec.structs.replace(accepted, due_at=NOON + dt.timedelta(hours=9))
    async with world.database.transaction(EVERYTHING) as transaction:
        await timers.replan(transaction, moved, POLICY, LATER)
        found = await timers.of_ticket(transaction, opened.id)
    assert {timer.at for timer, done in found.values() if timer.step == "plain/4"} == {moved.due_at}


async def test_of_rounds_the_last_is_remembered(world: World) -> None:
    opened = await world.open()
    await world.step(opened, "accept")
    for hours in (3, 4, 5, 6):
        world.now = NOON + dt.timedelta(hours=hours)
        await world.escalating().turns()
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await timers.of_ticket(transaction, opened.id)
    nags = sorted((key[4], done is not None) for key, (_, done) in found.items() if key[2] == NAG)
    assert [done for _, done in nags] == [True, False]


async def test_who_plans_something_wakes_who_waits(world: World) -> None:
    heard: list[bool] = []
    async with world.database.listen(timers.CHANNEL, lambda: heard.append(True)) as connection:
        await world.open()
        await connection.fetchval("select 1")
        assert heard


async def test_who_has_a_ticket(world: World) -> None:
    opened = await world.open()
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await timers.holders(transaction, [opened.id, str(uuid.UUID(int=5))])
    assert found == {opened.id: timers.Holder(unit="cap-nuoc", owner="")}
