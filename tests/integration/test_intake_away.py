"""The process `ioc intake` without PostgreSQL: it starts, listens, keeps on disk, tells, and brings all of it later."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.app import spooling
from ioc.intake import _adopt
from ioc.intake_state import IntakeState
from ioc.settings import Settings, inherited
from ioc.store import registry
from ioc.store.database import Database
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.conftest import Fresh
from tests.fakes.disk import FakeStore
from tests.fakes.store import batch, counted, store
from tests.fakes.things import NOW, device, reading

ROOT = Path(__file__).parents[2]
NOWHERE = "postgresql://ioc_app:x@127.0.0.1:1/ioc"


class Intake:
    """A process with a state dir of its own."""

    def __init__(self, fresh: Fresh, state: Path) -> None:
        self._fresh = fresh
        self._state = state

    @contextlib.contextmanager
    def running(self, database_url: str) -> Iterator[None]:
        """Start it; at the end it is killed without a word."""
        servers = self._fresh.servers
        user = f"ioc-intake:{servers.mqtt_keys['ioc-intake']}"
        settings = {
            "IOC_STATE_DIR": str(self._state),
            "IOC_DATABASE_URL": database_url,
            "IOC_MQTT_URL": f"mqtt://{user}@{servers.mqtt_host}:{servers.mqtt_port}",
        }
        log = self._state.with_suffix(".log").open("ab")
        (self._state / "intake.json").unlink(missing_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "ioc", "intake"], cwd=ROOT, env=inherited() | settings, stderr=log
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            log.close()

    async def until(self, condition: Callable[[IntakeState], bool]) -> IntakeState:
        """Wait for a state that it tells."""
        async with asyncio.timeout(25):
            while True:
                with contextlib.suppress(OSError, msgspec.DecodeError):
                    state = msgspec.json.decode((self._state / "intake.json").read_bytes(), type=IntakeState)
                    if condition(state):
                        return state
                await asyncio.sleep(0.02)


@pytest.fixture
async def publisher(fresh: Fresh) -> AsyncIterator[PahoPublisher]:
    """Somebody who may publish."""
    servers = fresh.servers
    login = Login(
        host=servers.mqtt_host,
        port=servers.mqtt_port,
        user="ioc-outside",
        password=servers.mqtt_keys["ioc-outside"],
        client_id=f"away-{os.getpid()}",
    )
    async with PahoPublisher.open(login) as opened:
        yield opened


def payload(seq: int) -> bytes:
    told = {"at": dt.datetime.now(dt.UTC), "run": "away", "seq": seq, "values": {"water_level": 1.0}}
    return msgspec.json.encode(told)


async def test_an_intake_restarted_during_an_outage_still_takes_what_arrives(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, publisher: PahoPublisher, tmp_path: Path
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(), kind="k", approximate=False, note="", now=NOW)
    topic = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
    state = tmp_path / "state"
    state.mkdir()
    intake = Intake(fresh, state)

    async def publish(*numbers: int) -> None:
        for number in numbers:
            await publisher.publish(topic, payload(number))

    with intake.running(fresh.url()):
        await intake.until(lambda told: told.ready)
        await publish(0)
        await intake.until(lambda told: told.figures.get("observations") == 1)
    for start in (1, 11):
        with intake.running(NOWHERE):
            await intake.until(lambda told: told.listening)
            await publish(*range(start, start + 10))
            told = await intake.until(lambda told, end=start + 9: told.spool.messages == end)  # type: ignore[misc]
            assert (told.acknowledging, told.why, told.ready) == (True, "store_away", False)
    with intake.running(fresh.url()):
        told = await intake.until(lambda told: told.ready and told.spool.drained > 0 and not told.spool.messages)
        assert told.figures["observations"] == 20
    assert await admin.fetchval("select array_agg(seq order by seq) from readings") == list(range(21))
    assert await admin.fetchval("select count(*) from dead_letters") == 0
    assert (
        oct((state / "register.bin").stat().st_mode)[-3:] == oct((state / "intake.json").stat().st_mode)[-3:] == "600"
    )


async def test_what_an_intake_left_on_disk_that_runs_no_more_is_moved_by_another(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.intake.LOOK_S", 0.01)
    settings, keeps = Settings(state_dir=str(tmp_path)), store(database)
    nowhere = FakeStore()
    nowhere.refusal = "store_away"
    for client in ("ioc-intake-2", "cameras"):
        async with spooling(settings, client, nowhere) as left:
            await left.keep(batch(reading(seq=len(client))))
    async with asyncio.timeout(20), spooling(settings, "ioc-intake", keeps) as own, asyncio.TaskGroup() as tasks:
        adopting = tasks.create_task(_adopt(settings, "ioc-intake", keeps, own), name="adopt")
        while await counted(admin, "readings") == 0 or any((tmp_path / "spool/ioc-intake-2").glob("*.seg")):
            await asyncio.sleep(0.01)
        adopting.cancel()
    assert await admin.fetchval("select array_agg(seq) from readings") == [len("ioc-intake-2")]
    assert any((tmp_path / "spool/cameras").glob("*.seg"))


async def test_an_intake_that_knows_no_register_waits_and_says_so(fresh: Fresh, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    intake = Intake(fresh, state)
    with intake.running(NOWHERE):
        told = await intake.until(lambda told: True)
        assert (told.acknowledging, told.why, told.ready) == (False, "no_register", False)
