"""How units stand, from the logs of tickets alone: received, accepted, on time, overdue, bounced, reopened, and the
time that each phase took.

A **stay** is the time that a ticket is at one unit: from when it came there to when it was refused, forwarded or taken
up, or to its end. A stay counts in the period in which the unit received the ticket, whatever happened later, and only
what had happened at `as_of` counts: the same logs give the same figures, however late they are asked for.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from ioc.tickets.ticket import OPEN, Line


class Stay(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket at one unit, all times in UTC. `accepted_at` is when it was accepted for the first time, to be held
    against `accept_by`; `resolved_at` when it was last reported as done, to be held against `due_at`; `left_at` when it
    went to another unit. `reopens` is how often it came back to this one."""

    ticket: str
    unit: str
    severity: str
    received_at: dt.datetime
    accept_by: dt.datetime | None = None
    accepted_at: dt.datetime | None = None
    due_at: dt.datetime | None = None
    resolved_at: dt.datetime | None = None
    verified_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    left_at: dt.datetime | None = None
    reopens: int = 0

    def accepted_late(self, as_of: dt.datetime) -> bool:
        """Whether the unit let the deadline of accepting pass; leaving or cancelling in time is not late."""
        if self.accept_by is None:
            return False
        first = min(filter(None, (self.accepted_at, self.left_at, self.cancelled_at)), default=as_of)
        return first > self.accept_by

    def done_late(self, as_of: dt.datetime) -> bool:
        """Whether it was reported as done after its deadline, or is still not and the deadline has passed."""
        if self.due_at is None:
            return False
        first = min(filter(None, (self.resolved_at, self.left_at, self.cancelled_at)), default=as_of)
        return first > self.due_at


def stays(ticket: str, lines: Iterable[Line], as_of: dt.datetime) -> list[Stay]:
    """The stays of one ticket, in their order; `lines` are its log in the order in which it was written."""
    found: list[Stay] = []
    for line in lines:
        if line.at > as_of:
            break
        if not found or found[-1].unit != line.unit:
            if found:
                found[-1] = msgspec.structs.replace(found[-1], left_at=line.at)
            found.append(_received(ticket, line))
        found[-1] = _went_on(found[-1], line)
    return found


def _received(ticket: str, line: Line) -> Stay:
    return Stay(
        ticket=ticket, unit=line.unit, severity=line.severity, received_at=line.at, accept_by=line.accept_by
    )  # fmt: skip


def _went_on(stay: Stay, line: Line) -> Stay:
    change: dict[str, object] = {"severity": line.severity}
    if stay.accepted_at is None and line.state in OPEN and line.state not in ("new", "reopened"):
        change["accepted_at"] = line.at
    if stay.accepted_at is None and line.state == "new":
        change["accept_by"] = line.accept_by
    if line.state in OPEN:
        change |= {"due_at": line.due_at, "resolved_at": None, "verified_at": None, "closed_at": None}
    match line.what:
        case "reopened":
            change["reopens"] = stay.reopens + 1
        case "resolved":  # a clock that stood still until then is told as it stood
            change |= {"resolved_at": line.at, "due_at": line.due_at}
        case "verified" | "closed" | "cancelled":
            change[f"{line.what}_at"] = line.at
    return msgspec.structs.replace(stay, **change)


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of wall time that a phase took: how many there were, the median and the 90th percentile of them.

    Percentiles are continuous, between neighbours in proportion, as PostgreSQL's percentile_cont has them.
    """

    number: int = 0
    p50_s: float | None = None
    p90_s: float | None = None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one unit (or category) and period.

    `received` stays; of these `accepted`; `accepted_on_time` and `accepted_late` of those with a deadline for it;
    `done` were reported as done; `on_time` of these before their deadline; `overdue` were done late, or are not done
    and late at `as_of`; `bounced` were refused, forwarded or taken up; `cancelled`; `reopened` came back after they
    were done; `open` are still there. Phases: from receipt to acceptance, from there to done, from done to verified,
    from receipt to the end.
    """

    received: int = 0
    accepted: int = 0
    accepted_on_time: int = 0
    accepted_late: int = 0
    done: int = 0
    on_time: int = 0
    overdue: int = 0
    bounced: int = 0
    cancelled: int = 0
    reopened: int = 0
    open: int = 0
    to_accept: Times = Times()
    to_done: Times = Times()
    to_verify: Times = Times()
    to_end: Times = Times()


def percentile(values: Sequence[float], share: float) -> float | None:
    """The continuous percentile of some values in rising order; None when there is none."""
    if not values:
        return None
    place = share * (len(values) - 1)
    low = math.floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def _times(pairs: Iterable[tuple[dt.datetime | None, dt.datetime | None]]) -> Times:
    spans = sorted((end - start).total_seconds() for start, end in pairs if start is not None and end is not None)
    return Times(number=len(spans), p50_s=percentile(spans, 0.5), p90_s=percentile(spans, 0.9))


MARKS: Mapping[str, Callable[[Stay, dt.datetime], bool]] = {
    "received": lambda stay, as_of: True,
    "accepted": lambda stay, as_of: stay.accepted_at is not None,
    "accepted_on_time": lambda stay, as_of: (
        stay.accepted_at is not None and stay.accept_by is not None and not stay.accepted_late(as_of)
    ),
    "accepted_late": lambda stay, as_of: stay.accepted_late(as_of),
    "done": lambda stay, as_of: stay.resolved_at is not None,
    "on_time": lambda stay, as_of: (
        stay.resolved_at is not None and stay.due_at is not None and not stay.done_late(as_of)
    ),
    "overdue": lambda stay, as_of: stay.done_late(as_of),
    "bounced": lambda stay, as_of: stay.left_at is not None,
    "cancelled": lambda stay, as_of: stay.cancelled_at is not None,
    "reopened": lambda stay, as_of: stay.reopens > 0,
    "open": lambda stay, as_of: (
        stay.left_at is None and stay.cancelled_at is None and stay.resolved_at is None
    ),
}  # fmt: skip
"""What makes a stay count in a figure; the drill-down to the tickets of a figure is by the same marks."""


def figures(found: Iterable[Stay], as_of: dt.datetime) -> Figures:
    """The figures of some stays."""
    chosen = list(found)
    counts = {name: sum(mark(stay, as_of) for stay in chosen) for name, mark in MARKS.items()}
    return Figures(
        **counts,
        to_accept=_times((one.received_at, one.accepted_at) for one in chosen),
        to_done=_times((one.accepted_at or one.received_at, one.resolved_at) for one in chosen),
        to_verify=_times((one.resolved_at, one.verified_at) for one in chosen),
        to_end=_times((one.received_at, one.closed_at) for one in chosen),
    )


def within(found: Iterable[Stay], since: dt.datetime, until: dt.datetime) -> list[Stay]:
    """The stays that units received from `since` on and before `until`."""
    return [one for one in found if since <= one.received_at < until]


def by_unit(found: Iterable[Stay], as_of: dt.datetime) -> dict[str, Figures]:
    """The figures of each unit that received anything."""
    units: dict[str, list[Stay]] = {}
    for one in found:
        units.setdefault(one.unit, []).append(one)
    return {unit: figures(some, as_of) for unit, some in sorted(units.items())}
