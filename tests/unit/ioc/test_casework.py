"""Deeds beside the desk: what people decided stands when the desk goes on, and neither is in the other's way."""

import asyncio
import datetime as dt
import os
import uuid
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.position import Position
from ioc.access.scope import EVERYTHING, Scope
from ioc.casework import Casework, Done, MissingError, RefusedError, StaleError, Wanted
from ioc.docket import Docket
from ioc.incidents.alarm import Alarm
from ioc.incidents.checklist import Change
from ioc.incidents.steps import Ask
from ioc.store.database import Database
from tests.fakes.things import AI_NGHIA, NOW, alarm, rule, source


def docket(index: AreaIndex) -> Docket:
    return Docket((rule(),), index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)


def far(number: int) -> Alarm:
    """An alarm of a gauge of its own, 20 km from the next."""
    code = f"gauge-{number}"
    spot = msgspec.structs.replace(
        source(code), position=Position(lon=AI_NGHIA.lon - 0.2 * number, lat=AI_NGHIA.lat), area="20335@2025-07-01"
    )
    return alarm(number, key=f"test/level:{code}:water_level", source=spot)


def seconds(number: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=number)


async def settle(books: Docket, database: Database, after: Alarm, held: Alarm | None, now: dt.datetime) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await books.settle(transaction, {after.id: after}, {held.key: held} if held else {}, now)


async def home(admin: asyncpg.Connection, one: Alarm) -> str:
    found: uuid.UUID = await admin.fetchval("select incident from alarms where id = $1", uuid.UUID(one.id))
    return str(found)


def work(transaction: object, step: str, at: dt.datetime = NOW, **words: str) -> Casework:
    names = iter(uuid.UUID(int=500 + number) for number in range(9))
    return Casework(transaction, Ask(step=step, who="lan", at=at, **words), lambda: str(next(names)))  # type: ignore[arg-type]


async def merged(database: Database, one: str, other: str) -> Done:
    async with database.transaction(EVERYTHING) as transaction:
        return await work(transaction, "merge", seconds(1)).join(Wanted(one), Wanted(other), "merge")


async def test_an_alarm_that_was_merged_stays_there_when_the_desk_sees_it_again(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books, old, young = docket(area_index), far(1), far(2)
    await settle(books, database, old, None, NOW)
    await settle(books, database, young, None, NOW)
    first, second = await home(admin, old), await home(admin, young)
    assert first != second
    done = await merged(database, first, second)
    kept = done.after.id
    worse = msgspec.structs.replace(young, severity="extreme", seen_at=seconds(5), count=2)
    await settle(books, database, worse, young, seconds(5))
    assert await home(admin, young) == kept
    row = await admin.fetchrow("select status, severity, alarms from incidents where id = $1", uuid.UUID(kept))
    assert tuple(row) == ("new", "extreme", 2)
    over = msgspec.structs.replace(worse, cleared_at=seconds(9), seen_at=seconds(9))
    await settle(books, database, over, worse, seconds(9))
    assert await home(admin, young) == kept
    assert await admin.fetchval("select count(*) from incidents where status = 'duplicate'") == 1


async def test_steps_of_people_and_the_desk_at_once_come_to_an_end(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    """Merges, splits and undos beside a desk that goes on: no deadlock, and every alarm has an incident that stands."""
    books, alarms = docket(area_index), [far(number) for number in range(1, 7)]
    for one in alarms:
        await settle(books, database, one, None, NOW)
    homes = [await home(admin, one) for one in alarms]

    async def desk() -> None:
        held = dict(enumerate(alarms))
        for turn in range(12):
            number = turn % len(alarms)
            after = msgspec.structs.replace(held[number], count=turn + 2, seen_at=seconds(turn + 1))
            await settle(books, database, after, held[number], seconds(turn + 1))
            held[number] = after

    async def people(one: int, other: int) -> None:
        for turn in range(6):
            try:
                done = await merged(database, homes[one], homes[other])
                async with database.transaction(EVERYTHING) as transaction:
                    await work(transaction, "undo", seconds(turn)).undo(Wanted(done.after.id))
            except (RefusedError, StaleError):
                continue

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(desk(), name="desk")
        for one, other in ((0, 1), (1, 2), (2, 0), (4, 5), (5, 4)):
            tasks.create_task(people(one, other), name=f"people {one} {other}")
    lost = await admin.fetch(
        "select a.id from alarms a left join incidents i on i.id = a.incident "
        "where i.id is null or i.status = 'duplicate'"
    )
    assert lost == []
    wrong = await admin.fetch(
        "select i.id from incidents i where i.alarms <> (select count(*) from alarms a where a.incident = i.id)"
    )
    assert wrong == []


async def test_what_is_not_in_the_person_s_scope_is_missing_and_nothing_happens(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    one, other = far(1), far(2)
    for each in (one, other):
        await settle(docket(area_index), database, each, None, NOW)
    ids = [await home(admin, each) for each in (one, other)]
    hidden = Scope(frozenset({"hoi-an"}))
    deeds = (
        lambda case: case.step(Wanted(ids[0])),
        lambda case: case.join(Wanted(ids[0]), Wanted(ids[1]), "merge"),
        lambda case: case.split(Wanted(ids[0]), [one.id]),
        lambda case: case.undo(Wanted(ids[0])),
        lambda case: case.link(one.id, Wanted(ids[0])),
        lambda case: case.open(one.id),
        lambda case: case.item(Wanted(ids[0]), Change(item="x", who="lan", at=NOW, text="x")),
    )
    before = await admin.fetch("select * from incidents order by id")
    for deed in deeds:
        with pytest.raises(MissingError):
            async with database.transaction(hidden) as transaction:
                await deed(work(transaction, "acknowledge"))
    assert await admin.fetch("select * from incidents order by id") == before


async def test_a_stale_version_and_a_refusal_change_nothing(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    one = far(1)
    await settle(docket(area_index), database, one, None, NOW)
    name = await home(admin, one)
    with pytest.raises(StaleError):
        async with database.transaction(EVERYTHING) as transaction:
            await work(transaction, "acknowledge").step(Wanted(name, 7))
    for step in ("close", "reopen"):
        with pytest.raises(RefusedError):
            async with database.transaction(EVERYTHING) as transaction:
                await work(transaction, step, why="x").step(Wanted(name, 1))
    with pytest.raises(RefusedError, match="itself"):
        async with database.transaction(EVERYTHING) as transaction:
            await work(transaction, "merge").join(Wanted(name), Wanted(name), "merge")
    assert await admin.fetchval("select version from incidents") == 1
