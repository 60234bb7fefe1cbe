"""What is paho's own: its network thread, and the publisher; the rest is in tests/contract/test_broker.py."""

import asyncio
import secrets
from typing import Any

import pytest

from sensors import broker_paho
from sensors.broker import Login, Subscription
from sensors.broker_paho import PahoBroker, PahoPublisher
from sensors.intake import Message
from tests.fakes.mosquitto import mosquitto_of, until
from tests.fakes.servers import Servers

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
ALL = Subscription(topics=(TOPIC,))


def login(servers: Servers, user: str, key: str | None = None) -> Login:
    """As one of the broker's users, under a client id that nobody else has."""
    return Login(
        host=servers.mqtt_host,
        port=servers.mqtt_port,
        user=user,
        password=servers.mqtt_keys[user] if key is None else key,
        client_id=f"{user}-{secrets.token_hex(4)}",
    )


async def test_a_dead_network_thread_is_noticed_and_dialled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_paho, "WATCH_S", 0.1)
    monkeypatch.setattr("threading.excepthook", lambda *_: None)
    async with (
        mosquitto_of() as mosquitto,
        mosquitto.publishing() as publisher,
        PahoBroker.open(mosquitto.login("ioc-intake"), ALL) as broker,
        asyncio.timeout(15),
    ):
        await until(lambda: broker.listening)

        def raises(*_: Any) -> None:
            raise RuntimeError("a callback raised")

        broker._client.on_message = raises
        await publisher.publish(TOPIC, b"1")
        await until(lambda: broker.figures()["redials"] == 1 and broker.listening)
        assert [message.payload for message in await broker.gather(10, 0.0)] == [b"1"]
        await publisher.publish(TOPIC, b"2")
        assert [message.payload for message in await broker.gather(10, 0.0)] == [b"2"]


async def test_a_message_of_another_session_or_without_an_id_is_not_acknowledged(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        PahoBroker.open(login(servers, "ioc-intake"), ALL) as broker,
        PahoPublisher.open(login(servers, "ioc-outside")) as publisher,
        asyncio.timeout(15),
    ):
        await until(lambda: broker.listening)
        await publisher.publish(TOPIC, b"x")
        [own] = await broker.gather(10, 0.0)
        sent: list[int] = []
        monkeypatch.setattr(broker._client, "ack", lambda mid, qos: sent.append(mid))
        broker.acknowledge([Message(TOPIC, b"", own.mid, own.session - 1, False), Message(TOPIC, b"", 0, 0, False)])
        assert sent == []
        broker.acknowledge([own])
        assert sent == [own.mid]


async def test_a_publisher_who_is_not_let_in_hears_of_it_in_time(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_paho, "PUBACK_S", 0.5)
    with pytest.raises(TimeoutError):
        async with PahoPublisher.open(login(servers, "ioc-outside", "wrong")):
            pass
