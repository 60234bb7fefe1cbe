"""The policy of tickets: read by version, edited as a new version, tried on an incident that is imagined."""

import datetime as dt
import logging
from typing import Any

import msgspec
from aiohttp import web

from gis.position import Position
from ioc import catalogue, foresight
from ioc.access.scope import EVERYTHING, Thing
from ioc.api import deeds, idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_policy import (
    AlongOf,
    DryRun,
    DryRunOf,
    NewPolicy,
    PolicyOf,
    StepOf,
    VersionOf,
    VersionsOf,
)
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.foresight import Case, Foresight
from ioc.store import people, teams, ticket_policies, unit_load
from ioc.store.database import Transaction
from ioc.tickets.calendar import calendar_of
from ioc.tickets.policy import Policy
from ioc.tickets.validity import Names, faults, gaps

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/ticket-policy"
LARGEST = 512 * 1024
"""Bytes of a policy; the shipped one has a twentieth."""

_LIMIT_DEFAULT, _LIMIT_MOST = 50, 500
_NEWEST = (1 << 31) - 1
_NAMED = 10
"""Tickets, and faults, that one answer names."""


def _whole(request: web.Request) -> None:
    """Problem for who administers less than the whole installation, because a policy holds in all of it."""
    needs(request, "manage", "ticket")
    scope = request[CALLER].scope
    if scope.centres is not None or scope.areas is not None or scope.cameras is not None:
        raise ProblemError("not-allowed")


async def _model(request: web.Request, transaction: Transaction, policy: Policy) -> PolicyOf:
    newest = await ticket_policies.current(transaction)
    made = await ticket_policies.about(transaction, policy.version)
    return PolicyOf(
        version=policy.version,
        newest=newest.version,
        shipped=made is None or made.shipped,
        at=None if made is None else made.at,
        who="" if made is None else made.who,
        why="" if made is None else made.why,
        gaps=gaps(policy, _today(request, policy)),
        policy=ticket_policies.document_of(policy),
    )


def _today(request: web.Request, policy: Policy) -> dt.date:
    return calendar_of(policy).day_of(request.app[PARTS].now())


async def _of_version(transaction: Transaction, version: int | None) -> Policy:
    """A version, the newest unless one is named. Problem 404 when there is none."""
    if version is None:
        return await ticket_policies.current(transaction)
    try:
        return await ticket_policies.of_version(transaction, version)
    except ticket_policies.UnknownVersionError:
        raise ProblemError("not-found") from None


async def read(request: web.Request) -> web.Response:
    """`GET /api/v1/ticket-policy`, with `?version=` an older one."""
    needs(request, "see", "ticket")
    version = Query(request.rel_url.query, {"version"}).whole("version", 0, 1, _NEWEST) or None
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        return said(await _model(request, transaction, await _of_version(transaction, version)))


async def versions(request: web.Request) -> web.Response:
    """`GET /api/v1/ticket-policy/versions`: newest first."""
    needs(request, "see", "ticket")
    query = Query(request.rel_url.query, {"before", "limit"})
    before, limit = query.whole("before", _NEWEST, 1, _NEWEST), query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await ticket_policies.versions(transaction, before, limit + 1)
    page = [msgspec.convert(msgspec.structs.asdict(one), VersionOf) for one in found[:limit]]
    return said(VersionsOf(versions=page, next=page[-1].version if len(found) > limit else None))


async def _checked(transaction: Transaction, policy: Policy) -> None:
    """Problem 422 naming what cannot be used; the first faults in its title, more of them beside it."""
    named = {area for route in policy.routes for area in route.areas}
    names = Names(
        centres={one.code for one in await people.centres(transaction)},
        categories=catalogue.policy().categories.keys(),
        areas=await ticket_policies.known_areas(transaction, named),
    )
    if found := faults(policy, names):
        raise ProblemError("policy-wrong", why=found[0][:300]).carrying(faults=[one[:300] for one in found[:_NAMED]])


async def change(request: web.Request) -> web.Response:
    """`PUT /api/v1/ticket-policy`: the next version. A unit that has live tickets stays, in its centre."""
    _whole(request)
    asked: NewPolicy = request[BODY]
    why = storable("why", asked.why).strip()
    if not why:
        raise ProblemError("why-needed")
    parts, person = request.app[PARTS], request[CALLER].person
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        await ticket_policies.hold(transaction)
        before = await ticket_policies.current(transaction)
        if before.version != asked.expected_version:
            current = msgspec.to_builtins(await _model(request, transaction, before))
            raise ProblemError("stale-policy").carrying(current=current)
        after = ticket_policies.policy_of(asked.policy, before.version + 1)
        await _checked(transaction, after)
        if ticket_policies.digest_of(after) == ticket_policies.digest_of(before):
            raise ProblemError("no-change")
        await _unbroken(transaction, before, after)
        await _first(request, transaction, before)
        await ticket_policies.add(transaction, after, parts.now(), person.login, why)
        changed = _differing(before, after)
        states = {"before": {"version": before.version}, "after": {"version": after.version, "changed": changed}}
        await deeds.note(request, transaction, "policy.change", "ticket", "policy", text=why, **states)
        answer = said(await _model(request, transaction, after))
        await idempotency.keep(request, transaction, answer)
    LOG.info("%s: the policy of tickets is now version %d (%s)", person.login, after.version, ", ".join(changed))
    return answer


