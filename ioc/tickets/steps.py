"""The life of a ticket: which steps there are, from which state to which, and what each leaves.

Pure: a ticket, what somebody asks and what is known beside it go in. Out come the after-image (one version on) and its
lines of the log; or one sentence that says why not. The system's own steps (`up`, `severity`, and `reorganise` when
units of administration or centres cease) are taken like people's.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from ioc.tickets import words
from ioc.tickets.policy import Unit
from ioc.tickets.ticket import LIVE, OPEN, STATES, SYSTEM, Line, State, Ticket, line_of
from ioc.tickets.words import Refused


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """From which states a step leads to which; `to` empty: it stays where it is. `why`: a reason is needed.

    `what` is the step's word in the log; `public`: citizens may be told that it was taken; `system`: only the system
    takes it.
    """

    of: tuple[State, ...]
    to: State | None = None
    why: bool = False
    what: str
    public: bool = False
    system: bool = False


WAYS: Mapping[str, Way] = {
    "accept": Way(of=("new", "reopened"), to="accepted", what="accepted", public=True),
    "refuse": Way(of=("new", "reopened", "accepted"), to="new", why=True, what="refused"),
    "forward": Way(of=OPEN, to="new", why=True, what="forwarded", public=True),
    "assign": Way(of=OPEN, what="assigned"),
    "start": Way(of=("accepted",), to="working", what="started", public=True),
    "wait": Way(of=("accepted", "working"), to="waiting", why=True, what="waiting", public=True),
    "resume": Way(of=("waiting",), to="working", what="resumed", public=True),
    "resolve": Way(of=("accepted", "working", "waiting"), to="resolved", what="resolved", public=True),
    "verify": Way(of=("resolved",), to="verified", what="verified"),
    "close": Way(of=("resolved", "verified"), to="closed", what="closed", public=True),
    "reopen": Way(of=("resolved", "verified", "closed"), to="reopened", why=True, what="reopened", public=True),
    "cancel": Way(of=LIVE, to="cancelled", why=True, what="cancelled", public=True),
    "comment": Way(of=STATES, what="comment"),
    "sub": Way(of=OPEN, what="sub"),
    "up": Way(of=OPEN, to="new", what="escalated", public=True, system=True),
    "reorganise": Way(of=OPEN, to="new", what="reorganised", public=True, system=True),
    "severity": Way(of=OPEN, what="severity", system=True),
}

BOUNCES = ("refuse", "forward")
MOVES = (*BOUNCES, "up", "reorganise")


class Reckoning(Protocol):
    """A ticket's clock as its policy has it, for one severity.

    `accept_by` and `due_at` give the deadlines of what begins at a moment, None where there is none; `rest_s` the
    seconds of the clock from a moment to a deadline (negative: it has passed), `after` the deadline so many seconds
    of the clock after a moment.
    """

    @property
    def verify(self) -> bool: ...
    @property
    def wait_stops(self) -> bool: ...
    def accept_by(self, since: dt.datetime) -> dt.datetime | None: ...
    def due_at(self, since: dt.datetime) -> dt.datetime | None: ...
    def rest_s(self, deadline: dt.datetime, at: dt.datetime) -> float: ...
    def after(self, at: dt.datetime, rest_s: float) -> dt.datetime: ...


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks. `unit` is the other unit (forward, sub), `owner` and `team` to whom it is assigned (None: as
    it is, empty: nobody), `severity` the new one with the titles that the incident has by now (empty: as they are),
    `text` a comment, a result, or what a sub-ticket's unit (of a new severity: this unit; empty: as it is) has to do.

    `photos`: pictures come with it. `made_at` is when it was done by the device's clock, where it was sent later.
    """

    step: str
    who: str
    at: dt.datetime
    why: str = ""
    unit: str = ""
    owner: str | None = None
    team: str | None = None
    severity: str = ""
    title: str = ""
    title_en: str = ""
    text: str = ""
    photos: bool = False
    made_at: dt.datetime | None = None


class Lead(msgspec.Struct, frozen=True):
    """A live ticket of the same incident that is part of no other."""

    id: str
    number: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the ticket: all units by code, its clock by severity, how many of its parts are live, the
    other live lead tickets of its incident by unit, and whether who asks may cancel."""

    units: Mapping[str, Unit]
    clock: Callable[[str], Reckoning]
    bounces_up: int = 3
    live_subs: int = 0
    leads: Mapping[str, Lead] = {}
    commands: bool = False


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a step leaves: the ticket after it, and lines of its log."""

    after: Ticket
    lines: tuple[Line, ...]


def take(ticket: Ticket, ask: Ask, known: Known) -> Taken | Refused:
    """Take a step. KeyError for a step that there is not."""
    way = WAYS[ask.step]
    refused = _barred(ticket, ask.step, ask.who, known) or _unsaid(ticket, ask, known)
    if refused is not None:
        return refused
    if ask.step in MOVES:
        return _moved(ticket, ask, known)
    after = stamped(ticket, _changed(ticket, ask, known), ask.at)
    named = {"assign": _assignee(ask), "severity": ask.severity, "sub": ask.unit}.get(ask.step, "")
    text = ask.text.strip() if ask.step in ("comment", "resolve", "sub") else ask.why.strip()
    line = line_of(after, ask.at, ask.who, way.what, text=text, to=named, made_at=ask.made_at, public=way.public)
    return Taken(after=after, lines=(line,))


