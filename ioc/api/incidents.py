"""One incident: as it is, who has it before their eyes, its timeline, who may work on it."""

import uuid
from typing import Any

import msgspec
from aiohttp import web

from ioc.access.policy import Thing, may
from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api import deeds, idempotency, models, models_steps, ticket_records
from ioc.api.caller import CALLER
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.surface import BODY, May, Operation, describe
from ioc.store import casefile, evidence, people, steps, timeline
from ioc.store.database import Transaction

BASE = "/api/v1/incidents/{id}"


def id_of(text: str) -> uuid.UUID:
    """The UUID of a path. Problem 404 for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise ProblemError("not-found") from error


async def told(request: web.Request, transaction: Transaction, wanted: uuid.UUID) -> dict[str, Any] | None:
    """An incident as the reader is told it, with its tickets; None when it is not visible."""
    found = await evidence.incident(transaction, wanted)
    if found is not None:
        found["tickets"] = msgspec.to_builtins(await ticket_records.of_incident(request, transaction, wanted))
    return found


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}`.

    A duplicate is told as it is, because its undo and its log are there; where it leads is in `leads_to` and in a
    link of the kind `canonical` (RFC 6596). A redirect would be kept by browsers after an undo.
    """
    Query(request.rel_url.query, set())
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await told(request, transaction, wanted)
    if found is None:
        raise ProblemError("not-found")
    end = found["leads_to"]
    return said(found, **({"Link": f'</api/v1/incidents/{end}>; rel="canonical"'} if end else {}))


async def seen(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/seen` with `{"version": n}`: that it is before the person's eyes."""
    caller, parts = request[CALLER], request.app[PARTS]
    if not allows(caller.person.role, "step", "incident"):
        raise ProblemError("not-allowed")
    wanted, sight = id_of(request.match_info["id"]), request[BODY]
    async with parts.database.transaction(caller.scope) as transaction:
        owner = await steps.owner_of(transaction, wanted)
        if owner is None:
            raise ProblemError("not-found")
        if await steps.see(transaction, wanted, caller.person.login, sight.version, parts.now()):
            place = {"centre": owner.centre, "area": owner.area}
            await deeds.note(request, transaction, "incident.seen", "incident", str(wanted), **place)
        answer = web.Response(status=204)
        await idempotency.keep(request, transaction, answer)
    return answer


async def moments(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}/timeline`."""
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        if await steps.owner_of(transaction, wanted) is None:
            raise ProblemError("not-found")
        found, cut = await timeline.of(transaction, wanted)
    return said({"moments": found, "cut": cut})


async def may_work(transaction: Transaction, request: web.Request, thing: Thing) -> list[models_steps.Assignee]:
    """Who may work on an incident; the transaction sees everything."""
    now = request.app[PARTS].now()
    return [
        models_steps.Assignee(login=one.person.login, name=one.person.name, role=one.person.role)
        for one in await people.listed(transaction)
        if one.disabled_at is None and may(one.person, "step", thing, now)
    ]


async def assignees(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}/assignees`."""
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        thing = await casefile.thing(transaction, wanted)
        if thing is None:
            raise ProblemError("not-found")
        await transaction.bind(EVERYTHING)
        found = await may_work(transaction, request, thing)
    body = msgspec.json.encode(models_steps.Assignees(people=found))
    return web.Response(body=body, content_type="application/json")


def routes(app: web.Application) -> None:
    """Add incidents to an application."""
    app.router.add_get(BASE, read)
    app.router.add_post(f"{BASE}/seen", seen)
    app.router.add_get(f"{BASE}/timeline", moments)
    app.router.add_get(f"{BASE}/assignees", assignees)
    see = May("see", "incident")
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Một sự cố, cảnh báo và nhật ký", en="An incident with its alarms and log",
            may=see, answers={200: models.Incident},
        ),
        Operation(
            method="POST", path=f"{BASE}/seen", vi="Ghi nhận đã xem sự cố", en="Note that a person sees an incident",
            may=May("step", "incident"), body=models_steps.Sight, answers={204: None}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/timeline", vi="Dòng thời gian của một sự cố", en="The timeline of an incident",
            may=see, answers={200: models_steps.Timeline},
        ),
        Operation(
            method="GET", path=f"{BASE}/assignees", vi="Những người có thể được giao sự cố",
            en="Who may be given an incident", may=see, answers={200: models_steps.Assignees},
        ),
    )  # fmt: skip
