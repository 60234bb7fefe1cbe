"""The broker made awaitable, against the real one; kills are tried in tests/integration/test_intake.py."""

import asyncio
import secrets

import pytest

from sensors import broker as broker_module
from sensors.broker import Login, PahoBroker, PahoPublisher
from sensors.intake import Message
from tests.fakes.servers import Servers

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"


def login(servers: Servers, user: str, password: str | None = None) -> Login:
    """As one of the broker's users, under a client id that nobody else has."""
    return Login(
        host=servers.mqtt_host,
        port=servers.mqtt_port,
        user=user,
        password=servers.mqtt_keys[user] if password is None else password,
        client_id=f"{user}-{secrets.token_hex(4)}",
    )


async def listening(broker: PahoBroker) -> None:
    async with asyncio.timeout(10):
        while not broker.listening:
            await asyncio.sleep(0.01)


async def test_messages_come_in_their_order_and_at_most_as_many_as_asked_for(servers: Servers) -> None:
    async with (
        PahoBroker.open(login(servers, "ioc-intake"), [TOPIC]) as broker,
        PahoPublisher.open(login(servers, "ioc-outside")) as publisher,
        asyncio.timeout(15),
    ):
        await listening(broker)
        for number in range(5):
            await publisher.publish(TOPIC, b"%d" % number)
        found: list[Message] = []
        while len(found) < 5:
            some = await broker.gather(2, 0.01)
            assert 1 <= len(some) <= 2
            broker.acknowledge(some)
            found += some
    assert [message.payload for message in found] == [b"0", b"1", b"2", b"3", b"4"]
    assert all(message.topic == TOPIC and message.mid > 0 and not message.duplicate for message in found)
    assert len({message.session for message in found}) == 1


async def test_a_message_that_is_waited_for_arrives_when_it_is_published(servers: Servers) -> None:
    async with (
        PahoBroker.open(login(servers, "ioc-intake"), [TOPIC]) as broker,
        PahoPublisher.open(login(servers, "ioc-outside")) as publisher,
        asyncio.timeout(15),
        asyncio.TaskGroup() as tasks,
    ):
        await listening(broker)
        waiting = tasks.create_task(broker.gather(10, 0.0), name="gather")
        await asyncio.sleep(0)
        assert not waiting.done()
        await publisher.publish(TOPIC, b"late")
        assert [message.payload for message in await waiting] == [b"late"]


async def test_a_message_of_another_session_or_without_an_id_is_not_acknowledged(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with PahoBroker.open(login(servers, "ioc-intake"), [TOPIC]) as broker:
        await listening(broker)
        sent = []
        monkeypatch.setattr(broker._client, "ack", lambda mid, qos: sent.append(mid))
        now = broker._session
        broker.acknowledge(
            [Message(TOPIC, b"", mid, session, False) for mid, session in ((7, now), (8, now - 1), (0, now), (9, now))]
        )
    assert sent == [7, 9]


async def test_who_is_not_let_in_hears_of_it_in_time(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "PUBACK_S", 0.5)
    with pytest.raises(TimeoutError):
        async with PahoPublisher.open(login(servers, "ioc-outside", "wrong")):
            pass
    async with PahoBroker.open(login(servers, "ioc-intake", "wrong"), [TOPIC]) as broker:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await broker.gather(1, 0.0)
        assert not broker.listening


def test_a_login_shows_who_and_where_and_no_password() -> None:
    shown = repr(Login(host="h", port=1, user="u", password="hunter2", client_id="c"))
    assert shown == "Login(u@h:1)"
