"""A ticket's clock as its policy has it: its deadlines, what is left of them, and when who has it is reminded.

Pure; all times are UTC. The policy is that of the ticket's version.
"""

import datetime as dt
from typing import Literal

import msgspec

from ioc.tickets.calendar import after, spent
from ioc.tickets.policy import Clock, Policy
from ioc.tickets.ticket import Ticket

_UNACCEPTED = ("new", "reopened")


class Reckoned(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of a category and severity. Deadlines are None where it sets none."""

    policy: Policy
    clock: Clock

    @property
    def verify(self) -> bool:
        """Whether somebody else than who resolved it has to verify it before it is closed."""
        return self.clock.verify

    @property
    def wait_stops(self) -> bool:
        """Whether the clock of having it done stands still while the ticket waits."""
        return self.clock.wait_stops

    def accept_by(self, since: dt.datetime) -> dt.datetime | None:
        """The deadline to accept what a unit got at a moment."""
        return self._in(since, self.clock.accept_min)

    def due_at(self, since: dt.datetime) -> dt.datetime | None:
        """The deadline to have it done, of a clock that starts at a moment."""
        return self._in(since, self.clock.done_min)

    def rest_s(self, deadline: dt.datetime, at: dt.datetime) -> float:
        """Seconds of the clock from a moment to a deadline; negative when it has passed."""
        return spent(self.policy, self.clock, at, deadline).total_seconds()

    def after(self, at: dt.datetime, rest_s: float) -> dt.datetime:
        """The deadline so many seconds of the clock after a moment; negative: before it."""
        return after(self.policy, self.clock, at, dt.timedelta(seconds=rest_s))

    def _in(self, since: dt.datetime, minutes: int | None) -> dt.datetime | None:
        return None if minutes is None else after(self.policy, self.clock, since, dt.timedelta(minutes=minutes))


def reckoning(policy: Policy, category: str, severity: str) -> Reckoned:
    """The clock of a ticket of this category and severity."""
    return Reckoned(policy=policy, clock=policy.clock(category, severity))


class Reminder(msgspec.Struct, frozen=True, kw_only=True):
    """A moment at which who has a ticket is reminded: `minutes` of its clock before the deadline of a stage (negative:
    after it)."""

    at: dt.datetime
    stage: Literal["accept", "due"]
    minutes: int


def reminders(ticket: Ticket, policy: Policy, since: dt.datetime) -> tuple[Reminder, ...]:
    """The reminders that are still to come after a moment, in their order: those before each deadline that counts, and
    the next one after that of having it done. None while the clock stands still, and once there is nothing to do."""
    if not ticket.open:
        return ()
    clock = policy.clock(ticket.category, ticket.severity)
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
