"""The intake between a real Mosquitto and a real PostgreSQL: acknowledged when, and only when, it is kept."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator

import asyncpg
import pytest

from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from ioc.store.readings import Owner
from sensors.adapters import opener
from sensors.broker import Connection, Login, Subscription
from sensors.broker_paho import PahoPublisher
from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import Batch, Message, listen
from sensors.topics import EVERYTHING
from tests.conftest import Fresh
from tests.fakes.mosquitto import Mosquitto, mosquitto_of, until
from tests.fakes.things import NOW, device

ALL = Subscription(topics=(EVERYTHING,), counters=True)
TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


@pytest.fixture
async def mosquitto() -> AsyncIterator[Mosquitto]:
    """A running broker."""
    async with mosquitto_of() as broker:
        yield broker


def payload(seq: int, value: float = 1.0) -> bytes:
    return json.dumps({"at": NOW.isoformat(), "run": "r", "seq": seq, "values": {"water_level": value}}).encode()


@contextlib.asynccontextmanager
async def subscribed(mosquitto: Mosquitto) -> AsyncIterator[Connection]:
    async with opener("mqtt5")(mosquitto.login("ioc-intake"), ALL) as broker:
        await until(lambda: broker.listening)
        yield broker


async def gathered(broker: Connection, number: int) -> list[Message]:
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
    async with subscribed(mosquitto) as broker, mosquitto.publishing() as publisher, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen(broker, decoder(), keeps, lambda: NOW), name="listen")
        for seq in range(20):
            await publisher.publish(TOPIC, payload(seq))
        await publisher.publish(TOPIC, b"nope")
        await until(lambda: keeps.kept.observations == 20 and keeps.kept.refused == 1)
        listening.cancel()
    async with subscribed(mosquitto) as broker, mosquitto.publishing() as publisher:
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

    async with subscribed(mosquitto) as broker, mosquitto.publishing() as publisher:
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


async def test_our_own_broker_lets_the_intake_and_the_test_account_in(fresh: Fresh) -> None:
    servers = fresh.servers
    place = {"host": servers.mqtt_host, "port": servers.mqtt_port}
    intake = Login(**place, user="ioc-intake", password=servers.mqtt_keys["ioc-intake"], client_id=f"i-{os.getpid()}")
    outside = Login(**place, user="ioc-outside", password=servers.mqtt_keys["ioc-outside"], client_id="outside")
    async with opener("mqtt5")(intake, ALL) as broker:
        await until(lambda: broker.listening)
        async with PahoPublisher.open(outside) as publisher:
            await publisher.publish(TOPIC, payload(1))
            assert (await gathered(broker, 1))[0].topic == TOPIC
