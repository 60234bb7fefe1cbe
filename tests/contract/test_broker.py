"""What every adapter to the broker promises, tried on both against a real Mosquitto that is killed and frozen."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import paho.mqtt.client as paho
import pytest

from sensors.adapters import opener
from sensors.backlog import Backlog
from sensors.broker import Connection, Session, Subscription, TakenOverError
from sensors.intake import Message
from sensors.outbox import PublishError
from sensors.topics import EVERYTHING
from tests.fakes.mosquitto import Mosquitto, mosquitto_of, until

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
RECEIPT = "ioc/v1/quang-nam/gauge-ai-nghia/receipts"
ALL = Subscription(topics=(EVERYTHING,))
QUICK = Session(retry_s=(0.05, 0.2), keepalive_s=2, connect_s=2.0)

Opens = Callable[..., contextlib.AbstractAsyncContextManager[Connection]]


@pytest.fixture(params=["mqtt5", "paho"])
def opens(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Opens:
    """Opens the adapter, and waits until it listens."""
    monkeypatch.setattr("sensors.broker_paho.WATCH_S", 0.1)
    adapter = opener(request.param)

    @contextlib.asynccontextmanager
    async def opened(
        mosquitto: Mosquitto,
        client: str = "ioc-intake",
        subscription: Subscription = ALL,
        backlog: Backlog | None = None,
        session: Session = QUICK,
    ) -> AsyncIterator[Connection]:
        async with adapter(mosquitto.login(client), subscription, backlog, session) as broker:
            await until(lambda: broker.listening)
            yield broker

    return opened


@pytest.fixture
async def mosquitto() -> AsyncIterator[Mosquitto]:
    """A running broker."""
    async with mosquitto_of() as broker:
        yield broker


async def gathered(broker: Connection, number: int) -> list[Message]:
    found: list[Message] = []
    async with asyncio.timeout(15):
        while len(found) < number:
            found += await broker.gather(1000, 0.02)
    return found


async def nothing_more(broker: Connection, seconds: float = 0.5) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            assert await broker.gather(1000, 0.0) == []


async def acknowledged(broker: Connection, messages: list[Message]) -> None:
    """Acknowledge, and wait until the broker has read it: of what we write last, a leaving socket may lose some."""
    broker.acknowledge(messages)
    await broker.publish("elsewhere", b"")


async def send(mosquitto: Mosquitto, *payloads: bytes, topic: str = TOPIC) -> None:
    async with mosquitto.publishing() as publisher, asyncio.TaskGroup() as tasks:
        for payload in payloads:
            tasks.create_task(publisher.publish(topic, payload), name="publish")


async def test_messages_come_in_their_order_and_at_most_as_many_as_asked_for(
    opens: Opens, mosquitto: Mosquitto
) -> None:
    async with opens(mosquitto) as broker:
        await send(mosquitto, *(b"%d" % number for number in range(50)))
        found: list[Message] = []
        async with asyncio.timeout(15):
            while len(found) < 50:
                some = await broker.gather(7, 0.01)
                assert 1 <= len(some) <= 7
                broker.acknowledge(some)
                found += some
    assert [message.payload for message in found] == [b"%d" % number for number in range(50)]
    assert all(message.topic == TOPIC and message.mid > 0 and not message.duplicate for message in found)
    assert len({message.session for message in found}) == 1


async def test_a_message_that_is_waited_for_arrives_when_it_is_published(opens: Opens, mosquitto: Mosquitto) -> None:
    async with opens(mosquitto) as broker, asyncio.timeout(15), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(broker.gather(10, 0.0), name="gather")
        await asyncio.sleep(0)
        assert not waiting.done()
        await send(mosquitto, b"late")
        assert [message.payload for message in await waiting] == [b"late"]


async def test_what_was_not_acknowledged_comes_again_and_says_so(opens: Opens, mosquitto: Mosquitto) -> None:
    async with opens(mosquitto) as broker:
        await send(mosquitto, b"0", b"1", b"2", b"3")
        await acknowledged(broker, (await gathered(broker, 4))[:2])
    async with opens(mosquitto) as broker:
        again = await gathered(broker, 2)
        await acknowledged(broker, again)
    assert [(message.payload, message.duplicate) for message in again] == [(b"2", True), (b"3", True)]
    async with opens(mosquitto) as broker:
        await nothing_more(broker)


async def test_an_acknowledgement_out_of_order_waits_for_the_older_one(opens: Opens, mosquitto: Mosquitto) -> None:
    async with opens(mosquitto) as broker:
        await send(mosquitto, b"0", b"1", b"2")
        await acknowledged(broker, (await gathered(broker, 3))[1:])
    async with opens(mosquitto) as broker:
        again = await gathered(broker, 3)
        broker.acknowledge(again[2:])
        await acknowledged(broker, again[:2])
    async with opens(mosquitto) as broker:
        await nothing_more(broker)


async def test_messages_of_the_time_without_us_wait_for_us(opens: Opens, mosquitto: Mosquitto) -> None:
    async with opens(mosquitto):
        pass
    await send(mosquitto, *(b"%d" % number for number in range(50)))
    async with opens(mosquitto) as broker:
        assert [message.payload for message in await gathered(broker, 50)] == [b"%d" % number for number in range(50)]


async def test_a_broker_killed_and_started_again_still_has_the_session(opens: Opens, mosquitto: Mosquitto) -> None:
    """What devices publish before we are back waits: the broker knows the subscription from its file."""
    async with opens(mosquitto):
        await mosquitto.saved()
    mosquitto.kill()
    await mosquitto.start()
    await send(mosquitto, b"early")
    async with opens(mosquitto) as broker:
        assert (await gathered(broker, 1))[0].payload == b"early"
        mosquitto.kill()
        await until(lambda: not broker.listening)
        await mosquitto.start()
        await until(lambda: broker.listening)
        assert broker.figures()["redials"] == 1


async def test_an_acknowledgement_for_an_ended_connection_is_never_sent(opens: Opens, mosquitto: Mosquitto) -> None:
    """The broker lost our session, so the id of the old message is by now that of a new one."""
    async with opens(mosquitto) as broker:
        await send(mosquitto, b"old")
        old = await gathered(broker, 1)
        mosquitto.kill()
        (mosquitto.folder / "mosquitto.db").unlink(missing_ok=True)
        await until(lambda: not broker.listening)
        broker.acknowledge(old)
        await mosquitto.start()
        await until(lambda: broker.listening)
        await send(mosquitto, b"new")
        new = await gathered(broker, 1)
        assert (new[0].mid, new[0].payload) == (old[0].mid, b"new")
        assert new[0].session != old[0].session
        await acknowledged(broker, old)
    async with opens(mosquitto) as broker:
        assert [message.payload for message in await gathered(broker, 1)] == [b"new"]


async def test_messages_of_an_ended_connection_are_still_handed_over(opens: Opens, mosquitto: Mosquitto) -> None:
    backlog = Backlog()
    async with opens(mosquitto, backlog=backlog) as broker:
        await send(mosquitto, b"1", b"2")
        await until(lambda: len(backlog) == 2)
        mosquitto.kill()
        await until(lambda: not broker.listening)
        assert [message.payload for message in await gathered(broker, 2)] == [b"1", b"2"]


async def test_no_more_is_in_flight_than_the_receive_maximum(opens: Opens, mosquitto: Mosquitto) -> None:
    few = Session(receive_maximum=10, retry_s=(0.05, 0.2))
    async with opens(mosquitto, session=few) as broker:
        await send(mosquitto, *(b"%d" % number for number in range(30)))
        found = await gathered(broker, 10)
        await nothing_more(broker)
        assert len(found) == 10
        while len(found) < 30:  # from now on Mosquitto may send more than asked for, which is no error
            broker.acknowledge(found)
            found += await gathered(broker, 1)
    assert [message.payload for message in found] == [b"%d" % number for number in range(30)]


async def test_what_we_publish_keeps_to_the_broker_s_own_receive_maximum(opens: Opens) -> None:
    async with (
        mosquitto_of("allow_anonymous true", "max_inflight_messages 3") as mosquitto,
        opens(mosquitto, "reader") as reader,
        opens(mosquitto, "writer", Subscription()) as writer,
    ):
        for number in range(500):
            assert writer.post(TOPIC, b"%d" % number)
        found: list[Message] = []
        while len(found) < 500:
            some = await gathered(reader, 1)
            reader.acknowledge(some)
            found += some
        assert [message.payload for message in found] == [b"%d" % number for number in range(500)]
        await until(lambda: writer.figures()["unsent"] == 0)
        assert writer.figures()["redials"] == 0


async def test_big_payloads_arrive_whole(opens: Opens, mosquitto: Mosquitto) -> None:
    sent = [bytes([number]) * 3_000_000 for number in range(4)] + [b""]
    async with opens(mosquitto) as broker:
        await send(mosquitto, *sent)
        assert [message.payload for message in await gathered(broker, 5)] == sent


async def test_a_receipt_is_kept_for_the_device_and_does_not_come_back_to_us(
    opens: Opens, mosquitto: Mosquitto
) -> None:
    async with opens(mosquitto) as broker:
        await broker.publish(RECEIPT, b"receipt", retain=True)
        async with opens(mosquitto, "device", Subscription(topics=(RECEIPT,))) as device:
            assert [(m.topic, m.payload) for m in await gathered(device, 1)] == [(RECEIPT, b"receipt")]
        await nothing_more(broker)


async def test_what_is_published_while_the_broker_is_away_arrives(opens: Opens, mosquitto: Mosquitto) -> None:
    async with opens(mosquitto, "writer", Subscription()) as writer:
        mosquitto.kill()
        await until(lambda: not writer.listening)
        async with asyncio.TaskGroup() as tasks:
            assert writer.post(RECEIPT, b"1", retain=True)
            tasks.create_task(writer.publish(RECEIPT, b"2", retain=True), name="publish")
            await mosquitto.start()
        await until(lambda: writer.figures()["unsent"] == 0)
        async with opens(mosquitto, "device", Subscription(topics=(RECEIPT,))) as device:
            assert (await gathered(device, 1))[0].payload == b"2"


async def test_a_receipt_that_the_broker_refuses_is_told(opens: Opens) -> None:
    async with mosquitto_of("allow_anonymous true") as mosquitto:
        (mosquitto.folder / "acl").write_text("topic read ioc/v1/#\n")
        (mosquitto.folder / "acl").chmod(0o644)
        with (mosquitto.folder / "m.conf").open("a") as more:
            more.write(f"acl_file {mosquitto.folder}/acl\n")
        mosquitto.kill(signal.SIGTERM)
        await mosquitto.start()
        async with opens(mosquitto) as broker:
            with pytest.raises(PublishError, match="not authorized"):
                await broker.publish(RECEIPT, b"receipt")
            assert broker.post(RECEIPT, b"receipt")
            await until(lambda: broker.figures()["publish_refused"] == 2)
            assert broker.listening


async def test_a_frozen_broker_is_noticed_within_two_keepalives(opens: Opens, mosquitto: Mosquitto) -> None:
    loop = asyncio.get_running_loop()
    async with opens(mosquitto) as broker:
        frozen_at = loop.time()
        mosquitto.send(signal.SIGSTOP)
        await until(lambda: not broker.listening)
        assert loop.time() - frozen_at < 2 * QUICK.keepalive_s + 1.5
        mosquitto.send(signal.SIGCONT)
        await until(lambda: broker.listening)
        await send(mosquitto, b"thawed")
        assert (await gathered(broker, 1))[-1].payload == b"thawed"


async def test_a_session_taken_by_somebody_else_ends_with_one_sentence(opens: Opens, mosquitto: Mosquitto) -> None:
    async def first(listening: asyncio.Event) -> None:
        async with opens(mosquitto) as broker:
            listening.set()
            while True:
                await broker.gather(1, 0.0)

    listening = asyncio.Event()
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
            tasks.create_task(first(listening), name="first")
            await listening.wait()
            async with opens(mosquitto) as second:
                await send(mosquitto, b"for the second")
                assert (await gathered(second, 1))[0].payload == b"for the second"
                await asyncio.Event().wait()
    taken, rest = caught.value.split(TakenOverError)
    assert rest is None
    assert taken is not None
    assert "under our client id ioc-intake: end one of the two" in repr(taken.exceptions)


async def test_a_wrong_password_is_told_without_it_and_tried_again(
    opens: Opens, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    adapter = opener(request.node.callspec.params["opens"])
    async with mosquitto_of("allow_anonymous false") as mosquitto:
        login = mosquitto.login("ioc-intake", "ioc-user", "hunter2")
        async with adapter(login, ALL, None, QUICK) as broker:
            await until(lambda: "does not let ioc-user as ioc-intake in (not authorized" in caplog.text)
            assert not broker.listening
            conf = mosquitto.folder / "m.conf"
            conf.write_text(conf.read_text().replace("allow_anonymous false", "allow_anonymous true"))
            mosquitto.send(signal.SIGHUP)
            await until(lambda: broker.listening)
    assert "hunter2" not in caplog.text
    assert caplog.text.count("does not let") == 1


async def test_a_full_backlog_leaves_the_rest_with_the_broker(opens: Opens, mosquitto: Mosquitto) -> None:
    backlog = Backlog(most_bytes=1_000_000)
    sent = [bytes([number]) * 100_000 for number in range(120)]
    async with opens(mosquitto, backlog=backlog) as broker:
        await send(mosquitto, *sent)
        await until(lambda: backlog.full and broker.figures()["pauses"] > 0)
        assert broker.figures()["waiting"] <= 15
        found: list[Message] = []
        while len(found) < 120:
            some = await broker.gather(5, 0.0)
            assert broker.figures()["waiting"] <= 15
            broker.acknowledge(some)
            found += [message for message in some if not message.duplicate]
    assert [message.payload for message in found] == sent


async def test_what_the_broker_says_of_itself_is_no_message_of_a_device(opens: Opens) -> None:
    """A session that nobody reads fills up: the broker drops, counts, and we hear of it."""
    async with mosquitto_of("allow_anonymous true", "max_queued_messages 10") as mosquitto:
        async with opens(mosquitto, "away"):
            pass
        counting = Subscription(topics=(EVERYTHING,), counters=True)
        async with opens(mosquitto, subscription=counting) as broker:
            await until(lambda: "dropped" in broker.figures())
            assert broker.figures()["dropped_since_start"] == 0
            await send(mosquitto, *(b"%d" % number for number in range(60)))
            assert {message.topic for message in await gathered(broker, 60)} == {TOPIC}
            await until(lambda: broker.figures()["dropped_since_start"] >= 50)
            assert broker.figures()["dropped"] >= 50
            await nothing_more(broker)


async def test_messages_at_qos_0_and_2_are_taken_too(opens: Opens, mosquitto: Mosquitto) -> None:
    """An older subscription at QoS 2 left messages in the session; a device may publish at QoS 0."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, "ioc-intake", protocol=paho.MQTTv5)
    client.connect("127.0.0.1", mosquitto.port, clean_start=False, properties=_lasting())
    client.subscribe(EVERYTHING, 2)
    for _ in range(10):
        client.loop(0.05)
    client.disconnect()
    device = paho.Client(paho.CallbackAPIVersion.VERSION2, "device")
    device.connect("127.0.0.1", mosquitto.port)
    device.loop_start()
    await asyncio.to_thread(device.publish(TOPIC, b"twice", 2).wait_for_publish, 10)
    async with opens(mosquitto) as broker:
        two = await gathered(broker, 1)
        assert [message.payload for message in two] == [b"twice"]
        await asyncio.to_thread(device.publish(TOPIC, b"zero", 0).wait_for_publish, 10)
        zero = await gathered(broker, 1)
        assert [(message.payload, message.mid) for message in zero] == [(b"zero", 0)]
        broker.acknowledge(two + zero)
        await send(mosquitto, b"one")
        await acknowledged(broker, await gathered(broker, 1))
        assert broker.figures()["protocol_errors"] == 0
    device.disconnect()
    device.loop_stop()
    async with opens(mosquitto) as broker:
        await nothing_more(broker)


def _lasting() -> Any:
    properties = paho.Properties(paho.PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    return properties
