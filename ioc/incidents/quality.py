"""How good the alarms are, as control rooms measure it: IEC 62682 and ISA-18.2 (clause 16), EEMUA 191. Pure.

What counts is what an operator is told: alarms that were hidden (silenced, suppressed, too late to open anything) are
counted apart. A figure per operator and ten minutes is taken over the clock's ten minutes, six an hour, each divided
by the operators of its hour.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

SLOTS = 6
SLOT = dt.timedelta(minutes=10)
HOUR = dt.timedelta(hours=1)

FLOOD_BEGINS = 10
"""A flood begins with ten minutes of more than so many new alarms per operator (ISA-18.2)."""

FLOOD_ENDS = 5
"""It ends with ten minutes of fewer than so many."""

CHATTERS, CHATTERS_WITHIN = 3, dt.timedelta(minutes=1)
"""An alarm chatters when it is raised so often within a minute (EEMUA 191, ISA-18.2)."""

FLAPS, FLAPS_WITHIN = 4, dt.timedelta(hours=1)
"""An alarm flaps when it is raised so often within an hour: what the standards call chattering, for instruments that
report every ten minutes and can never be raised thrice in one."""

STANDS = dt.timedelta(days=1)
"""An alarm that has held for longer stands (ISA-18.2 calls it stale)."""

OWNED_WITHIN = dt.timedelta(minutes=1)
"""Within this an operator owns what is told: acknowledges, takes or begins it."""

Numbers = tuple[int, ...]


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """What the standards call manageable (ISA-18.2 and IEC 62682, clause 16; EEMUA 191).

    Means and peaks are per operator and ten minutes, `flood` and `worst_ten` shares, `standing` and `chattering`
    numbers on any day; `severities` the least share of minor alarms, then the most of the others.
    """

    alarms_mean: float = 1.0
    alarms_peak: float = 10.0
    flood: float = 0.01
    worst_ten: float = 0.05
    standing: int = 5
    chattering: int = 0
    severities: tuple[float, float, float, float] = (0.80, 0.15, 0.05, 0.01)


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one hour. `alarms` and `incidents` are the new ones in each ten minutes, `severities` the alarms
    by rising severity. `acknowledged` alarms were owned within a minute; `chattering` and `flapping` are numbers of
    keys, `standing` of alarms at its end; `false_alarms` are incidents of this hour that turned out to be none."""

    at: dt.datetime
    operators: int = 1
    alarms: Numbers = (0,) * SLOTS
    incidents: Numbers = (0,) * SLOTS
    severities: Numbers = (0,) * 4
    hidden: int = 0
    acknowledged: int = 0
    chattering: int = 0
    flapping: int = 0
    standing: int = 0
    false_alarms: int = 0


class Slot(msgspec.Struct, frozen=True):
    """Ten minutes, per operator; `begins` where a flood begins."""

    at: dt.datetime
    alarms: float
    incidents: float
    floods: bool
    begins: bool


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of some hours. Means and peaks are per operator and ten minutes; `flood` is the share of time in
    flood, `floods` how many began. Shares are None when there was nothing to have a share of. `standing_most` is the
    most at the end of any hour, `standing` those at the end of the last."""

    hours: int
    alarms: int
    incidents: int
    hidden: int
    alarms_mean: float
    alarms_peak: float
    incidents_mean: float
    incidents_peak: float
    flood: float
    floods: int
    severities: tuple[float, ...] | None
    acknowledged: float | None
    false_alarms: float | None
    chattering: int
    flapping: int
    standing: int
    standing_most: int


def slots(hours: Iterable[Hour]) -> list[Slot]:
    """The ten minutes of hours, which come in their order; a flood ends where an hour is missing."""
    found: list[Slot] = []
    flood, due = False, None
    for hour in hours:
        flood = flood and hour.at == due
        due = hour.at + HOUR
        served = max(1, hour.operators)
        for number, (alarms, incidents) in enumerate(zip(hour.alarms, hour.incidents, strict=True)):
            before, rate = flood, alarms / served
            flood = rate >= FLOOD_ENDS if before else rate > FLOOD_BEGINS
            found.append(Slot(hour.at + number * SLOT, rate, incidents / served, flood, flood and not before))
    return found


def figures(hours: Sequence[Hour], ten: Sequence[Slot]) -> Figures:
    """The figures of some hours and of their ten minutes (`slots` of a span that holds them)."""
    alarms, incidents = (sum(sum(getattr(hour, name)) for hour in hours) for name in ("alarms", "incidents"))
    total = {
        name: sum(getattr(hour, name) for hour in hours)
        for name in ("hidden", "acknowledged", "chattering", "flapping", "false_alarms")
    }
    severities = [sum(hour.severities[number] for hour in hours) for number in range(4)]
    return Figures(
        hours=len(hours),
        alarms=alarms,
        incidents=incidents,
        hidden=total["hidden"],
        alarms_mean=_mean([slot.alarms for slot in ten]),
        alarms_peak=max((slot.alarms for slot in ten), default=0.0),
        incidents_mean=_mean([slot.incidents for slot in ten]),
        incidents_peak=max((slot.incidents for slot in ten), default=0.0),
        flood=_mean([float(slot.floods) for slot in ten]),
        floods=sum(slot.begins for slot in ten),
        severities=tuple(one / sum(severities) for one in severities) if any(severities) else None,
        acknowledged=_share(total["acknowledged"], alarms),
        false_alarms=_share(total["false_alarms"], incidents),
        chattering=total["chattering"],
        flapping=total["flapping"],
        standing=hours[-1].standing if hours else 0,
        standing_most=max((hour.standing for hour in hours), default=0),
    )


def by_day(hours: Sequence[Hour], zone: dt.tzinfo) -> list[tuple[dt.date, Figures]]:
    """The figures of each local day that has an hour; an hour belongs to the day on which it begins."""
    ten: dict[dt.date, list[Slot]] = {}
    days: dict[dt.date, list[Hour]] = {}
    for hour in hours:
        days.setdefault(hour.at.astimezone(zone).date(), []).append(hour)
    begins = {hour.at: day for day, those in days.items() for hour in those}
    found = slots(hours)
    for number, hour in enumerate(hours):
        ten.setdefault(begins[hour.at], []).extend(found[number * SLOTS : (number + 1) * SLOTS])
    return [(day, figures(those, ten[day])) for day, those in days.items()]


def most_within(raised: Iterable[dt.datetime], span: dt.timedelta) -> int:
    """The most raises within a span, its end included."""
    times = sorted(raised)
    first = most = 0
    for last, at in enumerate(times):
        while at - times[first] > span:
            first += 1
        most = max(most, last - first + 1)
    return most


def chatters(raised: Iterable[dt.datetime]) -> bool:
    """Whether an alarm with these raises chatters."""
    return most_within(raised, CHATTERS_WITHIN) >= CHATTERS


def flaps(raised: Iterable[dt.datetime]) -> bool:
    """Whether an alarm with these raises flaps."""
    return most_within(raised, FLAPS_WITHIN) >= FLAPS


def whole(hours: Sequence[Hour]) -> bool:
    """Whether no hour is missing between the first and the last."""
    return all(after.at - before.at == HOUR for before, after in pairwise(hours))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _share(part: int, of: int) -> float | None:
    return part / of if of else None
