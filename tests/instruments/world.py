"""A centre under test: our own PostgreSQL and broker, registered devices, our processes, a generator, the account."""

import contextlib
import datetime as dt
import itertools
import json
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from ioc.access.scope import EVERYTHING
from ioc.settings import inherited
from ioc.store import registry
from ioc.store.database import Database
from tests.fakes import servers as real
from tests.fakes.things import device
from tests.instruments import checker
from tests.instruments import ledger as ledgers
from tests.instruments.checker import Account, Key
from tests.instruments.generator import Plan
from tests.instruments.ledger import Ledger, Tally
from tests.instruments.processes import ROOT, Process
from tests.instruments.proxy import Proxy
from tests.instruments.servers import OwnBroker, OwnPostgres
from tests.instruments.waiting import until

CENTRE = "quang-nam"
PROPERTIES = ("rain_sum", "rain_hours")

COUNTS = "select device, run, base, through, ranges::text as ranges from sequences"

_numbers = itertools.count(1)


def with_our_sources() -> dict[str, str]:
    """Our environment without our settings, in which these sources come first."""
    environment = inherited()
    return environment | {"PYTHONPATH": ":".join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])}


class Load:
    """A running generator with its ledger."""

    def __init__(self, process: Process, path: Path) -> None:
        self.process = process
        self.path = path
        self.tally = Tally(path)

    async def acknowledged(self, more: int, seconds: float = 60.0) -> None:
        """Wait until so many more messages are acknowledged than now."""
        wanted = self.tally.look().acknowledged + more
        await until(
            lambda: self.tally.look().acknowledged >= wanted or self.process.code is not None,
            seconds,
            f"{more} more acknowledgements of the broker",
        )

    async def finished(self, seconds: float = 180.0) -> Ledger:
        """Let it end the sending and wait until the broker has acknowledged everything."""
        if self.process.code is None:
            self.process.signal(signal.SIGTERM)
        await until(lambda: self.process.code is not None, seconds, "the end of the generator")
        ledger = ledgers.read(self.path)
        assert ledger.ended, f"the broker did not acknowledge everything: {self.process.said()[-2000:]}"
        return ledger

    async def over(self, seconds: float = 180.0) -> Ledger:
        """Wait until it has ended by its own plan."""
        await until(lambda: self.process.code is not None, seconds, "the end of the generator's plan")
        return await self.finished()


