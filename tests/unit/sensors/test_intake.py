"""The intake: every message leaves a trace, and none is acknowledged before it is kept."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.codecs import ioc
from sensors.intake import BATCH, Decoder, Message, listen
from tests.fakes.mqtt import FakeBroker, FakeSink
from tests.fakes.things import NOW, device

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
GOOD = json.dumps({"at": "2026-11-22T01:00:00Z", "run": "r", "seq": 1, "values": {"water_level": 2}}).encode()


def message(payload: bytes = GOOD, topic: str = TOPIC, mid: int = 1) -> Message:
    return Message(topic, payload, mid, 1, False)


def decoder() -> Decoder:
    return Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": ioc.decode})


def test_a_good_message_becomes_a_reading_with_the_time_of_arrival() -> None:
    batch = decoder().decode([message()], NOW)
    assert (len(batch.observations), batch.refusals, batch.arrived_at) == (1, (), NOW)


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("somewhere/else", "topic"),
        ("ioc/v1/quang-nam/gauge-x/readings", "unknown_device"),
        ("ioc/v1/thang-binh/gauge-ai-nghia/readings", "wrong_centre"),
        ("ioc/v1/quang-nam/gauge-ai-nghia/events", "no_codec"),
        ("ioc/v1/quang-nam/gauge-ai-nghia/in/x", "no_codec"),
    ],
)
def test_a_message_that_is_not_ours_is_refused_counted_and_kept_whole(topic: str, code: str) -> None:
    hears = decoder()
    batch = hears.decode([message(topic=topic)], NOW)
    assert batch.observations == ()
    assert [(one.topic, one.payload, one.code) for one in batch.refusals] == [(topic, GOOD, code)]
    assert hears.refused == {code: 1}


@pytest.mark.parametrize("channel", ["status", "receipts"])
def test_states_and_our_own_receipts_are_no_observations(channel: str) -> None:
    batch = decoder().decode([message(b"{}", f"ioc/v1/quang-nam/gauge-ai-nghia/{channel}")], NOW)
    assert (batch.observations, batch.refusals) == ((), ())


def test_a_profile_without_a_codec_of_ours_is_refused_not_raised() -> None:
    batch = Decoder(lambda: {"gauge-ai-nghia": device()}, {}).decode([message()], NOW)
    assert batch.refusals[0].code == "no_codec"


def test_what_was_half_understood_is_kept_and_refused_both() -> None:
    payload = GOOD.replace(b'"water_level"', b'"wind": 1, "water_level"')
    batch = decoder().decode([message(payload)], NOW)
    assert len(batch.observations) == 1
    assert batch.refusals[0].code == "unknown_property"


def test_a_bad_message_costs_its_neighbours_nothing() -> None:
    bad = [message(b"nope"), message(topic="x"), message(b"[" * 10_000)]
    batch = decoder().decode([message(), *bad, message()], NOW)
    assert (len(batch.observations), len(batch.refusals)) == (2, 3)


@given(st.lists(st.tuples(st.text(), st.binary()) | st.tuples(st.just(TOPIC), st.binary()), max_size=5))
def test_no_message_raises_and_each_leaves_a_trace(raw: list[tuple[str, bytes]]) -> None:
    batch = decoder().decode([message(payload, topic) for topic, payload in raw], NOW)
    assert len(batch.observations) + len(batch.refusals) >= len(raw)


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
    status = message(b"{}", "ioc/v1/quang-nam/gauge-ai-nghia/status", mid=2)
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


def test_a_batch_is_at_most_a_thousand_messages() -> None:
    assert BATCH == 1000
