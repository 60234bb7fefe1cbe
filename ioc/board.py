"""The changes as they happen: one tail of the change log a process, read by any number of streams.

A reader that has everything so far is handed each change as bytes that are made once for all readers of its scope. One
that is busy or slow pulls from a bounded ring of the newest changes, at its own pace: it gets only the newest state of
each thing. A slow reader therefore costs nothing and delays nobody: when it falls off the ring it is told so.
"""

import asyncio
import datetime as dt
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

import msgspec
import orjson

from gis.layers import moment
from ioc.access.scope import EVERYTHING, Scope, Thing
from ioc.store import changes
from ioc.store.away import AWAY
from ioc.store.changes import CHANNEL, Change
from ioc.store.database import Database

POLL_S = 1.0
"""Seconds after which the log is read even if nobody woke the tail."""

ROOM = 64 * 1024
"""Bytes of changes that a reader is given at a time, one more event at the most."""

_BATCH = 1_000
_LOOK_BACK = 1_000
_KEPT = 64
"""Answers to readers that are kept until the next change: many that come back at once ask the same."""


def envelope(
    event: str, op: str, subject: str, data: object, *, source: str, mark: str, at: str | None = None
) -> bytes:
    """A CloudEvent 1.0 in JSON."""
    body: dict[str, object] = {
        "specversion": "1.0",
        "id": mark,
        "source": source,
        "type": f"vn.ioc.{event}.{op}.v1",
        "subject": subject,
        "datacontenttype": "application/geo+json" if event not in ("ready", "reset", "told") else "application/json",
    }
    return orjson.dumps({**body, **({"time": at} if at else {}), "data": data})


def frame(event: str, data: bytes, version: str | None = None) -> bytes:
    """One server-sent event. Without a version the reader's last event id stays as it was."""
    mark = b"" if version is None else b"id: " + version.encode() + b"\n"
    return mark + b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"


class Entry(msgspec.Struct, frozen=True):
    """A change as server-sent events, made once, however many streams send it."""

    version: int
    subject: tuple[str, str]
    thing: Thing
    before: Thing | None
    put: bytes
    left: bytes

    def seen_by(self, scope: Scope, now: dt.datetime) -> bytes | None:
        """The event for a reader of this scope: the change, a removal when it left the scope, or nothing.

        What ended longer ago than the reader may look back has left; so has what moved elsewhere.
        """
        if scope.holds(self.thing, now):
            return self.put
        if scope.reaches(self.thing) or (self.before is not None and scope.reaches(self.before)):
            return self.left
        return None


def entry_of(change: Change, source: str) -> Entry:
    """The events of a change; a removal is made only of what can leave: it moved, it ended, or it is provisional."""
    thing, before = change.thing, change.before
    gone: dict[str, object] = {"type": "Feature", "id": change.subject_id, "geometry": None, "properties": {}}
    leaves = before is not None or thing.at is not None or not change.version
    left = _event(change, "removed", gone, source) if leaves else b""
    put = _event(change, change.op, change.value, source)
    return Entry(change.version, (change.subject, change.subject_id), thing, before, put, left)


def _event(change: Change, op: str, value: object, source: str) -> bytes:
    """What is not in the log has no version, and leaves the reader's last event id as it was."""
    version = str(change.version) if change.version else None
    mark = version or f"provisional/{change.subject_id}/{op}/{moment(change.at)}"
    data = envelope(change.subject, op, change.subject_id, value, source=source, mark=mark, at=moment(change.at))
    return frame(change.subject, data, version)


def merged(entries: Iterable[Entry], scope: Scope, now: dt.datetime) -> list[tuple[int, bytes]]:
    """The events of a scope with their versions, rising; of each thing only the newest event that the scope sees.

    That one stays at its own place in the order. So whoever has all events up to a version and resumes there is told
    everything that was left out: also that a thing left the scope, after which nothing of it may be seen.
    """
    newest: dict[tuple[str, str], tuple[int, bytes]] = {}
    for entry in entries:
        event = entry.seen_by(scope, now)
        if event is not None:
            newest.pop(entry.subject, None)
            newest[entry.subject] = entry.version, event
    return list(newest.values())


class Reader(Protocol):
    """A stream that is handed changes."""

    def now(self) -> dt.datetime:
        """The present moment."""

    def take(self, before: int, through: int, events: bytes) -> None:
        """Take all events after one version and through another, or come for them later. Must not wait."""

    def wake(self) -> None:
        """Look at the board: something else is there."""


class FellBehindError(Exception):
    """The reader wants changes that are no longer in memory."""


