"""Deeds beside the desk: what people decided stands when the desk goes on, and neither is in the other's way."""

import asyncio
import datetime as dt
import os
import random
import uuid
from collections import Counter
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


def work(transaction: object, step: str, at: dt.datetime = NOW, day: dt.date | None = None, **words: str) -> Casework:
    names = iter(uuid.UUID(int=500 + number) for number in range(9))
    ask = Ask(step=step, who="lan", at=at, **words)
    return Casework(transaction, ask, lambda: str(next(names)), day or at.date())  # type: ignore[arg-type]


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


async def test_a_person_s_severity_stands_beside_the_desk_until_an_alarm_is_worse(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    books, one = docket(area_index), far(1)
    await settle(books, database, one, None, NOW)
    name = await home(admin, one)
    async with database.transaction(EVERYTHING) as transaction:
        await work(transaction, "severity", seconds(1), why="a puddle", to="minor").step(Wanted(name, 1))
    for at, severity, wanted in ((9, "moderate", ("minor", "minor")), (19, "severe", ("severe", ""))):
        after = msgspec.structs.replace(one, severity=severity, count=one.count + 1, seen_at=seconds(at))
        await settle(books, database, after, one, seconds(at))
        one = after
        assert tuple(await admin.fetchrow("select severity, judged from incidents")) == wanted
    async with database.transaction(EVERYTHING) as transaction:
        await work(transaction, "title", seconds(20), to="Lũ Vu Gia").step(Wanted(name))
    after = msgspec.structs.replace(one, severity="extreme", title="x", seen_at=seconds(29))
    await settle(books, database, after, one, seconds(29))
    assert tuple(await admin.fetchrow("select title, severity, titled from incidents")) == (
        "Lũ Vu Gia",
        "extreme",
        True,
    )


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


class Walk:
    """Deeds of any kind in any order; what the tables then say is compared after each."""

    def __init__(self, database: Database, admin: asyncpg.Connection, seed: int) -> None:
        self._database, self._admin, self._random = database, admin, random.Random(seed)
        self._made = 0
        self.done: Counter[str] = Counter()

    def _new_id(self) -> str:
        self._made += 1
        return str(uuid.UUID(int=(1 << 64) + self._made))

    async def homes(self) -> list[tuple]:
        return [tuple(row) for row in await self._admin.fetch("select id, incident, match from alarms order by id")]

    async def deed(self, step: str, incident: str, other: str, alarms: list[str]) -> bool:
        """Whether it was carried out."""
        ask = Ask(step=step, who=self._random.choice(["lan", "minh"]), at=NOW, why="so", to="extreme")
        try:
            async with self._database.transaction(EVERYTHING) as transaction:
                case = Casework(transaction, ask, self._new_id, ask.at.date())
                if step in ("merge", "duplicate"):
                    await case.join(Wanted(incident), Wanted(other), step)  # type: ignore[arg-type]
                elif step == "split":
                    await case.split(Wanted(incident), alarms)
                elif step == "undo":
                    await case.undo(Wanted(incident))
                else:
                    await case.step(Wanted(incident))
        except RefusedError:
            return False
        self.done[step] += 1
        return True

    async def go(self, turns: int) -> None:
        steps = ["merge", "merge", "duplicate", "split", "split", "undo", "undo", "acknowledge", "reopen", "comment"]
        for _ in range(turns):
            ids = [str(row["id"]) for row in await self._admin.fetch("select id from incidents order by id")]
            alarms = [str(row["id"]) for row in await self._admin.fetch("select id from alarms order by id")]
            chosen = self._random.sample(alarms, self._random.randint(1, 2))
            step, one, other = self._random.choice(steps), self._random.choice(ids), self._random.choice(ids)
            before = await self.homes()
            if step == "split":
                one = next(str(incident) for name, incident, _ in before if str(name) == chosen[0])
            if await self.deed(step, one, other, chosen) and step in ("merge", "duplicate", "split"):
                await self.hold()
                if self._random.random() < 0.3:
                    assert await self.deed("undo", one, other, [])
                    assert await self.homes() == before
            await self.hold()

    async def hold(self) -> None:
        """No alarm is lost or hidden, figures and reach are those of the alarms."""
        wrong = await self._admin.fetch(
            "select i.id from incidents i left join incident_reach r on r.incident = i.id where "
            "i.alarms <> (select count(*) from alarms a where a.incident = i.id) "
            "or (i.status = 'duplicate') <> (i.duplicate_of is not null) or (i.alarms = 0) <> (r.incident is null) "
            "or (i.status = 'duplicate' and i.alarms > 0)"
        )
        assert wrong == []
        assert await self._admin.fetchval("select count(*) from alarms where incident is null") == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_order_of_deeds_loses_no_alarm_and_keeps_the_figures(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection, seed: int
) -> None:
    books = docket(area_index)
    for number in range(1, 9):
        await settle(books, database, far(number), None, NOW)
    walk = Walk(database, admin, seed)
    await walk.go(70)
    assert {"merge", "split", "undo"} <= walk.done.keys(), walk.done


async def test_a_new_incident_is_in_the_unit_of_the_local_day(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    """On the first morning of the new communes it is still the day before in UTC."""
    books, one, two = docket(area_index), far(1), far(2)
    for each in (one, two):
        await settle(books, database, each, None, NOW)
    await merged(database, await home(admin, one), await home(admin, two))
    async with database.transaction(EVERYTHING) as transaction:
        case = work(transaction, "split", dt.datetime(2025, 6, 30, 18, tzinfo=dt.UTC), day=dt.date(2025, 7, 1))
        done = await case.split(Wanted(await home(admin, two)), [two.id])
    assert done.after.place.area.endswith("@2025-07-01")
