"""Whether a policy of tickets can be used: one sentence for each thing that is wrong with it, saying what to mend."""

import datetime as dt
import itertools
import zoneinfo
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import msgspec

from gis.stamp import is_code
from ioc.incidents.severity import ORDER
from ioc.tickets.policy import Clock, Holidays, Plan, Policy, Route, Unit
from ioc.tickets.routing import CENTRE

MOST_OFF = 60
"""Days of a year that may be off; more is a mistake, and a clock of working hours has to get on."""

MOST_MINUTES = 366 * 1440


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What there is in this installation: codes of centres and categories, and feature ids of areas."""

    centres: Collection[str]
    categories: Collection[str]
    areas: Collection[str]


def faults(policy: Policy, names: Names) -> list[str]:
    """What is wrong with a policy; nothing: it can be used.

    That no route is for a category is nothing wrong: its work goes to the centre that serves the place.
    """
    parts = (
        _units(policy, names),
        _needs(policy, names),
        *(_route(number, one, policy, names) for number, one in enumerate(policy.routes, 1)),
        _clocks(policy, names),
        *(_plan(one) for one in policy.plans),
        _repeated("plan", (one.code for one in policy.plans)),
        _work(policy),
        *(_holidays(one) for one in policy.holidays),
        _repeated("year", (str(one.year) for one in policy.holidays)),
    )
    return list(itertools.chain.from_iterable(parts))


def _units(policy: Policy, names: Names) -> Iterator[str]:
    yield from _repeated("unit", (one.code for one in policy.units))
    if policy.bounces_up < 1:
        yield f"bounces_up is {policy.bounces_up}; it must be 1 or more"
    by_code = {one.code: one for one in policy.units}
    top = by_code.get(policy.province)
    if top is None:
        yield f"the province's unit “{policy.province}” is not among the units; add it, or name another as province"
    elif top.up:
        yield f"the province's unit “{top.code}” has “{top.up}” above it; leave its `up` empty"
    for unit in policy.units:
        yield from _unit(unit, by_code, policy.province, names)


def _unit(unit: Unit, by_code: dict[str, Unit], province: str, names: Names) -> Iterator[str]:
    if not is_code(unit.code) or unit.code == CENTRE:
        yield f"unit “{unit.code}” needs another code: lower case letters, digits and hyphens, and not “{CENTRE}”"
    if not unit.name.strip() or not unit.name_en.strip():
        yield f"unit “{unit.code}” needs a name in Vietnamese and in English"
    if unit.centre not in names.centres:
        yield f"unit “{unit.code}” names the centre “{unit.centre}”, which there is not"
    if unit.up and unit.up not in by_code:
        yield f"unit “{unit.code}” has “{unit.up}” above it, which is no unit"
    if not unit.up and unit.code != province:
        yield f"unit “{unit.code}” has nobody above it; only the province's unit may stand at the top"
    way, above = [unit.code], unit.up
    while above in by_code and above not in way:
        way.append(above)
        above = by_code[above].up
    if above == unit.code:
        yield f"units go round in a circle by their `up`: {' → '.join((*way, above))}"


def _needs(policy: Policy, names: Names) -> Iterator[str]:
    for number, one in enumerate(policy.needs, 1):
        yield from _words(f"need {number}", one.categories, (one.severity,), names)


def _route(number: int, one: Route, policy: Policy, names: Names) -> Iterator[str]:
    what = f"route {number}"
    yield from _words(what, one.categories, one.severities, names)
    codes = {CENTRE, *(unit.code for unit in policy.units)}
    for unit in (one.unit, *(part.unit for part in one.along)):
        if unit not in codes:
            yield f"{what} sends work to “{unit}”, which is no unit"
    for area in one.areas:
        if area not in names.areas:
            yield f"{what} names the area “{area}”, which there is not; give its feature id"
    if one.from_day is not None and one.to_day is not None and one.to_day <= one.from_day:
        yield f"{what} ends on {one.to_day} before it begins on {one.from_day}; `to_day` is the first day without it"
    for part in one.along:
        if not part.task.strip():
            yield f"{what} does not say what “{part.unit}” has to do along"


def _clocks(policy: Policy, names: Names) -> Iterator[str]:
    plans = {one.code for one in policy.plans}
    for number, one in enumerate(policy.clocks, 1):
        yield from _words(f"clock {number}", one.categories, one.severities, names)
        if one.plan not in plans:
            yield f"clock {number} names the plan “{one.plan}”, which there is not"
        yield from _clock(f"clock {number}", one)
        yield from _reached(f"clock {number}", one, policy)
    if not policy.clocks or policy.clocks[-1].categories or policy.clocks[-1].severities:
        yield "the last clock must fit everything: leave its categories and severities empty"


def _clock(what: str, one: Clock) -> Iterator[str]:
    spans = {"accept_min": one.accept_min, "done_min": one.done_min, "nag_min": one.nag_min}
    for name, minutes in (*spans.items(), *(("remind_min", ahead) for ahead in one.remind_min)):
        if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
            yield f"{what}: {name} is {minutes} minutes; it must lie between 1 and {MOST_MINUTES}"
    if one.accept_min is not None and one.done_min is not None and one.done_min < one.accept_min:
        yield f"{what} wants it done ({one.done_min} min) before it has to be accepted ({one.accept_min} min)"
    if one.done_min is not None and any(ahead >= one.done_min for ahead in one.remind_min):
        yield f"{what} reminds before the ticket is there; each of remind_min must be below {one.done_min}"


def _reached(what: str, one: Clock, policy: Policy) -> Iterator[str]:
    """A clock of working hours must come to its end within the years that a calendar looks at (LONGEST_DAYS), with room
    for all the days that may be off."""
    week = sum(
        (dt.datetime.combine(dt.date.min, end) - dt.datetime.combine(dt.date.min, start)) // dt.timedelta(minutes=1)
        for work in policy.work
        for _ in set(work.days)
        for start, end in work.hours
        if not (start.tzinfo or end.tzinfo)
    )
    longest = max(one.accept_min or 0, one.done_min or 0, one.nag_min or 0)
    if one.hours == "office" and longest > week * 40 * 9 > 0:
        yield f"{what} gives {longest} minutes, and there are only {week} working minutes in a week: it would not end"


def _plan(one: Plan) -> Iterator[str]:
    for stage in ("accept", "due", "resolved"):
        steps = [step for step in one.steps if step.stage == stage]
        if any(later.after_min < step.after_min for step, later in itertools.pairwise(steps)):
            yield f"plan “{one.code}”: the steps of “{stage}” are not in the order of their after_min"
    for number, step in enumerate(one.steps, 1):
        if step.do == "notify" and not step.whom:
            yield f"plan “{one.code}”: step {number} tells nobody"
        if step.do != "notify" and step.stage == "resolved":
            yield f"plan “{one.code}”: step {number} moves what is resolved already; let it notify"
        if abs(step.after_min) > MOST_MINUTES:
            yield f"plan “{one.code}”: step {number} lies more than a year from its deadline"


def _work(policy: Policy) -> Iterator[str]:
    try:
        zoneinfo.ZoneInfo(policy.zone)
    except (ValueError, zoneinfo.ZoneInfoNotFoundError, OSError):
        yield f"the time zone “{policy.zone}” is not known here"
    yield from _repeated("weekday", (str(day) for one in policy.work for day in one.days))
    if not any(one.days and one.hours for one in policy.work):
        yield "there are no working hours; give at least one weekday some"
    elif not policy.work[0].hours:
        yield "the first entry of working hours has none; it is also that of days which are worked in exchange"
    for day in sorted({day for one in policy.work for day in one.days if not 1 <= day <= 7}):
        yield f"{day} is no weekday; 1 is Monday, 7 Sunday"
    for one in policy.work:
        hours = sorted(one.hours)
        for start, end in hours:
            if end <= start or start.tzinfo or end.tzinfo:
                yield f"working hours from {start:%H:%M} until {end:%H:%M} do not end after they begin"
        if any(later[0] < before[1] for before, later in itertools.pairwise(hours)):
            yield f"working hours of the weekdays {', '.join(map(str, one.days))} overlap"


def _holidays(one: Holidays) -> Iterator[str]:
    if not one.source.strip():
        yield f"the holidays of {one.year} need their source"
    for day in (*one.off, *one.worked):
        if day.year != one.year:
            yield f"{day} stands among the days of {one.year}"
    for day in sorted(set(one.off) & set(one.worked)):
        yield f"{day} cannot be off and worked"
    if len(set(one.off)) > MOST_OFF:
        yield f"{one.year} has {len(set(one.off))} days off; more than {MOST_OFF} cannot be meant"


def _words(what: str, categories: Iterable[str], severities: Iterable[str], names: Names) -> Iterator[str]:
    for category in categories:
        if category not in names.categories:
            yield f"{what} names the category “{category}”, which there is not"
    for severity in severities:
        if severity not in ORDER:
            yield f"{what} names the severity “{severity}”; there are {', '.join(ORDER)}"


def _repeated(what: str, codes: Iterable[str]) -> Iterator[str]:
    for code, number in Counter(codes).items():
        if number > 1:
            yield f"{what} {code} is there {number} times; keep one"


def gaps(policy: Policy, today: dt.date) -> list[int]:
    """This year and the next, where their holidays are missing or not announced: to be entered in time."""
    known = {one.year for one in policy.holidays if one.announced}
    return [year for year in (today.year, today.year + 1) if year not in known]
