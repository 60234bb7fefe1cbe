"""Duty rosters: laid out for a unit, read as a calendar, taken off again."""

import datetime as dt
import logging
import os
import uuid
import zoneinfo
from collections.abc import Collection, Iterator, Mapping

import msgspec
from aiohttp import web

from gis.stamp import uuid7
from ioc.api import deeds, idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.incidents import id_of
from ioc.api.models_duty import DutiesOf, DutyOf, LaidOut, NewDuties, NewDuty, Removed
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, interval, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.api.teams import able
from ioc.api.units import unit_of, workers_of
from ioc.store import teams, ticket_policies
from ioc.store.database import Transaction
from ioc.store.teams import Duty, Worker
from ioc.tickets.policy import Policy, Unit

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/duties"
DAYS_DEFAULT, DAYS_MOST = 7, 366
LONGEST = dt.timedelta(days=31)
_LIMIT_DEFAULT, _LIMIT_MOST = 500, 2_000
_EARLIEST, _LATEST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(9000, 1, 1, tzinfo=dt.UTC)
_AT_ONCE = 2_000
"""Times on duty that one call may lay out."""


def _zone(request: web.Request) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(request.app[PARTS].settings.timezone)


def _model(one: Duty, policy: Policy, workers: Mapping[str, Worker], names: Mapping[tuple[str, str], str]) -> DutyOf:
    unit, worker = policy.unit(one.unit), workers.get(one.login)
    team = names.get((one.unit, one.team), "")
    return DutyOf(
        **msgspec.structs.asdict(one),
        unit_name="" if unit is None else unit.name,
        name=team if not one.login else "" if worker is None else worker.name,
    )


