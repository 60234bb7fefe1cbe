"""Releases of administrative units that were loaded, and what each moved.

The report names devices, tickets and accounts of all centres: only who sees the whole installation reads it.
"""

import msgspec
from aiohttp import web

from ioc.access.rights import allows
from ioc.api.caller import CALLER
from ioc.api.models_releases import AreaRelease, AreaReleases, MovedThing, ShareOf, UndecidedThing
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.surface import Operation, describe
from ioc.store import releases
from ioc.store.releases import Loaded

BASE = "/api/v1/areas/releases"


def _reads_reports(request: web.Request) -> bool:
    caller = request[CALLER]
    scope = caller.scope
    everything = scope.centres is None and scope.areas is None and scope.cameras is None and scope.past is None
    return everything and allows(caller.person.role, "register", "device")


def release_of(one: Loaded, *, whole: bool) -> AreaRelease:
    """A release as it is answered; `whole`: with the names of what moved."""
    moved = one.moved or {}
    same = {
        name: getattr(one, name)
        for name in AreaRelease.__struct_fields__
        if name not in ("notes", "shares", "counts", "moved", "undecided")
    }
    return AreaRelease(
        notes=list(one.notes),
        shares=msgspec.convert(msgspec.to_builtins(one.shares), list[ShareOf]),
        counts=moved.get("counts", {}),
        moved=msgspec.convert(moved.get("moved", []), list[MovedThing]) if whole else None,
        undecided=msgspec.convert(moved.get("undecided", []), list[UndecidedThing]) if whole else None,
        **same,
    )


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/areas/releases?release=`: all of them, or one with what it moved."""
    parts = request.app[PARTS]
    wanted = Query(request.rel_url.query, {"release"}).text("release")
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await releases.listed(transaction)
    if wanted is not None:
        found = [one for one in found if one.name == wanted]
        if not found:
            raise ProblemError("not-found")
    whole = wanted is not None and _reads_reports(request)
    answer = AreaReleases(releases=[release_of(one, whole=whole) for one in found])
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


def routes(app: web.Application) -> None:
    """Add the releases to an application."""
    app.router.add_get(BASE, listed)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Các đợt sắp xếp đơn vị hành chính đã nạp",
            en="Releases of administrative units", query={"release": str}, answers={200: AreaReleases},
            problems=("not-found",),
        ),
    )  # fmt: skip
