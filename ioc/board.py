"""The changes as they happen: one tail of the change log a process, read by any number of streams.

Readers pull from a bounded ring of the newest changes, each at its own pace. A slow reader therefore costs
nothing and delays nobody: when it falls off the ring it is told so.
"""

import asyncio
import datetime as dt
import itertools
import math
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

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

_BATCH = 1_000
_LOOK_BACK = 1_000


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
    return Entry(change.version, thing, before, _event(change, change.op, change.value, source), left)


def _event(change: Change, op: str, value: object, source: str) -> bytes:
    """What is not in the log has no version, and leaves the reader's last event id as it was."""
    version = str(change.version) if change.version else None
    mark = version or f"provisional/{change.subject_id}/{op}/{moment(change.at)}"
    data = envelope(change.subject, op, change.subject_id, value, source=source, mark=mark, at=moment(change.at))
    return frame(change.subject, data, version)


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

    def since(self, version: int, scope: Scope, now: dt.datetime, limit: int = 500) -> tuple[int, list[bytes]]:
        """The events of at most `limit` changes after a version, as a scope sees them now, and the version reached.

        FellBehindError when not all of them are in memory any more.
        """
        if version >= self.position:
            return version, []
        if version < self._floor:
            raise FellBehindError
        newer = itertools.takewhile(lambda entry: entry.version > version, reversed(self._ring))
        fresh = list(newer)[::-1][:limit]
        events = [event for event in (entry.seen_by(scope, now) for entry in fresh) if event is not None]
        return (fresh[-1].version if fresh else self.position), events

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
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            if self._position is None:
                self._floor = self._position = max(0, await changes.newest(transaction) - _LOOK_BACK)
            found = await changes.after(transaction, self._position, _BATCH)
        if found:
            self._position = found[-1].version
            self._tell(found)
        return found

    def _tell(self, told: list[Change]) -> None:
        self._heard(told)
        for change in told:
            if len(self._ring) == self._ring.maxlen:
                self._floor = self._ring[0].version
            self._ring.append(entry_of(change, self._source))
        self._wake_readers()

    def _wake_readers(self) -> None:
        old, self._moved = self._moved, asyncio.Event()
        old.set()
