"""The intake and the desk as real processes, and the watch that sees their commits and how far the desk is."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import asyncpg
import msgspec

from bench.ingest_consumers import Consumer
from bench.ingest_site import Site, connected, cpu_of, program
from ioc.demo.run import free_port
from ioc.embedded.users import INTAKE
from ioc.store import journal

LOOK_S = 0.1
"""How often, in seconds, the desk's cursor is read."""
READY_S = 60.0
_NEXT = "select id, payload from journal where id > $1 order by id limit 100"
_CURSOR = "select coalesce((select through from cursors where name = 'desk'), 0)"


class Rows(msgspec.Struct, array_like=True):
    """A journal row whose observations are counted but not read."""

    observations: list[msgspec.Raw]


_ROWS = msgspec.msgpack.Decoder(Rows)


class Watch:
    """Sees each commit of the intake by the journal's own NOTIFY, which PostgreSQL sends after the commit.

    What it notes is later than the commit by the way to here and a query: an upper bound.
    """

    def __init__(self, site: Site, through: int) -> None:
        self._board = site.ours.board
        self._through = through
        self._count = site.ours.board.get("done")
        self._wake = asyncio.Event()
        self._ends: list[tuple[int, int]] = [(through, self._count)]
        self.keep = False
        self.seen: list[tuple[int, bytes]] = []
        """Wall clock in ns when a row was seen, and the row; only while `keep` is set."""
        self.judged = self._count
        self.judged_ns = 0
        self.worst_lag = 0

    async def commits(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Follow the journal onto the board until cancelled."""
        await connection.add_listener(journal.CHANNEL, lambda *_: self._wake.set())
        while True:
            await self._wake.wait()
            self._wake.clear()
            while rows := await connection.fetch(_NEXT, self._through):
                self._note(rows)

    def _note(self, rows: list[Any]) -> None:
        seen_ns = time.time_ns()
        for row in rows:
            self._count += len(_ROWS.decode(row["payload"]).observations)
            self._ends.append((row["id"], self._count))
            if self.keep:
                self.seen.append((seen_ns, row["payload"]))
        self._through = rows[-1]["id"]
        self._board.put("last_done_ns", time.monotonic_ns())
        self._board.put("done", self._count)

    async def desk(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Follow the desk's cursor until cancelled."""
        while True:
            through = await connection.fetchval(_CURSOR)
            while len(self._ends) > 1 and self._ends[1][0] <= through:
                self._ends.pop(0)
            if self._ends[0][1] > self.judged:
                self.judged, self.judged_ns = self._ends[0][1], time.monotonic_ns()
            self.worst_lag = max(self.worst_lag, self._count - self.judged)
            await asyncio.sleep(LOOK_S)

    def delays_ms(self) -> list[float]:
        """Milliseconds from each message's sending to the moment its row was seen committed; forgets the rows."""
        delays = [
            seen_ns / 1e6 - reading.stamp.at.timestamp() * 1e3
            for seen_ns, payload in self.seen
            for reading in msgspec.msgpack.decode(payload, type=journal.Page).observations
        ]
        self.seen.clear()
        return delays


class Ours(Consumer, frozen=True):
    """Both processes, watched."""

    watch: Watch
    pids: dict[str, int]


@asynccontextmanager
async def ours(site: Site) -> AsyncIterator[Ours]:
    """`ioc intake` and `ioc serve`, with the desk at work."""
    async with AsyncExitStack() as exits:
        counting, looking = [
            await exits.enter_async_context(connected(site.stack.database_url("postgres"))) for _ in range(2)
        ]
        watch = Watch(site, await counting.fetchval("select coalesce(max(id), 0) from journal"))
        tasks = await exits.enter_async_context(asyncio.TaskGroup())
        following = [
            tasks.create_task(watch.commits(counting), name="commits"),
            tasks.create_task(watch.desk(looking), name="desk"),
        ]
        try:
            async with serving(site) as serve, taking(site) as intake:
                pids = {"client": intake, "desk": serve}
                yield Ours(lambda: {name: cpu_of(pid) for name, pid in pids.items()}, watch, pids)
        finally:
            for task in following:
                task.cancel()


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[int]:
    """`ioc serve` as a child: its process id, once it answers."""
    port = free_port("127.0.0.1", 18_080)
    settings = _settings(site) | {"IOC_HTTP_PORT": str(port)}
    async with started("serve", settings) as process:
        await _until_it_answers(f"http://127.0.0.1:{port}/healthz")
        yield process.pid


@asynccontextmanager
async def taking(site: Site) -> AsyncIterator[int]:
    """`ioc intake` as a child: its process id, which may not listen yet."""
    address = f"{INTAKE}:{site.password}@{site.ours.host}:{site.ours.port}"
    settings = _settings(site) | {"IOC_MQTT_URL": f"mqtt://{address}"}
    async with started("intake", settings) as process:
        yield process.pid


def _settings(site: Site) -> dict[str, str]:
    return {"IOC_STATE_DIR": str(site.stack.state), "IOC_DATABASE_URL": site.stack.database_url("ioc_app")}


@asynccontextmanager
async def started(command: str, settings: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command of `ioc` as a child, ended in its own manner."""
    async with program(("-m", "ioc", command), environment=settings, gently=True) as process:
        yield process


async def _until_it_answers(url: str) -> None:
    answered = asyncio.Event()

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            while not answered.is_set():
                try:
                    async with session.get(url) as answer:
                        if answer.status == 200:
                            answered.set()
                except aiohttp.ClientError:
                    await asyncio.sleep(0.1)

    async with asyncio.timeout(READY_S):
        await ask()
