"""Server-sent events: a snapshot, what was missed, and every change as it is committed."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Mapping

import msgspec
from aiohttp import web

from gis.layer import Layer
from gis.layers import ALARMS, CAMERAS, DEVICES, INCIDENTS, TICKETS, feature
from ioc.access.scope import EVERYTHING, Scope
from ioc.api.bell import BELL, Bell
from ioc.api.caller import CALLER, CALLERS, Caller
from ioc.api.parts import PARTS, Parts
from ioc.api.query import Query
from ioc.board import Entry, FellBehindError, envelope, frame
from ioc.store import changes, layers
from ioc.store.away import AWAY
from ioc.store.database import Transaction
from ioc.store.told import NONE

LOG = logging.getLogger("ioc.api.live")

COMMENT_S = 15.0
"""Seconds between comments."""

STALLED_S = 10.0
"""Seconds after which a reader that takes nothing is cut; it may come back and resume."""

RESUMABLE = dt.timedelta(hours=24)
"""How old the last event of a reader that resumes may be."""

_PIECE = 64 * 1024
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


class Stream:
    """One reader's stream."""

    def __init__(self, request: web.Request, response: web.StreamResponse, caller: Caller) -> None:
        self._parts = request.app[PARTS]
        self._board = self._parts.board
        self._snapshots = request.app[SNAPSHOTS]
        self._response = response
        self._scope = caller.scope
        self._sending = asyncio.Lock()
        self._position = 0
        self._provisional: Mapping[str, Entry] = {}
        self._shown: dict[str, Entry] = {}

    async def run(self, last: int | None, snapshot: bool) -> None:
        """Send for ever. `last` is the last event the reader has seen."""
        await self._board.started()
        if last is not None:
            await self._resume(last)
        elif snapshot:
            await self._show()
        else:
            self._position = self._board.position
            await self._ready()
        comment_at = time.monotonic() + COMMENT_S
        while True:
            moved = self._board.moved()
            await self._tell_provisional()
            await self._forward()
            if time.monotonic() >= comment_at:
                comment_at += COMMENT_S
                await self._send(b": here\n\n")
            if self._position >= self._board.position:
                await self._until(moved, comment_at)

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
            self._position, events = self._board.since(self._position, self._scope, self._parts.now())
        except FellBehindError:
            await self._reset("the reader was too slow")
            return
        if events:
            await self._send(b"".join(events))

    async def _tell_provisional(self) -> None:
        """Tell what differs from what this reader was shown of it."""
        holding = self._board.provisional
        if holding is self._provisional:
            return
        self._provisional = holding
        events = [self._shown.pop(fid).left for fid in list(self._shown) if fid not in holding]
        now = self._parts.now()
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
                self._position, events = self._board.since(self._position, self._scope, self._parts.now())
            except FellBehindError:
                events = await self._page()
            if events:
                await self._send(b"".join(events))
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

    async def _page(self) -> list[bytes]:
        through = self._board.position
        async with self._parts.database.transaction(self._scope, read_only=True) as transaction:
            found = await changes.after(transaction, self._position, _PAGE, through=through)
        self._position = found[-1].version if len(found) == _PAGE else through
        now = self._parts.now()
        events = (self._board.entry(change).seen_by(self._scope, now) for change in found)
        return [event for event in events if event is not None]

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
        """Write in pieces, each within a deadline, so that a reader that stalls is cut and holds little."""
        async with self._sending:
            for start in range(0, len(body), _PIECE):
                async with asyncio.timeout(STALLED_S):
                    await self._response.write(body[start : start + _PIECE])


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
    await response.prepare(request)
    caller = request[CALLER]
    try:
        async with request.app[CALLERS].while_signed_in(caller), asyncio.TaskGroup() as tasks:
            stream = Stream(request, response, caller)
            tasks.create_task(stream.tell_news(request.app[BELL], caller.person.login), name="told")
            await stream.run(last, snapshot)
    except* AWAY:
        LOG.info("a stream ended early: its reader or PostgreSQL is away")
    except* Exception:
        LOG.exception("a stream failed; it has begun, so that it can only end")
    if request.transport is not None and request.transport.get_write_buffer_size() > 0:
        request.transport.abort()
    return response


def routes(app: web.Application) -> None:
    """Add the stream to an application."""
    app[SNAPSHOTS] = Snapshots(app[PARTS])
    app.router.add_get("/api/v1/live", live, allow_head=False)
