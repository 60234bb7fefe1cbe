"""Where the map is measured: a private PostgreSQL as dense as a city's worst night, and a running `ioc serve`.

200,000 incidents, 80,000 of them open, crowded towards one corner of a city of 40 by 30 km; 400 fixed tiles of zoom 11
to 15, 80 each, crowded there as well. Every figure of this benchmark asks these.
"""

import asyncio
import math
import os
import random
import secrets
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import aiohttp
import msgspec

from bench.centre import state_dir
from bench.ingest_site import ROOT, connected
from bench.scope import FILL, SOUTH, WEST
from ioc import app
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.embedded import Stack
from ioc.embedded.postgres import free_port
from ioc.store import people
from ioc.store.database import Database
from ioc.store.migrate import migrate
from ioc.store.tokens import create_token

HOST = "127.0.0.1"
Place = tuple[int, int, int]
"""Zoom, column, row."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """The servers: the database, the process of `ioc serve`, its port, and an administrator's token."""

    stack: Stack
    pid: int
    port: int
    token: str


def places(number: int = 400) -> Sequence[Place]:
    """Fixed tiles of zoom 11 to 15, more where there are more incidents."""
    chance, found = random.Random(7), list[Place]()
    for count in range(number):
        z = 11 + count % 5
        lon, lat = WEST + 0.4 * chance.random() ** 1.5, math.radians(SOUTH + 0.28 * chance.random() ** 1.5)
        width = 2**z
        y = int((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * width)
        found.append((z, int((lon + 180) / 360 * width), y))
    return found


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    """The servers, filled, for as long as the block lasts."""
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        async with connected(stack.database_url("ioc_owner")) as owner:
            await owner.execute(FILL, timeout=300)
        async with connected(stack.database_url("postgres")) as owner:
            await owner.execute("vacuum (analyze) incidents", timeout=300)
            await owner.execute("checkpoint", timeout=300)
        pid, port, token = await exits.enter_async_context(serving(stack))
        yield Site(stack=stack, pid=pid, port=port, token=token)


async def _let_in(stack: Stack) -> str:
    """A new administrator's token."""
    token, login = secrets.token_urlsafe(32), f"bench{secrets.randbelow(10**6)}"
    person = Person(login=login, name="Bench", role="admin", centre=None, language="vi")
    async with (
        Database.open(stack.database_url("ioc_app"), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        account = await people.create_account(transaction, uuid.uuid4(), person, "-", app.now())
        await create_token(transaction, account, digest(token), "bench", app.now())
    return token


@asynccontextmanager
async def serving(stack: Stack, *before: str) -> AsyncIterator[tuple[int, int, str]]:
    """A running `ioc serve`: its process, its port, and an administrator's token. `before` goes before the program."""
    token, port = await _let_in(stack), free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")} | {
        "IOC_STATE_DIR": str(stack.state),
        "IOC_DATABASE_URL": stack.database_url("ioc_app"),
        "IOC_HTTP_PORT": str(port),
        "IOC_TILE_BYTES": "0",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, *before, "-m", "ioc", "serve", env=environment, cwd=ROOT
    )
    try:
        await _until_it_answers(port, token)
        yield process.pid, port, token
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _until_it_answers(port: int, token: str) -> None:
    async with asyncio.timeout(60), aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as http:
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"http://{HOST}:{port}/api/v1/session") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)
