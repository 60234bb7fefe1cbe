"""The intake between a real Mosquitto and a real PostgreSQL: acknowledged when, and only when, it is kept."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from ioc.embedded.account import choose
from ioc.embedded.postgres import free_port
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors import broker as broker_module
from sensors.broker import Login, PahoBroker, PahoPublisher
from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import Batch, Message, listen
from sensors.topics import EVERYTHING
from tests.conftest import Fresh
from tests.fakes.things import NOW, device

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


class Mosquitto:
    """A broker of the test's own, which can be killed and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._account = choose(("mosquitto",), folder)
        self._account.own(folder)
        (folder / "m.conf").write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\nautosave_interval 1\n"
            f"persistence_location {folder}/\nmax_inflight_messages 4000\nlog_dest stderr\n"
        )
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start and wait until it answers."""
        user = {"user": self._account.uid, "group": self._account.gid} if self._account.switch else {}
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

    def login(self, client: str) -> Login:
        """Anybody, under a client id."""
        return Login(host="127.0.0.1", port=self.port, user="x", password="x", client_id=client)


@pytest.fixture
async def mosquitto(short: Path) -> AsyncIterator[Mosquitto]:
    """A running broker."""
    it = Mosquitto(short)
    await it.start()
    yield it
    it.kill(signal.SIGTERM)


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that the broker's account can enter."""
    import shutil
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="ioc-m-", dir="/tmp"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def payload(seq: int, value: float = 1.0) -> bytes:
    return json.dumps({"at": NOW.isoformat(), "run": "r", "seq": seq, "values": {"water_level": value}}).encode()


async def until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def publishing(mosquitto: Mosquitto, client: str = "device") -> AsyncIterator[PahoPublisher]:
    async with PahoPublisher.open(mosquitto.login(client)) as publisher:
        yield publisher


@contextlib.asynccontextmanager
async def subscribed(mosquitto: Mosquitto) -> AsyncIterator[PahoBroker]:
    async with PahoBroker.open(mosquitto.login("ioc-intake"), [EVERYTHING]) as broker:
        await until(lambda: broker.listening)
        yield broker


async def gathered(broker: PahoBroker, number: int) -> list[Message]:
    found: list[Message] = []
    async with asyncio.timeout(15):
        while len(found) < number:
            found += await broker.gather(1000, 0.02)
    return found


def sink(database: Database) -> ObservationStore:
    return ObservationStore(database, lambda: {"gauge-ai-nghia": Owner("quang-nam", "x@2025-07-01")}, lambda *_: "m")


def decoder() -> Decoder:
    return Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": ioc.decode})


async def test_a_published_message_is_committed_and_then_acknowledged(mosquitto: Mosquitto, database: Database) -> None:
    keeps = sink(database)
    async with subscribed(mosquitto) as broker, publishing(mosquitto) as publisher, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen(broker, decoder(), keeps, lambda: NOW), name="listen")
        for seq in range(20):
            await publisher.publish(TOPIC, payload(seq))
        await publisher.publish(TOPIC, b"nope")
        await until(lambda: keeps.kept.observations == 20 and keeps.kept.refused == 1)
        listening.cancel()
    async with subscribed(mosquitto) as broker, publishing(mosquitto) as publisher:
        await publisher.publish(TOPIC, payload(99))
        assert [ioc.decode(m.payload, device(), NOW).readings[0].stamp.sequence for m in await gathered(broker, 1)] == [
            99
        ]


async def test_an_intake_that_dies_before_its_commit_gets_the_message_again_and_keeps_it_once(
    mosquitto: Mosquitto, fresh: Fresh, database: Database
) -> None:
    class Dies:
        async def keep(self, batch: Batch) -> None:
            raise RuntimeError("killed before the commit")

    async with subscribed(mosquitto) as broker, publishing(mosquitto) as publisher:
        for seq in range(5):
            await publisher.publish(TOPIC, payload(seq))
        with pytest.raises(RuntimeError):
            await listen(broker, decoder(), Dies(), lambda: NOW)
    keeps = sink(database)
    async with subscribed(mosquitto) as broker:  # dies between commit and acknowledgement
        again = await gathered(broker, 5)
        await keeps.keep(decoder().decode(again, NOW))
    async with subscribed(mosquitto) as broker, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen(broker, decoder(), keeps, lambda: NOW), name="listen")
        await until(lambda: keeps.kept.repeated == 5)
        listening.cancel()
    admin = await asyncpg.connect(fresh.url("postgres"))
    try:
        assert await admin.fetchval("select count(*) from readings") == 5
        assert await admin.fetchval("select count(*) from journal") == 1
    finally:
        await admin.close()


