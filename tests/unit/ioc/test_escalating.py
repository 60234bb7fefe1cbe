"""Facts about escalation on a real PostgreSQL: each step once, also with a restart at every point."""

import asyncio
import contextlib
import datetime as dt
import uuid

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.escalating import Escalating
from ioc.store import tickets as kept
from ioc.store import timers
from ioc.store.database import Database
from tests.fakes.escalations import NOON
from tests.fakes.ticket_world import KilledError, World

POINTS = ("escalating-held", "escalating-told", "escalating-saved", "escalating-committed")


@pytest.fixture
async def world(database: Database) -> World:
    made = World(database)
    await made.settle_in()
    return made


async def pass_time(world: World, until: int, every: int = 5, points: tuple[str, ...] = ()) -> None:
    """Let minutes pass; at each look the worker is killed at each of the points, and begins anew."""
    for minutes in range(int((world.now - NOON).total_seconds() // 60), until + 1, every):
        world.now = NOON + dt.timedelta(minutes=minutes)
        for point in points:
            with contextlib.suppress(KilledError):  # not every point is passed when nothing is due
                await world.escalating(point).turn()
        await world.escalating().turns()


NOBODY_MOVES = [
    (20, "nuoc", "Còn 10 phút để nhận"),
    (30, "nuoc", "Chưa ai nhận sau 30 phút"),
    (40, "tinh", "Giao cho nuoc: Chưa ai nhận sau 40 phút"),
    (40, "nuoc", "Giao cho nuoc: Chưa ai nhận sau 40 phút"),
    (50, "nuoc", "Chuyển lên Trung tâm Hội An: Chưa ai nhận sau 50 phút"),
    (50, "hoi", "Chuyển lên Trung tâm Hội An: Chưa ai nhận sau 50 phút"),
    (70, "hoi", "Còn 10 phút để nhận"),
    (75, "hoi", "Sắp đến hạn, còn 45 phút"),
    (80, "hoi", "Chưa ai nhận sau 30 phút"),
    (90, "nuoc", "Giao cho hoi: Chưa ai nhận sau 40 phút"),
    (90, "hoi", "Giao cho hoi: Chưa ai nhận sau 40 phút"),
    (100, "hoi", "Chuyển lên Trung tâm tỉnh: Chưa ai nhận sau 50 phút"),
    (100, "tinh", "Chuyển lên Trung tâm tỉnh: Chưa ai nhận sau 50 phút"),
    (105, "tinh", "Sắp đến hạn, còn 15 phút"),
    (110, "tinh", "Sắp đến hạn, còn 10 phút"),
    (120, "tinh", "Còn 10 phút để nhận"),
    (120, "tinh", "Quá hạn 0 phút"),
    (120, "tinh2", "Quá hạn 0 phút"),
    (130, "tinh", "Chưa ai nhận sau 30 phút"),
]
"""Written by reading the policy: minutes after noon, who, and the words."""


@pytest.mark.parametrize("points", [(), POINTS], ids=["undisturbed", "killed at every point of every turn"])
async def test_when_nobody_moves_everybody_is_told_in_turn_and_once(world: World, points: tuple[str, ...]) -> None:
    opened = await world.open()
    await pass_time(world, 130, points=points)
    said = [
        (minutes, login, title.removeprefix(f"Phiếu #{opened.number}: ").removesuffix(": Nước ngập"))
        for minutes, login, title in await world.told("escalation", "reminder")
    ]
    assert sorted(said) == sorted(NOBODY_MOVES)
    [after] = await world.tickets(opened.incident)
    assert (after.unit, after.state, after.bounces, after.generation) == ("quang-nam", "new", 0, 2)
    words = [line.what for line in await world.log(opened)]
    assert words == [
        *("opened", "reminded", "notified", "assigned", "escalated", "reminded", "reminded", "notified"),
        *("assigned", "escalated", "notified", "reminded", "reminded", "notified", "notified"),
    ]


async def test_what_was_slept_through_is_made_up_in_order(world: World) -> None:
    opened = await world.open()
    world.now = NOON + dt.timedelta(minutes=45)
    assert await world.escalating().turns() == 3
    words = [line.what for line in await world.log(opened)]
    assert words == ["opened", "reminded", "notified", "assigned"]
    world.now = NOON + dt.timedelta(days=1)
    assert await world.escalating().turns() == 7
    words = [(line.what, line.text) for line in (await world.log(opened))[4:]]
    assert words == [
        ("escalated", "accept:plain/2"),
        ("reminded", "due:45"),
        ("notified", "due:plain/3"),
        ("reminded", "due:10"),
        ("notified", "due:plain/4"),
        ("reminded", "due:nag:1"),
        ("escalated", "due:plain/5"),
    ]
    [after] = await world.tickets(opened.incident)
    assert (after.unit, after.accept_by) == ("quang-nam", world.now + dt.timedelta(minutes=30))


async def test_accepting_stops_the_first_escalation_and_resolving_the_second(world: World) -> None:
    opened = await world.open()
    await pass_time(world, 35)
    await world.step(opened, "accept", who="nuoc2")
    await pass_time(world, 118)
    assert [one[1] for one in await world.told("escalation") if one[0] > 35] == ["nuoc2"]  # fifteen minutes before
    await world.step(opened, "resolve", who="nuoc2", text="Đã thay ống")
    await pass_time(world, 230)
    assert [one for one in await world.told("escalation", "reminder") if one[0] > 118] == []
    await pass_time(world, 240)
    [verify] = [one for one in await world.told("escalation") if one[0] > 118]
    assert verify[1] == "tinh"
    assert "chưa ai xác nhận" in verify[2]
    await world.step(opened, "verify", who="tinh")
    async with world.database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await timers.next_at(transaction) is None


async def test_a_clock_that_stands_still_holds_its_timers_and_goes_on_with_what_was_left(world: World) -> None:
    opened = await world.open()
    await world.step(opened, "accept")
    world.now = NOON + dt.timedelta(minutes=60)
    await world.escalating().turns()
    await world.step(opened, "wait", why="chờ vật tư")
    await pass_time(world, 600, every=60)
    assert await world.told("escalation", "reminder") == []
    await world.step(opened, "resume")
    await pass_time(world, 645)
    assert [(one[0], one[2].split(": ")[1]) for one in await world.told("escalation", "reminder")] == [
        (615, "Sắp đến hạn, còn 45 phút"),
        (645, "Sắp đến hạn, còn 15 phút"),
    ]


async def test_a_ticket_that_somebody_holds_is_passed_over_and_comes_next(world: World) -> None:
    held, free = await world.open(1000), await world.open(1001)
    world.now = NOON + dt.timedelta(minutes=20)
    async with world.database.transaction(EVERYTHING) as transaction:
        await kept.tickets_of(transaction, [held.id])
        assert await world.escalating().turns() == 1
    assert len(await world.log(free)) == 2
    assert len(await world.log(held)) == 1
    assert await world.escalating().turns() == 1
    assert len(await world.log(held)) == 2


async def test_two_at_once_fire_each_step_once(world: World) -> None:
    opened = [await world.open(number) for number in range(1000, 1020)]
    world.now = NOON + dt.timedelta(minutes=20)
    fired = await asyncio.gather(*(world.escalating(page=3).turns() for _ in range(3)))
    await world.escalating().turns()
    assert sum(fired) <= len(opened)
    assert [len(await world.log(one)) for one in opened] == [2] * len(opened)
    assert len(await world.told("reminder")) == len(opened)


async def test_two_tickets_of_one_incident_that_go_to_the_same_unit_become_lead_and_part(world: World) -> None:
    first, second = await world.open(1000, "cap-nuoc"), await world.open(1000, "hoi-an")
    await world.step(second, "accept", who="hoi")
    await pass_time(world, 60, every=20)
    by_id = {one.id: one for one in await world.tickets(first.incident)}
    assert (by_id[first.id].unit, by_id[first.id].parent) == ("hoi-an", second.id)


async def test_of_two_that_go_up_at_the_same_moment_the_second_sees_where_the_first_went(world: World) -> None:
    first, second = await world.open(1000, "cap-nuoc"), await world.open(1000, "hoi-an")
    world.now = NOON + dt.timedelta(minutes=50)
    await world.escalating().turns()
    by_id = {one.id: one for one in await world.tickets(first.incident)}
    assert (by_id[first.id].unit, by_id[second.id].unit) == ("hoi-an", "quang-nam")
    assert (by_id[first.id].parent, by_id[second.id].parent) in ((None, None), (second.id, None))


async def test_a_ticket_that_cannot_be_done_holds_up_no_other(world: World, admin: asyncpg.Connection) -> None:
    sick, well = await world.open(1000), await world.open(1001)
    await admin.execute("update tickets set policy = 77 where id = $1", uuid.UUID(sick.id))
    world.now = NOON + dt.timedelta(minutes=20)
    work = world.escalating()
    with pytest.raises(LookupError):
        await work.turn()
    await work.one_by_one()
    assert [len(await world.log(one)) for one in (sick, well)] == [1, 2]
    assert await work.turns() == 0, "it is left alone for a while, so that it does not fill the log"
    await admin.execute("update tickets set policy = 1 where id = $1", uuid.UUID(sick.id))
    await world.escalating().turns()
    assert [len(await world.log(one)) for one in (sick, well)] == [2, 2]


async def test_it_sleeps_until_something_is_due_and_wakes_when_something_is_planned(world: World) -> None:
    loop = asyncio.get_running_loop()
    started, soon = loop.time(), NOON + dt.timedelta(minutes=20, seconds=-2)

    def now() -> dt.datetime:
        return soon + dt.timedelta(seconds=loop.time() - started)

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        working = tasks.create_task(Escalating(world.database, now).run(), name="escalating")
        opened = await world.open()
        assert len(await world.log(opened)) == 1
        while len(await world.log(opened)) < 2:
            await asyncio.sleep(0.02)
        working.cancel()


async def test_a_ticket_goes_up_only_when_nobody_has_its_incident_in_hand(world: World) -> None:
    """Else each of the two would wait for the other: it becomes a part of the one, who has that wants this."""
    lead = await world.step(await world.open(unit="hoi-an"), "accept", who="hoi")
    below = await world.open(unit="cap-nuoc")
    await pass_time(world, 45)
    world.now = NOON + dt.timedelta(minutes=50)
    async with world.database.transaction(EVERYTHING) as person:
        await kept.tickets_of(person, [lead.id])
        async with asyncio.TaskGroup() as tasks:
            firing = tasks.create_task(world.escalating().turn(), name="firing")
            await asyncio.wait({firing}, timeout=0.5)
            await kept.tickets_of(person, [below.id])
        assert firing.result() == 0
    assert await world.escalating().turns() == 1
    [_, after] = await world.tickets(lead.incident)
    assert (after.unit, after.parent) == ("hoi-an", lead.id)
