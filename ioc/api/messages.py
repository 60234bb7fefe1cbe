"""The log of who was told what, when and by which channel; dead letters sent again; receipts of receivers."""

import uuid
from typing import Any, get_args
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.access.tokens import digest
from ioc.api import deeds, idempotency
from ioc.api.caller import CALLER
from ioc.api.checks import explained
from ioc.api.incidents import id_of
from ioc.api.models_tell import DeliveryOf, MessageOf, MessagesOf, NotificationOf, Receipt, State, WholeMessage, of
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.api.session import told
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store import message_log, messages
from ioc.store.away import AWAY
from ioc.store.database import Transaction
from ioc.store.message_log import Entry, Wanted
from ioc.tell import order
from ioc.tell.contact import masked

BASE = "/api/v1/messages"
RECEIPTS = "/api/v1/receipts/{token}"
FORM = "application/x-www-form-urlencoded"
ME = "me"
_LIMIT_DEFAULT = 100
_LIMIT_MOST = 500
_STATES: dict[str, tuple[str, ...]] = {"waiting": ("due", "waiting"), "told": ("told",), "dead": ("dead",)}


def _model(entry: Entry) -> MessageOf:
    state = "waiting" if entry.state == "due" else entry.state
    found: MessageOf = of(MessageOf, entry, state=state)
    return found


def _sees(request: web.Request) -> bool:
    caller = request.get(CALLER)
    return caller is not None and allows(caller.person.role, "see", "message")


def _wanted(request: web.Request, query: Query) -> Wanted:
    state = "dead" if query.flag("dead") else query.text("state")
    if state is not None and state not in _STATES:
        raise bad("state", " | ".join(get_args(State)))
    recipient = query.text("recipient")
    return Wanted(
        states=() if state is None else _STATES[state],
        recipient=request[CALLER].person.login if recipient == ME else recipient,
        ticket=_uuid(query, "ticket"),
        before=_uuid(query, "before"),
    )


