"""When the provisional desk works, what it shows, and when it ends; on a real PostgreSQL and a real spool."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import msgspec
import orjson

from gis.layers import ALARMS, feature
from ioc.access.scope import EVERYTHING, Scope
from ioc.board import Entry
from ioc.incidents.alarm import Alarm
from ioc.incidents.order import Memory
from ioc.incidents.rules import Pending, key_of
from ioc.provisional import provisional_id
from ioc.provisional_desk import DESK, ProvisionalDesk, alarm_of, provisional_feature
from ioc.rulebook import Book
from ioc.store import alarms as kept
from ioc.store import journal, rule_states
from ioc.store.changes import Change
from ioc.store.database import Database
from ioc.store.observations import Parcel
from ioc.store.segments import Segments
from sensors.intake import Batch
from tests.fakes.things import NOW, alarm, reading, rule, source

LEVEL, WAITING = rule(), rule(code="waiting", for_s=90)
SOURCES = {code: source(code) for code in ("gauge-a", "gauge-b")}
KEY_A, KEY_B = (key_of(LEVEL, code, "water_level") for code in SOURCES)

CUT_WHO_WAITS = """
select pg_terminate_backend(pid) from pg_locks where relation = 'rule_states'::regclass and not granted
and database = (select oid from pg_database where datname = current_database())
"""


class Office:
    """A provisional desk over a spool that the test writes."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.shown: list[Mapping[str, Entry]] = []
        self.segments = Segments(folder / "spool" / "ioc-intake", 2**20)
        self.segments.open()
        self.desk = ProvisionalDesk(
            database,
            (LEVEL, WAITING),
            lambda: SOURCES,
            folder / "spool",
            profile_of=lambda code: "river-gauge",
            now=lambda: NOW,
        )
        self.desk._show = self.shown.append
        self.seq = 0

    def spool(self, value: float, code: str = "gauge-a", seconds: float = 1.0) -> None:
        """A batch of one reading waits on disk."""
        self.seq += 1
        at = NOW + dt.timedelta(seconds=seconds)
        parcel = Parcel(Batch(arrived_at=at, observations=(reading(value, at=at, seq=self.seq, source=code),)))
        self.segments.append(msgspec.msgpack.encode(parcel), 1, at)

    def drain(self) -> None:
        """The store takes everything."""
        while (head := self.segments.head(9)) is not None:
            self.segments.drop(head)

    async def work(self) -> None:
        """Until nothing more is there."""
        while await self.desk.turn():
            pass

    def levels(self) -> dict[str, str]:
        """Severities by key, as shown last."""
        told = [about(entry) for entry in self.shown[-1].values()] if self.shown else []
        return {one["key"]: one["severity"] for one in told}


def about(entry: Entry) -> dict[str, str]:
    event = orjson.loads(entry.put.partition(b"data: ")[2])
    found: dict[str, str] = event["data"]["properties"]
    return found


def change(saved: Alarm) -> Change:
    """As the docket tells it."""
    row = {name: getattr(saved, name) for name in Alarm.__struct_fields__}
    place = saved.source.position
    more = {"source": saved.source.code, "source_name": saved.source.name, "centre": saved.source.centre}
    row |= more | {"area_code": "20335", "lon": place.lon, "lat": place.lat}
    return Change(
        subject="alarm",
        subject_id=saved.id,
        op="put",
        centre=saved.source.centre,
        area=saved.source.area,
        at=NOW,
        value=feature(ALARMS, row),
        version=7,
    )


async def keep(database: Database, saved: Alarm) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await kept.save_alarms(transaction, [saved])


def test_a_saved_alarm_is_read_from_its_change() -> None:
    ended = alarm(seen_at=NOW + dt.timedelta(seconds=1), cleared_at=NOW + dt.timedelta(seconds=1), evidence={"a": 1})
    for one in (alarm(), ended):
        assert alarm_of(change(one)) == one


def test_a_feature_says_that_it_is_provisional() -> None:
    value = provisional_feature(alarm(source=source("gauge-a")), LEVEL)
    assert value["properties"]["provisional"] is True
    assert value["properties"]["title"] == "gauge-a vượt I"
    assert value["properties"]["incident"] is None
    assert set(value["properties"]) == {field.name for field in ALARMS.fields} | {"provisional", "title", "title_en"}
    assert provisional_feature(alarm(), None)["properties"]["title"] == alarm().source.name


async def test_it_works_from_the_first_batch_on_disk_to_the_last_that_the_desk_has_passed(
    database: Database, tmp_path: Path
) -> None:
    office = Office(database, tmp_path)
    await office.desk.look()
    await office.work()
    assert office.shown == []
    office.spool(2.5)
    await office.work()
    assert office.levels() == {KEY_A: "moderate"}
    office.spool(2.6, seconds=2)
    await office.work()
    assert len(office.shown) == 1  # a mere repeat is told to nobody
    office.spool(4.5, seconds=3)
    office.spool(6.5, "gauge-b", seconds=3)
    await office.work()
    assert office.levels() == {KEY_A: "severe", KEY_B: "extreme"}
    office.drain()
    async with database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, [reading(4.5)], NOW)
    await office.work()
    assert office.levels() == {KEY_A: "severe", KEY_B: "extreme"}  # the desk has not passed it
    async with database.transaction(EVERYTHING) as transaction:
        await journal.advance(transaction, DESK, (await journal.reached(transaction, DESK))[1])
    await office.work()
    assert office.levels() == {}
    assert not office.desk._working


