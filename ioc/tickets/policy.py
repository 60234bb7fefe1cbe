"""The policy of tickets as one document with a version: units, routes, what needs hands, clocks, escalation.

A ticket keeps the version under which it was opened, and every deadline of it is computed by that version, so that an
edit never moves the deadline of work that runs.
"""

import datetime as dt
from typing import Literal

import msgspec

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


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole document."""

    version: int
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
