"""Rules that look at a window, at hours or at other rules, on a real PostgreSQL: stopped, shuffled, the same alarms."""

import datetime as dt
import os
import random
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from gis.observation import Reading
from gis.position import Position
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.incidents.alarm import Source
from ioc.incidents.conditions import Needs, Schedule, Window
from ioc.incidents.rules import Rule
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes.things import NOW, reading, rule

AREA = "20506@2025-07-01"
PLACES = {"rain-a": (108.11, 15.88), "rain-far": (108.40, 15.40), "slope-a": (108.12, 15.88)}
CODES = {"rain-a": "rain-gauge", "rain-far": "rain-gauge", "slope-a": "lorawan-slope"}
SOURCES = {
    code: Source(code=code, name=code, centre="dai-loc", area=AREA, position=Position(lon=lon, lat=lat))
    for code, (lon, lat) in PLACES.items()
}
OWNERS = {code: Owner("dai-loc", AREA) for code in CODES}

RAIN = rule(
    code="rain-1h",
    profile="rain-gauge",
    measured="rain",
    levels={"moderate": 20.0, "severe": 40.0},
    clear_margin=4.0,
    window=Window(kind="sum", hours=1),
)
SOAKING = rule(
    code="soaking",
    quiet=True,
    profile="rain-gauge",
    measured="rain",
    levels={"minor": 10.0},
    clear_margin=1.0,
    window=Window(kind="sum", hours=1),
)
WET = rule(code="wet", quiet=True, profile="lorawan-slope", measured="soil_moisture", levels={"minor": 40.0})
SLIDE = rule(
    code="slide",
    category="landslide",
    severity="severe",
    needs=Needs(rules=("wet", "soaking"), metres=5_000, minutes=30),
)
RULES = (RAIN, SOAKING, WET, SLIDE)

OUTCOME = """
select key, raised_at, cleared_at, severity, evidence->>'worst' as worst from alarms
where not coalesce((evidence->>'withdrawn')::boolean, false) order by key, raised_at
"""


class Office:
    """A desk over gauges and a slope, and a clock that the test turns."""

    def __init__(self, database: Database, index: AreaIndex, rules: Sequence[Rule] = RULES) -> None:
        self.database = database
        self.rules = tuple(rules)
        self.index = index
        self.at = NOW
        self.store = ObservationStore(database, lambda: OWNERS, lambda device, prop: "mm")
        self.desk = self.hire()

    def hire(self) -> Desk:
        """A desk that knows nothing yet."""
        return Desk(
            self.database,
            self.rules,
            lambda: SOURCES,
            Docket(self.rules, self.index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom),
            profile_of=lambda code: CODES.get(code, ""),
            now=lambda: self.at,
            entropy=os.urandom,
        )

    async def take(self, *readings: Reading) -> None:
        """One batch through the sink, and the desk at work."""
        self.at = max([self.at, *(one.stamp.at for one in readings)])
        await self.store.keep(Batch(arrived_at=self.at, observations=readings))
        while await self.desk.turn():
            pass


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


