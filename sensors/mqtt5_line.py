"""One connection to the broker: what arrives becomes messages, what is kept becomes PUBACKs, many at a time."""

import asyncio
from collections.abc import Hashable, Sequence
from typing import Any

import mqtt5

from sensors.backlog import Backlog
from sensors.broker import next_session
from sensors.broker_counters import PREFIX, BrokerCounters
from sensors.claim import Claim
from sensors.gate import Gate
from sensors.intake import Message
from sensors.mqtt5_packets import Parser
from sensors.outbox import Outbox, Parcel

FAILURE = 0x80
"""Reason codes from here on are refusals (MQTT 5.0, 2.4)."""

PUBACK = b"\x40\x02"
"""What stands before the packet id of an acknowledgement without a reason (MQTT 5.0, 3.4.2.1)."""

REST_S = 0.005
"""Seconds for which nothing is read after messages came: the broker sends each by itself, and a wake-up for each would
cost both sides more than the message."""

_Code = mqtt5.DisconnectReasonCode


class LineError(Exception):
    """The connection cannot be used any more; the text says why, the code what we or the broker gave as reason."""

    def __init__(self, reason: str, code: int = 0, *, ours: bool = False) -> None:
        super().__init__(reason)
        self.taken_over = code == _Code.SESSION_TAKEN_OVER.value and not ours
        self.protocol = ours


def words(code: mqtt5.ConnAckReasonCode | mqtt5.SubAckReasonCode | mqtt5.PubAckReasonCode | _Code) -> str:
    """A reason code as people read it, with its number."""
    return f"{code.name.lower().replace('_', ' ')}, reason code 0x{code.value:02X}"


