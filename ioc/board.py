"""The changes as they happen: one tail of the change log a process, read by any number of streams.

Readers pull from a bounded ring of the newest changes, each at its own pace. A slow reader therefore costs
nothing and delays nobody: when it falls off the ring it is told so.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable

import orjson

from gis.layers import moment
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import tail
from ioc.store.away import AWAY
from ioc.store.changes import CHANNEL, Change
from ioc.store.database import Database

POLL_S = 1.0
"""Seconds after which the log is read even if nobody woke the tail."""

_HOLE_POLL_S = 0.05
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
        "datacontenttype": "application/geo+json" if event not in ("ready", "reset") else "application/json",
    }
    return orjson.dumps({**body, **({"time": at} if at else {}), "data": data})


def frame(event: str, data: bytes, version: str | None = None) -> bytes:
    """One server-sent event. Without a version the reader's last event id stays as it was."""
    mark = b"" if version is None else b"id: " + version.encode() + b"\n"
    return mark + b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"


class Entry:
    """A change, and its server-sent events: each is made once, however many streams send it."""

    __slots__ = ("_left", "_put", "_source", "change")

    def __init__(self, change: Change, source: str) -> None:
        self.change = change
        self._source = source
        self._put: bytes | None = None
        self._left: bytes | None = None

    def seen_by(self, scope: Scope) -> bytes | None:
        """The event for a reader of this scope: the change, a removal when it left the scope, or nothing."""
        if scope.sees(self.change.centre):
            if self._put is None:
                self._put = self._event(self.change.op, self.change.value)
            return self._put
        before = self.change.centre_before
        if before is None or not scope.sees(before):
            return None
        if self._left is None:
            gone: dict[str, object] = {
                "type": "Feature",
                "id": self.change.subject_id,
                "geometry": None,
                "properties": {},
            }
            self._left = self._event("removed", gone)
        return self._left

    def _event(self, op: str, value: object) -> bytes:
        version = str(self.change.version)
        at = moment(self.change.at)
        data = envelope(
            self.change.subject,
            op,
            self.change.subject_id,
            value,
            source=self._source,
            mark=version,
            at=at,
        )
        return frame(self.change.subject, data, version)


class Order:
    """Which visible changes may be told, in order of version, without leaving one behind that commits late.

    A missing version is waited for until every transaction that ran when it was missed has ended. That
    holds because a writer changes its own rows first, and so has its transaction id before its version.
    """

    def __init__(self, position: int) -> None:
        self.position = position
        self._missed: dict[int, int] = {}

    @property
    def waits(self) -> bool:
        """Whether a missing version holds back later ones."""
        return bool(self._missed)

    def take(self, glimpse: tail.Glimpse) -> list[Change]:
        """The changes that are next; `position` moves behind them."""
        told: list[Change] = []
        missed = self._missed
        self._missed = {}
        expected, blocked = self.position + 1, False
        for change in glimpse.changes:
            if change.version > expected:
                since = missed.get(expected, glimpse.next_one)
                if glimpse.oldest_running < since:
                    self._missed[expected] = since
                    blocked = True
            if not blocked:
                told.append(change)
                self.position = change.version
            expected = change.version + 1
        return told


class FellBehindError(Exception):
    """The reader wants changes that are no longer in memory."""


class Board:
    """The newest changes of the log. One task runs `run`; readers await `moved`."""

    def __init__(
        self,
        database: Database,
        *,
        source: str = "/ogc",
        keep: int = 10_000,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._source = source
        self._ring: deque[Entry] = deque(maxlen=keep)
        self._floor = 0
        self._order: Order | None = None
        self._moved = asyncio.Event()
        self._wake = asyncio.Event()
        self._started = asyncio.Event()
        self._failed = failed

    @property
    def source(self) -> str:
        """The `source` of its CloudEvents."""
        return self._source

    @property
    def position(self) -> int:
        """The version up to which everything is decided: told, or never to come."""
        return 0 if self._order is None else self._order.position

    async def started(self) -> None:
        """Wait until the log has been read once."""
        await self._started.wait()

    def moved(self) -> asyncio.Event:
        """An event that is set at the next change; take it before looking."""
        return self._moved

    def since(self, version: int, scope: Scope, limit: int = 500) -> tuple[int, list[bytes]]:
        """The events of at most `limit` changes after a version, and the version reached.

        FellBehindError when not all of them are in memory any more.
        """
        if version >= self.position:
            return version, []
        if version < self._floor:
            raise FellBehindError
        newer = itertools.takewhile(lambda entry: entry.change.version > version, reversed(self._ring))
        fresh = list(newer)[::-1][:limit]
        events = [event for event in (entry.seen_by(scope) for entry in fresh) if event is not None]
        return (fresh[-1].change.version if fresh else self.position), events

    def entry(self, change: Change) -> Entry:
        """A change of the log outside the ring, as an event."""
        return Entry(change, self._source)

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
        pause = _HOLE_POLL_S if self._order is not None and self._order.waits else POLL_S
        try:
            async with asyncio.timeout(pause):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _read(self) -> None:
        while True:
            async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
                if self._order is None:
                    newest = await tail.newest_visible(transaction)
                    self._floor = max(0, newest - _LOOK_BACK)
                    self._order = Order(self._floor)
                glimpse = await tail.look(transaction, self._order.position, _BATCH)
            told = self._order.take(glimpse)
            self._tell(told)
            if len(glimpse.changes) < _BATCH or not told:
                break
        self._started.set()

    def _tell(self, changes: list[Change]) -> None:
        if not changes:
            return
        for change in changes:
            if len(self._ring) == self._ring.maxlen:
                self._floor = self._ring[0].change.version
            self._ring.append(Entry(change, self._source))
        old, self._moved = self._moved, asyncio.Event()
        old.set()
