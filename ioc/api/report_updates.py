"""What citizens' channels are told of their reports: fetched by channels that have no endpoint, and seen by staff."""

from aiohttp import web

from ioc.api import deeds, idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_updates import UpdateOf, UpdatesOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.api.reports import uuid_in
from ioc.api.surface import May, Operation, describe
from ioc.store import ticket_policies, updates
from ioc.store.updates import Update, Wanted
from ioc.tickets.policy import Policy
from ioc.updates import open311

BASE = "/api/v1/report-updates"
_LIMIT_DEFAULT, _LIMIT_MOST = 100, 1_000
_FILTERS = {"channel": str, "number": str, "report": str, "state": str, "after": int, "limit": int}


def model(update: Update, policy: Policy) -> UpdateOf:
    """An update as it is answered."""
    ours = ("place", "channel", "report", "state", "attempts", "told_at", "reason")
    return UpdateOf(**open311(update, policy), **{name: getattr(update, name) for name in ours})


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/report-updates?channel=&after=`: what came after a place, oldest first."""
    needs(request, "see", "report")
    query = Query(request.rel_url.query, set(_FILTERS))
    limit, after = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST), query.whole("after", 0, 0, (1 << 63) - 1)
    state = query.text("state") or ""
    if state and state not in updates.STATES:
        raise bad("state", " | ".join(updates.STATES))
    wanted = Wanted(
        channel=query.text("channel") or "",
        number=query.text("number") or "",
        report=uuid_in(query, "report"),
        state=state,
    )
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await updates.listed(transaction, wanted, after, limit)
        policy = await ticket_policies.current(transaction)
    page = [model(one, policy) for one in found]
    return said(UpdatesOf(updates=page, next=page[-1].place if page else after))


async def again(request: web.Request) -> web.Response:
    """`POST /api/v1/report-updates/{id}/again`: send once more what was given up."""
    needs(request, "step", "report")
    parts, wanted = request.app[PARTS], id_of(request.match_info["id"])
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        update = await updates.one(transaction, wanted)
        if update is None:
            raise ProblemError("not-found")
        if update.state != "dead":
            raise ProblemError("not-given-up")
        await updates.revive(transaction, update, parts.now())
        place = {"centre": update.centre, "area": update.area}
        await deeds.note(request, transaction, "report.update", "report", str(update.report), **place)
        after = await updates.one(transaction, wanted)
        answer = said(model(after or update, await ticket_policies.current(transaction)))
        await idempotency.keep(request, transaction, answer)
    return answer


def routes(app: web.Application) -> None:
    """Add updates of reports to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(f"{BASE}/{{id}}/again", again)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Kết quả xử lý trả về kênh phản ánh", en="What channels are told of reports",
            may=May("see", "report"), query=_FILTERS, answers={200: UpdatesOf}, problems=("bad-value",),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/again", vi="Gửi lại kết quả đã thôi gửi",
            en="Send an update again that was given up", may=May("step", "report"), answers={200: UpdateOf},
            problems=("not-given-up",),
        ),
    )  # fmt: skip
