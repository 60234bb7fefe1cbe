"""Incidents: a burst of alarms to the live stream, what correlation costs beside many incidents, a link that dies.

The burst goes through the journal as an intake writes it, the desk of a running `ioc serve`, the change log and the
stream of one reader: 1,000 alarms a second for ten seconds, first each for an incident of its own, then in a hundred
places where they belong together. The clock runs from the call that writes a batch to the event of the alarm's
incident. The costs are of one alarm settled in a transaction of its own, by this process.
"""

import asyncio
import datetime as dt
import os
import statistics
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import msgspec
import orjson

from bench.centre import state_dir
from bench.serving import HOST, serving
from gis.areas import AreaIndex
from gis.observation import Observation, Sighting
from gis.position import Position
from gis.stamp import Stamp
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.demo.seed import seed_places
from ioc.docket import Docket
from ioc.embedded import Stack
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.suppression import Lineage
from ioc.store import journal, registry
from ioc.store.database import Database
from ioc.store.migrate import migrate

GOALS = {
    "burst_p99_ms": ("at most", 1000.0),
    "closed_200k_cost_ratio": ("at most", 1.2),
    "link_incidents": ("at most", 1),
}

RATE, SECONDS, BATCHES = 1_000, 10, 20
"""Alarms a second, for so many seconds, in so many batches a second."""

CAMERAS = RATE * SECONDS
OPEN, CLOSED, BEHIND = 10_000, 200_000, 50_000
AREA = "20335@2025-07-01"
ROUNDS = 150


def _place(number: int) -> Position:
    """One of ten thousand places a kilometre apart."""
    row, column = divmod(number, 100)
    return Position(lon=107.4 + 0.0094 * column, lat=15.2 + 0.009 * row)


def _crowded(number: int) -> Position:
    """A hundred places twenty kilometres apart from each other's neighbours, with alarms within a hundred metres."""
    group, one = number % 100, number // 100
    row, column = divmod(group, 10)
    return Position(lon=107.4 + 0.05 * column + 1e-5 * one, lat=15.2 + 0.05 * row)


def _source(number: int) -> Source:
    return Source(code=f"cam-{number}", name=f"Camera {number}", centre="quang-nam", area=AREA, position=_place(number))


@asynccontextmanager
async def _site() -> AsyncIterator[tuple[Stack, Database]]:
    """A private database with ten thousand cameras that report by themselves."""
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        database = await exits.enter_async_context(Database.open(stack.database_url("ioc_app")))
        now = dt.datetime.now(dt.UTC)
        await seed_places(database)
        async with database.transaction(EVERYTHING) as transaction:
            for number in range(CAMERAS):
                about = _source(number)
                row = registry.CameraRow(
                    code=about.code, centre=about.centre, area=about.area, name=about.name, kind="street",
                    position=about.position, bearing=None, fov=None, settings={},
                )  # fmt: skip
                await registry.put_camera(transaction, row, "", now)
        yield stack, database


