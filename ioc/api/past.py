"""The wall as it was: the picture at a moment, the changes between two, and how far back they go.

A reader sees what he may see now of things as they were, and no further back than his account may look. So that
looking back never slows the living picture, few requests are carried out at once and each is read in pages.
"""

import asyncio
import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import orjson
from aiohttp import web

from gis.layers import moment
from ioc.access.scope import EVERYTHING, Scope
from ioc.api.answer import said
from ioc.api.caller import CALLER
from ioc.api.models_past import OpenedOf, PastChange, PastChangesOf, PastOf, PastSpanOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, instant
from ioc.api.surface import May, Operation, describe
from ioc.store import past
from ioc.store.database import Transaction

BASE = "/api/v1/past"

AT_ONCE = 2
"""Requests about the past that are carried out at once; others wait within their deadline."""

LIMIT = 1_000
"""The most changes of a page."""

READ_AT_ONCE = 20_000
"""How much of the log a page may go through, however little of it the reader may see."""

SLACK = dt.timedelta(seconds=2)
"""How far ahead the clock of a wall may be."""

LEEWAY = dt.timedelta(minutes=1)
_PAGE = 1_000
_KEPT = 4


class Room:
    """Room for a few requests at once, and which after-images the pictures asked for last consist of."""

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(AT_ONCE)
        self._shown: OrderedDict[int, Sequence[int]] = OrderedDict()

    async def shown(self, transaction: Transaction, cut: int) -> Sequence[int]:
        """The same for every reader, so that walls which look at one moment find it out once."""
        if cut not in self._shown:
            self._shown[cut] = sorted(await past.shown(transaction, cut))
            while len(self._shown) > _KEPT:
                self._shown.popitem(last=False)
        return self._shown[cut]


ROOM: web.AppKey[Room] = web.AppKey("past", Room)


def reach(scope: Scope, oldest: dt.datetime, now: dt.datetime) -> dt.datetime:
    """How far back somebody can go, and still can when he asks for it a little later."""
    return oldest if scope.past is None else max(oldest, now - scope.past + LEEWAY)


def whole(at: dt.datetime) -> dt.datetime:
    """The first whole millisecond that is no earlier: as finely as pages reckon."""
    return at + dt.timedelta(microseconds=-at.microsecond % 1_000)