async def test_it_goes_on_from_what_is_saved(database: Database, tmp_path: Path) -> None:
    await keep(database, alarm(1, key=KEY_A, severity="severe", source=source("gauge-a")))
    wait = key_of(WAITING, "gauge-b", "water_level")
    async with database.transaction(EVERYTHING) as transaction:
        await rule_states.save(transaction, {wait: Memory(pending=Pending(NOW, "moderate"), newest=NOW)})
    office = Office(database, tmp_path)
    await office.desk.look()
    office.spool(4.5)
    office.spool(2.5, "gauge-b", seconds=95)
    await office.work()
    assert office.levels() == {KEY_B: "moderate", wait: "moderate"}
    office.spool(0.0, seconds=2)
    await office.work()
    [ended] = [entry for entry in office.shown[-1].values() if about(entry)["key"] == KEY_A]
    assert about(ended)["cleared_at"] is not None
    assert ended.seen_by(Scope(None, past=dt.timedelta(0)), NOW + dt.timedelta(hours=1)) is ended.left


async def test_what_is_saved_is_heard_at_once_and_takes_its_place(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path)
    await office.desk.look()
    told = alarm(2, key=KEY_B, severity="severe", source=source("gauge-b"))
    office.desk.hear([change(told)])  # saved after the last look
    office.spool(4.5, "gauge-b")
    office.spool(2.5)
    await office.work()
    assert office.levels() == {KEY_A: "moderate"}
    at = NOW + dt.timedelta(seconds=1)
    office.desk.hear([change(alarm(3, key=KEY_A, source=source("gauge-a"), raised_at=at, seen_at=at))])
    assert office.levels() == {}


async def test_a_change_that_cannot_be_read_ends_nothing(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path)
    strange = msgspec.structs.replace(change(alarm()), value={"properties": {}, "geometry": None})
    office.desk.hear([strange, change(alarm())])


async def test_a_look_that_takes_long_forgets_nothing_that_was_heard_meanwhile(
    database: Database, tmp_path: Path
) -> None:
    office = Office(database, tmp_path)
    looking = asyncio.get_running_loop().create_future()
    original = rule_states.load_waits

    async def slowly(transaction: object) -> object:
        office.desk.hear([change(alarm(2, key=KEY_A, source=source("gauge-a")))])
        looking.set_result(None)
        return await original(transaction)  # type: ignore[arg-type]

    rule_states.load_waits = slowly  # type: ignore[assignment]
    try:
        await office.desk.look()
    finally:
        rule_states.load_waits = original
    assert looking.done()
    office.spool(2.5)
    await office.work()
    assert office.levels() == {}


async def test_nothing_is_said_before_what_is_saved_was_read_once(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path)
    office.spool(2.5)
    await office.work()
    assert office.shown == []


async def test_it_begins_once_what_is_saved_was_read_however_often_that_fails(
    database: Database, tmp_path: Path, admin: asyncpg.Connection
) -> None:
    office = Office(database, tmp_path)
    office.spool(2.5)
    await admin.execute("begin; lock table rule_states in access exclusive mode")
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        beginning = tasks.create_task(office.desk.begin(), name="begin")
        while not (cut := await admin.fetch(CUT_WHO_WAITS)):
            await asyncio.sleep(0.01)
        assert len(cut) == 1
        assert not beginning.done()
        await office.work()
        assert office.shown == []
        await admin.execute("rollback")
    await office.work()
    assert office.levels() == {KEY_A: "moderate"}


async def test_an_entry_is_scoped_and_moves_no_cursor(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path)
    await office.desk.look()
    office.spool(2.5)
    await office.work()
    [(fid, entry)] = office.shown[-1].items()
    assert fid == provisional_id(KEY_A, NOW + dt.timedelta(seconds=1))
    assert entry.put.startswith(b"event: alarm\ndata: ")
    assert entry.left.startswith(b"event: alarm\ndata: ")
    assert b"vn.ioc.alarm.removed.v1" in entry.left
    assert entry.seen_by(EVERYTHING, NOW) is entry.put
    for foreign in (
        Scope(frozenset({"hoi-an"})),
        Scope(None, areas=frozenset({"1@2025-07-01"})),
        Scope(None, kinds=frozenset({"device"})),
    ):
        assert entry.seen_by(foreign, NOW) is None


async def test_other_rules_judge_what_waits_from_then_on_and_never_in_the_middle(
    database: Database, tmp_path: Path
) -> None:
    office = Office(database, tmp_path)
    await office.desk.look()
    office.desk.adopt(Book((rule(levels={"severe": 1.0}),)))
    office.spool(1.5)
    await office.work()
    assert office.levels() == {KEY_A: "severe"}
    office.desk.adopt(Book())
    office.spool(1.2, "gauge-b")
    await office.work()
    assert office.levels() == {KEY_A: "severe", KEY_B: "severe"}
    office.drain()
    await office.work()
    assert office.levels() == {}
    office.spool(9.0, seconds=60)
    await office.work()
    assert office.levels() == {}