def _uuid(query: Query, name: str) -> uuid.UUID | None:
    text = query.text(name)
    try:
        return None if text is None else uuid.UUID(text)
    except ValueError:
        raise bad(name, "uuid") from None


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/messages`: newest first; what one was told oneself (`recipient=me`) everybody may see."""
    query = Query(request.rel_url.query, {"state", "recipient", "ticket", "dead", "before", "limit"})
    wanted, limit = _wanted(request, query), query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    own = wanted.recipient == request[CALLER].person.login
    if not own and not _sees(request):
        raise ProblemError("not-allowed")
    scope = EVERYTHING if own else request[CALLER].scope
    async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
        found = await message_log.listed(transaction, wanted, limit + 1)
        await transaction.bind(request[CALLER].scope)
        gone = await message_log.dead(transaction)
    page = [_model(one) for one in found[:limit]]
    more = page[-1].id if len(found) > limit else None
    return told(MessagesOf(messages=page, dead=0 if gone is None else gone.number, next=more))


async def _one(request: web.Request, transaction: Transaction) -> Entry:
    """The message in the address; the transaction is left with the scope under which it may be seen. Problem 404."""
    wanted, login = Wanted(id=id_of(request.match_info["id"])), request[CALLER].person.login
    found = await message_log.listed(transaction, wanted, 1) if _sees(request) else []
    if not found or found[0].recipient == login:
        await transaction.bind(EVERYTHING)
        found = await message_log.listed(transaction, msgspec.structs.replace(wanted, recipient=login), 1)
    if not found:
        raise ProblemError("not-found")
    return found[0]


async def _whole(transaction: Transaction, entry: Entry) -> WholeMessage:
    items = [of(NotificationOf, one, id=str(one.id)) for one in await message_log.items(transaction, entry.id)]
    sent = await message_log.deliveries(transaction, entry.id)
    deliveries = [of(DeliveryOf, one, address=masked(one.channel, one.address)) for one in sent]
    return WholeMessage(message=_model(entry), items=items, deliveries=deliveries)


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/messages/{id}`: with what it tells, and each sending of it."""
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return told(await _whole(transaction, await _one(request, transaction)))


async def again(request: web.Request) -> web.Response:
    """`POST /api/v1/messages/{id}/again`: a dead letter goes once more through the channels that hold now."""
    parts, scope = request.app[PARTS], request[CALLER].scope
    if not allows(request[CALLER].person.role, "step", "message"):
        raise ProblemError("not-allowed")
    async with parts.database.transaction(scope) as transaction:
        wanted = Wanted(id=id_of(request.match_info["id"]))
        if not await message_log.listed(transaction, wanted, 1):
            raise ProblemError("not-found")
        await transaction.bind(EVERYTHING)
        [kept] = await messages.locked(transaction, [id_of(request.match_info["id"])])
        if kept.standing.state != "dead":
            raise ProblemError("message-not-dead")
        anew = order.anew(kept.standing.severity, parts.now())
        await message_log.again(transaction, kept, anew, ZoneInfo(parts.settings.timezone), parts.now())
        await deeds.note(request, transaction, "message.again", "message", str(kept.id))
        await transaction.bind(scope)
        [entry] = await message_log.listed(transaction, wanted, 1)
        answer = told(await _whole(transaction, entry))
        await idempotency.keep(request, transaction, answer)
    return answer


async def receipt(request: web.Request) -> web.Response:
    """`POST /api/v1/receipts/{token}`: the token is all that is asked for. Again is harmless."""
    parts, asked = request.app[PARTS], _receipt(request[BODY])
    async with parts.database.transaction(EVERYTHING) as transaction:
        token, zone = digest(request.match_info["token"]), ZoneInfo(parts.settings.timezone)
        if not await message_log.receive(transaction, token, asked.status, zone, parts.now()):
            raise ProblemError("not-found")
    return web.Response(status=204)


def _receipt(body: Any) -> Receipt:
    """A receipt that came as JSON, or as a form."""
    if isinstance(body, Receipt):
        return body
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100)
    try:
        return msgspec.convert({name: values[-1] for name, values in fields.items()}, Receipt)
    except msgspec.ValidationError as error:
        raise explained(error) from None


async def figures(request: web.Request) -> dict[str, float]:
    """For `/metrics`: what waits to be told, and dead letters, of what the reader may see; none while PostgreSQL is
    away."""
    if not _sees(request):
        return {}
    try:
        async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
            found = await message_log.figures(transaction)
    except AWAY:
        return {}
    return {"ioc_messages_waiting": found["waiting"], "ioc_messages_dead": found["dead"]}


def _operations() -> tuple[Operation, ...]:
    step = May("step", "message")
    filters = dict.fromkeys(("state", "recipient", "ticket", "dead", "before", "limit"), str)
    return (
        Operation(
            method="GET", path=BASE, vi="Nhật ký báo tin: ai được báo gì, khi nào, qua kênh nào",
            en="Who was told what, when and by which channel", query=filters, answers={200: MessagesOf},
            problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{id}}", vi="Một tin nhắn và các lần gửi", en="A message and its sendings",
            answers={200: WholeMessage}, problems=("not-found",),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/again", vi="Gửi lại một tin không đến được",
            en="Send a dead letter again", may=step, answers={200: WholeMessage},
            problems=("not-allowed", "not-found", "message-not-dead"),
        ),
        Operation(
            method="POST", path=RECEIPTS, vi="Cổng nhắn tin báo kết quả gửi", en="A gateway says what became of a "
            "sending; the address was handed to it with the message", public=True, body=Receipt, raw=(FORM,),
            answers={204: None}, problems=("not-found",),
        ),
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add the log of messages and receipts to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_get(f"{BASE}/{{id}}", read)
    app.router.add_post(f"{BASE}/{{id}}/again", again)
    app.router.add_post(RECEIPTS, receipt)
    describe(app, *_operations())
