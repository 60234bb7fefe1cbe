"""Teams of units: made, changed and removed by who works in the unit's centre."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from ioc.api import deeds, idempotency
from ioc.api.answer import needs, said
from ioc.api.caller import CALLER
from ioc.api.models_duty import ChangedTeam, NewTeam, TeamOf, TeamsOf
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, storable
from ioc.api.surface import BODY, May, Operation, describe
from ioc.api.units import called, fits, unit_of, workers_of
from ioc.store import teams, ticket_policies
from ioc.store.database import Transaction
from ioc.store.teams import Team, Worker
from ioc.tickets.policy import Policy, Unit

LOG = logging.getLogger("ioc.api")

BASE = "/api/v1/teams"


def _model(team: Team, policy: Policy, workers: Mapping[str, Worker]) -> TeamOf:
    unit = policy.unit(team.unit)
    plain: dict[str, Any] = {
        name: getattr(team, name) for name in ("unit", "code", "centre", "name", "version", "updated_at")
    }
    return TeamOf(**plain, unit_name="" if unit is None else unit.name, members=called(team.members, workers))


def able(logins: Iterable[str], unit: Unit, workers: Mapping[str, Worker]) -> tuple[str, ...]:
    """Logins, each once. Problem 422 for one that may not work on the unit's tickets."""
    found = tuple(dict.fromkeys(logins))
    for login in found:
        if not fits(workers.get(login), unit):
            raise ProblemError("unknown-worker", login=login)
    return found


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/teams?unit=`: those that the reader sees."""
    needs(request, "see", "duty")
    unit = Query(request.rel_url.query, {"unit"}).text("unit") or ""
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        policy, workers = await ticket_policies.current(transaction), await workers_of(transaction)
        found = [_model(one, policy, workers) for one in await teams.listed(transaction, unit)]
    return said(TeamsOf(teams=found))


async def create(request: web.Request) -> web.Response:
    """`POST /api/v1/teams`."""
    needs(request, "step", "duty")
    asked: NewTeam = request[BODY]
    parts, caller = request.app[PARTS], request[CALLER]
    name = _named(asked.name)
    async with parts.database.transaction(caller.scope) as transaction:
        unit = await unit_of(request, transaction, asked.unit)
        members = able(asked.members, unit, await workers_of(transaction))
        team = Team(
            unit=unit.code, code=asked.code, centre=unit.centre, name=name, members=members, version=1,
            updated_at=parts.now(),
        )  # fmt: skip
        if not await teams.create(transaction, team):
            raise ProblemError("team-taken")
        return await _changed(request, transaction, "create", None, team, status=201)


def _named(name: str) -> str:
    found = storable("name", name).strip()
    if not found:
        raise bad("name", "≥ 1")
    return found


async def _held(request: web.Request, transaction: Transaction) -> Team:
    """The team of the path, held against other writers. Problem 404 when it is not there to be seen."""
    names = (storable(name, request.match_info[name]) for name in ("unit", "code"))
    found = await teams.one(transaction, *names, lock=True)
    if found is None:
        raise ProblemError("not-found")
    return found


async def change(request: web.Request) -> web.Response:
    """`PUT /api/v1/teams/{unit}/{code}`."""
    needs(request, "step", "duty")
    asked: ChangedTeam = request[BODY]
    parts = request.app[PARTS]
    async with parts.database.transaction(request[CALLER].scope) as transaction:
        before = await _held(request, transaction)
        if before.version != asked.expected_version:
            raise await _stale(transaction, before)
        unit = await unit_of(request, transaction, before.unit)
        # Who was a member before may stay although the account was disabled since.
        new = able((one for one in asked.members if one not in before.members), unit, await workers_of(transaction))
        members = tuple(dict.fromkeys(one for one in asked.members if one in before.members or one in new))
        after = msgspec.structs.replace(
            before, name=_named(asked.name), members=members, version=before.version + 1, updated_at=parts.now()
        )
        await teams.renew(transaction, after)
        return await _changed(request, transaction, "change", before, after)


async def remove(request: web.Request) -> web.Response:
    """`DELETE /api/v1/teams/{unit}/{code}`: with its times on duty; tickets that it has keep its code."""
    needs(request, "step", "duty")
    async with request.app[PARTS].database.transaction(request[CALLER].scope) as transaction:
        before = await _held(request, transaction)
        await teams.remove(transaction, before.unit, before.code)
        await _note(request, transaction, "remove", before, None)
        answer = web.Response(status=204)
        await idempotency.keep(request, transaction, answer)
    return answer


async def _stale(transaction: Transaction, team: Team) -> ProblemError:
    policy, workers = await ticket_policies.current(transaction), await workers_of(transaction)
    return ProblemError("stale-team").carrying(current=msgspec.to_builtins(_model(team, policy, workers)))


async def _changed(
    request: web.Request, transaction: Transaction, act: str, before: Team | None, after: Team, status: int = 200
) -> web.Response:
    """Note a change, and answer with what there is now."""
    await _note(request, transaction, act, before, after)
    policy, workers = await ticket_policies.current(transaction), await workers_of(transaction)
    answer = said(_model(after, policy, workers), status)
    await idempotency.keep(request, transaction, answer)
    return answer


async def _note(
    request: web.Request, transaction: Transaction, act: str, before: Team | None, after: Team | None
) -> None:
    states = {name: msgspec.to_builtins(one) for name, one in (("before", before), ("after", after)) if one is not None}
    about = after or before
    if about is None:
        raise ValueError("a change is of a team that was or is there")
    thing = f"{about.unit}/{about.code}"
    await deeds.note(request, transaction, f"team.{act}", "duty", thing, centre=about.centre, area="", **states)
    LOG.info("team.%s: %s, by %s", act, thing, request[CALLER].person.login)


def routes(app: web.Application) -> None:
    """Add teams to an application."""
    app.router.add_get(BASE, listed)
    app.router.add_post(BASE, create)
    app.router.add_put(f"{BASE}/{{unit}}/{{code}}", change)
    app.router.add_delete(f"{BASE}/{{unit}}/{{code}}", remove)
    see, step = May("see", "duty"), May("step", "duty")
    faults = ("not-allowed", "unknown-unit", "unknown-worker")
    describe(
        app,
        Operation(
            method="GET", path=BASE, vi="Các tổ của các đơn vị", en="Teams", may=see, query={"unit": str},
            answers={200: TeamsOf}, problems=("not-allowed",),
        ),
        Operation(
            method="POST", path=BASE, vi="Lập một tổ", en="Make a team", may=step, body=NewTeam,
            answers={201: TeamOf}, problems=(*faults, "team-taken"),
        ),
        Operation(
            method="PUT", path=f"{BASE}/{{unit}}/{{code}}", vi="Sửa một tổ", en="Change a team", may=step,
            body=ChangedTeam, answers={200: TeamOf}, problems=(*faults, "stale-team"),
        ),
        Operation(
            method="DELETE", path=f"{BASE}/{{unit}}/{{code}}", vi="Bỏ một tổ", en="Remove a team", may=step,
            answers={204: None}, problems=("not-allowed",),
        ),
    )  # fmt: skip