def offered(ticket: Ticket, who: str, known: Known) -> tuple[str, ...]:
    """The steps that a person may take now, with the right words, in the order of the table."""
    steps = (step for step, way in WAYS.items() if not way.system)
    return tuple(step for step in steps if _barred(ticket, step, who, known) is None)


def stamped(before: Ticket, after: Ticket, at: dt.datetime) -> Ticket:
    """The after-image as one version on."""
    return msgspec.structs.replace(after, version=before.version + 1, updated_at=at)


def noted(ticket: Ticket, at: dt.datetime, what: str, *, text: str = "", to: str = "") -> Line:
    """A line of the system that changes nothing of the ticket, not its version: that somebody was told, say."""
    return line_of(ticket, at, SYSTEM, what, text=text, to=to)


# --- what bars a step


def _barred(ticket: Ticket, step: str, who: str, known: Known) -> Refused | None:
    """Whether the state, the unit or the person bars a step, whatever words come with it."""
    way = WAYS[step]
    if ticket.state not in way.of:
        return words.by_state(ticket.state, step, way.of)
    match step:
        case "verify" if ticket.resolved_by == who:
            return words.SAME_HANDS
        case "close" if ticket.state == "resolved" and known.clock(ticket.severity).verify:
            return words.VERIFY_FIRST
        case "cancel" if not known.commands and who != SYSTEM:
            return words.COMMAND_ONLY
        case "refuse" if not above(ticket, known):
            return words.TOP_KEEPS
        case "up" if not above(ticket, known):
            return words.AT_TOP
        case "reopen" if ticket.state == "closed":
            return _taken_by_other(ticket, ticket.unit, known)
    return None


def _taken_by_other(ticket: Ticket, unit: str, known: Known) -> Refused | None:
    """Of one incident a unit has one live ticket that is part of no other."""
    other = known.leads.get(unit) if ticket.parent is None else None
    return None if other is None else words.unit_has_ticket(unit, other.number)


def _unsaid(ticket: Ticket, ask: Ask, known: Known) -> Refused | None:
    """Whether what is asked is not complete, names what is not there, or would change nothing."""
    if WAYS[ask.step].why and not ask.why.strip():
        return words.needs_reason(ask.step)
    match ask.step:
        case "close" if known.live_subs and not ask.why.strip():
            return words.live_subs(known.live_subs)
        case "resolve" if not ask.text.strip():
            return words.RESULT_NEEDED
        case "comment" if not ask.text.strip() and not ask.photos:
            return words.TEXT_NEEDED
        case "severity" if ask.severity == ticket.severity:
            return words.SAME_SEVERITY
        case "assign" if _assigned(ticket, ask) == (ticket.owner, ticket.team):
            return words.SAME_OWNER
        case "forward":
            return _no_target(ticket, ask, known) or (
                None if _forced(ticket, ask, known) else _taken_by_other(ticket, ask.unit, known)
            )
        case "sub" | "reorganise":
            return _no_target(ticket, ask, known)
    return None


def _no_target(ticket: Ticket, ask: Ask, known: Known) -> Refused | None:
    if ask.unit not in known.units:
        return words.unknown_unit(ask.unit)
    return words.SAME_UNIT if ask.unit == ticket.unit else None


# --- from unit to unit


def above(ticket: Ticket, known: Known) -> str:
    """The unit above the one that has it; empty: it is at the top. What the policy knows no more is below the top."""
    unit = known.units.get(ticket.unit)
    if unit is None:
        return next((one.code for one in known.units.values() if not one.up), "")
    return unit.up if unit.up in known.units else ""


def _forced(ticket: Ticket, ask: Ask, known: Known) -> bool:
    """Whether it has gone to and fro so often that it goes up whatever is asked."""
    return ask.step in BOUNCES and ticket.bounces + 1 >= known.bounces_up and bool(above(ticket, known))


def _target(ticket: Ticket, ask: Ask, known: Known) -> str:
    if ask.step == "up" or _forced(ticket, ask, known):
        return above(ticket, known)
    if ask.step in ("forward", "reorganise"):
        return ask.unit
    back = ticket.sender in known.units and ticket.sender != ticket.unit
    return ticket.sender if back else above(ticket, known)


