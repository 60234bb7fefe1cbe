"""Where the rounds take place: the private servers, the registered devices, and the processes that play them."""

import asyncio
import datetime as dt
import os
import resource
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import msgspec

from bench.ingest_board import Board
from bench.ingest_devices import Fleet, Order, Report
from bench.ingest_tutorial import TABLE
from gis.position import Position
from ioc import catalogue, shipping
from ioc.access.scope import EVERYTHING
from ioc.demo.seed import seed_places
from ioc.embedded import Stack
from ioc.embedded.broker import Broker
from ioc.embedded.places import Places
from ioc.embedded.users import INTAKE, OUTSIDE
from ioc.store import registry, rules
from ioc.store.database import Database
from ioc.store.migrate import migrate
from sensors.profile import Device

ROOT = Path(__file__).parents[1]
CENTRE = "quang-nam"
PROFILE = "air-station"
"""A profile whose rule has limits for every device: rules are judged at each message."""
LIMITS = {"moderate": 80.0, "severe": 150.0, "extreme": 250.0}
"""Plain limits in place of the hourly index, which no station tells fifteen times a second."""
DEVICES = 2000
ALARMS = 20
"""Devices whose values stand above an alarm level all the time: one in a hundred."""
FILES = 2 * DEVICES
TOPIC = "ioc/v1/#"
TABLES = ("tutorial", "node_red")
ORDER_S = 600.0


class Side:
    """A broker with two thousand devices connected to it, and the counters of who listens there."""

    def __init__(self, address: tuple[str, int], pid: int, board: Path, process: asyncio.subprocess.Process) -> None:
        self.host, self.port = address
        self.pid = pid
        self.board_path = board
        self.board = Board(board)
        self._process = process

    @property
    def arguments(self) -> tuple[str, ...]:
        """Board, host, port, user and topic for a consumer's command line."""
        return str(self.board_path), self.host, str(self.port), INTAKE, TOPIC

    async def send(self, order: Order) -> Report:
        """Let the devices send; returns when the broker has taken all. RuntimeError when they cannot."""
        await tell(self._process, [msgspec.json.encode(order).decode()])
        async with asyncio.timeout(ORDER_S + order.seconds):
            line = await self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            raise RuntimeError("the devices ended; see the lines above")
        return msgspec.json.decode(line, type=Report)


class Site:
    """The servers. What we are compared with listens `beside`, at a second broker with the same settings.

    So a session that ours leaves behind is not fed while it is away, and takes nothing from the others.
    """

    def __init__(self, stack: Stack, ours: Side, beside: Side) -> None:
        self.stack = stack
        self.ours = ours
        self.beside = beside
        self.password = stack.mqtt_key(INTAKE)

    def cpu_s(self, side: Side) -> dict[str, float]:
        """CPU seconds of the servers so far, of children that ended included."""
        postgres = next(child for child in self.stack.children.running if child.name == "postgres")
        return {"broker": cpu_of(side.pid), "postgres": cpu_of_tree(postgres.pid), "watch": cpu_of(os.getpid())}


@asynccontextmanager
async def site(state: Path) -> AsyncIterator[Site]:
    """Servers of their own with everything entered, and the devices connected."""
    _allow_files()
    async with AsyncExitStack() as exits:
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        keys = stack.secrets.ensure("devices", [f"air-{number:04d}" for number in range(DEVICES)])
        await _register(stack, sorted(keys))
        await _tables(stack)
        (state / "beside").mkdir(mode=0o755)
        places = Places(state / "beside", stack.secrets.installation, lambda step: None)
        second = Broker(places, stack.secrets.ensure("broker", (INTAKE, OUTSIDE)))
        child = await second.start(stack.children)
        first = next(child for child in stack.children.running if child.name == "mosquitto")
        sides = []
        for broker, pid, board in ((stack.broker, first.pid, "ours"), (second, child.pid, "others")):
            await broker.set_users(keys)
            await asyncio.sleep(1.0)  # the broker reads its users again at a signal, and tells nobody when it has
            sides.append(await exits.enter_async_context(_side(broker, pid, state / f"{board}.board", keys)))
        yield Site(stack, *sides)


