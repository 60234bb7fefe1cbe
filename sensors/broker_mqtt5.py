"""The broker on asyncio and the packet codec `mqtt5`: one connection after the other, for as long as we live."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Self

import mqtt5

from sensors.backlog import Backlog
from sensors.broker import PUBACK_S, SHARE, Backoff, Login, Session, Subscription, TakenOverError
from sensors.broker_counters import NAMES, BrokerCounters
from sensors.claim import Claim
from sensors.intake import Message
from sensors.mqtt5_line import FAILURE, Line, LineError, words
from sensors.outbox import LAST_ID, Outbox, Parcel, PublishError

log = logging.getLogger(__name__)

LEAVE_S = 1.0
SUBSCRIBED, COUNTED, GIVEN_UP, CLAIMED = range(LAST_ID + 1, LAST_ID + 5)
"""Packet ids of our requests, which the outbox leaves free."""


class Mqtt5Broker:
    """A subscriber with a persistent session. Use as `async with Mqtt5Broker.open(login, subscription) as broker`."""

    def __init__(self, login: Login, subscription: Subscription, backlog: Backlog, session: Session) -> None:
        self._login = login
        self._subscription = subscription
        self._backlog = backlog
        self._session = session
        self._counters = BrokerCounters()
        self._outbox = Outbox()
        self._claim = Claim(login.client_id)
        self._backoff = Backoff(*session.retry_s, random.random)
        self._line: Line | None = None
        self._said = ""
        self._connections = 0
        self._protocol_errors = 0
        self._pauses = 0
        self.listening = False

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
            dialling = tasks.create_task(broker._dial(), name="broker")
            try:
                yield broker
            finally:
                dialling.cancel()

    async def gather(self, most: int, linger_s: float) -> list[Message]:
        """See `Broker` in sensors/intake.py."""
        return await self._backlog.gather(most, linger_s)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Send PUBACKs in the order of receipt, for the present connection only.

        A packet id of an ended connection may by now belong to another message, so it is never acknowledged;
        the broker delivers again, and the key of the observation makes the repetition harmless.
        """
        if self._line is not None:
            self._line.acknowledge(messages)

    @property
    def idle_s(self) -> float:
        """See `Connection`."""
        line = self._line
        if line is None or not self.listening or len(line.gate):
            return 0.0
        return asyncio.get_running_loop().time() - line.moved_at

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """See `Connection`."""
        taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self._put(Parcel(topic, payload, retain, taken)):
            raise PublishError(f"too many messages wait for the broker to publish {topic} too")
        async with asyncio.timeout(PUBACK_S):
            await taken

    def post(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """See `Connection`."""
        return self._put(Parcel(topic, payload, retain))

    def figures(self) -> dict[str, int]:
        """See `Connection`."""
        line = self._line
        return {
            "redials": max(0, self._connections - 1),
            "protocol_errors": self._protocol_errors,
            "pauses": self._pauses + (line.pauses if line else 0),
            "waiting": len(self._backlog),
            "unsent": len(self._outbox),
            "publish_refused": self._outbox.refused,
            **self._counters.figures(),
        }

    def _put(self, parcel: Parcel) -> bool:
        """Queue a message. Raises ValueError for a topic that MQTT does not allow, before it is queued."""
        mqtt5.PublishPacket(parcel.topic, b"")
        taken = self._outbox.put(parcel)
        if taken and self._line is not None:
            self._line.send(self._outbox.due())
        return taken

    async def _dial(self) -> None:
        """Connect again and again. Raises TakenOverError."""
        while True:
            try:
                await self._connected()
            except LineError as error:
                if error.taken_over:
                    raise TakenOverError(self._login) from error
                self._protocol_errors += error.protocol
                trouble = str(error)
            except TimeoutError:
                trouble = f"no answer within {self._session.connect_s:.0f} s"
            except OSError as error:
                trouble = error.strerror or type(error).__name__
            self._say(trouble)
            await asyncio.sleep(self._backoff.next_s())

    async def _connected(self) -> None:
        """One connection, from dialling to its end. Raises LineError, OSError or TimeoutError."""
        loop = asyncio.get_running_loop()
        line = Line(self._backlog, self._counters, self._outbox, self._claim)
        made = False
        try:
            async with asyncio.timeout(self._session.connect_s):
                await loop.create_connection(lambda: line, self._login.host, self._login.port)
                made = True
                keepalive_s = await self._sign_in(line)
                await self._subscribe(line)
            line.moved_at = since = loop.time()
            self.listening = True
            self._say("")
            await self._watch(line, keepalive_s)
        except LineError:
            if self.listening and loop.time() - since > self._session.retry_s[1]:
                self._backoff.reset()
            raise
        except asyncio.CancelledError:
            if self.listening:
                await _leave(line)
            raise
        finally:
            self.listening = False
            self._line = None
            self._outbox.closed()
            self._pauses += line.pauses
            if made:
                line.abort()

    async def _sign_in(self, line: Line) -> int:
        """CONNECT and CONNACK; what we had published goes out again. Returns the keepalive in seconds."""
        request = mqtt5.ConnectPacket(
            self._login.client_id,
            username=self._login.user or None,
            password=self._login.password.encode() or None,
            clean_start=False,
            keep_alive=self._session.keepalive_s,
            session_expiry_interval=self._session.expiry_s,
            receive_max=self._session.receive_maximum,
        )
        self._line = line
        answer = await line.answer(mqtt5.ConnAckPacket, request.write())
        assert isinstance(answer, mqtt5.ConnAckPacket)  # noqa: S101 - the line answers a request with its kind
        if answer.reason_code.value >= FAILURE:
            who = f"{self._login.user} as {self._login.client_id}"
            raise LineError(f"the broker does not let {who} in ({words(answer.reason_code)}): check user and password")
        self._connections += 1
        line.send(self._outbox.opened(answer.receive_max), again=answer.session_present)
        line.send(self._outbox.due())
        return answer.server_keep_alive or self._session.keepalive_s

    async def _subscribe(self, line: Line) -> None:
        """Subscribe anew on every connection: a broker that lost our session lost the subscription too."""
        wanted = self._subscription
        await self._hold(line)
        if wanted.topics:
            filters = [_filter(topic) for topic in wanted.topics]
            refused = _refusals(await line.answer(SUBSCRIBED, mqtt5.SubscribePacket(SUBSCRIBED, filters).write()))
            if refused:
                topics = ", ".join(wanted.topics)
                raise LineError(f"the broker refuses the subscription to {topics} ({refused}): let our user read it")
        if wanted.gives_up:
            await line.answer(GIVEN_UP, mqtt5.UnsubscribePacket(GIVEN_UP, list(wanted.gives_up)).write())
        if wanted.counters:
            counters = [mqtt5.TopicFilter(name, max_qos=mqtt5.QoS.AT_MOST_ONCE) for name in NAMES]
            refused = _refusals(await line.answer(COUNTED, mqtt5.SubscribePacket(COUNTED, counters).write()))
            if refused:
                log.warning("the broker does not tell its own counters (%s): let our user read $SYS/#", refused)

    async def _hold(self, line: Line) -> None:
        """Read who claims our client id, and claim it the first time."""
        claim = mqtt5.TopicFilter(self._claim.topic, max_qos=mqtt5.QoS.AT_MOST_ONCE)
        await line.answer(CLAIMED, mqtt5.SubscribePacket(CLAIMED, [claim]).write())
        if not self._claim.made:
            line.claim()

    async def _watch(self, line: Line, keepalive_s: int) -> None:
        """Ping twice in a keepalive, and give up a connection on which nothing comes back. Raises LineError."""
        while True:
            line.heard = False
            line.write(mqtt5.PingReqPacket().write())
            done, _ = await asyncio.wait({line.ended}, timeout=keepalive_s / 2)
            if done:
                raise line.ended.result()
            if not line.heard and not line.paused:
                raise LineError(f"the broker has not answered for {keepalive_s / 2:g} s")

    def _say(self, trouble: str) -> None:
        """Tell a trouble once, and its end."""
        if trouble and trouble != self._said:
            log.warning("broker %s:%s: %s; trying again", self._login.host, self._login.port, trouble)
        elif self._said and not trouble:
            log.info("broker %s:%s: connected again", self._login.host, self._login.port)
        self._said = trouble


def _filter(topic: str) -> mqtt5.TopicFilter:
    """At QoS 1, without what we published ourselves where that may be asked for (MQTT 5.0, 3.8.3-4), and
    without the retained messages that a lasting subscription has had already."""
    return mqtt5.TopicFilter(
        topic,
        max_qos=mqtt5.QoS.AT_LEAST_ONCE,
        no_local=not topic.startswith(SHARE),
        retain_handling=mqtt5.RetainHandling.SEND_IF_SUBSCRIPTION_NOT_EXISTS,
    )


def _refusals(answer: mqtt5.Packet) -> str:
    assert isinstance(answer, mqtt5.SubAckPacket)  # noqa: S101 - the line answers a request with its kind
    return ", ".join(words(code) for code in answer.reason_codes if code.value >= FAILURE)


async def _leave(line: Line) -> None:
    """Say goodbye, so that the broker need not find out; it keeps the session."""
    line.write(mqtt5.DisconnectPacket().write())
    line.end(LineError("we left"))
    with suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_S):
            await line.closed