async def test_messages_of_the_time_without_an_intake_wait_for_it(mosquitto: Mosquitto) -> None:
    async with subscribed(mosquitto):
        pass
    async with publishing(mosquitto) as publisher:
        for seq in range(50):
            await publisher.publish(TOPIC, payload(seq))
    async with subscribed(mosquitto) as broker:
        assert [json.loads(m.payload)["seq"] for m in await gathered(broker, 50)] == list(range(50))


async def test_two_batches_may_be_on_their_way_before_the_first_is_acknowledged(mosquitto: Mosquitto) -> None:
    async with subscribed(mosquitto) as broker, publishing(mosquitto) as publisher:
        for seq in range(300):
            await publisher.publish(TOPIC, payload(seq))
        assert len(await gathered(broker, 300)) == 300


async def test_a_broker_killed_and_started_again_is_subscribed_again(mosquitto: Mosquitto) -> None:
    async with subscribed(mosquitto) as broker:
        mosquitto.kill()
        await until(lambda: not broker.listening)
        await mosquitto.start()
        await until(lambda: broker.listening)
        async with publishing(mosquitto) as publisher:
            await publisher.publish(TOPIC, payload(1))
        assert json.loads((await gathered(broker, 1))[0].payload)["seq"] == 1
        assert broker.redials == 0


async def test_an_acknowledgement_for_an_ended_session_is_never_sent(mosquitto: Mosquitto) -> None:
    async with subscribed(mosquitto) as broker:
        async with publishing(mosquitto) as publisher:
            await publisher.publish(TOPIC, payload(1))
        old = await gathered(broker, 1)
        mosquitto.kill()
        (mosquitto._folder / "mosquitto.db").unlink(missing_ok=True)
        await until(lambda: not broker.listening)
        broker.acknowledge(old)
        await mosquitto.start()
        await until(lambda: broker.listening)
        async with publishing(mosquitto, "other") as publisher:
            await publisher.publish(TOPIC, payload(2))
        new = await gathered(broker, 1)
        assert new[-1].session != old[0].session
        broker.acknowledge(old)
    async with subscribed(mosquitto) as broker:
        assert json.loads((await gathered(broker, 1))[0].payload)["seq"] == 2


async def test_a_dead_network_thread_is_noticed_and_dialled_anew(
    mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "WATCH_S", 0.1)
    monkeypatch.setattr("threading.excepthook", lambda *_: None)
    async with subscribed(mosquitto) as broker, publishing(mosquitto) as publisher:

        def raises(*_: Any) -> None:
            raise RuntimeError("a callback raised")

        broker._client.on_message = raises
        await publisher.publish(TOPIC, payload(1))
        await until(lambda: broker.redials == 1 and broker.listening)
        assert json.loads((await gathered(broker, 1))[0].payload)["seq"] == 1
        await publisher.publish(TOPIC, payload(2))
        assert json.loads((await gathered(broker, 1))[0].payload)["seq"] == 2


async def test_our_own_broker_lets_the_intake_and_the_test_account_in(fresh: Fresh) -> None:
    servers = fresh.servers
    place = {"host": servers.mqtt_host, "port": servers.mqtt_port}
    intake = Login(**place, user="ioc-intake", password=servers.mqtt_keys["ioc-intake"], client_id=f"i-{os.getpid()}")
    outside = Login(**place, user="ioc-outside", password=servers.mqtt_keys["ioc-outside"], client_id="outside")
    async with PahoBroker.open(intake, [EVERYTHING]) as broker:
        await until(lambda: broker.listening)
        async with PahoPublisher.open(outside) as publisher:
            await publisher.publish(TOPIC, payload(1))
            assert (await gathered(broker, 1))[0].topic == TOPIC


def test_a_password_never_shows_in_a_login() -> None:
    assert "hunter2" not in repr(Login(host="h", port=1, user="u", password="hunter2", client_id="c"))
