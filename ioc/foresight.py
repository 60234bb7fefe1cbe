"""A dry run: who would get the work of an incident at a place, until when, and who would be told when nobody moves."""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec

from gis.position import Position
from ioc.store import placing, teams
from ioc.store.database import Transaction
from ioc.telling import Directory
from ioc.tickets.deadlines import reckoning
from ioc.tickets.escalation import Foreseen, preview
from ioc.tickets.policy import Policy, Whom
from ioc.tickets.routing import Routed, route
from ioc.tickets.ticket import Ticket


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that is imagined: its kind, where and when. `centre` and `area` are those of the place."""

    category: str
    severity: str
    position: Position
    at: dt.datetime
    centre: str
    area: str
    area_name: str


class Foresight(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of it. `needed`: a ticket is opened by itself; else only by hand."""

    needed: bool
    routed: Routed
    plan: str
    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    steps: tuple[Foreseen, ...]


async def placed(
    transaction: Transaction, category: str, severity: str, position: Position, at: dt.datetime, policy: Policy
) -> Case | None:
    """The case at a place; None where no centre serves it."""
    shape = f"SRID=4326;POINT({position.lon} {position.lat})"
    found = await placing.place_of(transaction, shape, reckoning(policy, category, severity).day_of(at))
    if found is None:
        return None
    own = {"centre": found.centre, "area": found.area, "area_name": found.area_name}
    return Case(category=category, severity=severity, position=position, at=at, **own)


async def foresee(transaction: Transaction, case: Case, policy: Policy) -> Foresight:
    """What would come of a case by a policy, with the people of now. The transaction must see everything."""
    clock = reckoning(policy, case.category, case.severity)
    day = clock.day_of(case.at)
    areas = await placing.areas_at(transaction, case.position, day)
    routed = route(policy, case.category, case.severity, areas or [case.area], case.centre, day)
    ticket = _ticket(case, routed, policy, clock.accept_by(case.at), clock.due_at(case.at))
    return Foresight(
        needed=policy.needs_hands(case.category, case.severity),
        routed=routed,
        plan=clock.clock.plan,
        accept_by=ticket.accept_by,
        due_at=ticket.due_at,
        steps=await _told(transaction, ticket, policy),
    )


def _ticket(
    case: Case, routed: Routed, policy: Policy, accept_by: dt.datetime | None, due_at: dt.datetime | None
) -> Ticket:
    unit = policy.unit(routed.unit) or policy.top
    return Ticket(
        id=str(uuid.UUID(int=0)),
        number=0,
        version=1,
        incident=str(uuid.UUID(int=0)),
        unit=unit.code,
        centre=unit.centre,
        area=case.area,
        area_code="",
        area_name=case.area_name,
        position=case.position,
        title="",
        title_en="",
        task=routed.task,
        category=case.category,
        severity=case.severity,
        state="new",
        policy=policy.version,
        opened_at=case.at,
        received_at=case.at,
        updated_at=case.at,
        accept_by=accept_by,
        due_at=due_at,
    )


async def _told(transaction: Transaction, ticket: Ticket, policy: Policy) -> tuple[Foreseen, ...]:
    """The steps with the people who would be told, as they are called: who is on duty at each step's own moment."""
    asked: list[tuple[Ticket, Sequence[Whom]]] = []

    def noting(one: Ticket, whom: tuple[Whom, ...]) -> Sequence[str]:
        asked.append((one, whom))
        return ()

    steps = preview(ticket, policy, noting)
    names = {one.login: one.name for one in await teams.workers(transaction)}
    found = []
    for step, (one, whom) in zip(steps, asked, strict=True):
        logins = await Directory(transaction, step.at).people(one, whom, policy)
        found.append(msgspec.structs.replace(step, told=tuple(names.get(login, login) for login in logins)))
    return tuple(found)