async def _unbroken(transaction: Transaction, before: Policy, after: Policy) -> None:
    """Problem 409 for a unit with live tickets that goes or moves; teams and rosters move with their unit."""
    moved = {one.code: after.unit(one.code) for one in before.units if one not in after.units}
    moving = [code for code, one in moved.items() if one is None or one.centre != _centre(before, code)]
    live = await unit_load.live(transaction, moving, _NAMED) if moving else []
    if live:
        unit = live[0][0]
        numbers = ", ".join(f"#{number}" for code, number in live if code == unit)
        raise ProblemError("unit-live", unit=unit, numbers=numbers)
    for code in moving:
        if (now := moved[code]) is not None:
            await teams.move(transaction, code, now.centre)


def _centre(policy: Policy, code: str) -> str:
    unit = policy.unit(code)
    return "" if unit is None else unit.centre


async def _first(request: web.Request, transaction: Transaction, before: Policy) -> None:
    """Before the second version there is the first, also where no start of the program has entered it."""
    if await ticket_policies.about(transaction, before.version) is None:
        await ticket_policies.ship(transaction, request.app[PARTS].now())


def _differing(before: Policy, after: Policy) -> list[str]:
    """The parts of the document that two versions have differently."""
    return [name for name in sorted(ticket_policies.body_of(after)) if getattr(before, name) != getattr(after, name)]


async def dry_run(request: web.Request) -> web.Response:
    """`POST /api/v1/ticket-policy/dry-run`: nothing is changed; for places that are the caller's."""
    needs(request, "see", "ticket")
    asked: DryRun = request[BODY]
    categories = catalogue.policy().categories
    if asked.category not in categories:
        raise bad("category", " | ".join(categories))
    parts, scope = request.app[PARTS], request[CALLER].scope
    at, place = asked.at or parts.now(), Position(lon=asked.lon, lat=asked.lat)
    async with parts.database.transaction(scope, read_only=True) as transaction:
        policy = await _tried(transaction, asked)
        case = await foresight.placed(transaction, asked.category, asked.severity, place, at, policy)
        if case is None:
            raise ProblemError("no-place")
        if not scope.reaches(Thing("ticket", case.centre, case.area)):
            raise ProblemError("place-beyond")
        await transaction.bind(EVERYTHING)
        found = await foresight.foresee(transaction, case, policy)
    return said(_foreseen(found, case, policy))


async def _tried(transaction: Transaction, asked: DryRun) -> Policy:
    if asked.policy is None:
        return await _of_version(transaction, asked.version)
    newest = await ticket_policies.current(transaction)
    policy = ticket_policies.policy_of(asked.policy, newest.version + 1)
    await _checked(transaction, policy)
    return policy


def _foreseen(found: Foresight, case: Case, policy: Policy) -> DryRunOf:
    names = {one.code: one.name for one in policy.units}
    until = max((at for at in (found.accept_by, found.due_at) if at is not None), default=case.at)
    office = policy.clock(case.category, case.severity).hours == "office"
    plain: dict[str, Any] = {name: getattr(found, name) for name in ("needed", "plan", "accept_by", "due_at")}
    return DryRunOf(
        **plain,
        unit=found.routed.unit,
        unit_name=names[found.routed.unit],
        task=found.routed.task,
        along=[AlongOf(unit=one.unit, name=names[one.unit], task=one.task) for one in found.routed.along],
        why=found.routed.why,
        centre=case.centre,
        area=case.area,
        area_name=case.area_name,
        unannounced=list(calendar_of(policy).unannounced(case.at, until)) if office else [],
        escalation=[
            StepOf(
                at=one.at, stage=one.stage, do=one.do, unit=one.unit, whom=list(one.whom), told=list(one.told)
            )
            for one in found.steps
        ],
    )  # fmt: skip


def routes(app: web.Application) -> None:
    """Add the policy of tickets to an application."""
    app.router.add_get(BASE, read)
    app.router.add_put(BASE, change)
    app.router.add_get(f"{BASE}/versions", versions)
    app.router.add_post(f"{BASE}/dry-run", dry_run)
    see = May("see", "ticket")
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Chính sách phiếu việc", en="The policy of tickets", may=see,
            query={"version": str}, answers={200: PolicyOf}, problems=("not-allowed", "not-found"),
        ),
        Operation(
            method="PUT", path=BASE, vi="Sửa chính sách phiếu việc", en="Make the next version of the policy",
            may=May("manage", "ticket"), body=NewPolicy, largest=LARGEST, answers={200: PolicyOf},
            problems=("not-allowed", "stale-policy", "policy-wrong", "unit-live", "no-change", "why-needed"),
        ),
        Operation(
            method="GET", path=f"{BASE}/versions", vi="Các phiên bản của chính sách", en="Versions of the policy",
            may=see, query=dict.fromkeys(("before", "limit"), str), answers={200: VersionsOf},
            problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=f"{BASE}/dry-run", vi="Thử chính sách với một sự cố giả định",
            en="Try the policy on an incident that is imagined", may=see, body=DryRun, largest=LARGEST,
            answers={200: DryRunOf},
            problems=("not-allowed", "not-found", "no-place", "place-beyond", "policy-wrong"),
        ),
    )  # fmt: skip
