"""Where the map is measured: a private PostgreSQL as dense as a province's worst night, and a running `ioc serve`.

200,000 incidents, 80,000 of them open, crowded towards one corner of a province of 115 by 80 km; 400 fixed tiles of
zoom 11 to 15, 80 each, crowded there as well. So a tile with all of its features has about 83 kB, for which the goals
are stated: an incident takes more bytes here than there, so they stand further apart. The process that is asked is one
of several and does not lead: the desk would resolve these incidents, which have no alarms.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import msgspec

from bench.centre import state_dir
from bench.ingest_site import connected, cpu_of
from bench.map_history import prepare
from bench.map_places import places
from bench.scope import fill
from bench.serving import HOST, serving
from ioc import leader
from ioc.embedded import Stack
from ioc.store.migrate import migrate

SPREAD = 2.7
"""Lengths of the areas over which incidents are spread."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """The servers: the database, the process of `ioc serve`, its port, and an administrator's token."""

    stack: Stack
    pid: int
    port: int
    token: str


@asynccontextmanager
async def filled() -> AsyncIterator[Stack]:
    """PostgreSQL, filled, for as long as the block lasts."""
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        await prepare(stack)
        async with connected(stack.database_url("ioc_owner")) as owner:
            await owner.execute(fill(SPREAD), timeout=300)
        async with connected(stack.database_url("postgres")) as owner:
            await owner.execute("vacuum (analyze) incidents", timeout=300)
            await owner.execute("checkpoint", timeout=300)
        beside = await exits.enter_async_context(connected(stack.database_url("ioc_app")))
        await beside.execute("select pg_advisory_lock($1)", leader.LOCK)
        yield stack


@asynccontextmanager
async def site(stack: Stack, *program: str) -> AsyncIterator[Site]:
    """A server over it that keeps no tiles in memory, at rest, for as long as the block lasts.

    With tiles that are never full when the program is `bench.map_full`.
    """
    async with serving(stack, *program, IOC_TILE_BYTES="0") as (pid, port, token):
        await settled(pid)
        await _learned(port, token)
        yield Site(stack=stack, pid=pid, port=port, token=token)


async def _learned(port: int, token: str) -> None:
    """The first tile makes the service learn where everything is."""
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        z, x, y = places(1)[0]
        async with http.get(
            f"http://{HOST}:{port}/ogc/collections/incidents/tiles/WebMercatorQuad/{z}/{y}/{x}"
        ) as answer:
            answer.raise_for_status()
            await answer.read()


async def settled(pid: int, seconds: float = 45.0) -> None:
    """Wait until the service has read what it found at its start: less than a tenth of a core for two seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        before = cpu_of(pid)
        await asyncio.sleep(2.0)
        if cpu_of(pid) - before < 0.2:
            return
    print(f"map: ioc serve is still busy with itself after {seconds:.0f} s")
