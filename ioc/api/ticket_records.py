"""Tickets as answers tell them."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from ioc.access.rights import allows
from ioc.access.scope import EVERYTHING
from ioc.api.caller import CALLER
from ioc.api.models_tickets import About, LineOf, Related, TicketOf, TicketRecord
from ioc.api.parts import PARTS
from ioc.store import incidents, ticket_policies
from ioc.store import tickets as kept
from ioc.store.database import Transaction
from ioc.store.tickets import Logged
from ioc.ticket_work import known_of
from ioc.tickets.policy import Policy
from ioc.tickets.steps import offered
from ioc.tickets.ticket import Ticket

_IDS = ("id", "incident", "parent")
_SAME = tuple(name for name in Ticket.__struct_fields__ if name not in (*_IDS, "position"))
_RELATED = tuple(name for name in Related.__struct_fields__ if name in Ticket.__struct_fields__ and name != "id")
_LINE = tuple(name for name in LineOf.__struct_fields__ if name not in ("id", "photos"))


def _names(policy: Policy, unit: str) -> dict[str, Any]:
    """What a unit is called; one that the policy knows no more by its code."""
    found = policy.unit(unit)
    return {
        "unit_name": unit if found is None else found.name,
        "unit_name_en": unit if found is None else found.name_en,
    }


def _plain(ticket: Ticket, policy: Policy, now: dt.datetime) -> dict[str, Any]:
    return {
        "id": uuid.UUID(ticket.id),
        **{name: getattr(ticket, name) for name in _SAME},
        **_names(policy, ticket.unit),
        "late": ticket.late(now),
        "position": [round(ticket.position.lon, 7), round(ticket.position.lat, 7)],
    }


def shown(ticket: Ticket, policy: Policy, now: dt.datetime) -> TicketOf:
    """A ticket by itself; `policy` is the newest, which has the units' names."""
    parent = None if ticket.parent is None else uuid.UUID(ticket.parent)
    return TicketOf(incident=uuid.UUID(ticket.incident), parent=parent, **_plain(ticket, policy, now))


def _related(ticket: Ticket, policy: Policy, now: dt.datetime) -> Related:
    same = {name: getattr(ticket, name) for name in _RELATED if name != "late"}
    return Related(id=uuid.UUID(ticket.id), late=ticket.late(now), **_names(policy, ticket.unit), **same)


def address(photo: str) -> str:
    """Where a photograph is fetched."""
    return f"/api/v1/media/{photo}"


def lines(log: Iterable[Logged]) -> list[LineOf]:
    """Lines of a log."""
    return [
        LineOf(
            id=one.id,
            photos=[address(photo) for photo in one.photos],
            **{name: getattr(one.line, name) for name in _LINE},
        )
        for one in log
    ]


async def record(
    transaction: Transaction, ticket: Ticket, who: str, now: dt.datetime, *, steps: bool, commands: bool
) -> TicketRecord:
    """A ticket that the reader may see, with all that hangs on it: how the other parts of the work stand is told to
    whoever has one. `steps`: the reader may take any; `commands`: also cancel. Leaves the transaction in EVERYTHING."""
    await transaction.bind(EVERYTHING)
    policy = await ticket_policies.current(transaction)
    parent = None if ticket.parent is None else await kept.one(transaction, uuid.UUID(ticket.parent))
    log = await kept.log_of(transaction, uuid.UUID(ticket.id))
    return TicketRecord(
        incident=await _about(transaction, ticket),
        parent=None if parent is None else _related(parent, policy, now),
        subs=[_related(one, policy, now) for one in await kept.parts_of(transaction, uuid.UUID(ticket.id))],
        log=lines(log),
        photos=[address(photo) for one in log for photo in one.photos],
        steps=list(await _offered(transaction, ticket, policy, who, commands=commands)) if steps else [],
        **_plain(ticket, policy, now),
    )


async def _about(transaction: Transaction, ticket: Ticket) -> About:
    found = (await incidents.incidents_seen(transaction, [ticket.incident])).get(ticket.incident)
    titles = ticket if found is None else found
    status = None if found is None else found.status
    return About(id=uuid.UUID(ticket.incident), title=titles.title, title_en=titles.title_en, status=status)


async def _offered(
    transaction: Transaction, ticket: Ticket, current: Policy, who: str, *, commands: bool
) -> tuple[str, ...]:
    policies = {ticket.policy: await ticket_policies.of_version(transaction, ticket.policy)}
    known = await known_of(transaction, [ticket], policies, current, commands=commands)
    return offered(ticket, who, known[ticket.id])


async def of_incident(request: web.Request, transaction: Transaction, incident: uuid.UUID) -> list[TicketOf]:
    """The tickets of an incident that the reader sees, oldest first; none for a role that sees no tickets."""
    if not allows(request[CALLER].person.role, "see", "ticket"):
        return []
    now, policy = request.app[PARTS].now(), await ticket_policies.current(transaction)
    found = await kept.of_incident(transaction, str(incident))
    return [shown(one, policy, now) for one in found.values()]