class Line(asyncio.Protocol):
    """Fills the backlog with the messages of this connection, under a number that no other connection has."""

    def __init__(self, backlog: Backlog, counters: BrokerCounters, outbox: Outbox, claim: Claim) -> None:
        loop = asyncio.get_running_loop()
        self._backlog = backlog
        self._counters = counters
        self._outbox = outbox
        self._claim = claim
        self._parser = Parser()
        self._twice: set[int] = set()
        self._answers: dict[Hashable, asyncio.Future[mqtt5.Packet]] = {}
        self._now = loop.time
        self._later = loop.call_later
        self._soon = loop.call_soon
        self._published_soon: list[bytes] = []
        self.session = next_session()
        self.gate = Gate()
        self.ended: asyncio.Future[LineError] = loop.create_future()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.heard = False
        self.paused = False
        self.pauses = 0
        self.moved_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what create_connection makes
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        """The socket is closed, by whomever."""
        self.end(LineError(f"the broker closed the connection ({error or 'without a word'})"))
        if not self.closed.done():
            self.closed.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Take apart what arrived; stop reading when too much waits."""
        self.heard = True
        messages: list[Message] = []
        for packet in self._parser.feed(data):
            if type(packet) is mqtt5.PublishPacket:
                self._published(packet, messages)
            else:
                self._control(packet)
        if messages:
            self.moved_at = self._now()
            self.gate.received([message.mid for message in messages if message.mid])
            self._backlog.put(messages)
            if not self.paused:
                self._pause() if self._backlog.full else self._rest()
        if self._parser.trouble is not None:
            self._protest(f"what is no MQTT 5 ({self._parser.trouble})", _Code.MALFORMED_PACKET)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Write the acknowledgements that are due now, all at once; messages of other connections are passed over."""
        ready = self.gate.kept([message.mid for message in messages if message.session == self.session])
        if ready:
            self.moved_at = self._now()
            self.write(b"".join([self._receipt(packet_id) for packet_id in ready]))

    def write(self, data: bytes) -> None:
        """Send bytes behind what was published before, unless the connection has ended."""
        if not self.ended.done():
            self._published_soon.append(data)
            self._flush()

    def send(self, parcels: Sequence[tuple[int, Parcel]], *, again: bool = False) -> None:
        """Publish these under their packet ids, in this turn of the loop; `again` marks them as sent before."""
        if parcels and not self.ended.done():
            if not self._published_soon:
                self._soon(self._flush)
            self._published_soon += [_packet(packet_id, parcel, again) for packet_id, parcel in parcels]

    def _flush(self) -> None:
        """Write all at once what a turn of the loop published: receipts come in hundreds."""
        if self._published_soon and not self.ended.done():
            self._transport.write(b"".join(self._published_soon))
        self._published_soon.clear()

    def claim(self) -> None:
        """Say that this process holds the client id."""
        self.write(mqtt5.PublishPacket(self._claim.topic, self._claim.word, retain=True).write())

    async def answer(self, to: Hashable, request: bytes) -> mqtt5.Packet:
        """Send a request, wait for its answer. Raises LineError when the connection ends before."""
        future: asyncio.Future[mqtt5.Packet] = asyncio.get_running_loop().create_future()
        self._answers[to] = future
        self.write(request)
        either: set[asyncio.Future[Any]] = {future, self.ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise self.ended.result()
        return future.result()

    def end(self, why: LineError) -> None:
        """Close, once what is written has left; the first reason counts."""
        if not self.ended.done():
            self._flush()
            self.ended.set_result(why)
            self._transport.close()

    def abort(self) -> None:
        """Close now; what is written and has not left is lost."""
        self.end(LineError("the connection was given up"))
        self._transport.abort()

    def _published(self, packet: mqtt5.PublishPacket, messages: list[Message]) -> None:
        topic, packet_id = packet.topic, packet.packet_id
        if packet_id is None:
            if self._aside(topic, packet.payload, packet.retain):
                return
            packet_id = 0
        elif packet.qos is mqtt5.QoS.EXACTLY_ONCE:
            self._twice.add(packet_id)
        if not topic:
            self._protest("a topic alias, and we allow none", _Code.TOPIC_ALIAS_INVALID)
            return
        if "\0" in topic:
            topic = topic.replace("\0", "\N{REPLACEMENT CHARACTER}")
        messages.append(Message(topic, packet.payload, packet_id, self.session, packet.duplicate))

    def _aside(self, topic: str, payload: bytes, retained: bool) -> bool:
        """Whether it is no device's message but the broker's counters or our claim to the client id."""
        if topic == self._claim.topic:
            if self._claim.heard(payload):
                self.claim()
            if self._claim.lost:
                self.end(LineError("another process claims our client id", _Code.SESSION_TAKEN_OVER.value))
            return True
        if topic.startswith(PREFIX):
            self._counters.heard(topic, payload, retained=retained)
            return True
        return False

    def _receipt(self, packet_id: int) -> bytes:
        """A PUBACK; a PUBREC for what an older subscription at QoS 2 left in the session."""
        if packet_id in self._twice:
            self._twice.discard(packet_id)
            return mqtt5.PubRecPacket(packet_id).write()
        return PUBACK + packet_id.to_bytes(2)

    def _control(self, packet: mqtt5.Packet) -> None:
        match packet:
            case mqtt5.PubAckPacket():
                code = packet.reason_code
                self._outbox.settled(packet.packet_id, words(code) if code.value >= FAILURE else "")
                self.send(self._outbox.due())
            case mqtt5.ConnAckPacket():
                self._answered(mqtt5.ConnAckPacket, packet)
            case mqtt5.SubAckPacket() | mqtt5.UnsubAckPacket():
                self._answered(packet.packet_id, packet)
            case mqtt5.PubRelPacket():
                self.write(mqtt5.PubCompPacket(packet.packet_id).write())
            case mqtt5.PingRespPacket():
                pass
            case mqtt5.DisconnectPacket():
                why = f"the broker ended the connection ({words(packet.reason_code)})"
                self.end(LineError(why, packet.reason_code.value))
            case _:
                self._protest(f"a {type(packet).__name__}", _Code.PROTOCOL_ERROR)

    def _answered(self, to: Hashable, packet: mqtt5.Packet) -> None:
        future = self._answers.pop(to, None)
        if future is not None and not future.done():
            future.set_result(packet)

    def _protest(self, what: str, code: _Code) -> None:
        """The broker broke the protocol: say so and leave."""
        self.write(mqtt5.DisconnectPacket(reason_code=code).write())
        self.end(LineError(f"the broker sent {what}", code.value, ours=True))

    def _pause(self) -> None:
        self.paused = True
        self.pauses += 1
        self._transport.pause_reading()
        self._backlog.when_there_is_room(self._resume)

    def _rest(self) -> None:
        self._transport.pause_reading()
        self._later(REST_S, self._rested)

    def _rested(self) -> None:
        if not self.paused and not self._transport.is_closing():
            self._transport.resume_reading()

    def _resume(self) -> None:
        self.paused = False
        self.heard = True
        if not self._transport.is_closing():
            self._transport.resume_reading()


def _packet(packet_id: int, parcel: Parcel, again: bool) -> bytes:
    return mqtt5.PublishPacket(
        parcel.topic,
        parcel.payload,
        qos=mqtt5.QoS.AT_LEAST_ONCE,
        retain=parcel.retain,
        packet_id=packet_id,
        duplicate=again,
    ).write()
