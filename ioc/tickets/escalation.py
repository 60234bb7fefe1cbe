"""What happens when nobody moves: the timers of a ticket, what firing one means, and what would happen when.

A timer is met, and gone, as soon as what it waits for was done: `accept` when the unit has accepted the ticket, `due`
when it is resolved (and it is held while its clock stands still), `resolved` when somebody has verified it. Steps of an
escalation count minutes of wall time from the stage's deadline, reminders minutes of the ticket's clock. Pure.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from ioc.tickets import steps
from ioc.tickets.calendar import after
from ioc.tickets.deadlines import reckoning
from ioc.tickets.policy import Clock, Policy, Stage, Step, Whom
from ioc.tickets.ticket import OPEN, SYSTEM, Line, Ticket

Kind = Literal["escalation", "reminder"]
Key = tuple[Kind, Stage, str, int, int]

NAG = "nag"
"""The step of the reminders after a deadline; each is a round."""

UNACCEPTED: tuple[Whom, ...] = ("owner", "duty")
OVERDUE: tuple[Whom, ...] = ("owner",)
"""Who is reminded to accept a ticket, and to have it done."""

LONGEST = dt.timedelta(days=400)
"""How far what would happen is looked at."""


class Timer(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is due for a ticket at a moment.

    `step` is the plan's code and the place of the step in it (`road/0`), or the minutes before the deadline of a
    reminder, or NAG. `generation` is the ticket's of `accept`, which begins anew at each unit, and the number of times
    that it was reopened for the others, whose deadline goes on when the ticket moves. Of one key a ticket has one.
    """

    kind: Kind
    stage: Stage
    step: str
    generation: int
    round: int = 0
    at: dt.datetime

    @property
    def key(self) -> Key:
        """What it is among the timers of its ticket."""
        return self.kind, self.stage, self.step, self.generation, self.round


class Fired(msgspec.Struct, frozen=True):
    """When a timer was due, and when it was done."""

    at: dt.datetime
    done_at: dt.datetime


NONE: Mapping[Key, Fired] = {}


def order(timer: Timer) -> tuple[dt.datetime, bool, str, str, int]:
    """In which order timers fire: by time; of one moment reminders first, then a plan's steps as they are written."""
    plan, _, place = timer.step.partition("/")
    return timer.at, timer.kind == "escalation", timer.stage, plan, int(place or 0)


def timers_of(ticket: Ticket, policy: Policy, fired: Mapping[Key, Fired] = NONE) -> tuple[Timer, ...]:
    """What is still to fire for a ticket as it stands, in the order of `order`; of the reminders after the deadline
    the next one. `fired` is what was done before."""
    clock = policy.clock(ticket.category, ticket.severity)
    found = [
        timer
        for stage, start, deadline in _stages(ticket)
        for make in (_steps, _reminders)
        for timer in make(ticket, policy, clock, stage, start, deadline)
    ]
    left = [timer for timer in found if timer.key not in fired]
    return tuple(sorted((*left, *_nag(ticket, policy, clock, fired)), key=order))


def replanned(pending: Mapping[Key, Timer], wanted: Sequence[Timer]) -> tuple[list[Key], list[Timer]]:
    """What leads from the timers that wait to those that are wanted: which to drop, and which to put (new, or at
    another moment)."""
    keys = {timer.key for timer in wanted}
    return [key for key in pending if key not in keys], [timer for timer in wanted if pending.get(timer.key) != timer]


def spent_keys(ticket: Ticket, fired: Mapping[Key, Fired]) -> list[Key]:
    """Which of what was done nobody has to remember: of generations that are over, and rounds before the last."""
    last = max((key[4] for key in fired if key[2] == NAG and key[3] == ticket.reopens), default=0)
    return [key for key in fired if key[3] != _generation(ticket, key[1]) or (key[2] == NAG and key[4] < last)]


def step_of(timer: Timer, policy: Policy) -> Step | None:
    """The step of a plan that a timer stands for; None for a reminder, and for what the policy does not know."""
    code, _, place = timer.step.partition("/")
    plan = policy.plan(code) if timer.kind == "escalation" else None
    return plan.steps[int(place)] if plan is not None and int(place) < len(plan.steps) else None


def whom(timer: Timer, policy: Policy) -> tuple[Whom, ...]:
    """Who is told when it fires, of the ticket as it is then: also whom it was given to."""
    step = step_of(timer, policy)
    if step is None:
        return UNACCEPTED if timer.stage == "accept" else OVERDUE
    given: Mapping[str, Whom] = {"up": "duty", "reassign": "owner"}
    return tuple(dict.fromkeys((*step.whom, *([given[step.do]] if step.do in given else []))))


def fire(
    ticket: Ticket, timer: Timer, policy: Policy, known: steps.Known, now: dt.datetime, duty: Sequence[str] = ()
) -> tuple[Ticket, tuple[Line, ...]]:
    """The ticket after a timer, and what its log says; a note where nothing of the ticket changes.

    `reassign` gives it to the first of `duty`, the people on call of its unit, unless one of them has it already. `up`
    is the system's step of that name, and a note at the top.
    """
    step = step_of(timer, policy)
    do = step.do if step is not None else "notify"
    ask: steps.Ask | None = None
    if do == "up":
        ask = steps.Ask(step="up", who=SYSTEM, at=now, why=word(timer))
    elif do == "reassign" and duty and ticket.owner not in duty and ticket.state in OPEN:
        ask = steps.Ask(step="assign", who=SYSTEM, at=now, owner=duty[0])
    taken = steps.take(ticket, ask, known) if ask is not None else None
    if isinstance(taken, steps.Taken):
        return taken.after, taken.lines
    what = "reminded" if timer.kind == "reminder" else "notified"
    roles = ",".join(whom(timer, policy))
    return ticket, (steps.noted(ticket, now, what, text=word(timer), to=roles),)


