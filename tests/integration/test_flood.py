"""The scripted flood of October 2025 through the store and the desk: in the end the incidents that were written down by
reading, told once, twice, out of order, and with the desk stopped wherever it can be."""

import datetime as dt
import itertools
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from cameras.health import State
from cameras.warden import StateChanged
from gis.areas import AreaIndex
from gis.distance import metres
from gis.observation import Notice, Observation, Report
from ioc import catalogue, doubts
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.gallery import Gallery
from ioc.incidents.severity import ORDER
from ioc.lookout import Lookout
from ioc.outages import Outages
from ioc.register import Register
from ioc.store import notices, parts, reports
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.parts import Part
from ioc.store.readings import Owner
from ioc.watch import FreshnessWatch
from sensors.intake import Batch
from tests.conftest import Fresh
from tests.fakes import flood
from tests.fakes import flood_night as night
from tests.fakes.flood import CENTRE, VIETNAM, Script

POINTS = ("desk-read", "desk-judged", "desk-saved", "desk-committed")
STEP = dt.timedelta(seconds=15)

Arrival = tuple[dt.datetime, Observation]

Tale = tuple[str, str, str, tuple[str, ...]]
"""An incident as it is compared: category, place, worst severity, members."""


class StoppedError(Exception):
    """The desk is stopped where it is."""