def minute(number: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def told(source: str, minutes: float, value: float, seq: int) -> Reading:
    prop = "soil_moisture" if source == "slope-a" else "rain"
    return reading(value, seq=seq, at=minute(minutes), source=source, centre="dai-loc", prop=prop)


async def test_a_sum_is_told_with_its_window_and_survives_the_desk(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    office = Office(database, area_index, [RAIN])
    for number in range(4):
        await office.take(told("rain-a", 10 * number, 5.0, number))
        office.desk = office.hire()
    (alarm,) = await admin.fetch("select * from alarms")
    assert (alarm["severity"], alarm["raised_at"], alarm["rule"]) == ("moderate", minute(30), "test/rain-1h@1")
    assert alarm["evidence"]["value"] == 20.0
    assert alarm["evidence"]["limit"] == 20.0
    assert alarm["evidence"]["window"] == {
        "kind": "sum",
        "hours": 1.0,
        "from": minute(0).isoformat(),
        "to": minute(30).isoformat(),
        "values": 4,
    }
    assert alarm["incident"] is not None
    for number in range(4, 9):
        await office.take(told("rain-a", 10 * number, 0.0, number))
    (alarm,) = await admin.fetch("select * from alarms")
    assert alarm["cleared_at"] == minute(60)


async def test_quiet_rules_raise_nothing_and_what_needs_them_is_told_where_it_is(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    office = Office(database, area_index, [SOAKING, WET, SLIDE])
    await office.take(told("slope-a", 0, 45.0, 0), told("rain-far", 0, 50.0, 0))
    assert await admin.fetch("select * from alarms") == []
    office.desk = office.hire()
    await office.take(told("rain-a", 10, 12.0, 0))
    (alarm,) = await admin.fetch("select * from alarms")
    assert (alarm["key"], alarm["severity"], alarm["raised_at"]) == ("test/slide:slope-a:place", "severe", minute(10))
    assert [one["source"] for one in alarm["evidence"]["parts"]] == ["slope-a", "rain-a"]
    await office.take(told("rain-a", 80, 0.0, 1))
    assert await admin.fetchval("select cleared_at from alarms") is None
    office.desk = office.hire()
    office.at = minute(109)
    await office.desk.turn()
    await office.desk.hush()
    assert await admin.fetchval("select cleared_at from alarms") is None
    office.at = minute(111)
    await office.desk.hush()
    assert await admin.fetchval("select cleared_at from alarms") == minute(110)
    assert await admin.fetchval("select count(*) from alarms") == 1


async def test_what_was_told_of_a_place_stays_when_what_it_needs_is_forgotten(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    """A rule that was changed forgets its waits and episodes; what it was a part of has ended and stays told."""
    office = Office(database, area_index, [SOAKING, WET, SLIDE])
    await office.take(told("slope-a", 0, 45.0, 0), told("rain-a", 1, 12.0, 0))
    await office.take(told("slope-a", 10, 30.0, 1))
    office.at = minute(60)
    await office.desk.hush()
    ended = await admin.fetch("select key, raised_at, cleared_at from alarms")
    assert [tuple(row)[1:] for row in ended] == [(minute(1), minute(40))]
    await admin.execute("delete from rule_states where key like 'test/wet:%' or key like 'test/slide:%'")
    office.desk = office.hire()
    await office.take(told("slope-a", 61, 30.0, 2), told("slope-a", 62, 50.0, 3), told("slope-a", 63, 30.0, 4))
    await office.take(told("rain-a", 64, 30.0, 1))
    told_now = await admin.fetch("select key, raised_at, cleared_at from alarms order by raised_at")
    assert told_now[:1] == ended
    assert [tuple(row)[1:] for row in told_now[1:]] == [(minute(62), None)]


async def test_outside_its_hours_a_rule_holds_nothing(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    local = NOW.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    until = (local + dt.timedelta(minutes=15)).time()
    office = Office(database, area_index, [msgspec.structs.replace(RAIN, schedule=Schedule(ends=until))])
    await office.take(told("rain-a", 10, 50.0, 0))
    assert await admin.fetchval("select cleared_at from alarms") is None
    await office.take(told("rain-a", 20, 50.0, 1))
    assert await admin.fetchval("select cleared_at from alarms") == minute(20)


def weather(seed: int) -> list[Reading]:
    """Some hours of rain that comes and goes, on ground that is wet at times."""
    dice = random.Random(seed)
    made = []
    for number in range(60):
        rains = (number // 10) % 2 == 0
        fell = [dice.choice((2.0, 4.0, 7.0)) if rains else 0.0 for _ in range(2)]
        made += [told(source, 5 * number, mm, number) for source, mm in zip(("rain-a", "rain-far"), fell, strict=True)]
        made.append(told("slope-a", 5 * number + 1, dice.choice((38.0, 41.0)), number))
    return made


async def judged(office: Office, arriving: list[Reading], admin: asyncpg.Connection) -> list[tuple[object, ...]]:
    await admin.execute("truncate alarms, incidents, incident_log, readings, journal, cursors, rule_states cascade")
    office.at = NOW
    office.desk = office.hire()
    for first in range(0, len(arriving), 6):
        await office.take(*arriving[first : first + 6])
        if first % 30 == 0:
            office.desk = office.hire()
    office.at = max(office.at, minute(600))
    await office.desk.turn()
    await office.desk.hush()
    return [tuple(row) for row in await admin.fetch(OUTCOME)]


@pytest.mark.parametrize("seed", [1, 5])
async def test_shuffled_by_ten_minutes_and_twice_over_the_same_alarms_come(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection, seed: int
) -> None:
    office = Office(database, area_index)
    ordered = weather(seed)
    expected = await judged(office, ordered, admin)
    assert {str(row[0]).partition(":")[0] for row in expected} == {"test/rain-1h", "test/slide"}
    dice = random.Random(seed + 100)
    twice = [(one.stamp.at + dt.timedelta(seconds=dice.uniform(0, 600)), one) for one in ordered * 2]
    arriving = [one for _, one in sorted(twice, key=lambda pair: pair[0])]
    assert await judged(office, arriving, admin) == expected


class StoppedError(Exception):
    """The process ended here."""


@pytest.mark.parametrize("point", ["desk-judged", "desk-saved", "desk-committed"])
async def test_a_desk_that_is_stopped_anywhere_comes_to_the_same(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection, point: str
) -> None:
    ordered = weather(3)[:90]
    expected = await judged(Office(database, area_index), ordered, admin)
    assert expected
    office = Office(database, area_index)
    stops: list[bool] = []

    def passing(name: str) -> None:
        if name == point and stops:
            stops.pop()
            raise StoppedError

    await admin.execute("truncate alarms, incidents, incident_log, readings, journal, cursors, rule_states cascade")
    for first in range(0, len(ordered), 6):
        office.desk._passing = passing
        stops[:] = [True]
        with pytest.raises(StoppedError):
            await office.take(*ordered[first : first + 6])
        office.desk = office.hire()
        while await office.desk.turn():
            pass
    office.at = minute(600)
    await office.desk.turn()
    await office.desk.hush()
    assert [tuple(row) for row in await admin.fetch(OUTCOME)] == expected


async def test_a_desk_that_was_away_judges_a_place_as_of_when_its_values_came(
    database: Database, area_index: AreaIndex, admin: asyncpg.Connection
) -> None:
    """What lingers is not over because the desk looks late: the values that prolong it wait in the journal."""
    office = Office(database, area_index, [SOAKING, WET, SLIDE])
    for minutes, source, value in ((0, "rain-a", 12.0), (1, "slope-a", 45.0), (10, "slope-a", 30.0)):
        office.at = minute(minutes)
        await office.store.keep(Batch(arrived_at=office.at, observations=(told(source, minutes, value, minutes),)))
    office.at = minute(600)
    assert await office.desk.turn()
    assert [tuple(row)[1:3] for row in await admin.fetch(OUTCOME)] == [(minute(1), None)]
    await office.desk.hush()
    assert [tuple(row)[1:3] for row in await admin.fetch(OUTCOME)] == [(minute(1), minute(40))]
    assert await admin.fetchval("select count(*) from incidents") == 1
