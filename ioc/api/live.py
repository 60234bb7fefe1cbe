"""Server-sent events: a snapshot, what was missed, and every change as it is committed."""

import asyncio
import datetime as dt
import logging
import random
import socket
import struct
import time
from collections.abc import Mapping

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from gis.layer import Layer
from gis.layers import ALARMS, CAMERAS, DEVICES, INCIDENTS, TICKETS, feature
from ioc.access.scope import EVERYTHING, Scope
from ioc.api.bell import BELL, Bell
from ioc.api.caller import CALLER, CALLERS, Caller
from ioc.api.parts import PARTS, Parts
from ioc.api.query import Query
from ioc.board import ROOM, Entry, FellBehindError, envelope, frame, merged
from ioc.store import changes, layers
from ioc.store.away import AWAY
from ioc.store.database import Transaction
from ioc.store.told import NONE

LOG = logging.getLogger("ioc.api.live")

COMMENT_S = 15.0
"""Seconds between comments."""

STALLED_S = 10.0
"""Seconds within which a reader must have taken a piece (ROOM bytes), else it is cut; it may come back and resume."""

RETRY_S = (1.0, 3.0)
"""When a reader whose stream ended may come back, drawn for each, so that all of them do not come in one moment."""

UNSENT = 16 * 1024
"""Bytes that the system may hold for a reader beside those on their way; more waits here, where it is merged."""

RESUMABLE = dt.timedelta(hours=24)
"""How old the last event of a reader that resumes may be."""

_PAGE = 500
_FRESH_S = 1.0
_OTHERS_S = 2.0
_SHOWN = (INCIDENTS, ALARMS, TICKETS, DEVICES, CAMERAS)


class Snapshot(msgspec.Struct, frozen=True):
    """The present picture of one scope as events, and the version that it is at least as new as."""

    cursor: int
    body: bytes


async def _puts(transaction: Transaction, layer: Layer, parts: Parts, cursor: int) -> list[bytes]:
    here, events = parts.here(), []
    wanted = layers.Wanted(current_only=True)
    while True:
        rows = await layers.rows(transaction, layer, wanted, now=here, limit=_PAGE)
        for row in rows:
            one = feature(layer, row)
            mark = f"{cursor}/{layer.subject}/{one['id']}"
            data = envelope(layer.subject, "put", one["id"], one, source=parts.board.source, mark=mark)
            events.append(frame(layer.subject, data))
        if len(rows) < _PAGE:
            return events
        wanted = layers.Wanted(current_only=True, after=tuple(rows[-1][name] for name in layer.key))


