"""Web push: the key that browsers subscribe with, and the subscriptions of who is signed in."""

import uuid

import msgspec
from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency
from ioc.api.caller import CALLER
from ioc.api.models_endpoints import PushOf, Subscribe, Unsubscribe
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.surface import BODY, Operation, describe
from ioc.store import push_subscriptions
from ioc.store.database import Transaction
from ioc.tell.push import PushError, Subscription, check, host_of
from ioc.tell.pushing import service_known

BASE = "/api/v1/push"
LONGEST_AGENT = 200


def _account(request: web.Request) -> uuid.UUID:
    account = request[CALLER].account
    if account is None:
        raise ProblemError("session-needed")
    return account


async def _said(request: web.Request, transaction: Transaction, status: int = 200) -> web.Response:
    channels = request.app[PARTS].channels
    key = "" if channels is None else channels.push_key
    number = await push_subscriptions.count(transaction, _account(request))
    return web.Response(
        status=status, body=msgspec.json.encode(PushOf(enabled=bool(key), public_key=key, subscriptions=number)),
        content_type="application/json", headers={"Cache-Control": "no-store"},
    )  # fmt: skip


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/push`."""
    async with request.app[PARTS].database.transaction(EVERYTHING, read_only=True) as transaction:
        return await _said(request, transaction)


async def subscribe(request: web.Request) -> web.Response:
    """`POST /api/v1/push`: this browser takes messages for who is signed in. Again is harmless."""
    parts, asked = request.app[PARTS], request[BODY]
    if parts.channels is None or not parts.channels.push_key:
        raise ProblemError("push-off")
    subscription = Subscription(endpoint=asked.endpoint, p256dh=asked.keys.p256dh, auth=asked.keys.auth)
    try:
        check(subscription)
    except PushError as error:
        raise ProblemError("push-wrong", why=str(error)) from None
    if not service_known(host_of(subscription.endpoint), parts.channels.push_hosts):
        raise ProblemError("push-host")
    agent = "".join(one for one in request.headers.get("User-Agent", "") if one.isprintable())[:LONGEST_AGENT]
    async with parts.database.transaction(EVERYTHING) as transaction:
        await push_subscriptions.subscribe(transaction, _account(request), subscription, agent, parts.now())
        await _noted(request, transaction, "push.subscribe", subscription.endpoint)
        answer = await _said(request, transaction, 201)
        await idempotency.keep(request, transaction, answer)
    return answer


async def unsubscribe(request: web.Request) -> web.Response:
    """`POST /api/v1/push/unsubscribe`: this browser takes no more. 404 when the caller has no such browser."""
    asked: Unsubscribe = request[BODY]
    async with request.app[PARTS].database.transaction(EVERYTHING) as transaction:
        if not await push_subscriptions.unsubscribe(transaction, _account(request), asked.endpoint):
            raise ProblemError("not-found")
        await _noted(request, transaction, "push.unsubscribe", asked.endpoint)
        answer = await _said(request, transaction)
        await idempotency.keep(request, transaction, answer)
    return answer


async def _noted(request: web.Request, transaction: Transaction, act: str, endpoint: str) -> None:
    """The address itself is as good as a key, so the trail has its digest."""
    mark = push_subscriptions.digest_of(endpoint).hex()[:16]
    await deeds.note(request, transaction, act, "push", mark, after={"login": request[CALLER].person.login})


def routes(app: web.Application) -> None:
    """Add web push to an application."""
    app.router.add_get(BASE, read)
    app.router.add_post(BASE, subscribe)
    app.router.add_post(f"{BASE}/unsubscribe", unsubscribe)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Thông báo đẩy của tôi", en="My web push", answers={200: PushOf},
            problems=("session-needed",),
        ),
        Operation(
            method="POST", path=BASE, vi="Nhận thông báo đẩy ở trình duyệt này", en="Subscribe this browser",
            body=Subscribe, answers={201: PushOf},
            problems=("session-needed", "push-off", "push-wrong", "push-host"),
        ),
        Operation(
            method="POST", path=f"{BASE}/unsubscribe", vi="Thôi nhận thông báo đẩy", en="Unsubscribe a browser",
            body=Unsubscribe, answers={200: PushOf}, problems=("session-needed", "not-found"),
        ),
    )  # fmt: skip