def checked(name: str, at: dt.datetime, scope: Scope, oldest: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The moment, no later than now. Problem when it is to come, too far back for the reader, or no longer kept."""
    if at > now + SLACK:
        raise ProblemError("past-to-come", name=name)
    if scope.past is not None and (not scope.past or at < now - scope.past):
        raise ProblemError("past-not-yours", hours=f"{scope.past.total_seconds() / 3600:g}")
    if at < oldest:
        raise ProblemError("past-unknown", oldest=moment(oldest))
    return min(at, now)


def _moment(query: Query, name: str) -> dt.datetime:
    return instant(name, query.text(name) or "")


async def _oldest(request: web.Request) -> dt.datetime:
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await past.oldest(transaction)
    if found is None:
        raise ProblemError("past-not-begun")
    return whole(found)


async def _images(request: web.Request, ids: Sequence[int]) -> list[past.Image]:
    """What the reader's scope allows of a picture, page by page so that others have their turn between."""
    scope, found = request[CALLER].scope, []
    async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
        for start in range(0, len(ids), _PAGE):
            page = await past.images(transaction, ids[start : start + _PAGE])
            found += [image for image in page if scope.reaches(image.thing)]
    return found


async def picture(request: web.Request) -> web.Response:
    """`GET /api/v1/past?at=`."""
    parts, room, scope = request.app[PARTS], request.app[ROOM], request[CALLER].scope
    at = _moment(Query(request.rel_url.query, {"at"}), "at")
    async with room.turn:
        oldest = await _oldest(request)
        at = checked("at", at, scope, oldest, parts.now())
        async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
            cut = await past.cut(transaction, at)
            ids = await room.shown(transaction, cut)
        groups = past.grouped(await _images(request, ids))
    head: dict[str, Any] = {"at": moment(at), "oldest": moment(reach(scope, oldest, parts.now())), "cursor": cut}
    return web.Response(body=written(head, groups), content_type="application/json")


def written(head: dict[str, Any], groups: dict[str, list[str]]) -> bytes:
    """The picture as JSON; features are JSON already and are not read again."""
    lists = [f'"{name}":[{",".join(values)}]' for name, values in groups.items()]
    return orjson.dumps(head)[:-1] + b"," + ",".join(lists).encode() + b"}"


def told(one: past.Told, scope: Scope, now: dt.datetime) -> PastChange | None:
    """A change as the live stream tells it to a scope (`ioc/board.py`): put, left, or nothing."""
    change = one.change
    same: dict[str, Any] = {"version": change.version, "at": one.at, "subject": change.subject, "id": change.subject_id}
    if scope.holds(change.thing, now) and change.op == "put":
        feature: Any = change.value  # as the desk wrote it
        return PastChange(op="put", feature=feature, **same)
    if scope.reaches(change.thing) or (change.before is not None and scope.reaches(change.before)):
        return PastChange(op="removed", feature=None, **same)
    return None


async def changed(request: web.Request) -> web.Response:
    """`GET /api/v1/past/changes?from=&to=&limit=&after=`: after `from`, up to `to`."""
    parts, scope = request.app[PARTS], request[CALLER].scope
    query = Query(request.rel_url.query, {"from", "to", "limit", "after"})
    since, until = _moment(query, "from"), _moment(query, "to")
    limit, after = query.whole("limit", LIMIT, 1, LIMIT), query.whole("after", 0, 0, (1 << 63) - 1)
    async with request.app[ROOM].turn:
        oldest, now = await _oldest(request), parts.now()
        checked("from", since, scope, oldest, now)
        checked("to", until, scope, oldest, now)
        if since > until:
            raise bad("from", "from ≤ to")
        async with parts.database.transaction(EVERYTHING, read_only=True) as transaction:
            first = max(after, await past.cut(transaction, since))
            last = await past.cut(transaction, until)
        through = min(last, first + READ_AT_ONCE)
        async with parts.database.transaction(scope, read_only=True) as transaction:
            found = await past.between(transaction, first, through, limit)
    if len(found) == limit:
        through = found[-1].change.version
    events = [event for event in (told(one, scope, now) for one in found) if event is not None]
    return said(PastChangesOf(changes=events, next=through if through < last else None))


async def span(request: web.Request) -> web.Response:
    """`GET /api/v1/past/span`."""
    Query(request.rel_url.query, set())
    parts, scope = request.app[PARTS], request[CALLER].scope
    async with request.app[ROOM].turn:
        now, oldest = parts.now(), await _oldest(request)
        checked("now", now, scope, oldest, now)
        first, zone = reach(scope, oldest, now), parts.here().tzinfo
        async with parts.database.transaction(scope, read_only=True) as transaction:
            found = await past.opened(transaction, first, now)
            days = await past.areas_changed(transaction, first.astimezone(zone).date(), now.astimezone(zone).date())
    hours = [OpenedOf(**msgspec.structs.asdict(one)) for one in found]
    return said(PastSpanOf(oldest=first, newest=now, opened=hours, areas_changed=days))


def routes(app: web.Application) -> None:
    """Add the past to an application."""
    app[ROOM] = Room()
    app.router.add_get(BASE, picture)
    app.router.add_get(f"{BASE}/changes", changed)
    app.router.add_get(f"{BASE}/span", span)
    see, problems = May("see", "change"), ("past-unknown", "past-not-begun", "past-not-yours", "past-to-come")
    from_one = Annotated[int, msgspec.Meta(ge=1)]
    from_zero = Annotated[int, msgspec.Meta(ge=0)]
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Màn hình như đã hiện vào một lúc", en="The wall as it was at a moment",
            may=see, query={"at": dt.datetime}, needs=("at",), answers={200: PastOf}, problems=problems,
        ),
        Operation(
            method="GET", path=f"{BASE}/changes", vi="Các thay đổi giữa hai lúc", en="The changes between two moments",
            may=see, query={"from": dt.datetime, "to": dt.datetime, "limit": from_one, "after": from_zero},
            needs=("from", "to"), answers={200: PastChangesOf}, problems=problems,
        ),
        Operation(
            method="GET", path=f"{BASE}/span", vi="Xem lại được từ khi nào, và khi nào có sự cố",
            en="How far back the past goes, and when incidents were opened", may=see,
            answers={200: PastSpanOf}, problems=problems,
        ),
    )  # fmt: skip
