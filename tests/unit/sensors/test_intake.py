"""The intake: no message is acknowledged before it is kept."""

import asyncio
import datetime as dt
import json
from collections.abc import Sequence

import pytest

from sensors.codecs import ioc
from sensors.decoder import Decoder
from sensors.intake import BATCH, PIECE, Batch, Message, listen
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
        await broker.until([1, 2, 3])
        task.cancel()
    assert [step for step in order if step != "gather"] == ["keep", "kept", "acknowledge"] * 2


async def test_while_one_batch_is_kept_the_next_is_gathered_and_no_more_than_two() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message(mid=number)] for number in range(1, 9)], order)
    sink.open.clear()
    points: list[str] = []
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        listens = listen(broker, decoder(), sink, lambda: NOW, passing=points.append)
        task = tasks.create_task(listens, name="listen")
        await sink.asked.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        assert order == ["gather", "gather", "keep", "gather"]
        assert points == ["gathered", "decoded"] * 3
        sink.open.set()
        await broker.until([1, 2, 3, 4, 5, 6, 7, 8])
        task.cancel()
    assert points.count("acknowledged") == 8


async def test_what_leaves_nothing_to_keep_is_acknowledged_in_its_turn() -> None:
    order: list[str] = []
    status = message(b'{"online": true}', "ioc/v1/quang-nam/gauge-ai-nghia/status", mid=2)
    sink, broker = FakeSink(order), FakeBroker([[message(mid=1)], [status], [message(mid=3)]], order)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await broker.until([1, 2, 3])
        task.cancel()
    assert len(sink.batches) == 2


async def test_nothing_is_acknowledged_while_the_sink_has_not_kept_it() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message()]], order)
    sink.open.clear()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(listening(broker, sink), name="listen")
        await sink.asked.wait()
        assert broker.acknowledged == []
        sink.open.set()
        await broker.until([1])
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
        await broker.until([1])
        task.cancel()
    assert [one.code for one in sink.batches[0].refusals] == ["not_json"]
    assert order[-2:] == ["kept", "acknowledge"]


def test_a_batch_is_at_most_two_thousand_messages() -> None:
    assert BATCH == 2000


async def test_slow_decoding_lets_go_on_what_else_the_process_does() -> None:
    """A script may take a tenth of a second for each message: the pings to the broker must not wait for all."""
    order: list[str] = []
    decoded: list[int] = []
    turns: list[int] = []

    class Slow:
        def decode(self, messages: Sequence[Message], arrived_at: dt.datetime) -> Batch:
            decoded.append(len(messages))
            return decoder().decode(messages, arrived_at)

    async def pinging() -> None:
        while True:
            turns.append(len(decoded))
            await asyncio.sleep(0)

    number = 4 * PIECE + 1
    sink, broker = FakeSink(order), FakeBroker([[message(mid=mid) for mid in range(1, number + 1)]], order)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks_of = [
            tasks.create_task(listen(broker, Slow(), sink, lambda: NOW), name="listen"),
            tasks.create_task(pinging(), name="pinging"),
        ]
        await broker.until(list(range(1, number + 1)))
        for task in tasks_of:
            task.cancel()
    assert decoded == [PIECE] * 4 + [1]
    assert {1, 2, 3, 4} <= set(turns)
    assert len(sink.batches) == 1
    assert len(sink.batches[0].observations) == number


async def test_each_batch_is_foreseen_before_it_is_kept() -> None:
    order: list[str] = []
    sink, broker = FakeSink(order), FakeBroker([[message(mid=1)], [message(mid=2)]], order)
    foreseen: list[Batch] = []
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        listens = listen(broker, decoder(), sink, lambda: NOW, foresee=foreseen.append)
        task = tasks.create_task(listens, name="listen")
        await broker.until([1, 2])
        task.cancel()
    assert [id(one) for one in foreseen] == [id(one) for one in sink.batches]