class Stream:
    """A reader of the live stream: when each alarm was shown together with its incident."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers = url, headers
        self._waiting: defaultdict[str, list[str]] = defaultdict(list)
        self.shown: dict[str, float] = {}
        self.resets = 0
        self.events = 0
        self.listening = asyncio.Event()
        self.moved = asyncio.Event()

    async def read(self) -> None:
        """Until cancelled."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=timeout, read_bufsize=1 << 22) as http,
            http.get(f"{self._url}/api/v1/live") as stream,
        ):
            event = b""
            async for line in stream.content:
                if line.startswith(b"event: "):
                    event = line[7:].strip()
                    self.resets += event == b"reset"
                    if event == b"ready":
                        self.listening.set()
                elif line.startswith(b"data: "):
                    self.events += 1
                    self._note(event, line[6:])

    def _note(self, event: bytes, text: bytes) -> None:
        if event not in (b"alarm", b"incident"):
            return
        about = orjson.loads(text)["data"]["properties"]
        if event == b"alarm" and about["incident"] is not None:
            self._waiting[about["incident"]].append(about["key"])
        elif event == b"incident":
            for key in self._waiting.pop(about["id"], ()):
                self.shown.setdefault(key, time.monotonic())
            self.moved.set()

    async def until(self, number: int, seconds: float) -> None:
        """Wait until so many alarms were shown. TimeoutError with how many were."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.shown) < number:
                    self.moved.clear()
                    await self.moved.wait()
        except TimeoutError as error:
            raise TimeoutError(f"{len(self.shown)} of {number} alarms were shown") from error


def _sighting(number: int, kind: str, where: Position, at: dt.datetime) -> Sighting:
    stamp = Stamp(
        centre="quang-nam", source=f"cam-{number}", at=at, run=f"bench-{kind}", sequence=number, position=where
    )
    return Sighting(id=str(uuid.uuid4()), stamp=stamp, kind=kind, subject=kind, track=str(number), error_m=2.0)


async def _burst(database: Database, url: str, headers: dict[str, str], kind: str, together: bool) -> dict[str, float]:
    """Milliseconds from the journal to the stream."""
    sent: dict[str, float] = {}
    stream = Stream(url, headers)
    async with asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(stream.read(), name="stream")
        await stream.listening.wait()
        begun = time.monotonic()
        for batch in range(SECONDS * BATCHES):
            await asyncio.sleep(max(0.0, begun + batch / BATCHES - time.monotonic()))
            now, size = dt.datetime.now(dt.UTC), RATE // BATCHES
            numbers = range(batch * size, (batch + 1) * size)
            places = _crowded if together else _place
            seen: list[Observation] = [_sighting(number, kind, places(number), now) for number in numbers]
            sent |= dict.fromkeys((f"{number}" for number in numbers), time.monotonic())
            async with database.transaction(EVERYTHING) as transaction:
                await journal.append(transaction, seen, now)
        await stream.until(len(sent), 120.0)
        reader.cancel()
    delays = [at - sent[key.split(":")[1].removeprefix("cam-")] for key, at in stream.shown.items()]
    marks = statistics.quantiles(delays, n=100)
    name = "together" if together else "apart"
    return {
        f"burst_{name}_p50_ms": round(marks[49] * 1e3, 1),
        f"burst_{name}_p99_ms": round(marks[98] * 1e3, 1),
        f"burst_{name}_resets": stream.resets,
    }


def _alarm(number: int, category: str, at: Position, now: dt.datetime, kind: str = "sensor") -> Alarm:
    code = f"{category}-{number}"
    return Alarm(
        id=str(uuid.uuid4()), key=f"bench/{category}:{code}:x", rule="bench/rule@1", category=category,
        severity="moderate", source_kind=kind, property="x", raised_at=now, seen_at=now, cleared_at=None, count=1,
        source=Source(code=code, name=code, centre="quang-nam", area=AREA, position=at), evidence={},
    )  # fmt: skip


def _docket() -> Docket:
    rules = catalogue.rules(demo=False)
    return Docket(rules, AreaIndex(()), ZoneInfo("UTC"), os.urandom, lineage=lambda code: Lineage(gateway="gw"))


async def _settle(database: Database, docket: Docket, alarms: Sequence[Alarm], now: dt.datetime) -> float:
    """Seconds of one page in a transaction of its own."""
    begun = time.perf_counter()
    async with database.transaction(EVERYTHING) as transaction:
        await docket.settle(transaction, {one.id: one for one in alarms}, {}, now)
    return time.perf_counter() - begun


async def _cost(database: Database, docket: Docket, first: int) -> float:
    """Milliseconds of a page of one alarm that is new and near others, in the middle of many runs."""
    found = []
    for number in range(first, first + ROUNDS):
        now = dt.datetime.now(dt.UTC)
        at = _place((number * 37) % OPEN)
        page = [_alarm(CAMERAS + number, "infrastructure", Position(lon=at.lon, lat=at.lat + 0.0002), now)]
        found.append(await _settle(database, docket, page, now))
    return statistics.median(found) * 1e3


_CLOSED = """
with made as (
  insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
    area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), 'quang-nam', '', 1, 'k' || i, '', '', 'infrastructure', 'minor', 'closed', '', '',
    '{sensor}', 1, 1, true, now() - interval '9 days', now() - interval '9 days', now() - interval '9 days',
    now() - interval '9 days', st_setsrid(st_makepoint(107.4 + 0.94 * random(), 15.2 + 0.9 * random()), 4326)
  from generate_series(1, $1) i returning *
)
insert into alarms (id, centre, area, cleared_at, key, rule, category, severity, source_kind, source, source_name,
  property, raised_at, seen_at, count, evidence, incident, geom, match)
select gen_random_uuid(), centre, area, last_at, 'closed:' || key, 'r', category, severity, 'sensor', key, key, 'x',
  first_at, last_at, 1, '{}', id, geom, 'opened'
