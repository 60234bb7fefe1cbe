"""What the adapters to the MQTT broker share: who signs in, what a session asks for, and what a connection does.

MQTT 5 (OASIS, 2019): the session outlives us (3.1.2.11.2), the receive maximum bounds what is in flight
(3.1.2.11.3), acknowledgements keep the order (4.6.0-2).
"""

import itertools
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from sensors.backlog import Backlog
from sensors.intake import BATCH, Broker

SHARE = "$share/"
SESSION_EXPIRY_S = 7 * 24 * 3600
RECEIVE_MAXIMUM = 5 * BATCH
KEEPALIVE_S = 20
CONNECT_S = 10.0
PUBACK_S = 10.0
RETRY_S = (0.1, 10.0)

_sessions = itertools.count(1)


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Where the broker is and as whom we sign in. The password never shows in a representation."""

    host: str
    port: int
    user: str
    password: str
    client_id: str

    def __repr__(self) -> str:
        return f"Login({self.user}@{self.host}:{self.port})"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection asks for. `retry_s` is the shortest and the longest wait before another attempt."""

    expiry_s: int = SESSION_EXPIRY_S
    receive_maximum: int = RECEIVE_MAXIMUM
    keepalive_s: int = KEEPALIVE_S
    connect_s: float = CONNECT_S
    retry_s: tuple[float, float] = RETRY_S


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """What a session listens to at QoS 1, and which filters of an earlier start it gives up.

    `counters` asks for the broker's own figures too, at QoS 0.
    """

    topics: tuple[str, ...] = ()
    gives_up: tuple[str, ...] = ()
    counters: bool = False


class TakenOverError(Exception):
    """Somebody else signed in under our client id, and the broker ended our connection (reason code 0x8E)."""

    def __init__(self, login: Login) -> None:
        super().__init__(
            f"another process signed in at the broker {login.host}:{login.port} under our client id "
            f"{login.client_id}: end one of the two, they would throw each other out for ever"
        )


class Connection(Broker, Protocol):
    """A session at the broker: the port of the intake, and publishing for whoever answers the devices."""

    @property
    def listening(self) -> bool:
        """Whether it is connected and every subscription is granted."""

    @property
    def idle_s(self) -> float:
        """For how many seconds it has listened without anything coming in or waiting for an acknowledgement."""

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish at QoS 1 and wait for the PUBACK, over a lost connection too.

        Raises PublishError when the broker refuses, TimeoutError after ten seconds without an answer; then the
        message may still arrive.
        """

    def post(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Publish at QoS 1 without waiting; it is sent again until the broker has it, while this process lives.

        False when too much waits already: nothing was taken.
        """

    def figures(self) -> dict[str, int]:
        """Counts since the start, and what the broker said of itself last."""


class Opens(Protocol):
    """How an adapter is opened."""

    def __call__(
        self,
        login: Login,
        subscription: Subscription,
        backlog: Backlog | None = None,
        session: Session = Session(),  # noqa: B008 - frozen
    ) -> AbstractAsyncContextManager[Connection]:
        """Connect now and for as long as the block lasts, again and again when the connection breaks.

        Several connections may fill one backlog; each acknowledges what it delivered. Raises TakenOverError
        in the block's task group when another process takes our session.
        """


def next_session() -> int:
    """A number for a connection that no other connection of this process had."""
    return next(_sessions)


class Backoff:
    """Waits that double from the shortest to the longest, each shortened by chance to no less than its half,
    so that not all clients of a broker come back at the same moment."""

    def __init__(self, shortest_s: float, longest_s: float, chance: Callable[[], float]) -> None:
        self._shortest_s = self._next_s = shortest_s
        self._longest_s = longest_s
        self._chance = chance

    def reset(self) -> None:
        """It worked: the next wait is the shortest again."""
        self._next_s = self._shortest_s

    def next_s(self) -> float:
        """Seconds to wait now."""
        now_s, self._next_s = self._next_s, min(self._longest_s, self._next_s * 2)
        return now_s * (0.5 + self._chance() / 2)