class Board:
    """The newest changes of the log. One task runs `run`; readers await `moved`."""

    def __init__(
        self,
        database: Database,
        *,
        source: str = "/ogc",
        keep: int = 2_000,
        failed: Callable[[], None] = lambda: None,
        heard: Callable[[Sequence[Change]], None] = lambda told: None,
    ) -> None:
        """`failed` is told that PostgreSQL is away, `heard` of changes, before any stream is."""
        self._database = database
        self._source = source
        self._ring: deque[Entry] = deque(maxlen=keep)
        self._floor = 0
        self._position: int | None = None
        self._moved = asyncio.Event()
        self._wake = asyncio.Event()
        self._started = asyncio.Event()
        self._failed = failed
        self._heard = heard
        self._provisional: Mapping[str, Entry] = {}
        self._readers: dict[Scope, set[Reader]] = {}
        self._answers: dict[tuple[int, Scope, int], tuple[int, bytes]] = {}
        self._current_at = -math.inf

    @property
    def source(self) -> str:
        """The `source` of its CloudEvents."""
        return self._source

    @property
    def position(self) -> int:
        """The version up to which everything is decided: told, or never to come."""
        return self._position or 0

    @property
    def behind_s(self) -> float:
        """Seconds since the log was being read to its end; infinite before the first time."""
        return time.monotonic() - self._current_at

    @property
    def provisional(self) -> Mapping[str, Entry]:
        """What holds provisionally beside the log, by id; another mapping whenever it has changed."""
        return self._provisional

    def show(self, entries: Mapping[str, Entry]) -> None:
        """Hold this provisionally, instead of what was before."""
        self._provisional = entries
        self._wake_readers()

    async def started(self) -> None:
        """Wait until the log has been read once."""
        await self._started.wait()

    def moved(self) -> asyncio.Event:
        """An event that is set at the next change; take it before looking."""
        return self._moved

    @contextmanager
    def reading(self, scope: Scope, reader: Reader) -> Iterator[None]:
        """Hand changes to a reader for as long as the block lasts."""
        self._readers.setdefault(scope, set()).add(reader)
        try:
            yield
        finally:
            self._readers[scope].discard(reader)
            if not self._readers[scope]:
                del self._readers[scope]

    def since(self, version: int, scope: Scope, now: dt.datetime) -> tuple[int, bytes]:
        """What a scope sees now of the changes after a version, merged, about ROOM bytes, and the version reached.

        FellBehindError when not all of them are in memory any more.
        """
        if version >= self.position:
            return version, b""
        if version < self._floor:
            raise FellBehindError
        about = version, scope, int(now.timestamp())
        answer = self._answers.get(about)
        if answer is None:
            newer = itertools.takewhile(lambda entry: entry.version > version, reversed(self._ring))
            answer = self._roomy(merged(list(newer)[::-1], scope, now))
            if len(self._answers) < _KEPT:
                self._answers[about] = answer
        return answer

    def _roomy(self, events: list[tuple[int, bytes]]) -> tuple[int, bytes]:
        size = 0
        for number, (version, event) in enumerate(events):
            size += len(event)
            if size >= ROOM:
                return version, b"".join(event for _, event in events[: number + 1])
        return self.position, b"".join(event for _, event in events)

    def entry(self, change: Change) -> Entry:
        """A change of the log outside the ring, as an event."""
        return entry_of(change, self._source)

    async def run(self) -> None:
        """Follow the log for ever; while PostgreSQL is away, try again every second."""
        while True:
            try:
                async with self._database.listen(CHANNEL, self._wake.set) as connection:
                    while not connection.is_closed():
                        await self._read()
                        await self._rest()
            except AWAY:
                self._failed()
                await asyncio.sleep(POLL_S)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()
        self._wake.clear()

    async def _read(self) -> None:
        begun = time.monotonic()
        while len(await self._next()) == _BATCH:
            begun = time.monotonic()
        self._current_at = begun
        self._started.set()

    async def _next(self) -> list[Change]:
        """Tell the next changes and move the position behind them."""
        if self._position is None:
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                self._floor = self._position = max(0, await changes.newest(transaction) - _LOOK_BACK)
        found = await changes.told(self._database, EVERYTHING, self._position, _BATCH)
        if found:
            before, self._position = self._position, found[-1].version
            self._tell(found, before)
        return found

    def _tell(self, told: list[Change], before: int = 0) -> None:
        self._heard(told)
        fresh = [self.entry(change) for change in told]
        for entry in fresh:
            if len(self._ring) == self._ring.maxlen:
                self._floor = self._ring[0].version
            self._ring.append(entry)
        self._answers.clear()
        self._wake_waiting()
        for scope, readers in self._readers.items():
            self._hand_out(scope, readers, before, fresh)

    def _hand_out(self, scope: Scope, readers: set[Reader], before: int, fresh: list[Entry]) -> None:
        """Give all readers of a scope the same bytes; a burst is fetched, each reader at its own pace."""
        now = next(iter(readers)).now()
        events = b"".join(event for _, event in merged(fresh, scope, now))
        for reader in readers:
            if len(events) > ROOM:
                reader.wake()
            else:
                reader.take(before, self.position, events)

    def _wake_waiting(self) -> None:
        old, self._moved = self._moved, asyncio.Event()
        old.set()

    def _wake_readers(self) -> None:
        self._wake_waiting()
        for reader in itertools.chain.from_iterable(self._readers.values()):
            reader.wake()
