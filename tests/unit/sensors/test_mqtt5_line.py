"""One connection, fed with what a broker may and may not send; real brokers are in tests/contract/test_broker.py."""

import asyncio
import time

import mqtt5
import pytest

from sensors.backlog import Backlog
from sensors.broker_counters import BrokerCounters
from sensors.claim import Claim
from sensors.intake import Message
from sensors.mqtt5_line import REST_S, Line
from sensors.outbox import Outbox, Parcel

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


class Wire(asyncio.Transport):
    """Writes down what is sent, and whether it is closed and read."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False
        self.reading = True

    def write(self, data: bytes) -> None:
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Bench:
    """A connected line with all that belongs to it."""

    def __init__(self, backlog: Backlog | None = None) -> None:
        self.backlog = Backlog() if backlog is None else backlog
        self.counters = BrokerCounters()
        self.outbox = Outbox()
        self.claim = Claim("ioc-intake")
        self.wire = Wire()
        self.line = Line(self.backlog, self.counters, self.outbox, self.claim)
        self.line.connection_made(self.wire)

    @property
    def sent(self) -> list[mqtt5.Packet]:
        packets, data = [], b"".join(self.wire.writes)
        while data:
            packet, size = mqtt5.read(memoryview(data))
            packets.append(packet)
            data = data[size:]
        return packets

    async def gathered(self) -> list[Message]:
        async with asyncio.timeout(5):
            return await self.backlog.gather(10_000, 0.0)


def publish(packet_id: int, payload: bytes = b"x", qos: mqtt5.QoS = mqtt5.QoS.AT_LEAST_ONCE) -> bytes:
    return mqtt5.PublishPacket(TOPIC, payload, qos=qos, packet_id=packet_id).write()


async def test_all_acknowledgements_of_a_batch_leave_in_one_write() -> None:
    bench = Bench()
    bench.line.data_received(b"".join(publish(number) for number in range(1, 301)))
    bench.line.acknowledge(await bench.gathered())
    assert len(bench.wire.writes) == 1
    assert [packet.packet_id for packet in bench.sent] == list(range(1, 301))


async def test_messages_of_another_connection_are_not_acknowledged() -> None:
    old, new = Bench(), Bench()
    for bench in (old, new):
        bench.line.data_received(publish(1))
    new.line.acknowledge(await old.gathered())
    assert new.wire.writes == []
    new.line.acknowledge(await new.gathered())
    assert len(new.sent) == 1


async def test_a_topic_with_u_0000_keeps_its_message_without_it() -> None:
    bench = Bench()
    bench.line.data_received(b"\x32\x08\x00\x03a\0b\x00\x05\x00")
    assert [(message.topic, message.mid) for message in await bench.gathered()] == [("a�b", 5)]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xff\xff\xff\xff\xff", "no MQTT 5"),
        (b"\x32\x07\x00\x02\xff\xfe\x00\x05\x00", "no MQTT 5"),
        (b"\x32\x08\x00\x00\x00\x05\x03\x23\x00\x01", "a topic alias"),
        (mqtt5.PingReqPacket().write(), "a PingReqPacket"),
        (mqtt5.ConnectPacket("x").write(), "a ConnectPacket"),
    ],
)
async def test_a_broken_protocol_ends_the_connection_and_says_so_to_both_sides(data: bytes, reason: str) -> None:
    """What came whole before it is handed over."""
    bench = Bench()
    bench.line.data_received(publish(1) + data)
    error = bench.line.ended.result()
    assert reason in str(error)
    assert error.protocol
    assert not error.taken_over
    assert bench.wire.closed
    assert isinstance(bench.sent[-1], mqtt5.DisconnectPacket)
    assert len(await bench.gathered()) == 1


async def test_a_session_taken_over_is_known_by_its_reason_code() -> None:
    bench = Bench()
    taken = mqtt5.DisconnectReasonCode.SESSION_TAKEN_OVER
    bench.line.data_received(mqtt5.DisconnectPacket(reason_code=taken).write())
    assert bench.line.ended.result().taken_over
    assert "session taken over, reason code 0x8E" in str(bench.line.ended.result())


async def test_a_claim_that_another_made_since_ends_it_too() -> None:
    bench = Bench()
    for word in (b"before", bench.claim.word):
        bench.line.data_received(mqtt5.PublishPacket(bench.claim.topic, word).write())
    assert not bench.line.ended.done()
    bench.line.data_received(mqtt5.PublishPacket(bench.claim.topic, b"since").write())
    assert bench.line.ended.result().taken_over
    assert len(bench.backlog) == 0


async def test_a_message_at_qos_2_gets_its_own_two_answers() -> None:
    bench = Bench()
    bench.line.data_received(publish(7, qos=mqtt5.QoS.EXACTLY_ONCE))
    bench.line.acknowledge(await bench.gathered())
    bench.line.data_received(mqtt5.PubRelPacket(7).write())
    assert [type(packet).__name__ for packet in bench.sent] == ["PubRecPacket", "PubCompPacket"]


async def test_counters_of_the_broker_go_aside_and_other_messages_at_qos_0_do_not() -> None:
    bench = Bench()
    bench.line.data_received(mqtt5.PublishPacket("$SYS/broker/publish/messages/dropped", b"3").write())
    bench.line.data_received(mqtt5.PublishPacket(TOPIC, b"zero").write())
    assert bench.counters.figures()["dropped"] == 3
    assert [(message.payload, message.mid) for message in await bench.gathered()] == [(b"zero", 0)]


async def test_a_full_backlog_stops_reading_until_half_of_it_is_gathered() -> None:
    bench = Bench(Backlog(most=100))
    bench.line.data_received(b"".join(publish(number) for number in range(1, 121)))
    assert (bench.wire.reading, bench.line.paused, bench.line.pauses) == (False, True, 1)
    await bench.backlog.gather(50, 0.0)
    assert not bench.wire.reading
    await bench.backlog.gather(50, 0.0)
    assert bench.wire.reading
    assert bench.line.heard, "silence while we did not read is not the broker's"


async def test_a_puback_lets_the_next_message_of_ours_go() -> None:
    bench = Bench()
    bench.outbox.opened(1)
    for number in range(2):
        bench.outbox.put(Parcel(TOPIC, b"%d" % number, True))
    bench.line.send(bench.outbox.due())
    await asyncio.sleep(0)
    assert [packet.payload for packet in bench.sent] == [b"0"]
    bench.line.data_received(mqtt5.PubAckPacket(1).write())
    await asyncio.sleep(0)
    assert [(packet.payload, packet.retain) for packet in bench.sent] == [(b"0", True), (b"1", True)]


async def test_what_one_turn_of_the_loop_publishes_leaves_together_and_before_what_is_written_later() -> None:
    bench = Bench()
    bench.outbox.opened(100)
    for number in range(50):
        bench.outbox.put(Parcel(TOPIC, b"%d" % number, True))
        bench.line.send(bench.outbox.due())
    await asyncio.sleep(0)
    assert len(bench.wire.writes) == 1
    bench.outbox.put(Parcel(TOPIC, b"last", True))
    bench.line.send(bench.outbox.due())
    bench.line.write(mqtt5.DisconnectPacket().write())
    assert [type(packet).__name__ for packet in bench.sent] == ["PublishPacket"] * 51 + ["DisconnectPacket"]


async def test_after_messages_nothing_is_read_for_a_moment() -> None:
    bench = Bench()
    bench.line.data_received(publish(1))
    assert not bench.wire.reading
    async with asyncio.timeout(5):
        while not bench.wire.reading:
            await asyncio.sleep(REST_S)


async def test_a_rest_does_not_end_the_pause_of_a_full_backlog() -> None:
    bench = Bench(Backlog(most=2))
    bench.line.data_received(publish(1))
    bench.line.data_received(publish(2))
    await asyncio.sleep(2 * REST_S)
    assert not bench.wire.reading
    assert bench.line.paused


async def test_receiving_and_acknowledging_costs_less_than_five_microseconds_a_message() -> None:
    """The best of some rounds, with a margin for a busy machine; bench/ has the true figure."""
    data = b"".join(publish(number, b"x" * 150) for number in range(1, 1001))
    best = 1.0
    for _ in range(20):
        bench = Bench()
        begun = time.perf_counter()
        bench.line.data_received(data)
        bench.line.acknowledge(await bench.gathered())
        best = min(best, (time.perf_counter() - begun) / 1000)
    assert best < 5e-6
