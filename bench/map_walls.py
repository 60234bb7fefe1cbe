"""Live stream: fifty changes a second to five hundred walls, and a hundred more that never read.

The walls are in processes of their own; a change carries the moment before it is written and committed. Every wall must
get every change. The clock runs until the wall's process has the bytes. On a machine that has other things to do it
measures how long processes wait for a core, of which there are five on the way; `walls_500_ms_each` does not: the
milliseconds of a core that the server takes to tell one change to all of them.
"""

import asyncio
import datetime as dt
import statistics
import sys
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec

from bench.centre import private_mb, state_dir
from bench.ingest_site import ROOT, cpu_of
from bench.map_wall_clients import Order, Seen
from bench.serving import HOST, serving
from ioc.access.scope import EVERYTHING
from ioc.embedded import Stack
from ioc.store.changes import Change, record
from ioc.store.database import Database
from ioc.store.migrate import migrate

WALLS, SILENT, RATE, SECONDS = 500, 100, 50, 16.0
PROCESSES = 2


def change(number: int, now: dt.datetime) -> Change:
    """A change of an incident as large as they are, with the moment in it."""
    fid, at = str(uuid.uuid4()), now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    properties: dict[str, Any] = {
        "id": fid, "version": 1, "title": f"Nước sông vượt báo động II, trạm số {number}",
        "title_en": f"River above alarm level II, station {number}", "category": "flood", "severity": "severe",
        "status": "new", "owner": None, "duplicate_of": None, "area_code": "20335", "area_name": "Bàn Thạch",
        "centre": "quang-nam", "opened_at": at, "updated_at": at, "first_at": at, "last_at": at, "alarms": 1,
        "count": 1, "cleared": False, "camera": None, "sources": ["sensor"], "sent_ns": time.monotonic_ns(),
    }  # fmt: skip
    point = {"type": "Point", "coordinates": [108.2, 15.6]}
    value = {"type": "Feature", "id": fid, "geometry": point, "properties": properties}
    return Change(subject="incident", subject_id=fid, op="put", centre="quang-nam", area="", at=now, value=value)


async def tell(database: Database, rate: float, seconds: float) -> int:
    """Commit so many changes a second, each in a transaction of its own; how many they were."""
    begun, number = time.monotonic(), int(rate * seconds)
    for one in range(number):
        await asyncio.sleep(max(0.0, begun + one / rate - time.monotonic()))
        async with database.transaction(EVERYTHING) as transaction:
            await record(transaction, [change(one, dt.datetime.now(dt.UTC))])
    return number


class Walls:
    """Walls in a process of their own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def seen(self, number: int) -> Seen:
        """What they saw, once each that reads has so many changes or has waited long for them; they end."""
        said, _ = await self._process.communicate(b"%d\n" % number)
        return msgspec.json.decode(said, type=Seen)


@asynccontextmanager
async def walls(order: Order) -> AsyncIterator[Walls]:
    """They are open inside. RuntimeError when they could not be opened."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.map_wall_clients"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        if await process.stdout.readline() != b"open\n":
            raise RuntimeError("the walls could not be opened; see the lines above")
        yield Walls(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _round(database: Database, pid: int, orders: Sequence[Order], seconds: float) -> dict[str, float]:
    """Delays, the server's CPU, and what a wall costs in memory."""
    before = private_mb(pid)
    async with AsyncExitStack() as exits, asyncio.TaskGroup() as tasks:
        opening = [
            tasks.create_task(exits.enter_async_context(walls(order)), name=f"walls {number}")
            for number, order in enumerate(orders)
        ]
        opened = [await one for one in opening]
        cpu, begun = cpu_of(pid), time.monotonic()
        number = await tell(database, RATE, seconds)
        took, used = time.monotonic() - begun, cpu_of(pid) - cpu
        grown = private_mb(pid) - before
        found = [await one.seen(number) for one in opened]
    delays = sorted(delay for one in found for delay in one.delays_ms)
    if number / took < 0.95 * RATE:
        print(f"map: the machine is too busy for {RATE} changes/s: {number / took:.0f} were committed; run it alone")
    short = sum(number - count for one in found for count in one.counts)
    if short:
        raise RuntimeError(f"{short} changes did not come to the walls, of {number} to each")
    return {
        "p50_ms": statistics.median(delays),
        "p99_ms": delays[int(len(delays) * 0.99)],
        "cpu": used / took,
        "ms_each": used / number * 1e3,
        "rate": number / took,
        "kb_each": grown * 1024 / sum(order.walls + order.silent for order in orders),
        "resets": sum(one.resets for one in found),
        "cut": sum(len(one.cut_s) for one in found),
        "cut_s": max((second for one in found for second in one.cut_s), default=0.0),
    }


async def fan_out(*, seconds: float = SECONDS) -> dict[str, float]:
    """Figures of five hundred walls, alone and beside a hundred that never read."""
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        database = await exits.enter_async_context(Database.open(stack.database_url("ioc_app")))
        pid, port, token = await exits.enter_async_context(serving(stack))
        each = Order(host=HOST, port=port, token=token, walls=WALLS // PROCESSES)
        silent = Order(host=HOST, port=port, token=token, walls=0, silent=SILENT)
        alone = await _round(database, pid, [each] * PROCESSES, seconds)
        beside = await _round(database, pid, [silent, *[each] * PROCESSES], seconds)
    return {
        "walls_500_p50_ms": alone["p50_ms"],
        "walls_500_p99_ms": max(alone["p99_ms"], beside["p99_ms"]),
        "walls_500_cpu": alone["cpu"],
        "walls_500_ms_each": alone["ms_each"],
        "walls_changes_per_s": min(alone["rate"], beside["rate"]),
        "wall_kb": alone["kb_each"],
        "walls_beside_silent_p99_ms": beside["p99_ms"],
        "walls_beside_silent_cpu": beside["cpu"],
        "silent_cut": beside["cut"],
        "silent_cut_s": beside["cut_s"],
        "walls_reset": alone["resets"] + beside["resets"],
    }


if __name__ == "__main__":
    for key, figure in asyncio.run(fan_out()).items():
        print(f"walls {key} {figure:.3g}")
