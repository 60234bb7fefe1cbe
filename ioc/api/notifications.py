"""What one is told oneself: the notifications of the page. Everybody has them, whatever the role may see of others."""

from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api import idempotency
from ioc.api.bell import BELL, Bell
from ioc.api.caller import CALLER
from ioc.api.models_tell import NotificationOf, NotificationsOf, Read, ReadOf, of
from ioc.api.parts import PARTS
from ioc.api.query import Query, bad
from ioc.api.session import told
from ioc.api.surface import BODY, Operation, describe
from ioc.store import told as kept

BASE = "/api/v1/notifications"
LONGEST_WAIT_S = 25
"""Shorter than what proxies and phones cut."""

_LIMIT_DEFAULT = 50
_LIMIT_MOST = 200
_LARGEST = (1 << 63) - 1


async def _unread(request: web.Request) -> kept.Unread:
    login = request[CALLER].person.login
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        return (await kept.unread(transaction, [login])).get(login, kept.NONE)


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/notifications`: one's own, newest first; with `mark` and `wait` as soon as there is news."""
    query = Query(request.rel_url.query, {"limit", "before", "unread", "mark", "wait"})
    limit = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    before = query.whole("before", _LARGEST, 1, _LARGEST)
    mark, wait = query.text("mark"), query.whole("wait", 0, 0, LONGEST_WAIT_S)
    if wait and mark is None:
        raise bad("mark", "mark")
    login = request[CALLER].person.login
    if wait and mark == (await _unread(request)).mark:
        await request.app[BELL].news(login, mark, wait)
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await kept.page(transaction, login, before, limit + 1, unread=query.flag("unread"))
        unread = (await kept.unread(transaction, [login])).get(login, kept.NONE)
    page = [of(NotificationOf, one, id=str(one.id)) for one in found[:limit]]
    return told(
        NotificationsOf(
            notifications=page,
            unread=unread.number,
            mark=unread.mark,
            next=page[-1].id if len(found) > limit else None,
        )
    )


async def read(request: web.Request) -> web.Response:
    """`POST /api/v1/notifications/read`: what was read needs no other channel any more. Again is harmless."""
    parts, login, asked = request.app[PARTS], request[CALLER].person.login, request[BODY]
    through, ids = int(asked.through or 0), [int(one) for one in asked.ids]
    async with parts.database.transaction(EVERYTHING) as transaction:
        new = await kept.read(transaction, login, parts.now(), through=through, ids=ids)
        unread = (await kept.unread(transaction, [login])).get(login, kept.NONE)
        answer = told(ReadOf(read=new, unread=unread.number))
        await idempotency.keep(request, transaction, answer)
    return answer


def _operations() -> tuple[Operation, ...]:
    return (
        Operation(
            method="GET", path=BASE, vi="Thông báo của mình; chờ tin mới với mark và wait",
            en="One's own notifications; waits for news with mark and wait",
            query=dict.fromkeys(("limit", "before", "unread", "mark", "wait"), str), answers={200: NotificationsOf},
            endless=True,
        ),
        Operation(
            method="POST", path=f"{BASE}/read", vi="Đánh dấu thông báo đã đọc", en="Say which notifications were read",
            body=Read, answers={200: ReadOf},
        ),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add one's own notifications to an application."""
    app[BELL] = Bell(app[PARTS].database)
    app.router.add_get(BASE, listed)
    app.router.add_post(f"{BASE}/read", read)
    describe(app, *_operations())
