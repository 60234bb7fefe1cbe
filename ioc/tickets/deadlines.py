"""Deadlines of a ticket by the clock of its policy: which fields of it a step changes. Pure; all times are UTC.

Each function gives the fields that change, for `msgspec.structs.replace(ticket, **fields)`. The policy is that of the
ticket's version. A deadline that was missed stays missed: nothing but opening it anew moves it to a later moment.
"""

import datetime as dt
from typing import Literal, TypedDict

import msgspec

from ioc.incidents.severity import rank
from ioc.tickets.calendar import after, spent
from ioc.tickets.policy import Clock, Policy
from ioc.tickets.ticket import Ticket

_UNACCEPTED = ("new", "reopened")


class Fields(TypedDict, total=False):
    """Fields of a ticket."""

    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    rest_s: float | None


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which who has a ticket is reminded: `minutes` of its clock before the deadline of a stage (negative:
    after it)."""

    at: dt.datetime
    stage: Literal["accept", "due"]
    minutes: int


def clock_of(ticket: Ticket, policy: Policy) -> Clock:
    """The clock that a ticket runs against."""
    return policy.clock(ticket.category, ticket.severity)


def opened(ticket: Ticket, policy: Policy, now: dt.datetime) -> Fields:
    """At opening, and when it is opened again at the same unit: both deadlines, counted from now."""
    clock = clock_of(ticket, policy)
    return {
        "accept_by": _in(policy, clock, now, clock.accept_min),
        "due_at": _in(policy, clock, now, clock.done_min),
        "rest_s": None,
    }


def forwarded(ticket: Ticket, policy: Policy, now: dt.datetime) -> Fields:
    """When another unit gets it: a new deadline to accept it; the one to have it done goes on, also if it stood still
    because the unit before waited."""
    clock = clock_of(ticket, policy)
    return {"accept_by": _in(policy, clock, now, clock.accept_min), **resumed(ticket, policy, now)}


def waiting(ticket: Ticket, policy: Policy, now: dt.datetime) -> Fields:
    """When it begins to wait: where the clock stops then, the deadline goes and what was left of it is kept.

    A deadline that has passed stays: waiting does not heal it.
    """
    clock = clock_of(ticket, policy)
    if not clock.wait_stops or ticket.due_at is None or ticket.due_at <= now:
        return {}
    return {"due_at": None, "rest_s": spent(policy, clock, now, ticket.due_at).total_seconds()}


def resumed(ticket: Ticket, policy: Policy, now: dt.datetime) -> Fields:
    """When it waits no longer: what was left of the clock runs from now."""
    if ticket.rest_s is None:
        return {}
    rest = dt.timedelta(seconds=ticket.rest_s)
    return {"due_at": after(policy, clock_of(ticket, policy), now, rest), "rest_s": None}


def regraded(ticket: Ticket, severity: str, policy: Policy, now: dt.datetime) -> Fields:
    """When the incident's severity becomes another: one that rose brings each deadline forward to what the new clock
    allows from now, where that is earlier; one that fell changes no deadline.

    `ticket` still has the severity before.
    """
    if not ticket.open or rank(severity) <= rank(ticket.severity):
        return {}
    clock = policy.clock(ticket.category, severity)
    stands = ticket.due_at if ticket.rest_s is None else resumed(ticket, policy, now)["due_at"]
    due = _earlier(stands, _in(policy, clock, now, clock.done_min))
    fields: Fields = {"due_at": due, "rest_s": None}
    if ticket.rest_s is not None and clock.wait_stops and due is not None:
        fields = {"due_at": None, "rest_s": spent(policy, clock, now, due).total_seconds()}
    if ticket.state in _UNACCEPTED:
        fields["accept_by"] = _earlier(ticket.accept_by, _in(policy, clock, now, clock.accept_min))
    return fields


def reminders(ticket: Ticket, policy: Policy, since: dt.datetime) -> tuple[Reminder, ...]:
    """The reminders that are still to come after a moment, in their order: those before each deadline that counts, and
    the next one after it. None while the clock stands still and once there is nothing to do."""
    if not ticket.open:
        return ()
    clock = clock_of(ticket, policy)
    found = []
    if ticket.state in _UNACCEPTED and ticket.accept_by is not None:
        found += _before(policy, clock, "accept", ticket.received_at, ticket.accept_by)
    if ticket.due_at is not None:
        found += _before(policy, clock, "due", ticket.opened_at, ticket.due_at)
        found += _nag(policy, clock, ticket.due_at, since)
    return tuple(sorted((one for one in found if one.at > since), key=lambda one: (one.at, one.stage)))


def _before(
    policy: Policy, clock: Clock, stage: Literal["accept", "due"], start: dt.datetime, deadline: dt.datetime
) -> list[Reminder]:
    """Those before a deadline. One that would come before the ticket itself is left out."""
    moments = [
        Reminder(at=after(policy, clock, deadline, dt.timedelta(minutes=-ahead)), stage=stage, minutes=ahead)
        for ahead in clock.remind_min
    ]
    return [one for one in moments if one.at > start]


def _nag(policy: Policy, clock: Clock, deadline: dt.datetime, since: dt.datetime) -> list[Reminder]:
    if clock.nag_min is None:
        return []
    every = dt.timedelta(minutes=clock.nag_min)
    passed = max(0, spent(policy, clock, deadline, since) // every)
    at = after(policy, clock, deadline, (passed + 1) * every)
    return [Reminder(at=at, stage="due", minutes=-clock.nag_min * (passed + 1))]


def _in(policy: Policy, clock: Clock, now: dt.datetime, minutes: int | None) -> dt.datetime | None:
    return None if minutes is None else after(policy, clock, now, dt.timedelta(minutes=minutes))


def _earlier(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    both = [at for at in (one, other) if at is not None]
    return min(both, default=None)