def word(timer: Timer) -> str:
    """The timer in the log: its stage, its step and its round."""
    return ":".join((timer.stage, timer.step, *([str(timer.round)] if timer.round else [])))


# --- the timers of each stage


def _stages(ticket: Ticket) -> list[tuple[Stage, dt.datetime, dt.datetime]]:
    """The stages that are not met: since when they run, and their deadline."""
    found: list[tuple[Stage, dt.datetime, dt.datetime]] = []
    if ticket.untouched and ticket.accept_by is not None:
        found.append(("accept", ticket.received_at, ticket.accept_by))
    if ticket.open and ticket.due_at is not None:
        found.append(("due", ticket.received_at if ticket.reopens else ticket.opened_at, ticket.due_at))
    if ticket.state == "resolved" and ticket.resolved_at is not None:
        found.append(("resolved", ticket.resolved_at, ticket.resolved_at))
    return found


def _generation(ticket: Ticket, stage: Stage) -> int:
    return ticket.generation if stage == "accept" else ticket.reopens


def _steps(
    ticket: Ticket, policy: Policy, clock: Clock, stage: Stage, start: dt.datetime, deadline: dt.datetime
) -> list[Timer]:
    """The steps of the clock's plan; one that would come before its stage begins comes at the beginning."""
    plan = policy.plan(clock.plan)
    return [
        Timer(
            kind="escalation",
            stage=stage,
            step=f"{clock.plan}/{place}",
            generation=_generation(ticket, stage),
            at=max(start, deadline + dt.timedelta(minutes=step.after_min)),
        )
        for place, step in enumerate(plan.steps if plan is not None else ())
        if step.stage == stage
    ]


def _reminders(
    ticket: Ticket, policy: Policy, clock: Clock, stage: Stage, start: dt.datetime, deadline: dt.datetime
) -> list[Timer]:
    """Those before a deadline; none before the stage begins."""
    if stage == "resolved":
        return []
    found = [(ahead, after(policy, clock, deadline, dt.timedelta(minutes=-ahead))) for ahead in clock.remind_min]
    generation = _generation(ticket, stage)
    return [
        Timer(kind="reminder", stage=stage, step=str(ahead), generation=generation, at=at)
        for ahead, at in found
        if at > start
    ]


def _nag(ticket: Ticket, policy: Policy, clock: Clock, fired: Mapping[Key, Fired]) -> list[Timer]:
    """The next reminder after the deadline of having it done. What was slept through is told once, not time by time."""
    if clock.nag_min is None or not ticket.open or ticket.due_at is None:
        return []
    generation, every = ticket.reopens, dt.timedelta(minutes=clock.nag_min)
    rounds = [key for key in fired if key[2] == NAG and key[3] == generation]
    last = max(rounds, key=lambda key: key[4], default=None)
    at = after(policy, clock, ticket.due_at, every)
    if last is not None:
        at = _next(policy, clock, max(at, fired[last].at), every, fired[last].done_at)
    number = last[4] + 1 if last is not None else 1
    return [Timer(kind="reminder", stage="due", step=NAG, generation=generation, round=number, at=at)]


def _next(policy: Policy, clock: Clock, at: dt.datetime, every: dt.timedelta, since: dt.datetime) -> dt.datetime:
    """The first moment after `since` in steps of the clock from `at`."""
    if clock.hours == "always" and at <= since:
        at += every * ((since - at) // every + 1)
    while at <= since:
        at = after(policy, clock, at, every)
    return at


# --- the dry run


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen at a moment if nobody moved: `do` a step's or `remind`, `unit` who has the ticket after it,
    `whom` the roles and `told` their names."""

    at: dt.datetime
    stage: Stage
    do: str
    unit: str
    whom: tuple[Whom, ...]
    told: tuple[str, ...]


Names = Callable[[Ticket, tuple[Whom, ...]], Sequence[str]]
"""Who is told of a ticket in some roles, as people are called."""


def preview(ticket: Ticket, policy: Policy, names: Names, most: int = 50) -> tuple[Foreseen, ...]:
    """Who would be told when, if nobody moved from now on: at most so many, in their order, and each reminder after the
    deadline once."""
    known = known_of(policy, ticket)
    fired: dict[Key, Fired] = {}
    found: list[Foreseen] = []
    while len(found) < most:
        timers = [timer for timer in timers_of(ticket, policy, fired) if timer.round <= 1]
        if not timers or timers[0].at > ticket.opened_at + LONGEST:
            break
        timer, at = timers[0], max(timers[0].at, ticket.received_at)
        fired[timer.key] = Fired(timer.at, at)
        roles, step = whom(timer, policy), step_of(timer, policy)
        ticket, _ = fire(ticket, timer, policy, known, at)
        told = tuple(dict.fromkeys(names(ticket, roles)))
        do = step.do if step is not None else "remind"
        found.append(Foreseen(at=at, stage=timer.stage, do=do, unit=ticket.unit, whom=roles, told=told))
    return tuple(found)


def known_of(policy: Policy, ticket: Ticket) -> steps.Known:
    """What a step of the system needs to know where nothing else does: the policy's units and the ticket's clocks."""
    return steps.Known(
        units={unit.code: unit for unit in policy.units},
        clock=lambda severity: reckoning(policy, ticket.category, severity),
        bounces_up=policy.bounces_up,
    )
