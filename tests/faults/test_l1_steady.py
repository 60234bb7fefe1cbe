"""L1: a steady load is kept and on the wall, and nobody grows by it."""

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
import pytest

from bench.centre import private_mb
from bench.ingest_long import SETTLED_S, slopes
from bench.ingest_site import cpu_of
from tests.faults.conftest import Open
from tests.instruments.ledger import Ledger
from tests.instruments.processes import Process
from tests.instruments.served import Served, served
from tests.instruments.shares import part
from tests.instruments.waiting import beside
from tests.instruments.world import PROPERTIES, World

pytestmark = pytest.mark.promise("L1", seeds=1)

LATEST = "/ogc/collections/observations_latest/items?device={device}&property={property}"
STORED = "select sum(pg_total_relation_size(relid))::float8 as bytes from pg_partition_tree('readings')"
KEPT = "select count(*)::float8 as number from readings"
LOOK_S, SAMPLE_S = 0.1, 1.0


class Steady(msgspec.Struct, frozen=True, kw_only=True):
    """So many devices over so many connections, messages a second, and for how many seconds."""

    devices: int
    connections: int
    rate: float
    seconds: int


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, the delays in seconds at which one device's values were seen, and what the parts used."""

    ledger: Ledger
    seen: list[float]
    used: dict[str, float]


SHORT = Steady(devices=500, connections=50, rate=500.0, seconds=12)
LONG = Steady(devices=10_000, connections=1_000, rate=1_000.0, seconds=1_800)


async def test_a_steady_load_is_kept_and_on_the_wall(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """Every message is kept, and one device's values are asked for as the map asks while all of them speak."""
    steady = LONG if long else SHORT
    async with world(devices=steady.devices) as centre:
        intake, server = await centre.intake(), await served(centre)
        parts = {"intake": intake, "serve": server.process}
        ran = await under_load(centre, server, parts, steady, chance)
        account = await centre.settled(ran.ledger, seconds=120)
        shown = await on_the_wall(server)
        size, number = (await centre.rows(STORED))[0]["bytes"], (await centre.rows(KEPT))[0]["number"]
        for name, one in parts.items():
            assert one.code is None, f"{name}: {one.said()[-2000:]}"
    last = {one.device: one.value for one in ran.ledger.messages.values()}
    stale = sum(shown.get((device, name)) != value for device, value in last.items() for name in PROPERTIES)
    tell(
        devices=steady.devices,
        kept_per_s=account.kept / steady.seconds,
        lost=len(account.lost),
        twice=len(account.twice),
        last_values_not_on_the_wall=stale,
        to_the_wall_p50_s=part(ran.seen, 0.5),
        to_the_wall_p99_s=part(ran.seen, 0.99),
        bytes_a_value=size / number,
        **ran.used,
    )
    assert account.well, account
    assert account.unacknowledged == 0
    assert stale == 0
    sent = steady.rate * steady.seconds
    assert account.kept > 0.9 * sent, "the machine is too busy for this load; run it alone"
    assert len(ran.seen) > 0.5 * sent / steady.devices
    assert part(ran.seen, 0.99) < 5.0
    assert all(ran.used.get(f"{name}_mb_per_hour", 0.0) < 20.0 for name in parts), ran.used


async def under_load(
    centre: World, server: Served, parts: dict[str, Process], steady: Steady, chance: random.Random
) -> Ran:
    """Let the devices speak; CPU is in seconds a second, growth of memory in MB an hour in long runs."""
    before, began = {name: cpu_of(one.pid) for name, one in parts.items()}, time.monotonic()
    load = centre.load(
        rates=[(steady.seconds, steady.rate)],
        connections=steady.connections,
        window=200,
        seed=chance.randrange(10**6),
    )
    async with sampled(parts) as memory, watched(server, chance.choice(centre.devices)) as seen:
        ledger = await load.over(steady.seconds + 120)
        took = time.monotonic() - began
    used = {f"{name}_cpu": (cpu_of(one.pid) - before[name]) / took for name, one in parts.items()}
    return Ran(ledger=ledger, seen=seen, used=used | (slopes(memory) if steady.seconds > 2 * SETTLED_S else {}))


@asynccontextmanager
async def sampled(parts: dict[str, Process]) -> AsyncIterator[list[tuple[float, dict[str, float]]]]:
    """Private memory of the parts in MB by name, with the seconds since the beginning."""
    found: list[tuple[float, dict[str, float]]] = []
    began = time.monotonic()

    async def look() -> None:
        while True:
            found.append((time.monotonic() - began, {name: private_mb(one.pid) for name, one in parts.items()}))
            await asyncio.sleep(SAMPLE_S)

    async with beside(look(), "memory"):
        yield found


@asynccontextmanager
async def watched(server: Served, device: str) -> AsyncIterator[list[float]]:
    """Seconds from a device's clock until its newest value was in the map API's answer, asked ten times a second."""
    delays: list[float] = []

    async def look() -> None:
        newest = dt.datetime.now(dt.UTC)
        while True:
            status, body = await server.get(LATEST.format(device=device, property=PROPERTIES[0]))
            now = dt.datetime.now(dt.UTC)
            for one in body["features"] if status == 200 else ():
                at = dt.datetime.fromisoformat(one["properties"]["at"])
                if at > newest:
                    delays.append((now - at).total_seconds())
                    newest = at
            await asyncio.sleep(LOOK_S)

    async with beside(look(), "wall"):
        yield delays


async def on_the_wall(server: Served) -> dict[tuple[str, str], float]:
    """Every value that the map API shows, by device and property, read page by page."""
    found: dict[tuple[str, str], float] = {}
    path: str | None = "/ogc/collections/observations_latest/items?limit=1000"
    while path:
        status, body = await server.get(path)
        assert status == 200, body
        for one in body["features"]:
            about = one["properties"]
            found[about["device"], about["property"]] = about["value"]
        following = (link["href"] for link in body["links"] if link["rel"] == "next")
        path = next(following, "").removeprefix(server.url) or None
    return found
