"""Units: who there is to send work to, how much each has to do, and who is told of it now."""

import datetime as dt
from collections.abc import Iterable, Mapping

import msgspec
from aiohttp import web

from ioc import duty
from ioc.access.scope import Scope, Thing
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_duty import PeopleOf, PersonOf, UnitOf, UnitsOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, storable
from ioc.api.surface import May, Operation, describe
from ioc.store import teams, ticket_policies, unit_load
from ioc.store.database import Transaction
from ioc.store.teams import Worker
from ioc.store.unit_load import Load
from ioc.tickets.policy import Unit

BASE = "/api/v1/units"


def mine(scope: Scope, centre: str) -> bool:
    """Whether teams and rosters of a unit of this centre are seen; they have no area."""
    return scope.reaches(Thing("duty", centre, ""))


def called(logins: Iterable[str], workers: Mapping[str, Worker]) -> list[PersonOf]:
    """People as they are called; without a name who has no account that works."""
    return [PersonOf(login=one, name=workers[one].name if one in workers else "") for one in logins]


async def workers_of(transaction: Transaction) -> dict[str, Worker]:
    """Everybody who may work on tickets somewhere, by login."""
    return {one.login: one for one in await teams.workers(transaction)}


def fits(worker: Worker | None, unit: Unit) -> bool:
    """Whether somebody may work on the tickets of a unit."""
    return worker is not None and worker.centre in (None, unit.centre)


async def unit_of(request: web.Request, transaction: Transaction, code: str) -> Unit:
    """A unit whose teams and rosters are the caller's. Problem 422 for another."""
    found = (await ticket_policies.current(transaction)).unit(code)
    if found is None or not mine(request[CALLER].scope, found.centre):
        raise ProblemError("unknown-unit", unit=code)
    return found


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/units?duty=true`: all units; with `duty` also who is told of the work of those that are mine."""
    needs(request, "see", "ticket")
    with_duty = Query(request.rel_url.query, {"duty"}).flag("duty")
    scope, now = request[CALLER].scope, request.app[PARTS].now()
    async with request.app[PARTS].database.transaction(scope, read_only=True) as transaction:
        policy = await ticket_policies.current(transaction)
        loads = await unit_load.loads(transaction, now)
        workers = await workers_of(transaction) if with_duty else {}
        found = []
        for one in policy.units:
            own = mine(scope, one.centre)
            on_duty = await _on_duty(transaction, one, now, workers) if own and with_duty else None
            found.append(_model(one, loads.get(one.code, Load()), own, on_duty))
    return said(UnitsOf(units=found))


async def _on_duty(
    transaction: Transaction, unit: Unit, now: dt.datetime, workers: Mapping[str, Worker]
) -> list[PersonOf]:
    return called(await duty.on_duty(transaction, unit.code, now), workers)


def _model(unit: Unit, load: Load, own: bool, on_duty: list[PersonOf] | None) -> UnitOf:
    plain = msgspec.structs.asdict(unit)
    return UnitOf(**plain, open=load.open, late=load.late, mine=own, on_duty=on_duty)


async def people(request: web.Request) -> web.Response:
    """`GET /api/v1/units/{code}/people`: whom its work may be given to. Problem 404 when it is not the caller's."""
    needs(request, "see", "duty")
    code, now = storable("code", request.match_info["code"]), request.app[PARTS].now()
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        unit = (await ticket_policies.current(transaction)).unit(code)
        if unit is None or not mine(request[CALLER].scope, unit.centre):
            raise ProblemError("not-found")
        workers = await workers_of(transaction)
        roster = await teams.roster(transaction, unit.code, now)
        on_duty = await _on_duty(transaction, unit, now, workers)
    able = sorted((one for one in workers.values() if fits(one, unit)), key=lambda one: (one.name, one.login))
    return said(
        PeopleOf(
            unit=unit.code,
            people=[PersonOf(login=one.login, name=one.name) for one in able],
            on_duty=on_duty,
            by="duty" if roster.on_duty else "team" if roster.members else "instead",
        )
    )


def routes(app: web.Application) -> None:
    """Add units to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_get(f"{BASE}/{{code}}/people", people)
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Các đơn vị xử lý, số phiếu của từng đơn vị", en="Units and their load",
            may=May("see", "ticket"), query={"duty": str}, answers={200: UnitsOf}, problems=("not-allowed",),
        ),
        Operation(
            method="GET", path=f"{BASE}/{{code}}/people", vi="Người của một đơn vị, người đang trực",
            en="Who may work for a unit, and who is on duty", may=May("see", "duty"), answers={200: PeopleOf},
            problems=("not-allowed",),
        ),
    )  # fmt: skip
