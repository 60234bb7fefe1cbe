"""One incident, and the step of taking it over."""

import uuid

from aiohttp import web

from ioc.access.rights import allows
from ioc.api import idempotency
from ioc.api.caller import CALLER
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.surface import BODY
from ioc.store import evidence, steps


def id_of(text: str) -> uuid.UUID:
    """The UUID of a path. Problem 404 for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise ProblemError("not-found") from error


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/incidents/{id}`."""
    Query(request.rel_url.query, set())
    wanted = id_of(request.match_info["id"])
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await evidence.incident(transaction, wanted)
    if found is None:
        raise ProblemError("not-found")
    return said(found)


async def acknowledge(request: web.Request) -> web.Response:
    """`POST /api/v1/incidents/{id}/acknowledge` with `{"expected_version": n}`."""
    parts, caller = request.app[PARTS], request[CALLER]
    if not allows(caller.person.role, "step", "incident"):
        raise ProblemError("not-allowed")
    wanted, step = id_of(request.match_info["id"]), request[BODY]
    async with parts.database.transaction(caller.scope) as transaction:
        outcome = await steps.acknowledge(
            transaction,
            wanted,
            expected_version=step.expected_version,
            who=caller.person.login,
            now=parts.now(),
            address=request.remote or "",
        )
        current = await evidence.incident(transaction, wanted)
        if outcome == "done":
            await idempotency.keep(request, transaction, said(current))
    if outcome == "missing" or current is None:
        raise ProblemError("not-found")
    if outcome != "done":
        code = "stale-version" if outcome == "stale" else "wrong-state"
        raise ProblemError(code).carrying(current=current)
    return said(current)


def routes(app: web.Application) -> None:
    """Add incidents to an application."""
    app.router.add_get("/api/v1/incidents/{id}", read)
    app.router.add_post("/api/v1/incidents/{id}/acknowledge", acknowledge)
