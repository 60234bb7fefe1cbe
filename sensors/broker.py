"""The broker made awaitable with paho-mqtt: messages that know their session, acknowledgements in order.

paho's network thread only appends to a queue. MQTT 5 (OASIS, 2019): the session outlives us (3.1.2.11.2),
the receive maximum bounds what is in flight (3.1.2.11.3), acknowledgements keep the order (4.6.0-2).
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Self

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sensors.intake import BATCH, Message

SESSION_EXPIRY_S = 7 * 24 * 3600
RECEIVE_MAXIMUM = 2 * BATCH
KEEPALIVE_S = 20
WATCH_S = 2.0
PUBACK_S = 10.0


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and as whom we sign in. The password never shows in a representation."""

    host: str
    port: int
    user: str
    password: str
    client_id: str

    def __repr__(self) -> str:
        return f"Login({self.user}@{self.host}:{self.port})"


class PahoBroker:
    """A subscriber with a persistent session. Use as `async with PahoBroker.open(login, topics) as broker`."""

    def __init__(self, login: Login, topics: Sequence[str]) -> None:
        self._login = login
        self._topics = [(topic, 1) for topic in topics]
        self._loop = asyncio.get_running_loop()
        self._queue: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._session = 0
        self._published: dict[int, asyncio.Future[None]] = {}
        self.listening = False
        self.redials = 0
        self._client = self._dial()

    @classmethod
    @asynccontextmanager
    async def open(cls, login: Login, topics: Sequence[str]) -> AsyncIterator[Self]:
        """Connect now and for as long as the block lasts, again and again when the connection breaks."""
        broker = cls(login, topics)
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(broker._watch(), name="broker-watchdog")
            try:
                yield broker
            finally:
                watch.cancel()
                await asyncio.to_thread(broker._hang_up)

    async def gather(self, most: int, linger_s: float) -> list[Message]:
        """Wait for a message, then take what is there within `linger_s` seconds, `most` at the most."""
        while not self._queue:
            self._arrived.clear()
            if not self._queue:
                await self._arrived.wait()
        if len(self._queue) < most:
            await asyncio.sleep(linger_s)
        return [self._queue.popleft() for _ in range(min(most, len(self._queue)))]

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Send PUBACKs in the order of receipt, for the present connection only.

        A packet id of an ended session may by now belong to another message, so it is never acknowledged;
        the broker delivers again, and the key of the observation makes the repetition harmless.
        """
        for message in messages:
            if message.session == self._session and message.mid:
                self._client.ack(message.mid, 1)

    async def publish(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Publish at QoS 1 and wait for the PUBACK. Raises ConnectionError or TimeoutError when there is none."""
        if not self.listening:
            raise ConnectionError("the broker is away")
        mid = self._client.publish(topic, payload, qos=1, retain=retain).mid
        taken = self._published[mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(PUBACK_S):
                await taken
        finally:
            self._published.pop(mid, None)

    def _taken(self, mid: int, *, refused: bool) -> None:
        future = self._published.get(mid)
        if future is not None and not future.done():
            if refused:
                future.set_exception(ConnectionError("the broker refused a message of ours"))
            else:
                future.set_result(None)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        with suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(partial(self._taken, mid, refused=reason.is_failure))

    def _dial(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._login.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.username_pw_set(self._login.user, self._login.password)
        client.reconnect_delay_set(1, 10)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        properties.ReceiveMaximum = RECEIVE_MAXIMUM
        client.connect_async(self._login.host, self._login.port, KEEPALIVE_S, clean_start=False, properties=properties)
        client.loop_start()
        return client

    def _hang_up(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            self._session += 1
            client.subscribe(self._topics)

    def _on_subscribe(self, *_: Any) -> None:
        self.listening = True

    def _on_disconnect(self, *_: Any) -> None:
        self.listening = False

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        topic = message.topic if "\0" not in message.topic else message.topic.replace("\0", "�")
        mid = message.mid if message.qos else 0
        self._queue.append(Message(topic, bytes(message.payload), mid, self._session, message.dup))
        if not self._arrived.is_set():
            with suppress(RuntimeError):  # the loop is closing; the broker will deliver again
                self._loop.call_soon_threadsafe(self._arrived.set)

    async def _watch(self) -> None:
        """An error in a callback ends paho's thread while it still calls itself connected: dial anew."""
        while True:
            await asyncio.sleep(WATCH_S)
            thread: threading.Thread | None = getattr(self._client, "_thread", None)
            if thread is None or not thread.is_alive():
                self.redials += 1
                self._session += 1
                self.listening = False
                self._client = self._dial()


class PahoPublisher:
    """A publisher at QoS 1, for players and tests. Use as `async with PahoPublisher.open(login) as wire`."""

    def __init__(self, login: Login) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._connected = asyncio.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=login.client_id, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.username_pw_set(login.user, login.password)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.connect_async(login.host, login.port, KEEPALIVE_S, clean_start=True)
        self._client.loop_start()

    @classmethod
    @asynccontextmanager
    async def open(cls, login: Login) -> AsyncIterator[Self]:
        """Connect, and disconnect at the end. Raises TimeoutError when the broker does not let us in."""
        publisher = cls(login)
        try:
            async with asyncio.timeout(PUBACK_S):
                await publisher._connected.wait()
            yield publisher
        finally:
            publisher._client.disconnect()
            await asyncio.to_thread(publisher._client.loop_stop)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Publish and wait for the PUBACK. Raises TimeoutError after ten seconds without one."""
        mid = self._client.publish(topic, payload, qos=1).mid
        taken = self._waiting[mid] = self._loop.create_future()
        try:
            async with asyncio.timeout(PUBACK_S):
                await taken
        finally:
            self._waiting.pop(mid, None)

    def _on_connect(self, _client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if not reason.is_failure:
            self._tell(self._connected.set)

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, _reason: Any, _properties: Any) -> None:
        self._tell(self._taken, mid)

    def _taken(self, mid: int) -> None:
        future = self._waiting.get(mid)
        if future is not None and not future.done():
            future.set_result(None)

    def _tell(self, what: Callable[..., object], *about: int) -> None:
        with suppress(RuntimeError):  # the loop is closing
            self._loop.call_soon_threadsafe(what, *about)
