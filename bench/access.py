"""What rights cost: a trivial signed-in call beside bare aiohttp, and scoped statements beside unscoped ones.

Both servers run beside each other and are loaded in turn by the same generator in a process of its own; each
round gives one ratio, the median counts. Budgets of requests are the shipped ones.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.centre import state_dir
from bench.scope import scope_cost
from bench.serving import HOST, until_open
from ioc import app
from ioc.demo.run import free_port
from ioc.demo.seed import PEOPLE, seed_people, seed_places
from ioc.embedded import Stack
from ioc.store.database import Database
from ioc.store.migrate import migrate

ROOT = Path(__file__).parents[1]
PATH = "/api/v1/session"
ROUNDS, SECONDS, CONNECTIONS = 7, 2.0, 16


async def run(*, long: bool) -> dict[str, float]:
    """Figures: ratios, and the requests a second that they are made of; `--long` runs more rounds."""
    async with state_dir() as state, Stack(state, report=lambda step: None) as stack:
        token = await _prepare(stack)
        async with _child("-m", "bench.bare") as bare, _served(stack) as ours:
            pairs = [await _round(bare, ours, token) for _ in range(ROUNDS * (3 if long else 1))]
        figures = {
            "signed_in_vs_bare": round(statistics.median(mine / least for least, mine in pairs), 3),
            "signed_in_per_s": round(statistics.median(mine for _, mine in pairs)),
            "bare_per_s": round(statistics.median(least for least, _ in pairs)),
        }
        return figures | await scope_cost(stack.database_url)


async def _prepare(stack: Stack) -> str:
    await migrate(stack.database_url("ioc_owner"))
    tokens = stack.secrets.ensure("tokens", PEOPLE)
    async with Database.open(stack.database_url("ioc_app"), size=2) as database:
        await seed_places(database)
        await seed_people(database, stack.secrets.ensure("passwords", PEOPLE), tokens, app.now())
    return tokens["admin"]


@asynccontextmanager
async def _child(*arguments: str, **settings: str) -> AsyncIterator[int]:
    """A Python program as a child; gives the port that it prints, or that of IOC_HTTP_PORT once it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")} | settings
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        if "IOC_HTTP_PORT" in settings:
            port = int(settings["IOC_HTTP_PORT"])
            await until_open(port)
        else:
            port = int(await process.stdout.readline()) if process.stdout else 0
        yield port
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _served(stack: Stack) -> AsyncIterator[int]:
    settings = {
        "IOC_STATE_DIR": str(stack.state),
        "IOC_DATABASE_URL": stack.database_url("ioc_app"),
        "IOC_HTTP_PORT": str(free_port(HOST, 18_080)),
    }
    async with _child("-m", "ioc", "serve", **settings) as port:
        yield port


async def _round(bare: int, ours: int, token: str) -> tuple[float, float]:
    return await _load(bare, token), await _load(ours, token)


async def _load(port: int, token: str) -> float:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load", HOST, str(port), PATH, str(CONNECTIONS), str(SECONDS)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate(token.encode() + b"\n")
    if process.returncode:
        raise RuntimeError("the load did not run; see the lines above")
    return float(output)