def _allow_files() -> None:
    """Let this process and its children hold a connection for each device. RuntimeError where that is forbidden."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        if hard < FILES:
            raise RuntimeError(f"a process may open {hard} files here; allow {FILES} (ulimit -Hn), one a connection")
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


@asynccontextmanager
async def _side(broker: Broker, pid: int, board: Path, keys: Mapping[str, str]) -> AsyncIterator[Side]:
    Board.make(board)
    fleet = Fleet(host=broker.host, port=broker.port, centre=CENTRE, devices=sorted(keys.items()), alarms=ALARMS)
    arguments = ("-m", "bench.ingest_devices", str(board))
    async with program(arguments, [msgspec.json.encode(fleet).decode()], ready="connected") as process:
        yield Side((broker.host, broker.port), pid, board, process)


async def _limit(database: Database, now: dt.datetime) -> None:
    """Change the shipped rule of the profile, as an administrator does."""
    await shipping.seed(database, lambda: now)
    async with database.transaction(EVERYTHING) as transaction:
        before = await rules.locked(transaction, "air", "vn-aqi")
        if before is None:
            raise RuntimeError("the pack air has no rule vn-aqi any more; choose another rule for the devices")
        body = {name: value for name, value in before.body.items() if name != "window"} | {"levels": LIMITS}
        changed = rules.Step(what="changed", at=now, who="bench", reason="plain limits")
        await rules.renew(transaction, before, changed, body=body)


async def _register(stack: Stack, codes: Sequence[str]) -> None:
    profile, now = catalogue.profiles()[PROFILE], dt.datetime.now(dt.UTC)
    async with Database.open(stack.database_url("ioc_app"), size=2) as database:
        await _limit(database, now)
        await seed_places(database)
        async with database.transaction(EVERYTHING) as transaction:
            area = await transaction.connection.fetchval("select fid from areas where valid_to is null limit 1")
            for number, code in enumerate(codes):
                device = Device(
                    code=code,
                    centre=CENTRE,
                    area=area,
                    name=code,
                    position=Position(lon=107.9 + number % 50 / 100, lat=15.5 + number // 50 / 100),
                    profile=profile,
                )
                await registry.put_device(transaction, device, kind=PROFILE, approximate=False, note="", now=now)


async def _tables(stack: Stack) -> None:
    """A database beside ours for the consumers that ours is compared with."""
    async with connected(stack.database_url("postgres")) as connection:
        await connection.execute("create database bench")
    async with connected(stack.postgres.url("postgres", database="bench")) as connection:
        for name in TABLES:
            await connection.execute(TABLE.format(name=name))


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def program(
    arguments: Sequence[str],
    lines: Sequence[str] = (),
    *,
    ready: str = "",
    executable: str = sys.executable,
    environment: Mapping[str, str] | None = None,
    patience_s: float = 60.0,
    gently: bool = False,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A child that is given lines and prints `ready` when it is; ended with the block, by SIGTERM when `gently`.

    RuntimeError when it does not get ready.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    process = await asyncio.create_subprocess_exec(
        executable,
        *arguments,
        env=clean | dict(environment or {}),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE if ready else None,
    )
    try:
        await tell(process, lines)
        if ready:
            await _until_said(process, ready, patience_s)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate() if gently else process.kill()
        await process.wait()


async def tell(process: asyncio.subprocess.Process, lines: Sequence[str]) -> None:
    """Write lines to a child."""
    if process.stdin is None:
        raise RuntimeError("the child was started without a pipe")
    process.stdin.write("".join(f"{line}\n" for line in lines).encode())
    await process.stdin.drain()


async def _until_said(process: asyncio.subprocess.Process, ready: str, patience_s: float) -> None:
    if process.stdout is None:
        raise RuntimeError("the child was started without a pipe")
    said: list[str] = []
    async with asyncio.timeout(patience_s):
        async for line in process.stdout:
            said.append(line.decode(errors="replace"))
            if ready in said[-1]:
                return
    raise RuntimeError("a child did not start:\n" + "".join(said[-20:]))


def cpu_of(pid: int, *, children: bool = False) -> float:
    """CPU seconds of a process so far, with those of its children that ended when asked for (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11 : 15 if children else 13])) / os.sysconf("SC_CLK_TCK")


def cpu_of_machine() -> float:
    """CPU seconds that everybody on this machine has used so far, on all cores together (proc(5))."""
    user, nice, system, _idle, _waiting, *interrupts = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8]
    return sum(map(int, (user, nice, system, *interrupts))) / os.sysconf("SC_CLK_TCK")


def cpu_of_tree(pid: int) -> float:
    """CPU seconds of a process, its living children and those that ended."""
    total = cpu_of(pid, children=True)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(OSError):
            total += cpu_of(int(child))
    return total
