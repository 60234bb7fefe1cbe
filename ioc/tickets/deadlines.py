"""A ticket's clock as its policy has it: its deadlines, and what is left of them.

Pure; all times are UTC. The policy is that of the ticket's version.
"""

import datetime as dt

import msgspec

from ioc.tickets.calendar import after, calendar_of, spent
from ioc.tickets.policy import Clock, Policy


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

    def day_of(self, at: dt.datetime) -> dt.date:
        """The local day of a moment."""
        return calendar_of(self.policy).day_of(at)

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
