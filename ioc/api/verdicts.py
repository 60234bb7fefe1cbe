"""How often incidents were false alarms: a rule or a camera that cries wolf is told by its rate."""

import datetime as dt
from typing import Annotated

import msgspec
from aiohttp import web

from ioc.api.caller import CALLER
from ioc.api.models_steps import Verdict, Verdicts
from ioc.api.parts import PARTS
from ioc.api.query import Query
from ioc.api.surface import May, Operation, describe
from ioc.store import verdicts

PATH = "/api/v1/false-alarms"
_DAYS, _MOST_DAYS = 30, 366
_Days = Annotated[int, msgspec.Meta(ge=1)]


def _told(one: verdicts.Rate) -> Verdict:
    return Verdict(name=one.name, judged=one.judged, false_alarms=one.false, rate=round(one.rate, 4))


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/false-alarms?days=30`: of the places that the reader may see."""
    days = Query(request.rel_url.query, {"days"}).whole("days", _DAYS, 1, _MOST_DAYS)
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await verdicts.since(transaction, parts.now() - dt.timedelta(days=days))
    body = Verdicts(
        days=days,
        judged=found.all.judged,
        false_alarms=found.all.false,
        rules=[_told(one) for one in found.rules],
        cameras=[_told(one) for one in found.cameras],
    )
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


def routes(app: web.Application) -> None:
    """Add it to an application."""
    app.router.add_get(PATH, read)
    describe(
        app,
        Operation(
            method="GET", path=PATH, vi="Tỷ lệ báo động giả theo quy tắc và camera",
            en="The rate of false alarms by rule and by camera", may=May("see", "incident"), query={"days": _Days},
            answers={200: Verdicts},
        ),
    )  # fmt: skip
