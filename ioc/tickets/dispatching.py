"""What an incident means for its tickets: which are cancelled, and which units come in when it gets worse. Pure."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from ioc.incidents.severity import rank
from ioc.tickets.policy import Along, Policy
from ioc.tickets.routing import Routed
from ioc.tickets.ticket import SYSTEM, Ticket

FALSE_ALARM = "Sự cố là báo động giả"
DUPLICATE = "Sự cố trùng với sự cố khác, chưa ai nhận phiếu"
BY_ITSELF = "Sự cố đã tự hết, chưa ai nhận phiếu"
"""Why tickets are cancelled."""


class Standing(Protocol):
    """How an incident stands."""

    @property
    def status(self) -> str: ...
    @property
    def resolved_by(self) -> str: ...
    @property
    def severity(self) -> str: ...


def cancelled(incident: Standing, ticket: Ticket, policy: Policy) -> str:
    """Why a ticket of an incident is cancelled by itself; empty: it is not.

    What somebody has accepted is never taken away: people say when it is over.
    """
    if incident.status == "false_alarm" and ticket.untouched:
        return FALSE_ALARM
    if incident.status == "duplicate" and ticket.state == "new":
        return DUPLICATE
    by_itself = incident.status == "resolved" and incident.resolved_by == SYSTEM
    return BY_ITSELF if by_itself and ticket.state == "new" and policy.cancel_when_over else ""


def left(incident: Standing, live: Sequence[Ticket], policies: Mapping[int, Policy]) -> dict[str, str]:
    """The live tickets of an incident that are cancelled by themselves, and why. Of a duplicate, what goes on takes the
    ticket along that it is a part of."""
    why = {one.id: cancelled(incident, one, policies[one.policy]) for one in live}
    goes_on = {one.parent for one in live if not why[one.id]} if incident.status == "duplicate" else set()
    return {ticket: reason for ticket, reason in why.items() if reason and ticket not in goes_on}


def worse(incident: Standing, ticket: Ticket) -> bool:
    """Whether the incident is worse now than what the ticket runs by."""
    return ticket.open and rank(incident.severity) > rank(ticket.severity)


def further(routed: Routed, tickets: Sequence[Ticket]) -> tuple[Along, ...]:
    """The units that a route names and that have no ticket of the incident yet, each with its part. Who leads goes on
    leading, also where the route would begin with another unit now."""
    there = {ticket.unit for ticket in tickets} | {ticket.sender for ticket in tickets}
    named: Mapping[str, str] = {routed.unit: routed.task, **{one.unit: one.task for one in routed.along}}
    return tuple(Along(unit=unit, task=task) for unit, task in named.items() if unit not in there)


def lead_of(tickets: Sequence[Ticket]) -> Ticket | None:
    """The oldest ticket that is open and part of no other."""
    return min((one for one in tickets if one.open and one.parent is None), key=lambda one: one.number, default=None)
