"""Refused publishes, from a real broker's log into the audit trail, and what the broker does when nobody reads it."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from ioc.clock import now
from ioc.demo.admitted import push_out
from ioc.doorkeeping import broker as keep_broker
from ioc.embedded.broker import Broker
from ioc.embedded.children import Child, Children
from ioc.embedded.places import Places
from ioc.refusals import ACT, Refusals
from ioc.settings import Settings
from ioc.store.database import Database
from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.conftest import Fresh
from tests.fakes.guarded_broker import guarded_broker
from tests.fakes.mosquitto import until
from tests.unit.ioc.store.test_keys import entered, gauge, issued

OWN, OTHER = ("ioc/v1/dai-loc/gauge-a/readings", "ioc/v1/dai-loc/gauge-b/readings")


class World:
    """The private broker as the demo starts it, which lets in `gauge-a`."""

    def __init__(self, broker: Broker, child: Child) -> None:
        self.broker, self.child = broker, child

    def login(self, user: str, key: str, client: str) -> Login:
        return Login(host="127.0.0.1", port=self.broker.port, user=user, password=key, client_id=client)

    @asynccontextmanager
    async def device(self, client: str = "gauge-a") -> AsyncIterator[PahoPublisher]:
        async with PahoPublisher.open(self.login("gauge-a", "ka", client)) as wire:
            yield wire


@pytest.fixture
def state() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ioc-r-", dir="/tmp"))
    (folder / "logs").mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def world(state: Path) -> AsyncIterator[World]:
    broker = Broker(Places(state, "one", lambda _: None, state), {"ioc-intake": "ki"}, refusals=True)
    async with Children(state / "logs") as children:
        await broker.set_users({"gauge-a": "ka"})  # before it runs: who comes before it reads them anew is refused
        child = await broker.start(children)
        yield World(broker, child)


async def told(admin: asyncpg.Connection, publishes: int) -> dict[str, dict[str, int]]:
    """Topics by client, once so many publishes are in the trail."""
    async with asyncio.timeout(20):
        while True:
            rows = await admin.fetch("select thing, after::text as after from audit where act = $1 order by id", ACT)
            afters = [(row["thing"], json.loads(row["after"])) for row in rows]
            if sum(after["publishes"] for _, after in afters) >= publishes:
                return {thing: after["topics"] for thing, after in afters}
            await asyncio.sleep(0.05)


async def test_a_refused_publish_is_in_the_trail_though_the_broker_says_nothing_after_it(
    world: World, database: Database, admin: asyncpg.Connection
) -> None:
    """What is taken is not in the log, and a client's own words stand in the row as they are."""
    refusals = Refusals(database, world.child.log, now)
    async with asyncio.TaskGroup() as tasks:
        works = [
            tasks.create_task(refusals.run(), name="refusals"),
            tasks.create_task(push_out(world.login("ioc-intake", "ki", "")), name="push out"),
        ]
        odd = "it's 1: Denied PUBLISH from x (d0"
        async with world.device() as wire, world.device(odd) as other:
            for _ in range(20):
                await wire.publish(OWN, b"{}")
            await wire.publish(OTHER, b"{}")
            await other.publish("a 'b', ... (9 bytes))", b"{}")
        await until(lambda: refusals.seen == 2)
        for work in works:
            work.cancel()
    assert await told(admin, 2) == {"gauge-a": {OTHER: 1}, odd: {"a 'b', ... (9 bytes))": 1}}
    log = world.child.log.read_bytes()
    assert b"Received" not in log
    assert b"Sending" not in log


async def test_the_broker_goes_on_when_its_sieve_stands_still_or_is_gone(world: World) -> None:
    sieve = world.child.sieve
    assert sieve is not None
    async with world.device() as wire:
        os.kill(sieve.pid, signal.SIGSTOP)
        topic = f"ioc/v1/dai-loc/gauge-a/in/{'x' * 900}"
        for _ in range(40):  # each is told in two lines: twice as much as the pipe holds, in all
            await asyncio.gather(*(wire.publish(topic, b"{}") for _ in range(50)))
        os.kill(sieve.pid, signal.SIGKILL)
        await sieve.wait()
        for _ in range(50):
            await wire.publish(topic, b"{}")
    assert world.child.code is None


async def test_ioc_broker_follows_the_log_that_it_is_given(
    fresh: Fresh, database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    await entered(database, gauge("gauge-a"))
    key = await issued(database, "gauge-a")
    async with guarded_broker("log_type debug", "log_dest file {folder}/log", "pid_file {folder}/pid") as broker:
        ours, folder = broker.intake(), broker.folder
        settings = Settings(
            database_url=fresh.url(), state_dir=str(tmp_path), broker_dir=str(folder), broker_pid=str(folder / "pid"),
            mqtt_url=f"mqtt://{ours.user}:{quote(ours.password)}@127.0.0.1:{broker.port}",
            broker_log=str(folder / "log"),
        )  # fmt: skip
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(keep_broker(settings), name="broker")
            await until(lambda: "gauge-a" in broker.names())
            async with PahoPublisher.open(broker.login("gauge-a", "gauge-a", key.key)) as wire:
                await wire.publish(OTHER, b"{}")
            assert await told(admin, 1) == {"gauge-a": {OTHER: 1}}
            keeping.cancel()
