"""Client ids of intakes: each is held by a lock before connecting, and what a dead intake left is fetched.

**One intake** subscribes plainly, under `ioc-intake`. Its session, with the subscription, survives a crash of the
broker, so that what devices publish before we are back waits for us.

**Several** (`IOC_INTAKE_SHARE`) are `ioc-intake`, `ioc-intake-2`, … and share one subscription (MQTT 5.0, 4.8.2).
That is not the default because Mosquitto 2.0.11 does not write shared subscriptions into its persistence file: tried,
of 50 messages published after a restart and before our reconnect a shared session got 0, a plain one 50. With a
restarted broker, messages are lost from its first connection of a device to our first connection; receipts and gaps
name them. A shared member that is away is dealt messages all the same (tried: 50 of 100), and nobody else gets them:
so a living intake opens the session of a dead one, gives up its subscription, and drains it.

Order per device holds within one intake. Between several it may be lost, which is harmless: rows are found by their
key, the latest value by its time, and rules judge by the time of the event.

The locks are files of the state dir, so several intakes run on one machine. On a second machine the same client id
takes the session over, and the first ends with a sentence that says so.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path

from ioc.lock import HeldError, Lock
from ioc.settings import SettingsError
from sensors.backlog import Backlog
from sensors.broker import SHARE, Connection, Subscription, TakenOverError
from sensors.intake import Message
from sensors.topics import EVERYTHING

log = logging.getLogger(__name__)

CLIENT = "ioc-intake"
SHARED = f"{SHARE}{CLIENT}/{EVERYTHING}"
SLOTS = 16
LOOK_S = 10.0
"""Seconds between looks for dead intakes; one is drained when two looks found it dead, so that it may come back."""

QUIET_S = 3.0
"""A session that brings nothing for so long, with nothing unacknowledged, is empty: the broker sends at once."""

Opens = Callable[[str, Subscription, Backlog], AbstractAsyncContextManager[Connection]]
"""Opens a connection under a client id."""


class SlotError(SettingsError):
    """No client id can be had, or ours was taken; the text says what to do."""


class Lines:
    """The connection of this intake and those that drain dead ones: one backlog, and each acknowledges its own."""

    def __init__(self, client_id: str, backlog: Backlog, own: Connection) -> None:
        self.client_id = client_id
        self._backlog = backlog
        self._own = own
        self._drained: list[Connection] = []
        self._sessions_drained = 0

    @property
    def listening(self) -> bool:
        """Whether our own session listens."""
        return self._own.listening

    @property
    def idle_s(self) -> float:
        """Of our own session."""
        return self._own.idle_s

    async def gather(self, most: int, linger_s: float) -> Sequence[Message]:
        """See `Broker` in sensors/intake.py."""
        return await self._backlog.gather(most, linger_s)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """See `Broker`; each connection acknowledges what it delivered."""
        for connection in (self._own, *self._drained):
            connection.acknowledge(messages)

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """See `Connection` in sensors/broker.py."""
        await self._own.publish(topic, payload, retain=retain)

    def post(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """See `Connection`."""
        return self._own.post(topic, payload, retain=retain)

    def figures(self) -> dict[str, int]:
        """Those of our own session, and how many of others were drained."""
        return {**self._own.figures(), "sessions_drained": self._sessions_drained}

    async def drain(self, opening: AbstractAsyncContextManager[Connection]) -> None:
        """Take everything that waits in a session that nobody holds."""
        async with opening as connection:
            self._drained.append(connection)
            try:
                while connection.idle_s < QUIET_S:  # noqa: ASYNC110 - nothing tells of silence
                    await asyncio.sleep(QUIET_S / 10)
            finally:
                self._drained.remove(connection)
        self._sessions_drained += 1


@asynccontextmanager
async def connected(folder: Path, share: bool, opens: Opens) -> AsyncIterator[Lines]:
    """Hold a client id, listen under it, and look after those of dead intakes. Raises SlotError."""
    taken = None
    with _held(folder, share) as number:
        backlog = Backlog()
        try:
            async with opens(client_id(number), subscription(share), backlog) as own, asyncio.TaskGroup() as tasks:
                lines = Lines(client_id(number), backlog, own)
                heir = tasks.create_task(_inherit(folder, number, opens, lines, backlog), name="inherit")
                try:
                    yield lines
                finally:
                    heir.cancel()
        except* TakenOverError as group:
            taken = group
    if taken is not None:
        raise SlotError(_sentence(taken))


def client_id(number: int) -> str:
    """The client id of a slot, counted from 1."""
    return CLIENT if number == 1 else f"{CLIENT}-{number}"


def subscription(share: bool) -> Subscription:
    """All messages, or our share of them; what an earlier start asked for instead is given up."""
    wanted, other = (SHARED, EVERYTHING) if share else (EVERYTHING, SHARED)
    return Subscription(topics=(wanted,), gives_up=(other,), counters=True)


@contextmanager
def _held(folder: Path, share: bool) -> Iterator[int]:
    """The lowest free slot; without sharing there is one. Raises SlotError when none is free."""
    holder = 0
    for number in range(1, SLOTS + 1 if share else 2):
        lock = Lock(_lock_file(folder, number))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.__enter__()
        except HeldError as held:
            holder = held.pid
            continue
        except OSError as error:
            raise SlotError(f"{folder} cannot be written ({error.strerror}): give IOC_STATE_DIR a folder") from error
        try:
            _open_mark(folder, number).touch()
            yield number
        finally:
            lock.__exit__(None, None, None)
        return
    raise SlotError(
        f"all {SLOTS} client ids of intakes are taken: end one of them"
        if share
        else f"another intake runs on this state dir (process {holder}): end it, or set IOC_INTAKE_SHARE for all"
    )


async def _inherit(folder: Path, own: int, opens: Opens, lines: Lines, backlog: Backlog) -> None:
    """Drain the sessions of dead intakes, one after the other, for ever."""
    dead: set[int] = set()
    while True:
        await asyncio.sleep(LOOK_S)
        seen, dead = dead, set()
        for number in range(1, SLOTS + 1):
            if number == own or not _open_mark(folder, number).exists():
                continue
            try:
                with Lock(_lock_file(folder, number)):
                    if number in seen:
                        await _drain(folder, number, opens, lines, backlog)
                    dead.add(number)
            except HeldError:
                continue


async def _drain(folder: Path, number: int, opens: Opens, lines: Lines, backlog: Backlog) -> None:
    log.info("nobody holds %s any more: fetching what waits for it at the broker", client_id(number))
    leaves = Subscription(gives_up=(EVERYTHING, SHARED))
    try:
        await lines.drain(opens(client_id(number), leaves, backlog))
    except* TakenOverError:
        log.info("somebody on another machine holds %s: it is left alone", client_id(number))
    _open_mark(folder, number).unlink(missing_ok=True)


def _lock_file(folder: Path, number: int) -> Path:
    return folder / f"{client_id(number)}.lock"


def _open_mark(folder: Path, number: int) -> Path:
    """The file that says: this client id has a session at the broker. Changed by the holder of the lock alone."""
    return folder / f"{client_id(number)}.open"


def _sentence(group: BaseExceptionGroup[TakenOverError]) -> str:
    first = group.exceptions[0]
    return _sentence(first) if isinstance(first, BaseExceptionGroup) else str(first)
