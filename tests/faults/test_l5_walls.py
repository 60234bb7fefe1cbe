"""L5: many open walls, some of which never read, then all come back at once: the slow harm nobody."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from bench.centre import private_mb
from bench.map_wall_clients import Order, Seen
from bench.map_walls import Walls
from bench.map_walls import tell as tell_changes
from bench.map_walls import walls as opened
from ioc.api.live import STALLED_S
from ioc.store.database import Database
from tests.faults.conftest import Open
from tests.instruments.served import Served, served
from tests.instruments.shares import part
from tests.instruments.waiting import until
from tests.instruments.world import World

pytestmark = pytest.mark.promise("L5")

PROCESSES = 4
RATE = 50.0


async def test_walls_that_never_read_harm_nobody_and_all_come_back_at_once(
    world: Open, long: bool, tell: Callable[..., None]
) -> None:
    """Every wall that reads gets every change, those that do not are cut; a new server takes all of them back."""
    walls, silent = (2_000, 100) if long else (200, 20)
    allow_files(walls + silent + 300)
    async with world(devices=1) as centre, Database.open(centre.url("ioc_app"), size=2) as database:
        server = await served(centre)
        bare = private_mb(server.process.pid)
        orders = [order_of(server, walls // PROCESSES)] * PROCESSES
        async with open_walls([*orders, order_of(server, 0, silent)]) as open_:
            told = await tell_changes(database, RATE, STALLED_S + (20 if long else 5))
            grown = private_mb(server.process.pid) - bare
            *seen, unread = [await one.seen(told) for one in open_]
        cursor = await newest(centre)
        server.process.kill()
        server = await again(centre, server)
        began = time.monotonic()
        resumed = [order_of(server, walls // PROCESSES, query=f"?last_event_id={cursor}")] * PROCESSES
        async with open_walls(resumed) as open_:
            back_s = time.monotonic() - began
            more = await tell_changes(database, RATE, 3)
            back = [await one.seen(more) for one in open_]
    tell(
        walls=walls,
        never_read=silent,
        p50_ms=p_of(seen, 0.5),
        p99_ms=p_of(seen, 0.99),
        kb_a_client=grown * 1024 / (walls + silent),
        cut=len(unread.cut_s),
        longest_until_cut_s=max(unread.cut_s, default=0.0),
        all_back_s=back_s,
        p99_after_ms=p_of(back, 0.99),
        missing=missing(seen, told) + missing(back, more),
    )
    assert missing(seen, told) == missing(back, more) == 0
    assert not sum(one.ended + one.resets for one in (*seen, *back)), "who reads is neither cut nor sent back"
    assert len(unread.cut_s) == silent, f"{len(unread.cut_s)} of {silent} that never read were cut"
    assert p_of(seen, 0.99) < 5_000


def allow_files(number: int) -> None:
    """Let this process and those that it starts hold so many connections, or skip."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < number:
        pytest.skip(f"not tried: {number} open files are needed, this user may have {hard}")
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))


def order_of(server: Served, walls: int, silent: int = 0, query: str = "?snapshot=1") -> Order:
    """So many walls of a server."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    return Order(host=host, port=int(port), token=server.token, walls=walls, silent=silent, query=query)


@asynccontextmanager
async def open_walls(orders: Sequence[Order]) -> AsyncIterator[list[Walls]]:
    """All of them at once, each order in a process of its own."""
    async with contextlib.AsyncExitStack() as exits, asyncio.TaskGroup() as tasks:
        opening = [tasks.create_task(exits.enter_async_context(opened(order)), name="walls") for order in orders]
        yield [await one for one in opening]


async def newest(centre: World) -> int:
    """The newest version of the log."""
    rows = await centre.rows("select max(id) as id from changes")
    return int(rows[0]["id"])


async def again(centre: World, before: Served) -> Served:
    """The same server on the same port."""
    process = centre.start("serve", more={"IOC_HTTP_PORT": before.url.rpartition(":")[2]})
    server = Served(process, before.url, before.token)

    async def answers() -> bool:
        return (await server.get("/api/v1/session"))[0] == 200

    await until(answers, 60, "the server on its port again", every_s=0.1)
    return server


def p_of(seen: Sequence[Seen], share: float) -> float:
    """Milliseconds within which this share of the changes came."""
    return part((delay for one in seen for delay in one.delays_ms), share)


def missing(seen: Sequence[Seen], told: int) -> int:
    """Changes that did not come, over all walls."""
    return sum(told - count for one in seen for count in one.counts)
