"""A sink before the store: while the store takes nothing, batches wait on disk, and go to it later in their order.

While the spool is empty a batch goes to the store at once. When the store does not take one, it is synced to disk
instead (`ioc/store/segments.py`), and the circuit is open: one task alone asks the store again, and moves what waits
to it, oldest first, several batches in a transaction. As long as anything waits, what is new goes behind it, so that
nothing newer from a device overtakes anything older.

When neither the store nor the disk takes a batch, `keep` does not return: nothing is acknowledged and the broker
presses back. It goes on by itself.
"""

import asyncio
import datetime as dt
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol, Self

import msgspec

from gis.observation import Observation, Refusal
from ioc.lock import Lock
from ioc.store.media import StoredPicture
from ioc.store.observations import PATIENCE_S, Parcel
from ioc.store.outcome import NotTakenError
from ioc.store.segments import Disk, Head, Segments, SpoolError
from sensors.intake import Batch

log = logging.getLogger(__name__)

RETRY_S = 0.5
"""Seconds after which a batch that found no place tries again, when nothing has changed before."""

BACK_OFF_S = (0.2, 1.0)
"""Shortest and longest wait, in seconds, before the store is asked again; a random part of it is left out."""

DRAIN_S = (5.0, 60.0)
"""Patience with a transaction of the drain: that of the first, and the most after some that were too slow."""

MERGED = 64
"""Most batches of one transaction of the drain."""

MERGED_MESSAGES = 5000
"""After so many messages no further batch is merged."""

FEW = 4
"""A backlog of so few batches is waited for rather than added to, or it would never end under load."""

_PARCEL = msgspec.msgpack.Decoder(Parcel)


