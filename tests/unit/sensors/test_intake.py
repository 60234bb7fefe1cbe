"""The intake: no message is acknowledged before it is kept."""

import asyncio
import json

import pytest

from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import BATCH, Message, listen
from tests.fakes.mqtt import FakeBroker, FakeSink
from tests.fakes.things import NOW, device

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
GOOD = json.dumps({"at": "2026-11-22T01:00:00Z", "run": "r", "seq": 1, "values": {"water_level": 2}}).encode()


def message(payload: bytes = GOOD, topic: str = TOPIC, mid: int = 1) -> Message:
    return Message(topic, payload, mid, 1, False)


def decoder() -> Decoder:
    return Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": ioc.decode})


async def listening(broker: FakeBroker, sink: FakeSink) -> None:
    await listen(broker, decoder(), sink, lambda: NOW)


async def test_messages_are_acknowledged_after_they_are_kept_and_in_their_order() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message(mid=1), message(mid=2)], [message(mid=3)]], order)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await broker.empty.wait()
        task.cancel()
    assert order == ["gather", "keep", "kept", "acknowledge"] * 2
    assert broker.acknowledged == [1, 2, 3]


async def test_nothing_is_acknowledged_while_the_sink_has_not_kept_it() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message()]], order)
    sink.open.clear()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await sink.asked.wait()
        assert broker.acknowledged == []
        sink.open.set()
        await broker.empty.wait()
        assert broker.acknowledged == [1]
        task.cancel()


async def test_a_listener_killed_while_keeping_acknowledges_nothing() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message()]], order)
    sink.open.clear()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await sink.asked.wait()
        task.cancel()
    assert broker.acknowledged == []
    assert sink.batches == []


async def test_a_sink_that_fails_leaves_its_messages_unacknowledged() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message()]], order)
    sink.error = RuntimeError("the disk is full")
    with pytest.raises(RuntimeError, match="disk"):
        await listening(broker, sink)
    assert broker.acknowledged == []


async def test_refused_messages_are_kept_as_dead_letters_before_they_are_acknowledged() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message(b"nope")]], order)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await broker.empty.wait()
        task.cancel()
    assert [one.code for one in sink.batches[0].refusals] == ["not_json"]
    assert order[-2:] == ["kept", "acknowledge"]


def test_a_batch_is_at_most_a_thousand_messages() -> None:
    assert BATCH == 1000
