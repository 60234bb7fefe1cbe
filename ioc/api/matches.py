"""The queue of doubtful matches: what several incidents would take is never hidden, and a person decides."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from ioc import catalogue, doubts
from ioc.access.rights import allows
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models import Incident
from ioc.api.models_steps import Candidate, Doubt, Doubts, Link, LinkAll, LinkedAll, Open
from ioc.api.ogc import said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.api.steps import PROBLEMS, ask_of, carried, decided, needs_step, noted, seen_by
from ioc.api.surface import BODY, May, Operation, describe
from ioc.casework import Casework, Wanted
from ioc.incidents.alarm import Alarm
from ioc.incidents.policy import Policy
from ioc.store import waiting
from ioc.store.away import AWAY
from ioc.store.database import Transaction

BASE = "/api/v1/matches"
LIMIT, LIMIT_MOST = 100, 1_000
POLICY: web.AppKey[Policy] = web.AppKey("policy", Policy)


def _photo(evidence: Mapping[str, Any]) -> str | None:
    """The address of the picture by which a person judges."""
    picture = evidence.get("picture") or next(iter(evidence.get("photos") or ()), None)
    return None if not picture else picture if "/" in picture else f"/api/v1/media/{picture}"


def _place(alarm: Alarm) -> tuple[float, float]:
    at = alarm.source.position
    return round(at.lon, 7), round(at.lat, 7)


def _candidate(one: doubts.Candidate) -> Candidate:
    incident = one.incident
    at = incident.position
    same = ("version", "title", "title_en", "category", "severity", "status")
    return Candidate(
        incident=id_of(incident.id),
        **{name: getattr(incident, name) for name in same},
        distance_m=round(one.metres, 1),
        minutes_apart=round(one.minutes, 1),
        position=(round(at.lon, 7), round(at.lat, 7)),
    )


def _doubt(one: doubts.Doubt, request: web.Request) -> Doubt:
    alarm = one.alarm
    same = ("title", "title_en", "category", "severity", "source_kind", "raised_at")
    return Doubt(
        alarm=id_of(alarm.id),
        **{name: getattr(alarm, name) for name in same},
        source=alarm.source.code,
        source_name=alarm.source.name,
        age_s=round(doubts.age(alarm, request.app[PARTS].now()), 1),
        holds=alarm.cleared_at is None,
        position=_place(alarm),
        photo=_photo(alarm.evidence),
        candidates=[_candidate(candidate) for candidate in one.candidates],
    )


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/matches`: the worst first, of these the oldest."""
    if not allows(request[CALLER].person.role, "see", "alarm"):
        raise ProblemError("not-allowed")
    limit = Query(request.rel_url.query, {"limit"}).whole("limit", LIMIT, 1, LIMIT_MOST)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await doubts.queue(transaction, request.app[POLICY], limit)
        count = await waiting.count(transaction)
    body = Doubts(doubts=[_doubt(one, request) for one in found], count=count)
    return web.Response(body=msgspec.json.encode(body), content_type="application/json")


async def figures(request: web.Request) -> dict[str, float]:
    """For `/metrics`: how many alarms wait for a person, of the places that the reader may see.

    None for a role that may not see alarms, and while the database is away.
    """
    if not allows(request[CALLER].person.role, "see", "alarm"):
        return {}
    try:
        async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
            return {"ioc_matches_waiting": await waiting.count(transaction)}
    except AWAY:
        return {}


async def link(request: web.Request) -> web.Response:
    """`POST /api/v1/matches/{id}/link` with `{"incident": …}`: answers with that incident."""
    needs_step(request)
    body: Link = request[BODY]
    alarm, wanted = str(id_of(request.match_info["id"])), Wanted(str(body.incident), body.expected_version)
    ask = ask_of(request, "link", why=body.why)
    return await carried(request, ask, lambda work: work.link(alarm, wanted), wanted.id)


async def link_all(request: web.Request) -> web.Response:
    """`POST /api/v1/matches/link`: what of the alarms still waits goes into the incident; each is answered for."""
    needs_step(request)
    body: LinkAll = request[BODY]
    alarms, wanted = [str(one) for one in body.alarms], Wanted(str(body.incident), body.expected_version)
    ask = ask_of(request, "link", why=body.why)

    async def carry(transaction: Transaction, case: Casework) -> web.Response:
        found = await case.link_all(alarms, wanted)
        if found.done is not None:
            await noted(request, transaction, ask, found.done, alarms=found.alarms)
        incident = await seen_by(request, transaction, wanted.id)
        told = [{"alarm": one, "outcome": found.left.get(one, "linked")} for one in dict.fromkeys(alarms)]
        return said({"incident": incident, "linked": len(found.alarms), "alarms": told})

    return await decided(request, ask, carry, wanted.id)


async def alone(request: web.Request) -> web.Response:
    """`POST /api/v1/matches/{id}/open`: the alarm is an incident of its own, which is the answer."""
    needs_step(request)
    body: Open = request[BODY]
    alarm, ask = str(id_of(request.match_info["id"])), ask_of(request, "open", why=body.why)
    return await carried(request, ask, lambda work: work.open(alarm), None, 201)


def routes(app: web.Application) -> None:
    """Add the queue to an application."""
    app[POLICY] = catalogue.policy()
    app.router.add_get(BASE, listed)
    app.router.add_post(f"{BASE}/link", link_all)
    app.router.add_post(f"{BASE}/{{id}}/link", link)
    app.router.add_post(f"{BASE}/{{id}}/open", alone)
    step = May("step", "incident")
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Hàng chờ ghép: cảnh báo có thể thuộc nhiều sự cố",
            en="Alarms that several incidents would take", may=May("see", "alarm"), query={"limit": str},
            answers={200: Doubts}, problems=("not-allowed", "bad-value"),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/link", vi="Ghép cảnh báo vào một sự cố",
            en="Put a waiting alarm into an incident", may=step, body=Link, answers={200: Incident},
            problems=(*PROBLEMS, "not-waiting"),
        ),
        Operation(
            method="POST", path=f"{BASE}/link", vi="Ghép nhiều cảnh báo đang chờ vào một sự cố",
            en="Put several waiting alarms into one incident", may=step, body=LinkAll, answers={200: LinkedAll},
            problems=(*PROBLEMS, "not-found"),
        ),
        Operation(
            method="POST", path=f"{BASE}/{{id}}/open", vi="Mở sự cố mới cho cảnh báo",
            en="Make a waiting alarm an incident of its own", may=step, body=Open, answers={201: Incident},
            problems=(*PROBLEMS, "not-waiting"),
        ),
    )  # fmt: skip