class Store(Protocol):
    """Where batches go in the end."""

    async def attempt(self, parcels: Sequence[Parcel], *, patience_s: float = ..., again: bool = ...) -> None:
        """Commit parcels in their order. Raises NotTakenError."""

    async def probe(self) -> None:
        """Whether it takes anything. Raises NotTakenError."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """How the spool stands. Times in UTC; counters since the start of the process.

    `away` says why the store takes nothing (a code of ioc.store.outcome) since `away_since`, `stopped` why nothing is
    acknowledged (also spool_full, disk_full, fsync_failed, disk_error), both empty when all is well. `cut` are bytes,
    `damaged` stretches that lie in damaged/.
    """

    away: str = ""
    away_since: dt.datetime | None = None
    stopped: str = ""
    stopped_since: dt.datetime | None = None
    bytes: int = 0
    limit: int = 0
    batches: int = 0
    messages: int = 0
    oldest_at: dt.datetime | None = None
    spooled: int = 0
    drained: int = 0
    cut: int = 0
    damaged: int = 0
    sync_failures: int = 0


class Spool:
    """A Sink. Use as `async with Spool.open(folder, limit, store, now) as spool`."""

    def __init__(self, segments: Segments, store: Store, now: Callable[[], dt.datetime]) -> None:
        self._segments = segments
        self._store = store
        self._now = now
        self._turn = asyncio.Lock()
        self._work = asyncio.Event()
        self._moved = asyncio.Event()
        self._away: tuple[str, dt.datetime | None] = ("", None)
        self._stopped: tuple[str, dt.datetime | None] = ("", None)
        self._told = ""
        self._most, self._patience_s = MERGED, DRAIN_S[0]
        self._spooled = self._drained = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        folder: Path,
        limit: int,
        store: Store,
        now: Callable[[], dt.datetime],
        *,
        disk: Disk | None = None,
        passing: Callable[[str], None] = lambda point: None,
    ) -> AsyncIterator[Self]:
        """Find what waits in the folder and move it on for as long as the block lasts.

        Raises HeldError when another process has the folder, OSError when it cannot be used.
        """
        await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        segments = Segments(folder, limit, disk=disk, passing=passing)
        with Lock(folder / "lock"):
            await asyncio.to_thread(segments.open)
            spool = cls(segments, store, now)
            if segments.batches:
                log.warning("%d messages of before wait in %s and go to the store now", segments.messages, folder)
                spool._work.set()
            try:
                async with asyncio.TaskGroup() as tasks:
                    drain = tasks.create_task(spool._drain(), name="drain")
                    try:
                        yield spool
                    finally:
                        drain.cancel()
            finally:
                await asyncio.to_thread(segments.close)

    async def keep(self, batch: Batch, pictures: Sequence[StoredPicture] = ()) -> None:
        """Make a batch durable, in the store or on disk, after all that were given before; waits until it is."""
        if batch.empty and not pictures:
            return
        parcel = Parcel(batch, tuple(pictures))
        async with self._turn:
            await self._catch_up()
            again = False
            while not (await self._direct(parcel, again) or await self._append(parcel)):
                again = True
                await self._change(RETRY_S)
            self._stopped = ("", None)
            self._go_on()

    async def _direct(self, parcel: Parcel, again: bool) -> bool:
        if self._segments.batches or self._away[0]:
            return False
        try:
            await self._store.attempt([parcel], patience_s=PATIENCE_S, again=again)
        except NotTakenError as refused:
            self._open_circuit(refused)
            return False
        return True

    async def _append(self, parcel: Parcel) -> bool:
        if self._away[0] == "settings_unsafe":
            self._stop("settings_unsafe", "the settings of PostgreSQL are not safe")
            return False
        batch = parcel.batch
        messages = len(batch.observations) + len(batch.refusals) + len(batch.states)
        try:
            payload = encoded(parcel)
            await asyncio.to_thread(self._segments.append, payload, messages, parcel.batch.arrived_at)
        except SpoolError as error:
            self._stop(error.code, str(error))
            return False
        self._spooled += 1
        self._work.set()
        return True

    async def _catch_up(self) -> None:
        """Let the drain move the last of a backlog."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while not self._away[0] and 0 < self._segments.batches <= FEW:
                    await self._change(PATIENCE_S)

    async def _change(self, seconds: float) -> None:
        self._moved.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._moved.wait()

    def _open_circuit(self, refused: NotTakenError) -> None:
        if self._away[0] != refused.code:
            log.warning("the store takes nothing, batches wait on disk: %s", refused)
            self._away = (refused.code, self._away[1] or self._now())
        self._work.set()

    def _close_circuit(self) -> None:
        if self._away[0]:
            log.warning("the store takes batches again")
        self._away = ("", None)
        self._moved.set()

    def _go_on(self) -> None:
        """Say that it goes on, once there is room: a full spool that drains stops and goes on many times a second."""
        full = self._told == "spool_full" and 2 * self._segments.size > self._segments.limit
        if self._told and not full:
            log.warning("messages are acknowledged again")
            self._told = ""

    def _stop(self, code: str, text: str) -> None:
        if self._told != code:
            log.error("nothing is acknowledged (%s): %s", code, text)
            self._told = code
        if self._stopped[0] != code:
            self._stopped = (code, self._stopped[1] or self._now())

    async def _drain(self) -> None:
        wait = BACK_OFF_S[0]
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                if self._away[0]:
                    await self._store.probe()
                if await self._step():
                    self._work.set()
                self._close_circuit()
                wait = BACK_OFF_S[0]
            except (NotTakenError, OSError) as error:
                self._work.set()
                if isinstance(error, NotTakenError):
                    self._open_circuit(error)
                else:
                    log.error("the spool cannot be moved on (%s); trying again", error)
                await asyncio.sleep(wait * (0.5 + secrets.randbelow(500) / 1000))
                wait = min(2 * wait, BACK_OFF_S[1])

    async def _step(self) -> bool:
        """Move the oldest batches to the store; False when there are none."""
        head = await asyncio.to_thread(self._segments.head, self._most, MERGED_MESSAGES)
        if head is None:
            return False
        try:
            await self._store.attempt(await self._parcels(head), patience_s=self._patience_s, again=True)
        except NotTakenError as refused:
            if refused.slow:
                self._most, self._patience_s = max(1, self._most // 2), min(2 * self._patience_s, DRAIN_S[1])
            raise
        self._most, self._patience_s = min(2 * self._most, MERGED), DRAIN_S[0]
        self._drained += len(head.pieces)
        await asyncio.to_thread(self._segments.drop, head)
        self._moved.set()
        return True

    async def _parcels(self, head: Head) -> list[Parcel]:
        found = []
        for piece in head.pieces:
            try:
                found.append(_PARCEL.decode(piece.payload or b""))
            except msgspec.DecodeError:  # another version wrote it; that version can still read it
                await asyncio.to_thread(self._segments.set_aside, head, piece)
        return found

    def state(self) -> State:
        """How the spool stands now; never waits for the disk."""
        held = self._segments
        return State(
            away=self._away[0],
            away_since=self._away[1],
            stopped=self._stopped[0],
            stopped_since=self._stopped[1],
            bytes=held.size,
            limit=held.limit,
            batches=held.batches,
            messages=held.messages,
            oldest_at=held.oldest_at if held.batches else None,
            spooled=self._spooled,
            drained=self._drained,
            cut=held.cut,
            damaged=held.damaged,
            sync_failures=held.sync_failures,
        )


def encoded(parcel: Parcel) -> bytes:
    """A parcel as it is kept; a part that is no text of Unicode is kept as a dead letter of what it looks like."""
    try:
        return msgspec.msgpack.encode(parcel)
    except UnicodeEncodeError:
        batch = parcel.batch
        observations, refusals = [], []
        for part in (*batch.observations, *batch.refusals):
            clean = _clean(part)
            if isinstance(clean, Refusal):
                refusals.append(clean)
            else:
                observations.append(clean)
        whole = msgspec.structs.replace(batch, observations=tuple(observations), refusals=tuple(refusals))
        return msgspec.msgpack.encode(Parcel(whole, parcel.pictures))


def _clean(part: Observation | Refusal) -> Observation | Refusal:
    try:
        msgspec.msgpack.encode(part)
    except UnicodeEncodeError as error:
        if isinstance(part, Refusal):
            topic, payload = part.topic.encode("ascii", "replace").decode(), part.payload
        else:
            topic, payload = part.stamp.source, repr(part).encode("utf-8", "backslashreplace")
        reason = f"it is no text of Unicode ({error.reason}); mend it and replay it"
        return Refusal(topic=topic, payload=payload, code="poison", reason=reason)
    return part