def _moved(ticket: Ticket, ask: Ask, known: Known) -> Taken:
    """It is new at another unit; the clock of having it done goes on."""
    target = _target(ticket, ask, known)
    joins = known.leads.get(target) if ticket.parent is None else None
    after = msgspec.structs.replace(
        _ticking(ticket, ask, known),
        unit=target,
        centre=known.units[target].centre,
        sender=ticket.unit,
        parent=ticket.parent if joins is None else joins.id,
        state="new",
        owner="",
        team="",
        bounces=ticket.bounces + (ask.step in BOUNCES),
        received_at=ask.at,
        accept_by=known.clock(ticket.severity).accept_by(ask.at),
        accepted_at=None,
        started_at=None,
        generation=ticket.generation + 1,
    )
    after, way, asked = stamped(ticket, after, ask.at), WAYS[ask.step], ask.why.strip()
    line = line_of(
        after, ask.at, ask.who, way.what, text=asked, to=target, from_unit=ticket.unit, made_at=ask.made_at,
        public=way.public,
    )  # fmt: skip
    lines = [line]
    if _forced(ticket, ask, known):
        wanted = ask.unit if ask.step == "forward" else ticket.sender
        lines.append(line_of(after, ask.at, SYSTEM, "bounced_up", text=wanted, to=target, from_unit=ticket.unit))
    if joins is not None:
        lines.append(line_of(after, ask.at, SYSTEM, "part", to=f"#{joins.number}"))
    return Taken(after=after, lines=tuple(lines))


# --- what else a step changes


def _changed(ticket: Ticket, ask: Ask, known: Known) -> Ticket:
    change, to = msgspec.structs.replace, WAYS[ask.step].to
    after = change(ticket, state=to) if to is not None else ticket
    match ask.step:
        case "accept":
            return change(after, accepted_at=ask.at, owner=ticket.owner or ask.who)
        case "assign":
            owner, team = _assigned(ticket, ask)
            return change(after, owner=owner, team=team)
        case "start":
            return change(after, started_at=ask.at)
        case "wait":
            return _waiting(after, ask, known)
        case "resume":
            return change(_ticking(after, ask, known), started_at=ticket.started_at or ask.at)
        case "resolve":
            done = _ticking(after, ask, known)
            return change(done, resolved_at=ask.at, resolved_by=ask.who, result=ask.text.strip())
        case "verify":
            return change(after, verified_at=ask.at, verified_by=ask.who)
        case "close":
            return change(after, closed_at=ask.at)
        case "cancel":
            return change(_ticking(after, ask, known), closed_at=ask.at)
        case "reopen":
            return _again(after, ask, known)
        case "severity":
            return _tightened(after, ask, known)
    return after


def _assigned(ticket: Ticket, ask: Ask) -> tuple[str, str]:
    return (
        ticket.owner if ask.owner is None else ask.owner,
        ticket.team if ask.team is None else ask.team,
    )


def _assignee(ask: Ask) -> str:
    return ", ".join(one for one in (ask.owner, ask.team) if one)


def _waiting(ticket: Ticket, ask: Ask, known: Known) -> Ticket:
    after = msgspec.structs.replace(ticket, waiting_since=ask.at, waiting_why=ask.why.strip())
    clock = known.clock(ticket.severity)
    if not clock.wait_stops or ticket.due_at is None:
        return after
    return msgspec.structs.replace(after, due_at=None, rest_s=clock.rest_s(ticket.due_at, ask.at))


def _ticking(ticket: Ticket, ask: Ask, known: Known) -> Ticket:
    """The ticket as it waits no longer: a clock that stood still goes on with what was left."""
    after = msgspec.structs.replace(ticket, waiting_since=None, waiting_why="", rest_s=None)
    if ticket.rest_s is None:
        return after
    return msgspec.structs.replace(after, due_at=known.clock(ticket.severity).after(ask.at, ticket.rest_s))


def _again(ticket: Ticket, ask: Ask, known: Known) -> Ticket:
    """As new at the same unit, with both deadlines anew; who had it keeps it."""
    clock = known.clock(ticket.severity)
    return msgspec.structs.replace(
        ticket,
        received_at=ask.at,
        accept_by=clock.accept_by(ask.at),
        due_at=clock.due_at(ask.at),
        accepted_at=None,
        started_at=None,
        resolved_at=None,
        resolved_by="",
        result="",
        verified_at=None,
        verified_by="",
        closed_at=None,
        reopens=ticket.reopens + 1,
        generation=ticket.generation + 1,
    )


def _tightened(ticket: Ticket, ask: Ask, known: Known) -> Ticket:
    """With another severity, and the words for it: its deadlines as they begin now where these are earlier."""
    clock = known.clock(ask.severity)
    accept_by, due = clock.accept_by(ask.at), clock.due_at(ask.at)
    after = msgspec.structs.replace(
        ticket,
        severity=ask.severity,
        title=ask.title or ticket.title,
        title_en=ask.title_en or ticket.title_en,
        task=ask.text or ticket.task,
        accept_by=_earlier(ticket.accept_by, accept_by) if ticket.untouched else ticket.accept_by,
    )
    if ticket.rest_s is None:
        return msgspec.structs.replace(after, due_at=_earlier(ticket.due_at, due))
    whole = ticket.rest_s if due is None else clock.rest_s(due, ask.at)
    return msgspec.structs.replace(after, rest_s=min(ticket.rest_s, whole))


def _earlier(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
