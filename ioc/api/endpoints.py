"""Endpoints of units and of citizens' channels: made, changed and tried by who manages messages.

A secret goes in and never comes out: not in an answer, the audit trail, a log or an error. So that nobody can have a
gateway's secret sent to himself, it is given again whenever the template into which it goes changes.
"""

import logging
import os
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.access.rights import allows
from ioc.access.scope import Thing
from ioc.api import deeds, idempotency
from ioc.api.caller import CALLER
from ioc.api.models_endpoints import EndpointOf, EndpointsOf, PutEndpoint, TriedEndpoint, TryEndpoint
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store import endpoints, ticket_policies
from ioc.store.database import Transaction
from ioc.tell.channel import Accepted, Again, Item, Message, Outcome, Refused, Told
from ioc.tell.channels import GATEWAYS
from ioc.tell.endpoint import CODE, Endpoint, EndpointError, checked

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/endpoints"

_WORDS: dict[type, tuple[str, str, str]] = {
    Told: ("told", "Đã gửi, bên nhận đã nhận.", "It was sent, and the receiver has it."),
    Accepted: (
        "accepted",
        "Đã gửi, bên trung gian đã nhận và sẽ chuyển tiếp.",
        "It was sent; who took it on will pass it on.",
    ),
    Again: ("again", "Chưa gửi được lúc này; có thể thử lại.", "It could not be sent now; trying again may help."),
    Refused: (
        "refused",
        "Không gửi được; cần sửa cấu hình của nơi nhận.",
        "It cannot be sent like this; something has to be changed.",
    ),
}
_TEST = {
    "vi": ("Tin thử", "Đây là tin thử từ trung tâm điều hành; không cần làm gì."),
    "en": ("Test message", "This is a test message of the operations centre; nothing needs to be done."),
}


def _manages(request: web.Request) -> None:
    if not allows(request[CALLER].person.role, "manage", "message"):
        raise ProblemError("not-allowed")


def _code(request: web.Request) -> str:
    code = request.match_info["code"]
    if not CODE.match(code):
        raise ProblemError("not-found")
    return code


def _model(one: Endpoint) -> EndpointOf:
    derived = ("has_secret", "old_secret_until")
    same = {name: getattr(one, name) for name in EndpointOf.__struct_fields__ if name not in derived}
    return EndpointOf(has_secret=bool(one.secret), old_secret_until=one.old_until, **same)


def _shown(one: Endpoint) -> dict[str, Any]:
    """What the audit trail keeps: an address may itself be a secret of its receiver, so only its host is."""
    plain = {name: getattr(one, name) for name in ("kind", "name", "centre", "unit", "enabled", "version")}
    url = one.template.url if one.template is not None else one.address
    return plain | {"host": urlsplit(url).hostname or url.rpartition("@")[2], "has_secret": bool(one.secret)}


def _said(value: object, status: int = 200) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        status=status, body=msgspec.json.encode(value), content_type="application/json", headers=headers
    )


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/endpoints`."""
    _manages(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await endpoints.listed(transaction)
    return _said(EndpointsOf(endpoints=[_model(one) for one in found]))


async def _one(request: web.Request, transaction: Transaction) -> Endpoint:
    found = await endpoints.one(transaction, _code(request))
    if found is None:
        raise ProblemError("not-found")
    return found


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/endpoints/{code}`."""
    _manages(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return _said(_model(await _one(request, transaction)))


async def put(request: web.Request) -> web.Response:
    """`PUT /api/v1/endpoints/{code}`: 201 for a new one."""
    _manages(request)
    parts, caller, asked, code = request.app[PARTS], request[CALLER], request[BODY], request.match_info["code"]
    if not CODE.match(code):
        raise bad("code", CODE.pattern)
    async with parts.database.transaction(caller.scope) as transaction:
        before = await endpoints.one(transaction, code, lock=True)
        if asked.expected_version != (0 if before is None else before.version):
            if before is None:
                raise ProblemError("not-found")
            raise ProblemError("stale-endpoint").carrying(current=msgspec.to_builtins(_model(before)))
        after = _wanted(request, asked, code, before)
        await _placed(request, transaction, after)
        if before is None:
            if not await endpoints.create(transaction, after):
                raise ProblemError("endpoint-taken")
        else:
            await endpoints.change(transaction, after)
        await _note(request, transaction, before, after)
        answer = _said(_model(after), 201 if before is None else 200)
        await idempotency.keep(request, transaction, answer)
    LOG.info("endpoint %s is of version %d now, by %s", code, after.version, caller.person.login)
    return answer


async def _note(request: web.Request, transaction: Transaction, before: Endpoint | None, after: Endpoint) -> None:
    new_secret = before is None or before.secret != after.secret
    await deeds.note(
        request, transaction, "endpoint.create" if before is None else "endpoint.change", "endpoint", after.code,
        before=None if before is None else _shown(before), after=_shown(after) | {"new_secret": new_secret},
        centre=after.centre, area="",
    )  # fmt: skip


def _wanted(request: web.Request, asked: PutEndpoint, code: str, before: Endpoint | None) -> Endpoint:
    """The endpoint that is asked for. Problem naming what cannot be agreed to."""
    parts, caller = request.app[PARTS], request[CALLER]
    centre = asked.centre or caller.person.centre or parts.settings.centre
    if not caller.scope.reaches(Thing("message", centre, "")):
        raise ProblemError("endpoint-place")
    now = parts.now()
    same: dict[str, Any] = {name: getattr(asked, name) for name in ("kind", "name", "address", "unit", "template")}
    made = Endpoint(
        code=code, centre=centre, enabled=asked.enabled, version=1 if before is None else before.version + 1,
        changed_at=now, changed_by=caller.person.login, **same,
    )  # fmt: skip
    try:
        made = _with_secret(made, asked.secret, before, now)
        checked(made)
    except EndpointError as error:
        raise ProblemError("endpoint-wrong", name=error.member, why=str(error)) from None
    return made


async def _placed(request: web.Request, transaction: Transaction, made: Endpoint) -> None:
    """Problem for what would be told of others: of a unit of another centre, or of everybody, as citizens' channels and
    the gateways for people's own numbers are."""
    scope, unit = request[CALLER].scope, (await ticket_policies.current(transaction)).unit(made.unit)
    if scope.centres is None and scope.areas is None:
        return
    everybody = made.kind == "channel" or made.code in GATEWAYS
    if everybody or (made.unit and (unit is None or not scope.reaches(Thing("message", unit.centre, "")))):
        raise ProblemError("endpoint-place")