class World:
    """One centre. `database_port` and `broker_port` may be set to those of proxies before processes start."""

    def __init__(self, postgres: OwnPostgres, broker: OwnBroker, database: str, folder: Path) -> None:
        self.postgres = postgres
        self.broker = broker
        self.database = database
        self.folder = folder
        self.devices: list[str] = []
        self.database_port = 0
        self.broker_port = 0
        self._exits = contextlib.ExitStack()

    def url(self, role: str) -> str:
        """The database, directly."""
        return self.postgres.url(role, self.database)

    def environment(self, state: Path | None = None) -> dict[str, str]:
        """The settings of a process of this centre."""
        database = self.url("ioc_app")
        if self.database_port:
            database = database.replace(f":{self.postgres.port}/", f":{self.database_port}/")
        broker = self.broker_port or self.broker.port
        state = state or self.folder / "state"
        state.mkdir(exist_ok=True)
        return {
            **with_our_sources(),
            "IOC_STATE_DIR": str(state),
            "IOC_DATABASE_URL": database,
            "IOC_MQTT_URL": f"mqtt://ioc-intake:{self.broker.keys['ioc-intake']}@127.0.0.1:{broker}",
            "IOC_HTTP_PORT": "0",
        }

    def start(
        self, *words: str, module: str = "ioc", more: Mapping[str, str] | None = None, before: Sequence[str] = ()
    ) -> Process:
        """Start a process of ours, by the words of its command line."""
        argv = [*before, sys.executable, "-m", module, *words]
        log = self.folder / f"{words[0]}.log"
        process = Process(argv, log=log, environment={**self.environment(), **(more or {})}, cwd=self.folder)
        return self._exits.enter_context(process)

    async def intake(self, seconds: float = 60.0) -> Process:
        """A running intake that listens."""
        process = self.start("intake")
        await self.listening(process, seconds)
        return process

    async def listening(self, process: Process, seconds: float = 60.0) -> None:
        """Wait until the intake says that it listens, after now."""
        began = dt.datetime.now(dt.UTC)

        async def ready() -> bool:
            assert process.code is None, f"the intake ended: {process.said()[-2000:]}"
            rows = await self.rows("select ready and seen_at >= $1 as ok from parts where name = 'intake'", began)
            return bool(rows and rows[0]["ok"])

        await until(ready, seconds, "an intake that listens", every_s=0.05)

    def load(self, **plan: Any) -> Load:
        """A running generator; see Plan."""
        number = next(_numbers)
        path = self.folder / f"ledger-{number}"
        about: dict[str, Any] = {
            "port": self.broker.port,
            "user": "ioc-outside",
            "password": self.broker.keys["ioc-outside"],
            "ledger": str(path),
            "centre": CENTRE,
            "devices": self.devices,
            "properties": list(PROPERTIES),
            "run": f"g{number}-{secrets.token_hex(3)}",
        }
        file = self.folder / f"plan-{number}.json"
        file.write_bytes(msgspec.json.encode(Plan(**about | plan)))
        argv = [sys.executable, "-m", "tests.instruments.generator", str(file)]
        process = Process(argv, log=self.folder / f"generator-{number}.log", environment=with_our_sources())
        return Load(self._exits.enter_context(process), path)

    async def rows(self, query: str, *values: Any) -> list[Any]:
        """A superuser's look at the database; empty while it cannot be asked."""
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return []
        try:
            return list(await connection.fetch(query, *values, timeout=60))
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
            return []
        finally:
            connection.terminate()

    async def position(self) -> int:
        """The newest place of the journal; -1 while the database cannot be asked."""
        rows = await self.rows("select coalesce(max(id), 0) as id from journal")
        return int(rows[0]["id"]) if rows else -1

    async def moved(self, since: int, seconds: float = 90.0) -> float:
        """Wait until the journal has passed a place; returns how many seconds that took."""
        began = time.monotonic()

        async def passed() -> bool:
            return await self.position() > since

        await until(passed, seconds, "a new commit", every_s=0.05)
        return time.monotonic() - began

    async def settled(self, ledger: Ledger, seconds: float = 120.0, quiet_s: float = 10.0) -> Account:
        """The account once nothing acknowledged is lacking any more, or once nothing has come for `quiet_s`."""
        deadline, still, last = time.monotonic() + seconds, 0.0, ""
        while True:
            account = await self.account(ledger)
            said = str(account)
            still = still if said == last else time.monotonic()
            last = said
            over = time.monotonic() > min(deadline, still + quiet_s)
            if over or not account.lost:
                return account

    async def account(self, ledger: Ledger) -> Account:
        """Where every message of the ledger is now."""
        runs = {one.run for one in ledger.messages.values() if one.run}
        found = await checker.collect(self.url("ioc_outside"), await self.missing(runs))
        return checker.account(ledger, found, PROPERTIES)

    async def missing(self, runs: Set[str]) -> frozenset[Key]:
        """What the centre itself reports as missing of these runs; poison has a run of its own, full of holes."""
        return frozenset(
            (row["device"], row["run"], number)
            for row in await self.rows(COUNTS)
            if row["run"] in runs
            for number in between(row["base"], row["through"], json.loads(row["ranges"]))
        )

    async def deletable(self) -> frozenset[Key]:
        """What devices may delete by the centre's receipts: all that is safe, and nothing that is missing."""
        return frozenset(
            (row["device"], row["run"], number)
            for row in await self.rows(COUNTS)
            for first, last, *_ in json.loads(row["ranges"])
            for number in range(first, last + 1)
        )

    def intake_state(self, state: Path | None = None) -> dict[str, Any]:
        """What the intake says of itself in the state dir, empty while it says nothing."""
        try:
            told: dict[str, Any] = json.loads(((state or self.folder / "state") / "intake.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return told

    async def stopped(self, proxy: Proxy, why: str, seconds: float = 60.0, state: Path | None = None) -> int:
        """Wait until the intake says that it acknowledges nothing and why. Returns the acknowledgements until then."""

        def said() -> bool:
            told = self.intake_state(state)
            return told.get("acknowledging") is False and told.get("why") == why

        await until(said, seconds, f"an intake that acknowledges nothing ({why})")
        return proxy.acknowledged

    async def register(self, number: int) -> None:
        """Register so many rain stations at one place."""
        self.devices = [f"rain-{one:05d}" for one in range(number)]
        async with (
            Database.open(self.url("ioc_app"), size=1) as database,
            database.transaction(EVERYTHING) as transaction,
        ):
            for code in self.devices:
                about = device(code, "rain-station", CENTRE)
                now = dt.datetime.now(dt.UTC)
                await registry.put_device(transaction, about, kind="rain", approximate=False, note="", now=now)

    def close(self) -> None:
        """Kill what still runs."""
        self._exits.close()


def between(base: int, through: int, ranges: Sequence[Sequence[Any]]) -> Iterator[int]:
    """The numbers from `base` to `through` that no range holds; a range begins with its first and its last number."""
    expected = base
    for first, last, *_ in sorted(ranges, key=lambda one: int(one[0])):
        yield from range(expected, int(first))
        expected = max(expected, int(last) + 1)
    yield from range(expected, through + 1)


@contextlib.asynccontextmanager
async def opened(postgres: OwnPostgres, folder: Path, devices: int = 100) -> AsyncIterator[World]:
    """A centre with a database and a broker of its own; PostgreSQL runs again at the end, whatever was done to it."""
    folder.chmod(0o711)
    name = f"world_{next(_numbers)}"
    await postgres.start()
    await real.create(postgres.about(), name, template=real.TEMPLATE)
    (folder / "broker").mkdir()
    broker = OwnBroker(folder / "broker")
    await broker.start()
    world = World(postgres, broker, name, folder)
    try:
        await world.register(devices)
        yield world
    finally:
        world.close()
        broker.kill()
        await postgres.start()
        await real.drop(postgres.about(), name)
