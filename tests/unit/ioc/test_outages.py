"""Alarms of the centre about itself on a real PostgreSQL: one for what failed, cleared when it is back."""

import datetime as dt
import os
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import asyncpg
import msgspec
import pytest

from gis.areas import AreaIndex
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.docket import Docket
from ioc.outages import Outages
from ioc.register import Register
from ioc.rulebook import Book
from ioc.store import parts, registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.parts import Part
from ioc.watch import FreshnessWatch
from sensors.intake import Batch
from tests.fakes.things import NOW, device, reading

CODES = [f"gauge-{number}" for number in range(5)]
SCALE = 60.0
"""Of an hour a minute: stale after two, lost after five, told after seven."""


class Centre:
    """A centre whose clock the test turns; the intake says every five seconds that it listens."""

    def __init__(self, database: Database, register: Register, index: AreaIndex) -> None:
        self.database = database
        self.register = register
        self.index = index
        self.at = NOW
        self.seq = 0
        self.listens = True
        self.figures: dict[str, int] = {}
        self.watch = self.hire()

    def hire(self) -> FreshnessWatch:
        """A watch that knows nothing yet."""
        rules = catalogue.rules(demo=False)
        docket = Docket(rules, self.index, ZoneInfo("Asia/Ho_Chi_Minh"), os.urandom)
        self.outages = outages = Outages(self.register, rules, docket, home="quang-nam", entropy=os.urandom)
        return FreshnessWatch(self.database, self.register, lambda: self.at, interval_scale=SCALE, outages=outages)

    async def wait(self, seconds: float, *speaking: str, watched: bool = True) -> None:
        """Time goes on in steps of ten seconds; the devices that speak do so at each."""
        for _ in range(int(seconds / 10)):
            self.at += dt.timedelta(seconds=10)
            await self.speak(*speaking)
            if self.listens:
                async with self.database.transaction(EVERYTHING) as transaction:
                    await parts.enter(transaction, Part(name="intake", ready=True, state=self.figures, seen_at=self.at))
            if watched:
                await self.watch.look()
                await self.watch.tell()

    async def speak(self, *codes: str) -> None:
        """One reading of each."""
        self.seq += 1
        store = ObservationStore(self.database, self.register.owners, self.register.unit_of)
        made = [reading(1.0, seq=self.seq, at=self.at, source=code) for code in codes]
        await store.keep(Batch(arrived_at=self.at, observations=tuple(made)))


@pytest.fixture
async def centre(database: Database, area_index: AreaIndex) -> AsyncIterator[Centre]:
    """Five gauges of the province's centre, all heard."""
    async with database.transaction(EVERYTHING) as transaction:
        for code in CODES:
            await registry.put_device(transaction, device(code), kind="k", approximate=False, note="", now=NOW)
    async with Register.open(database, catalogue.profiles()) as register:
        opened = Centre(database, register, area_index)
        await opened.wait(20, *CODES)
        yield opened


async def told(admin: asyncpg.Connection) -> list[tuple[str, bool]]:
    rows = await admin.fetch(
        "select property || ' ' || source as what, cleared_at is null as holds from alarms order by raised_at, source"
    )
    return [(row["what"], row["holds"]) for row in rows]


