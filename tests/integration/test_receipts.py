"""Receipts between a real Mosquitto with our access rules and a real PostgreSQL, as the device itself reads them."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ioc import receipts as receipts_module
from ioc.access import scope
from ioc.embedded import users
from ioc.embedded.account import choose
from ioc.embedded.postgres import free_port
from ioc.receipts import Receipts
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.adapters import opener
from sensors.broker import Connection, Login, Subscription
from sensors.broker_paho import PahoPublisher
from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import listen
from sensors.outbox import PublishError
from sensors.topics import EVERYTHING
from tests.conftest import Fresh
from tests.fakes.things import NOW, device

DEVICE = device()
READINGS = f"ioc/v1/{DEVICE.centre}/{DEVICE.code}/readings"
RECEIPTS = f"ioc/v1/{DEVICE.centre}/{DEVICE.code}/receipts"
KEYS = {users.INTAKE: "intake-key", DEVICE.code: "device-key", "gauge-b": "other-key"}


class Mosquitto:
    """A broker of the test's own with our access rules, which can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._account = choose(("mosquitto",), folder)
        (folder / "passwords").write_text(users.password_file(KEYS))
        (folder / "access").write_text(users.ACCESS)
        (folder / "m.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous false\npassword_file {folder}/passwords\n"
            f"acl_file {folder}/access\npersistence true\nautosave_interval 1\npersistence_location {folder}/\n"
            "max_inflight_messages 4000\nmax_queued_messages 100000\nlog_dest stderr\n"
        )
        self._account.own(folder)
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        user = {"user": self._account.uid, "group": self._account.gid} if self._account.switch else {}
        if self._account.switch:
            for file in self._folder.iterdir():
                shutil.chown(file, self._account.uid, self._account.gid)
        self.process = subprocess.Popen(  # noqa: ASYNC220
            ["/usr/sbin/mosquitto", "-c", str(self._folder / "m.conf")], stderr=subprocess.DEVNULL, **user
        )
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it, by default without a word."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(10)
            self.process = None

    def login(self, user: str, client: str) -> Login:
        """As one of KEYS."""
        return Login(host="127.0.0.1", port=self.port, user=user, password=KEYS[user], client_id=client)


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder that the broker's account can enter."""
    path = Path(tempfile.mkdtemp(prefix="ioc-r-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
async def mosquitto(short: Path) -> AsyncIterator[Mosquitto]:
    """A running broker."""
    it = Mosquitto(short)
    await it.start()
    yield it
    it.kill(signal.SIGTERM)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work in quicker turns."""
    monkeypatch.setattr(receipts_module, "TURN_S", 0.05)
    monkeypatch.setattr(receipts_module, "LEAST_S", 0.1)
    monkeypatch.setattr(receipts_module, "BUSY_S", 0.3)
    monkeypatch.setattr(receipts_module, "SETTLED_S", 0.2)


@pytest.fixture
async def registered(database: Database) -> Database:
    """The database with the device in its register."""
    async with database.transaction(scope.EVERYTHING) as transaction:
        await registry.put_device(transaction, DEVICE, kind="water", approximate=False, note="", now=NOW)
    return database


def message(seq: int | None, second: float | None = None, run: str = "b1", value: Any = 1.0) -> dict[str, Any]:
    at = NOW + dt.timedelta(seconds=seq if second is None else second)  # type: ignore[arg-type]
    return {"at": at.isoformat(), "run": run, "seq": seq, "values": {"water_level": value}}


def opened(login: Login, *topics: str) -> contextlib.AbstractAsyncContextManager[Connection]:
    """A session by the adapter that the intake uses."""
    return opener("mqtt5")(login, Subscription(topics=topics))


class Field:
    """The device in the field: it publishes, and hears its receipts."""

    def __init__(self, publisher: PahoPublisher, ear: Connection) -> None:
        self._publisher = publisher
        self._ear = ear
        self.heard: list[dict[str, Any]] = []

    async def send(self, *messages: dict[str, Any]) -> None:
        """One by one, in this order."""
        for one in messages:
            await self._publisher.publish(READINGS, json.dumps(one).encode())

    async def hear(self, run: str, through: int, missing: list[list[int]]) -> None:
        """Wait for this receipt."""
        wanted = {"run": run, "through": through, "missing": missing}
        async with asyncio.timeout(30):
            while not self.heard or {name: self.heard[-1].get(name) for name in wanted} != wanted:
                for one in await self._ear.gather(100, 0.0):
                    assert one.topic == RECEIPTS
                    self.heard.append(json.loads(one.payload))
                    self._ear.acknowledge([one])


@contextlib.asynccontextmanager
async def field(mosquitto: Mosquitto, client: str = "gauge") -> AsyncIterator[Field]:
    """The device, signed in as itself."""
    async with (
        PahoPublisher.open(mosquitto.login(DEVICE.code, client)) as publisher,
        opened(mosquitto.login(DEVICE.code, f"{client}-ear"), RECEIPTS) as ear,
    ):
        await until(lambda: ear.listening)
        yield Field(publisher, ear)


@contextlib.asynccontextmanager
async def centre(mosquitto: Mosquitto, database: Database, client: str = "ioc-intake") -> AsyncIterator[Receipts]:
    """The intake with its receipts, until the block ends, however it ends."""
    async with opened(mosquitto.login(users.INTAKE, client), EVERYTHING) as broker:
        await until(lambda: broker.listening)
        receipts = Receipts(database, lambda: {DEVICE.code: DEVICE}, broker)
        owner = {DEVICE.code: Owner(DEVICE.centre, DEVICE.area)}
        store = ObservationStore(database, lambda: owner, lambda *_: "m", repeated=receipts.note)
        decoder = Decoder(lambda: {DEVICE.code: DEVICE}, {"ioc": ioc.decode})
        async with asyncio.TaskGroup() as tasks:
            works = [
                tasks.create_task(listen(broker, decoder, store, lambda: NOW + dt.timedelta(hours=1)), name="listen"),
                tasks.create_task(receipts.run(), name="receipts"),
            ]
            try:
                yield receipts
            finally:
                for work in works:
                    work.cancel()


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_holes_are_told_and_close_when_they_come_late(mosquitto: Mosquitto, registered: Database) -> None:
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send(message(0), message(1), message(4))
        await gauge.hear("b1", 4, [[2, 3]])
        await gauge.send(message(3), message(7))
        await gauge.hear("b1", 7, [[2, 2], [5, 6]])
        await gauge.send([message(6), message(2), message(5)])  # type: ignore[arg-type]
        await gauge.hear("b1", 7, [])


async def test_the_receipt_stays_on_the_broker_and_only_its_device_reads_it(
    mosquitto: Mosquitto, registered: Database
) -> None:
    async with centre(mosquitto, registered):
        async with field(mosquitto) as gauge:
            await gauge.send(message(0), message(1))
            await gauge.hear("b1", 1, [])
        async with (
            opened(mosquitto.login("gauge-b", "b"), "ioc/v1/#", RECEIPTS) as other,
            field(mosquitto, "gauge-again") as gauge,
        ):
            await gauge.hear("b1", 1, [])
            assert gauge.heard[-1]["at"] == "2026-11-22T01:00:01Z"
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await other.gather(1, 0.0)


async def test_a_new_run_is_a_new_count_and_what_is_late_of_the_old_one_is_told_before_the_newest(
    mosquitto: Mosquitto, registered: Database
) -> None:
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send(message(0), message(1), message(3))
        await gauge.hear("b1", 3, [[2, 2]])
        await gauge.send(message(0, 60, "b2"), message(1, 61, "b2"))
        await gauge.hear("b2", 1, [])
        await gauge.send(message(2))
        await gauge.hear("b1", 3, [])
        await gauge.hear("b2", 1, [])


async def test_a_device_that_counts_anew_under_the_same_run_is_told_of_nothing_older(
    mosquitto: Mosquitto, registered: Database
) -> None:
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send(*(message(seq, run="") for seq in range(30)))
        await gauge.hear("", 29, [])
        await gauge.send(message(0, 100, ""))
        await gauge.hear("", 0, [])
        await gauge.send(message(2, 102, ""))
        await gauge.hear("", 2, [[1, 1]])


async def test_more_than_a_hundred_holes_end_the_receipt_before_the_next(
    mosquitto: Mosquitto, registered: Database
) -> None:
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send([message(seq) for seq in range(0, 260, 2)])  # type: ignore[arg-type]
        await gauge.hear("b1", 200, [[seq, seq] for seq in range(1, 200, 2)])
        await gauge.send([message(seq) for seq in range(1, 119, 2)])  # type: ignore[arg-type]
        await gauge.hear("b1", 258, [[seq, seq] for seq in range(119, 258, 2)])


async def test_a_message_sent_again_is_answered_again(mosquitto: Mosquitto, registered: Database) -> None:
    """Its receipt was lost, or the device was away: it asks by sending once more."""
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send(message(0), message(1))
        await gauge.hear("b1", 1, [])
        gauge.heard.clear()
        await gauge.send(message(0))
        await gauge.hear("b1", 1, [])


async def test_counts_outlive_a_restart_and_what_was_not_told_is_told_then(
    mosquitto: Mosquitto, registered: Database, admin: asyncpg.Connection
) -> None:
    class Nobody:
        async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
            raise PublishError

    async with centre(mosquitto, registered) as receipts, field(mosquitto) as gauge:
        await gauge.send(message(0), message(1))
        await gauge.hear("b1", 1, [])
        async with asyncio.timeout(10):
            while not await admin.fetchval("select bool_and(told) from sequences"):
                await asyncio.sleep(0.05)
        receipts._publisher = Nobody()  # the broker takes no receipt any more, and then we die
        await gauge.send(message(4))
        async with asyncio.timeout(10):
            while await admin.fetchval("select through from sequences") != 4:
                await asyncio.sleep(0.05)
    assert await admin.fetchval("select told from sequences") is False
    async with centre(mosquitto, registered, "ioc-intake-2"), field(mosquitto, "gauge-2") as gauge:
        await gauge.hear("b1", 4, [[2, 3]])
        await gauge.send(message(2), message(3))
        await gauge.hear("b1", 4, [])


async def test_receipts_go_on_after_the_broker_was_killed(mosquitto: Mosquitto, registered: Database) -> None:
    async with centre(mosquitto, registered) as receipts:
        async with field(mosquitto) as gauge:
            await gauge.send(message(0))
            await gauge.hear("b1", 0, [])
        broker: Any = receipts._publisher
        mosquitto.kill()
        await until(lambda: not broker.listening)
        await mosquitto.start()
        await until(lambda: broker.listening)
        async with field(mosquitto, "gauge-2") as gauge:
            await gauge.send(message(1))
            await gauge.hear("b1", 1, [])


@contextlib.asynccontextmanager
async def intake(mosquitto: Mosquitto, fresh: Fresh, state: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The intake as it is installed, in a process of its own; killed at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")} | {
        "IOC_DATABASE_URL": fresh.url(),
        "IOC_STATE_DIR": str(state),
        "IOC_MQTT_URL": f"mqtt://{users.INTAKE}:{KEYS[users.INTAKE]}@127.0.0.1:{mosquitto.port}",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ioc", "intake", env=environment, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def test_the_intake_killed_while_it_counts_goes_on_where_it_was(
    mosquitto: Mosquitto, registered: Database, fresh: Fresh, tmp_path: Path
) -> None:
    """Three times, each in the midst of messages; what the broker kept meanwhile is counted by the next one."""
    begun = dt.datetime.now(dt.UTC)
    async with field(mosquitto) as gauge:
        holes: list[list[int]] = []
        for life in range(3):
            first = 1 + 40 * life
            async with intake(mosquitto, fresh, tmp_path):
                if life == 0:  # its first session: what is sent before it is there is nobody's
                    await heard_by_intake(gauge, begun)
                await gauge.send(*(at(begun, seq) for seq in range(first, first + 10)))
                await gauge.hear("b1", first + 9, holes)
                await gauge.send(*(at(begun, seq) for seq in range(first + 10, first + 30)))
            await gauge.send(at(begun, first + 39))
            holes.append([first + 30, first + 38])
        async with intake(mosquitto, fresh, tmp_path):
            await gauge.hear("b1", 120, holes)


def at(begun: dt.datetime, seq: int) -> dict[str, Any]:
    return message(seq) | {"at": (begun + dt.timedelta(milliseconds=seq)).isoformat()}


async def heard_by_intake(gauge: Field, begun: dt.datetime) -> None:
    """Send number 0 until a receipt comes."""
    while not gauge.heard:
        await gauge.send(at(begun, 0))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await gauge.hear("b1", 0, [])


async def test_of_two_intakes_one_tells_and_the_other_hands_on_what_was_repeated(
    mosquitto: Mosquitto, registered: Database, fresh: Fresh
) -> None:
    async with Database.open(fresh.url()) as second_database:
        silent = Receipts(second_database, lambda: {DEVICE.code: DEVICE}, None)  # type: ignore[arg-type]
        async with centre(mosquitto, registered) as receipts, field(mosquitto) as gauge:
            await until(lambda: receipts.leading.held)
            await gauge.send(message(0))
            await gauge.hear("b1", 0, [])
            gauge.heard.clear()
            async with asyncio.TaskGroup() as tasks:
                second = tasks.create_task(silent.run(), name="second")
                decoded = ioc.decode(json.dumps(message(0)).encode(), DEVICE, NOW)
                silent.note(decoded.readings)
                await gauge.hear("b1", 0, [])
                assert not silent.leading.held
                second.cancel()


async def test_what_is_not_numbered_gets_no_receipt(mosquitto: Mosquitto, registered: Database) -> None:
    async with centre(mosquitto, registered), field(mosquitto) as gauge:
        await gauge.send({"at": NOW.isoformat(), "values": {"water_level": 2.0}})
        await gauge.send(message(0, 5))
        await gauge.hear("b1", 0, [])
        assert len(gauge.heard) == 1