class Snapshots:
    """Makes snapshots, one at a time for each scope; many walls that come at once share one."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._locks: dict[Scope, asyncio.Lock] = {}
        self._made: dict[Scope, tuple[float, Snapshot]] = {}

    async def of(self, scope: Scope) -> Snapshot:
        """A snapshot that is at most a second old; what changed since follows from its cursor."""
        async with self._locks.setdefault(scope, asyncio.Lock()):
            made = self._made.get(scope)
            if made is not None and made[0] > time.monotonic():
                return made[1]
            fresh = await self._make(scope)
            horizon = time.monotonic()
            self._made = {other: kept for other, kept in self._made.items() if kept[0] > horizon}
            self._made[scope] = (horizon + _FRESH_S, fresh)
            return fresh

    async def _make(self, scope: Scope) -> Snapshot:
        cursor = self._parts.board.position  # all of it is committed, so the transaction that begins now sees it
        events: list[bytes] = []
        async with self._parts.database.transaction(scope, read_only=True) as transaction:
            for layer in _SHOWN:
                events += await _puts(transaction, layer, self._parts, cursor)
        return Snapshot(cursor, b"".join(events))


SNAPSHOTS: web.AppKey[Snapshots] = web.AppKey("snapshots", Snapshots)


class Wire:
    """The way to one reader: events as whole pieces, at most one of them not yet with the system.

    Besides, the system holds what is on its way and UNSENT bytes. So a reader that does not read holds little, and what
    it misses is merged.
    """

    def __init__(self, transport: asyncio.Transport, writer: AbstractStreamWriter, *, chunked: bool) -> None:
        self._transport, self._writer, self._chunked = transport, writer, chunked
        self._sending = asyncio.Lock()
        transport.set_write_buffer_limits(0)
        own = transport.get_extra_info("socket")
        if own is not None and own.family != socket.AF_UNIX and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)

    @property
    def clear(self) -> bool:
        """Whether the reader has taken all that was sent."""
        return not self._sending.locked() and not self._transport.get_write_buffer_size()

    def put(self, body: bytes) -> None:
        """Send at once, without waiting, on a wire that is clear. One call a change and reader: it must cost little."""
        if self._chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body)
        if not self._transport.is_closing():
            self._transport.write(body)

    def cut(self) -> None:
        """End at once a connection whose reader has not taken everything: the reader learns of it, and the system holds
        nothing for it any more.
        """
        if not self._transport.get_write_buffer_size():
            return
        own = self._transport.get_extra_info("socket")
        if own is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    async def send(self, body: bytes) -> None:
        """Send in pieces, each taken within STALLED_S. TimeoutError when the reader does not."""
        async with self._sending:
            view = memoryview(body)
            for start in range(0, max(len(body), 1), ROOM):
                async with asyncio.timeout(STALLED_S):
                    await self._writer.drain()
                    if body:
                        await self._writer.write(view[start : start + ROOM])
                        await self._writer.drain()


class Stream:
    """One reader's stream."""

    def __init__(self, app: web.Application, wire: Wire, caller: Caller) -> None:
        self._parts = app[PARTS]
        self._board = self._parts.board
        self._snapshots = app[SNAPSHOTS]
        self._wire = wire
        self._scope = caller.scope
        self._position = 0
        self._provisional: Mapping[str, Entry] = {}
        self._shown: dict[str, Entry] = {}
        self._news = asyncio.Event()
        self._idle = False
        self.now = self._parts.now

    def take(self, before: int, through: int, events: bytes) -> None:
        """Send what is new at once, if the reader has everything before it; else it follows, merged.

        What held provisionally is taken back first: it may be what the change is about.
        """
        whole = self._position == before and self._board.provisional is self._provisional
        if not (self._idle and whole and self._wire.clear):
            self._news.set()
            return
        self._position = through
        if events:
            self._wire.put(events)

    def wake(self) -> None:
        """Something is there to be looked at."""
        self._news.set()

    async def run(self, last: int | None, snapshot: bool) -> None:
        """Send for ever. `last` is the last event the reader has seen."""
        await self._board.started()
        least, most = RETRY_S
        await self._send(b"retry: %d\n\n" % (1e3 * random.uniform(least, most)))  # noqa: S311 - spreads, hides nothing
        with self._board.reading(self._scope, self):
            if last is not None:
                await self._resume(last)
            elif snapshot:
                await self._show()
            else:
                self._position = self._board.position
                await self._ready()
            await self._follow()

    async def _follow(self) -> None:
        comment_at = time.monotonic() + COMMENT_S
        while True:
            self._news.clear()
            await self._send(b"")
            await self._tell_provisional()
            await self._forward()
            if time.monotonic() >= comment_at:
                comment_at += COMMENT_S
                await self._send(b": here\n\n")
            if self._position >= self._board.position:
                self._idle = True
                await self._until(self._news, comment_at)
                self._idle = False

    async def tell_news(self, bell: Bell, login: str) -> None:
        """Send for ever how many notifications the reader has not read, whenever that is another number or other ones.

        They are a person's, not of a place, so they are no changes of the log: these events have no id.
        """
        mark = NONE.mark
        while True:
            unread = await bell.news(login, mark, COMMENT_S)
            if unread is None:
                continue
            mark, about = unread.mark, {"unread": unread.number, "mark": unread.mark}
            data = envelope("told", "put", login, about, source=self._board.source, mark=f"told/{mark}")
            await self._send(frame("told", data))

    async def _until(self, moved: asyncio.Event, comment_at: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, comment_at - time.monotonic())):
                await moved.wait()
        except TimeoutError:
            return

    async def _forward(self) -> None:
        try:
            self._position, events = self._board.since(self._position, self._scope, self.now())
        except FellBehindError:
            await self._reset("the reader was too slow")
            return
        if events:
            await self._send(events)

    async def _tell_provisional(self) -> None:
        """Tell what differs from what this reader was shown of it."""
        holding = self._board.provisional
        if holding is self._provisional:
            return
        self._provisional = holding
        events = [self._shown.pop(fid).left for fid in list(self._shown) if fid not in holding]
        now = self.now()
        for fid, entry in holding.items():
            before = self._shown.get(fid)
            event = None if entry is before else entry.seen_by(self._scope, now)
            if event is entry.put:
                self._shown[fid] = entry
                events.append(event)
            elif event is not None and before is not None:
                events.append(self._shown.pop(fid).left)
        if events:
            await self._send(b"".join(events))

    async def _resume(self, last: int) -> None:
        if not await self._may_resume(last):
            await self._reset("what followed this event is older than 24 hours or unknown")
            return
        self._position = last
        while True:
            try:
                self._position, events = self._board.since(self._position, self._scope, self.now())
            except FellBehindError:
                events = await self._page()
            if events:
                await self._send(events)
            if self._position >= self._board.position:
                break
        await self._ready()

    async def _may_resume(self, last: int) -> bool:
        """Another process may be ahead of this one's board; one that is far ahead is of another log."""
        deadline = time.monotonic() + _OTHERS_S
        while last > self._board.position:
            if time.monotonic() >= deadline:
                return False
            await self._until(self._board.moved(), deadline)
        async with self._parts.database.transaction(EVERYTHING, read_only=True) as transaction:
            return await changes.resumes(transaction, last, self._parts.now() - RESUMABLE)

    async def _page(self) -> bytes:
        through = self._board.position
        async with self._parts.database.transaction(self._scope, read_only=True) as transaction:
            found = await changes.after(transaction, self._position, _PAGE, through=through)
        self._position = found[-1].version if len(found) == _PAGE else through
        entries = map(self._board.entry, found)
        return b"".join(event for _, event in merged(entries, self._scope, self.now()))

    async def _reset(self, reason: str) -> None:
        """Tell the reader to forget everything; its last event id is emptied until the snapshot is whole."""
        data = envelope("reset", "put", "", {"reason": reason}, source=self._board.source, mark="reset")
        await self._send(frame("reset", data, ""))
        await self._show()

    async def _show(self) -> None:
        snapshot = await self._snapshots.of(self._scope)
        await self._send(snapshot.body)
        self._position = snapshot.cursor
        await self._ready()

    async def _ready(self) -> None:
        cursor = self._position
        data = envelope(
            "ready", "put", str(cursor), {"cursor": cursor}, source=self._board.source, mark=f"ready/{cursor}"
        )
        await self._send(frame("ready", data, str(cursor)))
        self._provisional, self._shown = {}, {}  # a reader drops what was provisional when a picture is whole

    async def _send(self, body: bytes) -> None:
        await self._wire.send(body)