class Office:
    """Everything that listens and judges, and a clock that the test turns. `kills`: the desk is stopped at each of its
    points once in every page, and a new one begins."""

    def __init__(
        self, database: Database, index: AreaIndex, script: Script, register: Register, lookout: Lookout, *, kills: bool
    ) -> None:
        self.database, self.index, self.script = database, index, script
        self.register, self.lookout = register, lookout
        self.rules = flood.rules()
        self.at = script.told[0][0]
        owners = {code: Owner(one.centre, one.area) for code, one in script.sources.items()}
        owners |= register.owners()
        self.store = ObservationStore(database, lambda: owners, lambda device, prop: "m")
        self.kills = kills
        self.stops = Counter[str]()
        self._died = set[str]()
        self.desk = self.hire()

    def hire(self) -> Desk:
        """A desk that knows nothing yet."""
        return Desk(
            self.database,
            self.rules,
            lambda: self.script.sources,
            Docket(self.rules, self.index, VIETNAM, os.urandom, lineage=self.register.lineage),
            profile_of=lambda code: self.script.profiles.get(code, ""),
            now=lambda: self.at,
            entropy=os.urandom,
            passing=self._passing,
        )

    def _passing(self, point: str) -> None:
        if not self.kills or point in self._died:
            return
        self._died.add(point)
        self.stops[point] += 1
        if point == POINTS[-1]:
            self._died.clear()
        raise StoppedError(point)

    async def work(self) -> None:
        """The desk until nothing is left, and what time drives."""
        while True:
            try:
                if not await self.desk.turn():
                    break
            except StoppedError:
                self.desk = self.hire()
        await self.desk.hush()

    async def take(self, told: Sequence[Observation]) -> None:
        """What arrives together, by the ways by which it comes: into the store, and through the desk."""
        spoken = [one for one in told if isinstance(one, Report | Notice)]
        measured = [one for one in told if not isinstance(one, Report | Notice)]
        if measured:
            await self.store.keep(Batch(arrived_at=self.at, observations=measured))
        for one in spoken:
            async with self.database.transaction(EVERYTHING) as transaction:
                if isinstance(one, Report):
                    await reports.enter(transaction, one, self.at, "operator", reports.Reporter())
                else:
                    await notices.enter(transaction, one, self.at, "operator", None)
        await self.work()

    async def play(self, arriving: Iterable[Arrival]) -> None:
        """All that arrives, minute by minute; in the night the gateway falls silent and a camera is covered."""
        dark = False
        for minute, together in itertools.groupby(arriving, lambda one: int(one[0].timestamp()) // 60):
            if not dark and minute * 60 >= night.BEGINS.timestamp():
                await self.darken()
                dark = True
            arrivals = list(together)
            self.at = max(self.at, arrivals[-1][0])
            await self.take([one for _, one in arrivals])
        self.at += dt.timedelta(minutes=10)
        await self.work()

    async def darken(self) -> None:
        """Twelve minutes in which three devices behind one gateway say nothing more, and another one speaks on."""
        self.at = max(self.at, night.BEGINS)
        await self.lookout.take(self._camera(State.LIVE))
        await self.take([night.beat(f"{night.GAUGES}-{number}", self.at) for number in (1, 2, 3)])
        watch = self._watch()
        for step in range(48):
            if step == 8:
                await self.lookout.take(self._camera(State.COVERED))
            if step % 12 == 0:  # whoever watches is stopped as well
                watch = self._watch()
            await self.take([night.beat("lora-alone", self.at)])
            async with self.database.transaction(EVERYTHING) as transaction:
                for name in ("intake", "cameras"):
                    await parts.enter(transaction, Part(name=name, ready=True, state={}, seen_at=self.at))
            await watch.look()
            await watch.tell()
            self.at += STEP

    def _watch(self) -> FreshnessWatch:
        docket = Docket(self.rules, self.index, VIETNAM, os.urandom, lineage=self.register.lineage)
        outages = Outages(self.register, self.rules, docket, home=CENTRE, entropy=os.urandom)
        return FreshnessWatch(self.database, self.register, lambda: self.at, outages=outages)

    def _camera(self, state: State) -> StateChanged:
        return StateChanged(camera="cam-bach-dang", state=state, at=self.at, reason="a bag over it")


@pytest.fixture(scope="session")
def script(area_index: AreaIndex) -> Script:
    return flood.script(area_index)


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    yield connection
    await connection.close()


@pytest.fixture
async def office(database: Database, area_index: AreaIndex, script: Script, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with the gateway, its devices and the camera in the register."""
    profiles = night.profiles()
    await night.register(database, area_index, script, profiles)
    async with Register.open(database, profiles) as register:
        made = Office(database, area_index, script, register, None, kills=False)
        async with Lookout.open(
            database, register, made.store, Gallery(tmp_path / "media"), lambda: made.at
        ) as lookout:
            made.lookout = lookout
            yield made


ALARMS = """
select a.id::text, a.key, a.source, a.source_kind, a.property, a.match, a.category, a.raised_at, a.area,
       coalesce(a.evidence->>'worst', a.severity) as worst, st_x(a.geom) as lon, st_y(a.geom) as lat,
       i.id::text as incident, i.category as of, i.area as stands, i.area_name, i.status,
       array[st_x(i.geom), st_y(i.geom)] as at
from alarms a left join incidents i on i.id = a.incident
where not coalesce((a.evidence->>'withdrawn')::boolean, false)
order by a.raised_at, a.key collate "C"
"""


def label(alarm: Any) -> str:
    """What the expected incidents call an alarm."""
    if alarm["source_kind"] in ("citizen", "agency"):
        return str(alarm["key"].rpartition(":")[2])
    return f"{alarm['property']} {alarm['source']}" if alarm["source_kind"] == "system" else str(alarm["source"])


async def incidents(admin: asyncpg.Connection) -> list[tuple[list[Any], Any]]:
    """The own alarms of each incident that is not a duplicate, in their order."""
    found: dict[str, list[Any]] = {}
    for alarm in await admin.fetch(ALARMS):
        if alarm["incident"] is not None and alarm["match"] != "suppressed":
            assert alarm["status"] != "duplicate", f"{label(alarm)} belongs to a duplicate"
            found.setdefault(alarm["incident"], []).append(alarm)
    return list(found.values())


def told(members: Sequence[Any]) -> Tale:
    """An incident as it is compared."""
    first = members[0]
    worst = max((one["worst"] for one in members), key=ORDER.index)
    place = first["area_name"].partition(" ")[2]  # without the kind of unit
    return first["of"], place, worst, tuple(sorted(map(label, members)))


async def settled(office: Office, admin: asyncpg.Connection) -> None:
    """All that must hold in the end. An incident is where its earliest alarm is, whichever arrived first."""
    wanted, alarms = flood.expected(), await admin.fetch(ALARMS)
    found = await incidents(admin)
    tales = sorted(told(members) for members in found)
    expected = sorted((one.category, one.place, one.worst, tuple(sorted(one.members))) for one in wanted.incident)
    wrong = unlike(expected, tales)
    assert not wrong, "\n".join(wrong)
    await waits(office.database, found, wanted.waiting)
    await related(admin, found, wanted.river)
    duplicates = await redirected(admin, found)
    names = {alarm["incident"]: told(members)[3] for members in found for alarm in members}
    held = {label(one): names[one["incident"]] for one in alarms if one["match"] == "suppressed"}
    assert held == {one.alarm: (one.parent,) for one in wanted.suppressed}
    for members in found:
        first = members[0]
        assert (first["stands"], *first["at"]) == (first["area"], first["lon"], first["lat"])
    within_bounds(found)
    whole(alarms, office.script)
    print(f"{len(alarms)} alarms: {len(found)} incidents, {len(wanted.waiting)} wait, {duplicates} duplicates")  # noqa: T201


def unlike(expected: Sequence[Tale], tales: Sequence[Tale]) -> list[str]:
    """What is missing and what is too much; the place of a figure of the whole city does not count."""
    left, missing = list(tales), []
    for one in expected:
        same = [tale for tale in left if (tale[0], *tale[2:]) == (one[0], *one[2:])]
        same = [tale for tale in same if one[1] in ("", tale[1])]
        if same:
            left.remove(same[0])
        else:
            missing.append(f"expected {one}")
    return missing + [f"found {one}" for one in left]


async def waits(database: Database, found: Sequence[Sequence[Any]], wanted: Sequence[flood.Waiting]) -> None:
    """The queue of doubtful matches: those that wait, and the incidents between which a person decides."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        queue = await doubts.queue(transaction, catalogue.policy(), 100)
    opened = {members[0]["incident"]: (*told(members)[:2], label(members[0])) for members in found}
    between = {
        doubt.alarm.key.rpartition(":")[2]: sorted(opened[one.incident.id] for one in doubt.candidates)
        for doubt in queue
    }
    assert between == {one.alarm: sorted(one.candidates) for one in wanted}


async def related(admin: asyncpg.Connection, found: Sequence[Sequence[Any]], wanted: Sequence[flood.River]) -> None:
    """What is related along a river, by the gauges of the incidents."""
    gauges = {one["incident"]: label(one) for members in found for one in members if label(one).startswith("gauge-")}
    rows = await admin.fetch(
        "select incident::text, other::text from incident_relations where kind = 'downstream' "
        "and not exists (select from incidents where id in (incident, other) and status = 'duplicate')"
    )
    pairs = sorted((gauges[row["incident"]], gauges[row["other"]]) for row in rows)
    assert pairs == sorted((one.downstream, up) for one in wanted for up in one.upstream)


async def redirected(admin: asyncpg.Connection, found: Sequence[Sequence[Any]]) -> int:
    """How many incidents are duplicates; each of what stands for it, and nothing else is without alarms."""
    standing = {members[0]["incident"] for members in found}
    rows = await admin.fetch("select id::text, status, duplicate_of::text as other from incidents")
    assert {row["id"] for row in rows if row["status"] != "duplicate"} == standing
    assert {row["other"] for row in rows if row["status"] == "duplicate"} <= standing
    return len(rows) - len(standing)


def within_bounds(found: Sequence[Sequence[Any]]) -> None:
    """No incident is wider or longer than its category may be."""
    policy = catalogue.policy()
    for members in found:
        about = policy.category(members[0]["of"])
        for one, other in itertools.combinations(members, 2):
            assert metres(one["lon"], one["lat"], other["lon"], other["lat"]) <= about.diameter_m
        assert members[-1]["raised_at"] - members[0]["raised_at"] <= dt.timedelta(hours=about.hours)


def whole(alarms: Sequence[Any], script: Script) -> None:
    """Every event belongs to exactly one incident or waits, by the alarm that tells it."""
    placed = {label(one): one["incident"] for one in alarms}
    many = Counter(label(one) for one in alarms)
    assert [name for name, number in many.items() if number > 1] == []
    for event in script.events:
        for name in script.sensed.get(event, {event}):
            assert name in placed, f"{event} ({name}) is lost"
    assert all(one["incident"] is not None or one["match"] == "waiting" for one in alarms)


async def test_the_flood_ends_in_the_incidents_that_were_written_down(
    office: Office, script: Script, admin: asyncpg.Connection
) -> None:
    await office.play(script.told)
    await settled(office, admin)


def late(told: Sequence[Arrival], dice: random.Random) -> list[Arrival]:
    """The same, each up to ten minutes after its time. What drives the gateway's loss is heard as ever."""
    moved = [(at + dt.timedelta(seconds=dice.uniform(0, 600)), one) for at, one in told]
    return sorted(moved, key=lambda one: one[0])


async def test_told_twice_it_is_the_same_flood(office: Office, script: Script, admin: asyncpg.Connection) -> None:
    again = [(at + dt.timedelta(minutes=5), one) for at, one in script.told]
    await office.play(sorted([*script.told, *again], key=lambda one: one[0]))
    await settled(office, admin)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_in_any_order_within_ten_minutes_it_is_the_same_flood(
    office: Office, script: Script, admin: asyncpg.Connection, seed: int
) -> None:
    arriving = late(script.told, random.Random(seed))
    assert [one for _, one in arriving] != [one for _, one in script.told]
    await office.play(arriving)
    await settled(office, admin)


async def test_a_desk_that_is_stopped_at_every_point_of_every_page_loses_nothing(
    office: Office, script: Script, admin: asyncpg.Connection
) -> None:
    office.kills = True
    await office.play(script.told)
    assert set(office.stops) == set(POINTS)
    assert min(office.stops.values()) > 50
    await settled(office, admin)
