"""The broker made awaitable with paho-mqtt, whose network thread only appends to a queue."""

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from sensors.backlog import Backlog
from sensors.broker import KEEPALIVE_S, PUBACK_S, SHARE, Login, Session, Subscription, TakenOverError, next_session
from sensors.broker_counters import NAMES, PREFIX, BrokerCounters
from sensors.claim import Claim
from sensors.gate import Gate
from sensors.intake import Message
from sensors.outbox import MOST_UNSENT, Parcel, PublishError

log = logging.getLogger(__name__)

WATCH_S = 2.0
ROOM_S = 0.05
TAKEN_OVER = 0x8E


class PahoBroker:
    """A subscriber with a persistent session. Use as `async with PahoBroker.open(login, subscription) as broker`.

    While the backlog is full the network thread waits, and with it the pings: a broker that is not read for
    one and a half keepalives ends the connection, and delivers again what was not acknowledged.
    """

    def __init__(self, login: Login, subscription: Subscription, backlog: Backlog, session: Session) -> None:
        self._login = login
        self._subscription = subscription
        self._backlog = backlog
        self._asks = session
        self._loop = asyncio.get_running_loop()
        self._staged: deque[tuple[Message, int, bool]] = deque()
        self._bytes_read = self._bytes_taken = 0  # each written by one thread alone
        self._gate = Gate()
        self._gated = 0
        self._twice: set[int] = set()
        self._counters = BrokerCounters()
        self._under_way: dict[int, Parcel] = {}
        self._session = next_session()
        self._leaving = threading.Event()
        self._claim = Claim(login.client_id)
        self._moved_at = 0.0
        self._said = ""
        self._connections = 0
        self._counts = {"protocol_errors": 0, "pauses": 0, "publish_refused": 0}
        self.listening = False
        self._client = self._dial()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        login: Login,
        subscription: Subscription,
        backlog: Backlog | None = None,
        session: Session = Session(),  # noqa: B008 - frozen
    ) -> AsyncIterator[Self]:
        """See `Opens` in sensors/broker.py."""
        broker = cls(login, subscription, Backlog() if backlog is None else backlog, session)
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(broker._watch(), name="broker-watchdog")
            try:
                yield broker
            finally:
                watch.cancel()
                broker._leaving.set()
                await asyncio.to_thread(broker._hang_up)

    async def gather(self, most: int, linger_s: float) -> list[Message]:
        """See `Broker` in sensors/intake.py."""
        return await self._backlog.gather(most, linger_s)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Send PUBACKs in the order of receipt, for the present connection only, see Mqtt5Broker."""
        session = self._session
        if session != self._gated:
            return
        for mid in self._gate.kept([message.mid for message in messages if message.session == session]):
            if self._session != session:
                return  # the network thread has lost the connection meanwhile: the id may belong to another message
            self._moved_at = self._loop.time()
            self._client.ack(mid, 2 if mid in self._twice else 1)
            self._twice.discard(mid)

    @property
    def idle_s(self) -> float:
        """See `Connection`."""
        if not self.listening or self._staged or (self._gated == self._session and len(self._gate)):
            return 0.0
        return self._loop.time() - self._moved_at

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """See `Connection`."""
        taken: asyncio.Future[None] = self._loop.create_future()
        if not self._send(Parcel(topic, payload, retain, taken)):
            raise PublishError(f"too many messages wait for the broker to publish {topic} too")
        async with asyncio.timeout(PUBACK_S):
            await taken

    def post(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """See `Connection`."""
        return self._send(Parcel(topic, payload, retain))

    def figures(self) -> dict[str, int]:
        """See `Connection`."""
        return {
            "redials": max(0, self._connections - 1),
            **self._counts,
            "waiting": len(self._backlog) + len(self._staged),
            "unsent": len(self._under_way),
            **self._counters.figures(),
        }

    def _dial(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._login.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        client.username_pw_set(self._login.user, self._login.password)
        client.reconnect_delay_set(*self._asks.retry_s)  # type: ignore[arg-type] # it takes parts of seconds too
        client.connect_timeout = self._asks.connect_s
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._asks.expiry_s
        properties.ReceiveMaximum = self._asks.receive_maximum
        client.connect_async(
            self._login.host, self._login.port, self._asks.keepalive_s, clean_start=False, properties=properties
        )
        client.loop_start()
        return client

    def _hang_up(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _send(self, parcel: Parcel) -> bool:
        if len(self._under_way) >= MOST_UNSENT:
            return False
        self._under_way[self._client.publish(parcel.topic, parcel.payload, 1, parcel.retain).mid] = parcel
        return True

    def _on_connect(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            who = f"{self._login.user} as {self._login.client_id}"
            self._say(f"the broker does not let {who} in ({_words(reason)}): check user and password")
            return
        self._session = next_session()
        self._connections += 1
        wanted = self._subscription
        if wanted.topics:
            client.subscribe([(topic, _options(topic)) for topic in wanted.topics])
        client.subscribe([(self._claim.topic, SubscribeOptions(qos=0))])
        if not self._claim.made:
            client.publish(self._claim.topic, self._claim.word, 0, retain=True)
        if wanted.gives_up:
            client.unsubscribe(list(wanted.gives_up))
        if wanted.counters:
            client.subscribe([(name, SubscribeOptions(qos=0)) for name in NAMES])
        if not wanted.topics:
            self._on_subscribe(client, None, 0, [])

    def _on_connect_fail(self, *_: Any) -> None:
        self._say("no connection could be made")

    def _on_subscribe(self, client: paho.Client, _data: Any, _mid: int, reasons: Any, *_: Any) -> None:
        """The answer to our topics comes first, then that to the counters, which are one reason each."""
        refused = [reason for reason in reasons if reason.is_failure]
        if refused and self.listening:
            log.warning("the broker does not tell its own counters (%s): let our user read $SYS/#", _words(refused[0]))
        elif refused:
            topics = ", ".join(self._subscription.topics)
            self._say(f"the broker refuses the subscription to {topics} ({_words(refused[0])}): let our user read it")
            client.disconnect()  # which ends the thread; the watchdog dials anew
        else:
            self._moved_at = self._loop.time()
            self.listening = True
            self._say("")

    def _on_disconnect(self, client: paho.Client, _data: Any, flags: Any, reason: Any, _properties: Any) -> None:
        listened, self.listening = self.listening, False
        self._session = next_session()
        if flags.is_disconnect_packet_from_server and reason.value == TAKEN_OVER:
            self._claim.lost = True
            client.disconnect()
        elif listened and not self._leaving.is_set():
            self._say(f"the connection ended ({_words(reason)})")

    def _on_message(self, _client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        """Append, and wait while too much waits already: what is not read stays with the broker."""
        try:
            topic = message.topic.replace("\0", "\N{REPLACEMENT CHARACTER}")
        except UnicodeDecodeError:
            topic = "\N{REPLACEMENT CHARACTER}"
        if self._full():
            self._counts["pauses"] += 1
            while self._full() and not self._leaving.wait(ROOM_S):
                pass
        self._bytes_read += len(message.payload)
        mid = message.mid if message.qos else 0
        ours = Message(topic, bytes(message.payload), mid, self._session, message.dup)
        self._staged.append((ours, message.qos, message.retain))
        if len(self._staged) == 1:
            self._tell(self._take)

    def _full(self) -> bool:
        return self._backlog.full_with(len(self._staged), self._bytes_read - self._bytes_taken)

    def _take(self) -> None:
        """Carry over what the network thread appended."""
        messages: list[Message] = []
        while self._staged:
            message, qos, retained = self._staged.popleft()
            self._bytes_taken += len(message.payload)
            if not message.mid and self._aside(message, retained):
                continue
            if message.session != self._gated:
                self._gate, self._gated, self._twice = Gate(), message.session, set()
            if message.mid:
                self._gate.received([message.mid])
            if qos == 2:
                self._twice.add(message.mid)
            messages.append(message)
        if messages:
            self._moved_at = self._loop.time()
            self._backlog.put(messages)

    def _aside(self, message: Message, retained: bool) -> bool:
        """Whether it is no device's message but the broker's counters or our claim to the client id."""
        if message.topic == self._claim.topic:
            if self._claim.heard(message.payload):
                self._client.publish(self._claim.topic, self._claim.word, 0, retain=True)
            if self._claim.lost:
                self._client.disconnect()
            return True
        if message.topic.startswith(PREFIX):
            self._counters.heard(message.topic, message.payload, retained=retained)
            return True
        return False

    def _on_publish(self, _client: paho.Client, _data: Any, mid: int, reason: Any, _properties: Any) -> None:
        self._tell(self._published, mid, _words(reason) if reason.is_failure else "")

    def _published(self, mid: int, trouble: str) -> None:
        parcel = self._under_way.pop(mid, None)
        self._counts["publish_refused"] += bool(trouble)
        if parcel is None or parcel.taken is None or parcel.taken.done():
            return
        if trouble:
            parcel.taken.set_exception(PublishError(f"the broker refuses {parcel.topic}: {trouble}"))
        else:
            parcel.taken.set_result(None)

    def _tell(self, what: Callable[..., object], *about: object) -> None:
        with suppress(RuntimeError):  # the loop is closing; the broker will deliver again
            self._loop.call_soon_threadsafe(what, *about)

    async def _watch(self) -> None:
        """An error in a callback ends paho's thread while it still calls itself connected: dial anew.

        Raises TakenOverError.
        """
        while True:
            await asyncio.sleep(WATCH_S)
            if self._claim.lost:
                raise TakenOverError(self._login)
            thread: threading.Thread | None = getattr(self._client, "_thread", None)
            if thread is None or not thread.is_alive():
                self._session = next_session()
                self.listening = False
                self._client = self._dial()
                unsent, self._under_way = self._under_way, {}
                for parcel in unsent.values():
                    self._send(parcel)

    def _say(self, trouble: str) -> None:
        """Tell a trouble once, and its end."""
        if trouble and trouble != self._said:
            log.warning("broker %s:%s: %s; trying again", self._login.host, self._login.port, trouble)
        elif self._said and not trouble:
            log.info("broker %s:%s: connected again", self._login.host, self._login.port)
        self._said = trouble


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


def _options(topic: str) -> SubscribeOptions:
    """At QoS 1, see `_filter` of the other adapter."""
    retained = SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
    return SubscribeOptions(qos=1, noLocal=not topic.startswith(SHARE), retainHandling=retained)


def _words(reason: Any) -> str:
    return f"{str(reason).lower()}, reason code 0x{reason.value:02X}"
