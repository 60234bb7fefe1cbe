"""The adapter on mqtt5 against brokers that answer wrongly, late or not at all; a real one: tests/contract."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence

import mqtt5
import pytest

from sensors.broker import Login, Session, Subscription
from sensors.broker_mqtt5 import SUBSCRIBED, Mqtt5Broker
from tests.fakes.mosquitto import until

ALL = Subscription(topics=("ioc/v1/#",), counters=True)
QUICK = Session(retry_s=(0.01, 0.05), keepalive_s=2, connect_s=0.5)
Reply = Callable[[mqtt5.Packet], Sequence[mqtt5.Packet | bytes]]


def welcome(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
    """As an honest broker."""
    match packet:
        case mqtt5.ConnectPacket():
            return [mqtt5.ConnAckPacket()]
        case mqtt5.SubscribePacket():
            granted = mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE
            return [mqtt5.SubAckPacket(packet.packet_id, [granted] * len(packet.topic_filters))]
        case mqtt5.PingReqPacket():
            return [mqtt5.PingRespPacket()]
    return []


@contextlib.asynccontextmanager
async def server(reply: Reply) -> AsyncIterator[tuple[Login, list[mqtt5.Packet]]]:
    """Answers each packet as told; a reply of no bytes ends the connection. Yields what it received."""
    received: list[mqtt5.Packet] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        with contextlib.suppress(ConnectionError):
            while more := await reader.read(65_536):
                data += more
                while data:
                    packet, size = mqtt5.read(memoryview(data))
                    data = data[size:]
                    received.append(packet)
                    for answer in reply(packet):
                        if answer == b"":
                            writer.close()
                        writer.write(answer if isinstance(answer, bytes) else answer.write())
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield Login(host="127.0.0.1", port=port, user="ioc-user", password="hunter2", client_id="ioc-intake"), received


async def test_it_asks_for_a_lasting_session_and_at_most_qos_1() -> None:
    async with server(welcome) as (login, received), Mqtt5Broker.open(login, ALL) as broker:
        await until(lambda: broker.listening)
    connect = next(packet for packet in received if isinstance(packet, mqtt5.ConnectPacket))
    assert (connect.client_id, connect.clean_start, connect.session_expiry_interval) == ("ioc-intake", False, 604_800)
    assert (connect.receive_max, connect.topic_alias_max, connect.keep_alive) == (10000, 0, 20)
    filters = next(p for p in received if isinstance(p, mqtt5.SubscribePacket) and p.packet_id == SUBSCRIBED)
    assert [(f.pattern, f.max_qos, f.no_local) for f in filters.topic_filters] == [
        ("ioc/v1/#", mqtt5.QoS.AT_LEAST_ONCE, True)
    ]
    assert isinstance(received[-1], mqtt5.DisconnectPacket)


async def test_a_shared_subscription_never_asks_for_no_local() -> None:
    """It would be a protocol error (MQTT-3.8.3-4)."""
    shared = Subscription(topics=("$share/ioc-intake/ioc/v1/#",))
    async with server(welcome) as (login, received), Mqtt5Broker.open(login, shared) as broker:
        await until(lambda: broker.listening)
    filters = next(p for p in received if isinstance(p, mqtt5.SubscribePacket) and p.packet_id == SUBSCRIBED)
    assert not filters.topic_filters[0].no_local


async def test_a_refused_subscription_is_told_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    refusing = [True, True]

    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        if isinstance(packet, mqtt5.SubscribePacket) and packet.packet_id == SUBSCRIBED and refusing:
            refusing.pop()
            return [mqtt5.SubAckPacket(SUBSCRIBED, [mqtt5.SubAckReasonCode.NOT_AUTHORIZED])]
        return welcome(packet)

    async with server(reply) as (login, _), Mqtt5Broker.open(login, ALL, None, QUICK) as broker:
        await until(lambda: broker.listening)
    assert caplog.text.count("refuses the subscription to ioc/v1/# (not authorized, reason code 0x87)") == 1


async def test_counters_that_may_not_be_read_are_told_and_no_hindrance(caplog: pytest.LogCaptureFixture) -> None:
    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        if isinstance(packet, mqtt5.SubscribePacket) and packet.topic_filters[0].pattern.startswith("$SYS"):
            refused = [mqtt5.SubAckReasonCode.NOT_AUTHORIZED] * len(packet.topic_filters)
            return [mqtt5.SubAckPacket(packet.packet_id, refused)]
        return welcome(packet)

    async with server(reply) as (login, _), Mqtt5Broker.open(login, ALL, None, QUICK) as broker:
        await until(lambda: broker.listening)
    assert "let our user read $SYS/#" in caplog.text


async def test_bad_credentials_are_named_without_the_password(caplog: pytest.LogCaptureFixture) -> None:
    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        return [mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.BAD_USER_NAME_OR_PASSWORD), b""]

    async with server(reply) as (login, received), Mqtt5Broker.open(login, ALL, None, QUICK) as broker:
        await until(lambda: len(received) >= 3)
        assert not broker.listening
    assert "does not let ioc-user as ioc-intake in (bad user name or password, reason code 0x86)" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("answer", ["nothing", "closed", "garbage", "three"])
async def test_a_broker_that_answers_wrongly_or_not_at_all_is_left_and_tried_again(
    answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    said = {"nothing": [], "closed": [b""], "garbage": [b"\xff" * 8], "three": [b" \x02\0\1"]}
    wrong = [answer, answer]

    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        return said[wrong.pop()] if wrong and isinstance(packet, mqtt5.ConnectPacket) else welcome(packet)

    async with server(reply) as (login, _), Mqtt5Broker.open(login, ALL, None, QUICK) as broker:
        await until(lambda: broker.listening)
        assert broker.figures()["protocol_errors"] == (2 if answer in ("garbage", "three") else 0)
    assert "trying again" in caplog.text


async def test_a_broker_that_stops_answering_pings_is_left() -> None:
    silent: list[bool] = []

    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        return [] if silent and isinstance(packet, mqtt5.PingReqPacket) else welcome(packet)

    async with server(reply) as (login, _), Mqtt5Broker.open(login, ALL, None, QUICK) as broker:
        await until(lambda: broker.listening)
        silent.append(True)
        await until(lambda: broker.figures()["redials"] == 1)


async def test_the_keepalive_that_the_broker_asks_for_is_kept() -> None:
    def reply(packet: mqtt5.Packet) -> Sequence[mqtt5.Packet | bytes]:
        return (
            [mqtt5.ConnAckPacket(server_keep_alive=1)] if isinstance(packet, mqtt5.ConnectPacket) else welcome(packet)
        )

    async with server(reply) as (login, received), Mqtt5Broker.open(login, ALL) as broker:
        await until(lambda: sum(isinstance(packet, mqtt5.PingReqPacket) for packet in received) >= 3)
        assert broker.figures()["redials"] == 0


async def test_a_topic_that_mqtt_does_not_allow_is_refused_before_it_is_queued() -> None:
    async with server(welcome) as (login, _), Mqtt5Broker.open(login, ALL) as broker:
        await until(lambda: broker.listening)
        with pytest.raises(ValueError, match="topic"):
            broker.post("ioc/v1/+/receipts", b"")
        assert broker.figures()["unsent"] == 0