async def test_a_lost_device_is_one_alarm_after_a_debounce_and_ends_when_it_speaks(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    rest = CODES[1:]
    await centre.wait(400, *rest)
    assert await admin.fetchval("select state from devices where code = 'gauge-0'") == "lost"
    assert await told(admin) == []
    await centre.wait(60, *rest)
    assert await told(admin) == [("device gauge-0", True)]
    incident = await admin.fetchrow("select title, title_en, sources, severity, category, status from incidents")
    assert tuple(incident) == (
        "Mất tín hiệu thiết bị gauge-0",
        "No signal from device gauge-0",
        ["system"],
        "minor",
        "device",
        "new",
    )
    await centre.wait(10, *CODES)
    assert await told(admin) == [("device gauge-0", False)]
    assert await admin.fetchval("select status from incidents") == "resolved"
    assert await admin.fetchval("select count(*) from changes where subject = 'alarm'") == 2


async def test_a_centre_that_is_cut_off_is_one_alarm_and_what_stays_lost_follows(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    await centre.wait(600)
    assert await told(admin) == [("centre quang-nam", True)]
    assert await admin.fetchval("select count(*) from devices where state = 'lost'") == 5
    assert await admin.fetchval("select source_name from alarms") == "Trung tâm điều hành tỉnh Quảng Nam"
    back = CODES[2:]
    await centre.wait(60, *back)
    assert await told(admin) == [("centre quang-nam", False)]
    centre.watch = centre.hire()
    await centre.wait(420, *back)
    assert await told(admin) == [
        ("centre quang-nam", False),
        ("device gauge-0", True),
        ("device gauge-1", True),
    ]


async def test_nobody_is_accused_of_the_time_in_which_nobody_listened(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    centre.listens = False
    await centre.wait(3600, watched=False)
    centre.watch, centre.listens = centre.hire(), True
    await centre.wait(200)
    assert await admin.fetchval("select count(*) from devices where state = 'lost'") == 5
    assert await told(admin) == []
    await centre.wait(60, *CODES)
    assert await told(admin) == []


async def test_an_intake_that_is_away_is_told_and_not_its_devices(centre: Centre, admin: asyncpg.Connection) -> None:
    centre.listens = False
    await centre.wait(900)
    assert await told(admin) == [("intake quang-nam", True)]
    centre.listens = True
    await centre.wait(20, *CODES)
    assert await told(admin) == [("intake quang-nam", False)]


async def test_drops_and_spooling_are_told_as_one_incident_of_the_home_centre(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    centre.figures = {"dropped": 3, "spool_bytes": 100}
    await centre.wait(80, *CODES)
    assert await told(admin) == [("spool quang-nam", True)]
    centre.figures = {"dropped": 4, "spool_bytes": 0}
    await centre.wait(20, *CODES)
    assert await told(admin) == [("spool quang-nam", False), ("drops quang-nam", True)]
    assert await admin.fetchval("select count(*) from incidents") == 1
    await centre.wait(600, *CODES)
    assert await told(admin) == [("spool quang-nam", False), ("drops quang-nam", False)]


async def test_a_watch_that_begins_anew_raises_nothing_twice(centre: Centre, admin: asyncpg.Connection) -> None:
    await centre.wait(460, *CODES[1:])
    for _ in range(2):
        centre.watch = centre.hire()
        await centre.wait(20, *CODES[1:])
    assert await told(admin) == [("device gauge-0", True)]
    assert await admin.fetchval("select count from alarms") == 1


async def test_all_devices_behind_a_gateway_are_one_alarm(centre: Centre, admin: asyncpg.Connection) -> None:
    await admin.execute("update devices set gateway = 'gw-1' where code in ('gauge-0', 'gauge-1')")
    await centre.register.read()
    await centre.wait(600, *CODES[2:])
    assert await told(admin) == [("gateway gw-1", True)]
    await centre.wait(10, *CODES)
    assert await told(admin) == [("gateway gw-1", False)]


async def test_what_a_rule_told_ends_with_the_rule_and_a_newer_version_goes_on_with_it(
    centre: Centre, admin: asyncpg.Connection
) -> None:
    rest, rules = CODES[1:], catalogue.rules(demo=False)
    await centre.wait(460, *rest)
    assert await told(admin) == [("device gauge-0", True)]
    newer = tuple(msgspec.structs.replace(rule, version=9) if rule.system else rule for rule in rules)
    centre.outages.adopt(Book(newer))
    await centre.wait(20, *rest)
    assert await told(admin) == [("device gauge-0", True)]
    centre.outages.adopt(Book(tuple(rule for rule in newer if rule.system != "device")))
    await centre.wait(20, *rest)
    assert await told(admin) == [("device gauge-0", False)]
    assert '"rule_ended": true' in await admin.fetchval("select evidence from alarms")
    await centre.wait(100, *rest)
    assert await told(admin) == [("device gauge-0", False)]
    centre.outages.adopt(Book(newer))
    await centre.wait(20, *rest)
    assert await told(admin) == [("device gauge-0", False), ("device gauge-0", True)]
    assert await admin.fetchval("select rule from alarms where cleared_at is null") == "system/device-lost@9"