async def _models(transaction: Transaction, found: Collection[Duty]) -> list[DutyOf]:
    policy, workers = await ticket_policies.current(transaction), await workers_of(transaction)
    names = {(one.unit, one.code): one.name for one in await teams.listed(transaction)}
    return [_model(one, policy, workers, names) for one in found]


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/duties?unit=&login=&from=&to=`: what touches a span of days, by default the week from now on."""
    needs(request, "see", "duty")
    query = Query(request.rel_url.query, {"unit", "login", "from", "to", "limit"})
    since, until = _span(request, query)
    limit = query.whole("limit", _LIMIT_DEFAULT, 1, _LIMIT_MOST)
    wanted = {name: query.text(name) or "" for name in ("unit", "login")}
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        found = await teams.duties(transaction, since, until, limit + 1, **wanted)
        models = await _models(transaction, found[:limit])
    return said(DutiesOf(duties=models, whole=len(found) <= limit))


def _span(request: web.Request, query: Query) -> tuple[dt.datetime, dt.datetime]:
    first, last = query.text("from") or "..", query.text("to") or ".."
    since, until = interval(f"{first}/{last}", _zone(request)) if (first, last) != ("..", "..") else (None, None)
    if any(at is not None and not _EARLIEST <= at <= _LATEST for at in (since, until)):
        raise bad("from", f"{_EARLIEST:%Y} – {_LATEST:%Y}")
    now = request.app[PARTS].now()
    since = since or (now if until is None else until - dt.timedelta(days=DAYS_DEFAULT))
    until = until or since + dt.timedelta(days=DAYS_DEFAULT)
    if not dt.timedelta() <= until - since <= dt.timedelta(days=DAYS_MOST):
        raise bad("to", f"from ≤ to ≤ from + {DAYS_MOST} d")
    return since, until


async def lay_out(request: web.Request) -> web.Response:
    """`POST /api/v1/duties`: a roster of one unit, also for many weeks, by one call."""
    needs(request, "step", "duty")
    asked: NewDuties = request[BODY]
    if sum(one.weeks for one in asked.duties) > _AT_ONCE:
        raise bad("duties", f"Σ weeks ≤ {_AT_ONCE}")
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        unit = await unit_of(request, transaction, asked.unit)
        await _somebody(transaction, asked, unit)
        found = list(_laid_out(asked.duties, unit, request))
        await teams.lay_out(transaction, found)
        after = {"count": len(found), "from": found[0].starts.isoformat(), "until": found[-1].until.isoformat()}
        await _note(request, transaction, "duty.lay-out", found[0], after=after)
        answer = said(LaidOut(series=found[0].series, duties=await _models(transaction, found)), 201)
        await idempotency.keep(request, transaction, answer)
    return answer


async def _somebody(transaction: Transaction, asked: NewDuties, unit: Unit) -> None:
    """Problem 422 for a person or a team that the unit has not."""
    able((one.login for one in asked.duties if one.login), unit, await workers_of(transaction))
    codes = {one.code for one in await teams.listed(transaction, unit.code)}
    for one in asked.duties:
        if one.team and one.team not in codes:
            raise ProblemError("unknown-team", team=one.team)
        if not one.login and not one.team:
            raise ProblemError("missing-member", name="duties.login")


def _laid_out(asked: Collection[NewDuty], unit: Unit, request: web.Request) -> Iterator[Duty]:
    """Each time on duty by itself: a weekly one at the same local hours of every week."""
    now, zone, series = request.app[PARTS].now(), _zone(request), _new_id(request)
    for one in asked:
        if not dt.timedelta() < one.until - one.starts <= LONGEST:
            raise bad("until", f"from < until ≤ from + {LONGEST.days} d")
        first, last = one.starts.astimezone(zone), one.until.astimezone(zone)
        for week in range(one.weeks):
            ahead = dt.timedelta(weeks=week)
            yield Duty(
                id=_new_id(request), series=series, unit=unit.code, team=one.team, login=one.login,
                centre=unit.centre, starts=(first + ahead).astimezone(dt.UTC), until=(last + ahead).astimezone(dt.UTC),
                note=storable("note", one.note).strip(), created_by=request[CALLER].person.login, created_at=now,
            )  # fmt: skip


def _new_id(request: web.Request) -> uuid.UUID:
    return uuid7(request.app[PARTS].now(), os.urandom(10))


async def take_off(request: web.Request) -> web.Response:
    """`DELETE /api/v1/duties/{id}?later=true`: it, with `later` also those of its series that begin after it."""
    needs(request, "step", "duty")
    later = Query(request.rel_url.query, {"later"}).flag("later")
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        found = await teams.duty(transaction, id_of(request.match_info["id"]))
        if found is None:
            raise ProblemError("not-found")
        number = await teams.take_off(transaction, found, later=later)
        before = msgspec.to_builtins(found) | {"count": number}
        await _note(request, transaction, "duty.take-off", found, before=before)
        answer = said(Removed(removed=number))
        await idempotency.keep(request, transaction, answer)
    return answer


async def _note(
    request: web.Request, transaction: Transaction, act: str, about: Duty, **states: Mapping[str, object]
) -> None:
    thing = str(about.series)
    await deeds.note(request, transaction, act, "duty", thing, text=about.unit, centre=about.centre, area="", **states)
    LOG.info("%s: series %s of %s, by %s", act, thing, about.unit, request[CALLER].person.login)


def routes(app: web.Application) -> None:
    """Add duty rosters to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, lay_out)
    app.router.add_delete(f"{BASE}/{{id}}", take_off)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Lịch trực", en="Duty rosters", may=May("see", "duty"),
            query=dict.fromkeys(("unit", "login", "from", "to", "limit"), str), answers={200: DutiesOf},
            problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=BASE, vi="Xếp lịch trực", en="Lay out a duty roster", may=May("step", "duty"),
            body=NewDuties, answers={201: LaidOut},
            problems=("not-allowed", "unknown-unit", "unknown-team", "unknown-worker"),
        ),
        Operation(
            method="DELETE", path=f"{BASE}/{{id}}", vi="Bỏ một ca trực", en="Take somebody off duty",
            may=May("step", "duty"), query={"later": str}, answers={200: Removed}, problems=("not-allowed",),
        ),
    )  # fmt: skip
