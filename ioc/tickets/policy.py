"""The policy of tickets as one document with a version: units, routes, what needs hands, clocks, escalation.

A ticket keeps the version under which it was opened, and every deadline of it is computed by that version, so that an
edit never moves the deadline of work that runs.
"""

import datetime as dt
from typing import Literal

import msgspec

from ioc.incidents.severity import rank

Do = Literal["notify", "reassign", "up"]
Whom = Literal["owner", "duty", "team", "unit", "sender", "parent", "province"]
Stage = Literal["accept", "due", "resolved"]


class Unit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who can be responsible: a centre's own staff, a department, a company.

    `centre` is the centre whose people see and work on its tickets. `up` is the unit above it; empty: it is the top,
    which can neither refuse a ticket nor be passed by.
    """

    code: str
    name: str
    name_en: str
    centre: str
    up: str = ""


class Route(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where work of some categories goes. Everything that is set must fit; the first route that fits counts.

    `categories` empty: all; `areas` are feature ids (a whole subtree each), empty: everywhere; `from_day` and `to_day`
    (exclusive) are local days on which it holds. `unit` is a unit's code, or `centre`: the unit of the centre that
    serves the place. `along` are further units, each with what it has to do: they get sub-tickets.
    """

    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    unit: str
    task: str = ""
    along: tuple["Along", ...] = ()
    why: str = ""


class Along(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further unit and its part of the work."""

    unit: str
    task: str


class Need(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Incidents of these categories, at least this bad, need hands: a ticket is opened by itself."""

    categories: tuple[str, ...] = ()
    severity: str = "minor"


class Clock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Minutes to accept and to have it done, for categories (empty: all) and severities (empty: all).

    `hours`: `always` counts every minute, `office` only those of working hours. `wait_stops`: the clock of having it
    done stands still while the ticket waits. `verify`: somebody else than who resolved it has to verify it before it
    is closed. `remind_min`: so many minutes of the clock before the deadline a reminder is sent, and `nag_min`: how
    often after it. The first that fits counts.
    """

    categories: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    accept_min: int | None
    done_min: int | None
    hours: Literal["always", "office"] = "always"
    wait_stops: bool = False
    verify: bool = True
    remind_min: tuple[int, ...] = ()
    nag_min: int | None = None
    plan: str


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A step of an escalation: when `stage`'s deadline is missed by `after_min` minutes (wall time; negative: before
    it), do this. `whom` is told; `reassign` gives it to who is on duty, `up` to the unit above.
    """

    stage: Stage
    after_min: int
    do: Do
    whom: tuple[Whom, ...]


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An escalation by name; its steps stop when the stage's deadline is met."""

    code: str
    steps: tuple[Step, ...]


class WorkDay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Working hours of weekdays (1 Monday to 7 Sunday), local time, each from and until."""

    days: tuple[int, ...]
    hours: tuple[tuple[dt.time, dt.time], ...]


class Holidays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days of one year on which nobody works, and days off on which people work in exchange; `source` says by what."""

    year: int
    off: tuple[dt.date, ...]
    worked: tuple[dt.date, ...] = ()
    source: str
    announced: bool = True


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """The whole document.

    `bounces_up`: that refusal or forward of a ticket, and each later one, goes to the unit above. `cancel_when_over`:
    what was over by itself needs nobody any more, unless somebody accepted its ticket. `province` is the unit at the
    top; `zone` the time zone of working hours and days.
    """

    province: str
    bounces_up: int = 3
    cancel_when_over: bool = True
    units: tuple[Unit, ...]
    needs: tuple[Need, ...]
    routes: tuple[Route, ...]
    clocks: tuple[Clock, ...]
    plans: tuple[Plan, ...]
    work: tuple[WorkDay, ...]
    holidays: tuple[Holidays, ...]
    zone: str = "Asia/Ho_Chi_Minh"


class Policy(Document, frozen=True, kw_only=True, forbid_unknown_fields=True, cache_hash=True):
    """A version of the document."""

    version: int

    def unit(self, code: str) -> Unit | None:
        """The unit of a code."""
        return next((one for one in self.units if one.code == code), None)

    @property
    def top(self) -> Unit:
        """The unit to which everything comes in the end: `province`. ValueError when there is none."""
        found = self.unit(self.province)
        if found is None:
            raise ValueError(f"the province's unit {self.province!r} is no unit of the policy")
        return found

    def above(self, code: str) -> Unit:
        """The unit above a unit; the top for what is not known or has none above it."""
        unit = self.unit(code)
        return (self.unit(unit.up) if unit is not None else None) or self.top

    def clock(self, category: str, severity: str) -> Clock:
        """The clock of a ticket: the first that fits. LookupError when none does."""
        for one in self.clocks:
            if category in (one.categories or (category,)) and severity in (one.severities or (severity,)):
                return one
        raise LookupError(f"no clock of the policy fits {category}, {severity}; let the last one fit everything")

    def plan(self, code: str) -> Plan | None:
        """The escalation of a code."""
        return next((one for one in self.plans if one.code == code), None)

    def needs_hands(self, category: str, severity: str) -> bool:
        """Whether an incident of this kind needs hands, so that a ticket is opened by itself."""
        return any(
            category in (one.categories or (category,)) and rank(severity) >= rank(one.severity) for one in self.needs
        )