from made
"""


async def _costs(database: Database, owner_url: str) -> dict[str, float]:
    """The cost of an alarm beside nothing, beside ten thousand open incidents, and with closed ones beside those."""
    docket, figures = _docket(), dict[str, float]()
    now = dt.datetime.now(dt.UTC)
    await _run(owner_url, "truncate alarms, incidents, incident_log cascade")
    figures["cost_alone_ms"] = await _cost(database, docket, 0)
    for first in range(0, OPEN, 500):
        page = [_alarm(number, "infrastructure", _place(number), now) for number in range(first, first + 500)]
        await _settle(database, docket, page, now)
    await _run(owner_url, "analyze")
    figures["cost_10k_open_ms"] = before = await _cost(database, docket, ROUNDS)
    await _run(owner_url, _CLOSED.replace("$1", str(CLOSED)))
    await _run(owner_url, "analyze")
    figures["cost_200k_closed_ms"] = after = await _cost(database, docket, 2 * ROUNDS)
    figures["closed_200k_cost_ratio"] = after / before
    return {name: round(value, 2) for name, value in figures.items()}


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, timeout=300)
    finally:
        await connection.close()


async def _ask(url: str, headers: dict[str, str], answers: list[float]) -> None:
    """What a wall asks, ten times a second, until cancelled: seconds of each answer."""
    async with aiohttp.ClientSession(headers=headers) as http:
        while True:
            begun = time.monotonic()
            async with http.get(f"{url}/ogc/collections/incidents/items?limit=100") as answer:
                await answer.read()
                assert answer.status == 200
            answers.append(time.monotonic() - begun)
            await asyncio.sleep(0.1)


async def _lose(database: Database) -> None:
    """A gateway is lost, and then all that is behind it, five hundred a page."""
    docket, now = _docket(), dt.datetime.now(dt.UTC)
    whole = _alarm(0, "device", _place(0), now, "system")
    at = Source(code="gw", name="gw", centre="quang-nam", area=AREA, position=_place(0))
    gateway = msgspec.structs.replace(whole, key="system/gateway-lost:gw:gateway", property="gateway", source=at)
    await _settle(database, docket, [gateway], now)
    for first in range(0, BEHIND, 500):
        numbers = range(first, first + 500)
        page = [_alarm(number, "device", _place(number % CAMERAS), now, "system") for number in numbers]
        await _settle(database, docket, page, now)
    async with database.transaction(EVERYTHING) as transaction:
        await docket.catch_up(transaction, now + dt.timedelta(minutes=1))


async def _link(database: Database, url: str, headers: dict[str, str], owner_url: str) -> dict[str, float]:
    """Fifty thousand devices are lost behind one gateway, while a wall looks on and asks for what it shows."""
    await _run(owner_url, "truncate alarms, incidents, incident_log cascade")
    stream, answers = Stream(url, headers), list[float]()
    async with asyncio.TaskGroup() as tasks:
        looking = [
            tasks.create_task(stream.read(), name="stream"),
            tasks.create_task(_ask(url, headers, answers), name="ask"),
        ]
        await stream.listening.wait()
        before, begun = stream.events, time.monotonic()
        await _lose(database)
        elapsed, events = time.monotonic() - begun, stream.events - before
        for one in looking:
            one.cancel()
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        opened, counted = await transaction.connection.fetchrow("select count(*), sum(alarms) from incidents")
    assert counted == BEHIND + 1, f"the incident counts {counted} alarms"
    return {
        "link_incidents": opened,
        "link_seconds": round(elapsed, 1),
        "link_events": events,
        "link_answer_p99_ms": round(statistics.quantiles(answers, n=100)[98] * 1e3, 1),
    }


async def run(*, long: bool) -> dict[str, float]:
    """Figures in milliseconds, and their ratio; `burst_p99_ms` is the worse of the two bursts."""
    async with _site() as (stack, database):
        owner_url, figures = stack.database_url("postgres"), dict[str, float]()
        async with serving(stack) as (_, port, token):
            url, headers = f"http://{HOST}:{port}", {"Authorization": f"Bearer {token}"}
            figures |= await _burst(database, url, headers, "zone_entered", together=False)
            figures |= await _burst(database, url, headers, "crowd", together=True)
            figures["burst_p99_ms"] = max(figures["burst_apart_p99_ms"], figures["burst_together_p99_ms"])
            figures |= await _link(database, url, headers, owner_url)
        return figures | await _costs(database, owner_url)


if __name__ == "__main__":
    for key, figure in asyncio.run(run(long=False)).items():
        print(f"incidents {key} {figure}")
