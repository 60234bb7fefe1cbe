"""One incident, and the step of taking it over."""

import uuid

from aiohttp import web

from ioc.access.rights import allows
from ioc.api.caller import CALLER
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.session import body_of
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
    wanted, version = id_of(request.match_info["id"]), (await body_of(request)).get("expected_version")
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 1 << 31:
        raise ProblemError("bad-value", name="expected_version", why="0, 1, 2 …")
    async with parts.database.transaction(caller.scope) as transaction:
        outcome = await steps.acknowledge(
            transaction,
            wanted,
            expected_version=version,
            who=caller.person.login,
            now=parts.now(),
            address=request.remote or "",
        )
        current = await evidence.incident(transaction, wanted)
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
