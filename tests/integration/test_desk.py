"""The desk on a real PostgreSQL: readings in, alarms and incidents out, once, whatever happens in between."""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.observation import Observation
from gis.position import Position
from ioc import catalogue
from ioc.access.scope import EVERYTHING, Scope
from ioc.desk import CURSOR, Desk
from ioc.docket import Docket
from ioc.incidents.alarm import Source
from ioc.incidents.rules import Rule
from ioc.leader import Lead, lead
from ioc.store import changes, journal
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes.things import NOW, reading, rule, sighting

AREA = "20506@2025-07-01"
AI_NGHIA = Position(lon=108.1118, lat=15.8831)
FAR = Position(lon=108.2, lat=15.8831)
CODES = {
    "gauge-ai-nghia": "river-gauge",
    "gauge-b": "river-gauge",
    "gauge-far": "river-gauge",
    "loop": "traffic-loop",
    "cam-a": "",
}
SOURCES = {code: Source(code=code, name="Ái Nghĩa", centre="dai-loc", area=AREA, position=AI_NGHIA) for code in CODES}
SOURCES["gauge-far"] = msgspec.structs.replace(SOURCES["gauge-far"], position=FAR)
OWNERS = {code: Owner("dai-loc", AREA) for code in CODES}


class Office:
    """A desk with its store and a clock that the test turns."""

    def __init__(self, database: Database, index: AreaIndex, rules: Sequence[Rule] | None = None) -> None:
        self.database = database
        self.rules = tuple(rules) if rules is not None else catalogue.rules(demo=True)
        self.index = index
        self.at = NOW
        self.seq = 0
        self.barred: dict[str, str] = {}
        self.store = ObservationStore(database, lambda: OWNERS, lambda device, prop: "m")
        self.desk = self.hire()

    def hire(self) -> Desk:
        """A desk that knows nothing yet."""
        docket = Docket(self.rules, self.index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        return Desk(
            self.database,
            self.rules,
            lambda: SOURCES,
            docket,
            profile_of=lambda code: CODES.get(code, ""),
            now=lambda: self.at,
            entropy=os.urandom,
            barred=lambda: self.barred,
        )

    async def keep(self, *observations: Observation) -> None:
        """Through the sink into the journal."""
        await self.store.keep(Batch(arrived_at=self.at, observations=observations))

    async def level(self, value: float, after_s: float = 60.0, source: str = "gauge-ai-nghia") -> None:
        """Time goes on, the gauge reads, the desk works."""
        self.at += dt.timedelta(seconds=after_s)
        self.seq += 1
        await self.keep(reading(value, seq=self.seq, at=self.at, source=source, centre="dai-loc"))
        await self.work()

    async def work(self) -> None:
        """The desk until nothing is left."""
        while await self.desk.turn():
            pass


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(database: Database, area_index: AreaIndex) -> Office:
    """A desk with the shipped rules."""
    return Office(database, area_index)


async def only(admin: asyncpg.Connection, table: str) -> asyncpg.Record:
    rows = await admin.fetch(f"select * from {table}")
    assert len(rows) == 1, f"{len(rows)} rows in {table}"
    return rows[0]


async def log_of(admin: asyncpg.Connection) -> list[str]:
    return [row["what"] for row in await admin.fetch("select what from incident_log order by id")]


async def test_a_level_crossed_opens_one_alarm_and_one_incident_in_its_area(
    office: Office, admin: asyncpg.Connection
) -> None:
    await office.level(6.4)
    assert await admin.fetchval("select count(*) from incidents") == 0
    await office.level(6.5)
    alarm, incident = await only(admin, "alarms"), await only(admin, "incidents")
    assert (alarm["severity"], alarm["incident"], alarm["cleared_at"]) == ("moderate", incident["id"], None)
    assert (incident["status"], incident["severity"], incident["category"]) == ("new", "moderate", "flood")
    assert incident["centre"] == "dai-loc"
    assert incident["title"] == "Mực nước Ái Nghĩa vượt báo động I"
    held = office.index.holding(AI_NGHIA, office.at.date())
    assert held is not None
    assert (incident["area"], incident["area_code"], incident["area_name"]) == (held.fid, held.code, held.name)
    assert incident["area"].endswith("@2025-07-01")
    assert list(incident["sources"]) == ["sensor"]
    assert alarm["evidence"]["value"] == 6.5
    assert alarm["evidence"]["levels"] == {"moderate": 6.5, "severe": 8.0, "extreme": 9.0}
    assert await log_of(admin) == ["opened"]


async def test_severity_rises_through_the_three_levels_on_one_alarm_and_one_incident(
    office: Office, admin: asyncpg.Connection
) -> None:
    for value, severity in ((7.0, "moderate"), (8.0, "severe"), (9.5, "extreme"), (8.95, "extreme"), (8.5, "severe")):
        await office.level(value)
        assert (await only(admin, "alarms"))["severity"] == severity
        assert (await only(admin, "incidents"))["severity"] == severity
    assert await log_of(admin) == ["opened", "severity", "severity", "severity"]
    assert (await only(admin, "alarms"))["count"] == 5
    assert (await only(admin, "incidents"))["version"] == 5


async def test_an_alarm_clears_beyond_its_margin_and_its_incident_resolves(
    office: Office, admin: asyncpg.Connection
) -> None:
    for value in (6.6, 6.45, 6.4):
        await office.level(value)
    assert (await only(admin, "alarms"))["cleared_at"] is None
    await office.level(6.39)
    incident = await only(admin, "incidents")
    assert (await only(admin, "alarms"))["cleared_at"] == office.at
    assert (incident["status"], incident["cleared"]) == ("resolved", True)
    assert await log_of(admin) == ["opened", "resolved"]


async def test_what_comes_back_within_ten_minutes_reopens_the_incident(
    office: Office, admin: asyncpg.Connection
) -> None:
    await office.level(7.0)
    await office.level(6.0)
    await office.level(7.0, after_s=599)
    incident = await only(admin, "incidents")
    assert (incident["status"], incident["alarms"], incident["cleared"]) == ("reopened", 2, False)
    assert await log_of(admin) == ["opened", "resolved", "reopened"]
    assert await admin.fetchval("select count(*) from alarms") == 2


async def test_what_comes_back_later_opens_another(office: Office, admin: asyncpg.Connection) -> None:
    await office.level(7.0)
    await office.level(6.0)
    await office.level(7.0, after_s=601)
    statuses = await admin.fetch("select status from incidents order by opened_at")
    assert [row["status"] for row in statuses] == ["resolved", "new"]


async def test_a_flood_in_one_batch_is_the_same_flood(office: Office, admin: asyncpg.Connection) -> None:
    levels = (6.0, 7.0, 8.2, 9.1, 8.3, 6.0, 7.0)
    office.at += dt.timedelta(hours=1)
    await office.keep(
        *(
            reading(value, seq=number, at=NOW + dt.timedelta(minutes=number), centre="dai-loc")
            for number, value in enumerate(levels)
        )
    )
    await office.work()
    assert await admin.fetchval("select count(*) from alarms") == 2
    incident = await only(admin, "incidents")
    assert (incident["severity"], incident["alarms"], incident["cleared"]) == ("moderate", 2, False)


async def test_two_gauges_at_one_place_are_one_incident_and_one_far_away_is_another(
    office: Office, admin: asyncpg.Connection
) -> None:
    office.rules = (rule(),)
    office.desk = office.hire()
    for source in ("gauge-ai-nghia", "gauge-b", "gauge-far"):
        await office.level(5.0, source=source)
    told = await admin.fetch(
        "select i.id, array_agg(a.source order by a.source) as sources from incidents i "
        "join alarms a on a.incident = i.id group by 1 order by 2"
    )
    assert [row["sources"] for row in told] == [["gauge-ai-nghia", "gauge-b"], ["gauge-far"]]
    assert [row["match"] for row in await admin.fetch("select match from alarms order by source")] == [
        "opened",
        "linked",
        "opened",
    ]


async def test_a_reading_of_a_gauge_without_levels_opens_nothing(office: Office, admin: asyncpg.Connection) -> None:
    await office.level(50.0, source="gauge-b")
    assert await admin.fetchval("select count(*) from alarms") == 0


async def everything(admin: asyncpg.Connection) -> dict[str, list[dict[str, object]]]:
    questions = {
        "alarms": "select * from alarms order by raised_at",
        "incidents": "select * from incidents order by opened_at",
        "incident_log": "select * from incident_log order by id",
        "changes": "select id, subject, subject_id, value::text from changes order by id",
    }
    return {name: [dict(row) for row in await admin.fetch(question)] for name, question in questions.items()}


async def test_the_same_journal_read_again_changes_nothing(office: Office, admin: asyncpg.Connection) -> None:
    for value in (7.0, 8.5, 6.0, 7.0, 7.0):
        await office.level(value)
    before = await everything(admin)
    for _ in range(2):
        await admin.execute("update cursors set through = 0")
        office.desk = office.hire()
        await office.desk._recall()
        await office.work()
    assert await everything(admin) == before


async def test_a_desk_that_dies_between_its_verdict_and_its_commit_doubles_nothing(
    office: Office, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.keep(reading(7.0, seq=1, centre="dai-loc"))

    async def dies(*_: object) -> None:
        raise ConnectionResetError("killed before the commit")

    with monkeypatch.context() as patched, pytest.raises(ConnectionResetError):
        patched.setattr(journal, "advance", dies)
        await office.desk.turn()
    assert await admin.fetchval("select count(*) from alarms") == 0
    assert await admin.fetchval("select count(*) from changes") == 0
    await office.work()
    assert (await only(admin, "alarms"))["count"] == 1
    assert (await only(admin, "incidents"))["version"] == 1
    assert await log_of(admin) == ["opened"]


async def test_a_new_desk_goes_on_where_the_last_one_ended(office: Office, admin: asyncpg.Connection) -> None:
    await office.level(7.0)
    office.desk = office.hire()
    await office.desk._recall()
    await office.level(8.1)
    assert (await only(admin, "alarms"))["severity"] == "severe"
    assert (await only(admin, "alarms"))["count"] == 2
    assert await log_of(admin) == ["opened", "severity"]


async def test_a_duration_that_is_waited_for_survives_the_desk(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    office = Office(database, area_index, [rule(for_s=100)])
    await office.level(3.0)
    assert await admin.fetchval("select count(*) from rule_states") == 1
    office.desk = office.hire()
    await office.desk._recall()
    await office.level(3.0, after_s=100)
    assert (await only(admin, "alarms"))["severity"] == "moderate"
    assert (await only(admin, "rule_states"))["state"].get("pending") is None


async def test_a_camera_s_alarm_stands_where_it_saw_and_clears_by_silence(
    office: Office, admin: asyncpg.Connection
) -> None:
    there = Position(lon=108.2, lat=15.7)
    await office.keep(sighting(1, at=office.at, position=there), sighting(2, at=office.at, position=there))
    await office.work()
    alarm = await only(admin, "alarms")
    assert (alarm["source_kind"], alarm["count"], alarm["cleared_at"]) == ("camera", 2, None)
    assert await admin.fetchval("select st_x(geom)::text || ' ' || st_y(geom)::text from incidents") == "108.2 15.7"
    office.at += dt.timedelta(seconds=119)
    await office.desk.hush()
    assert (await only(admin, "alarms"))["cleared_at"] is None
    office.at += dt.timedelta(seconds=1)
    await office.desk.hush()
    assert (await only(admin, "alarms"))["cleared_at"] == office.at
    assert (await only(admin, "incidents"))["status"] == "resolved"


async def test_repeats_that_were_held_back_are_counted_when_the_alarm_clears(
    office: Office, admin: asyncpg.Connection
) -> None:
    for number in range(5):
        await office.keep(sighting(number, at=office.at))
        await office.work()
        office.at += dt.timedelta(milliseconds=200)
    assert (await only(admin, "alarms"))["count"] == 5
    office.at += dt.timedelta(seconds=130)
    await office.desk.hush()
    assert (await only(admin, "incidents"))["count"] == 5


async def test_every_step_is_told_in_the_change_log_to_its_centre_alone(office: Office, database: Database) -> None:
    for value in (7.0, 8.1, 6.0):
        await office.level(value)
    told = {}
    for centre in ("dai-loc", "hoi-an"):
        async with database.transaction(Scope(frozenset({centre})), read_only=True) as transaction:
            told[centre] = await changes.after(transaction, 0, 100)
    assert told["hoi-an"] == []
    incidents = [change.value["properties"] for change in told["dai-loc"] if change.subject == "incident"]
    assert [(one["severity"], one["status"]) for one in incidents] == [
        ("moderate", "new"),
        ("severe", "new"),
        ("severe", "resolved"),
    ]
    assert [one["version"] for one in incidents] == [1, 2, 3]
    assert sum(change.subject == "alarm" for change in told["dai-loc"]) == 3


async def test_a_desk_at_work_hears_of_a_batch_at_once_and_survives_its_database(
    office: Office, admin: asyncpg.Connection, fresh: Fresh
) -> None:
    async def alarms(severity: str) -> None:
        async with asyncio.timeout(15):
            while await admin.fetchval("select severity from alarms") != severity:
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(office.desk.run(), name="desk")
        await office.keep(reading(7.0, seq=1, centre="dai-loc"))
        await alarms("moderate")
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1",
            fresh.name,
        )
        await office.keep(reading(8.5, seq=2, at=NOW + dt.timedelta(seconds=1), centre="dai-loc"))
        await alarms("severe")
        work.cancel()
    assert (await only(admin, "alarms"))["count"] == 2


async def test_of_two_processes_one_leads_and_the_other_takes_over(fresh: Fresh) -> None:
    working: list[str] = []
    began = {name: asyncio.Event() for name in ("one", "two")}

    async def process(name: str, leading: Lead) -> None:
        async def work() -> None:
            working.append(name)
            began[name].set()
            try:
                await asyncio.Event().wait()
            finally:
                working.remove(name)

        async with Database.open(fresh.url()) as database:
            await lead(database, leading, work)

    leads = {name: Lead() for name in began}
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = {"one": tasks.create_task(process("one", leads["one"]), name="one")}
        await began["one"].wait()
        running["two"] = tasks.create_task(process("two", leads["two"]), name="two")
        await asyncio.sleep(0.3)
        assert working == ["one"]
        assert (leads["one"].held, leads["two"].held) == (True, False)
        running["one"].cancel()
        await began["two"].wait()
        assert working == ["two"]
        assert leads["two"].held
        running["two"].cancel()


async def test_the_cursor_stands_behind_the_last_batch(office: Office, database: Database) -> None:
    await office.level(1.0)
    await office.level(2.0)
    async with database.transaction(EVERYTHING) as transaction:
        at = await journal.cursor(transaction, CURSOR)
        assert await journal.after(transaction, at, 10) == []
    assert office.desk.done.entries == 2