def _last_event(request: web.Request, query: Query) -> int | None:
    text = request.headers.get("Last-Event-ID") or query.text("last_event_id") or ""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else (1 << 62)


async def live(request: web.Request) -> web.StreamResponse:
    """`GET /api/v1/live`."""
    query = Query(request.rel_url.query, {"snapshot", "last_event_id"})
    snapshot, last = query.flag("snapshot"), _last_event(request, query)
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    writer, caller = await response.prepare(request), request[CALLER]
    if writer is None or request.transport is None:
        return response
    wire = Wire(request.transport, writer, chunked="Transfer-Encoding" in response.headers)
    try:
        async with request.app[CALLERS].while_signed_in(caller), asyncio.TaskGroup() as tasks:
            stream = Stream(request.app, wire, caller)
            tasks.create_task(stream.tell_news(request.app[BELL], caller.person.login), name="told")
            await stream.run(last, snapshot)
    except* AWAY:
        LOG.info("a stream ended early: its reader or PostgreSQL is away")
    except* Exception:
        LOG.exception("a stream failed; it has begun, so that it can only end")
    wire.cut()
    return response


def routes(app: web.Application) -> None:
    """Add the stream to an application."""
    app[SNAPSHOTS] = Snapshots(app[PARTS])
    app.router.add_get("/api/v1/live", live, allow_head=False)