def _with_secret(made: Endpoint, secret: str | None, before: Endpoint | None, now: Any) -> Endpoint:
    """With the secret that is given, or with the one that it had. Problem when that would go somewhere else now."""
    if before is None or before.kind != made.kind:
        return msgspec.structs.replace(made, secret=secret or "")
    kept = msgspec.structs.replace(made, secret=before.secret, old_secret=before.old_secret, old_until=before.old_until)
    if secret is not None:
        return kept.rotated(secret, now)
    if before.secret and before.kind == "gateway" and made.template != before.template:
        raise ProblemError("secret-again")
    return kept


async def attempt(request: web.Request) -> web.Response:
    """`POST /api/v1/endpoints/{code}/try`: send a test message, also where the endpoint is switched off."""
    _manages(request)
    parts, asked = request.app[PARTS], request[BODY]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        endpoint = await _one(request, transaction)
    place: dict[str, Any] = {"centre": endpoint.centre, "area": ""}
    await deeds.noted(request, "endpoint.try", "endpoint", endpoint.code, **place)
    began = time.monotonic()
    if parts.channels is None:
        outcome: Outcome = Refused(reason="this process sends nothing")
    else:
        message = _test_message(request, endpoint.code)
        outcome = await parts.channels.tried(endpoint, message, storable("to", asked.to))
    word, vi, en = _WORDS[type(outcome)]
    took = round((time.monotonic() - began) * 1000)
    english = request[CALLER].person.language == "en"
    words = {"words": en if english else vi, "reason": getattr(outcome, "reason", "")}
    return _said(TriedEndpoint(outcome=word, took_ms=took, **words))  # type: ignore[arg-type]


def _test_message(request: web.Request, code: str) -> Message:
    now, language = request.app[PARTS].now(), request[CALLER].person.language
    subject, text = _TEST["en" if language == "en" else "vi"]
    item = Item(topic="trouble", severity="minor", title=subject, body=text, at=now)
    return Message(
        id=str(uuid7(now, os.urandom(10))), recipient=f"@{code}", language=language, subject=subject,
        text=f"{subject}\n{text}", items=(item,), link="/", severity="minor", topic="trouble", created=now,
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add endpoints to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_get(f"{BASE}/{{code}}", read)
    app.router.add_put(f"{BASE}/{{code}}", put)
    app.router.add_post(f"{BASE}/{{code}}/try", attempt)
    describe(app, *_operations())


def _operations() -> tuple[Operation, ...]:
    manage = May("manage", "message")
    return (
        Operation(
            method="GET", path=BASE, vi="Các nơi nhận thông báo", en="Endpoints", may=manage,
            answers={200: EndpointsOf}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{code}}", vi="Một nơi nhận thông báo", en="An endpoint", may=manage,
            answers={200: EndpointOf}, problems=("not-allowed",),
        ),
        Operation(
            method="PUT", path=f"{BASE}/{{code}}", vi="Thêm hoặc sửa một nơi nhận", en="Make or change an endpoint",
            may=manage, body=PutEndpoint, answers={200: EndpointOf, 201: EndpointOf},
            problems=(
                "not-allowed", "stale-endpoint", "endpoint-taken", "endpoint-wrong", "endpoint-place", "secret-again",
            ),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{code}}/try", vi="Gửi tin thử đến một nơi nhận",
            en="Send a test message to an endpoint", may=manage, body=TryEndpoint, answers={200: TriedEndpoint},
            problems=("not-allowed",),
        ),
    )  # fmt: skip
