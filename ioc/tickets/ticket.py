"""A ticket: what of an incident a unit has to do, with a clock, and the log of what was done."""

import datetime as dt
from typing import Literal, get_args

import msgspec

from gis.position import Position

State = Literal["new", "accepted", "working", "waiting", "resolved", "verified", "closed", "reopened", "cancelled"]
STATES: tuple[State, ...] = get_args(State)

OPEN: tuple[State, ...] = ("new", "accepted", "working", "waiting", "reopened")
"""States in which the unit has something to do."""

LIVE: tuple[State, ...] = (*OPEN, "resolved", "verified")
"""States in which somebody, the unit or who verifies, has something to do."""

SYSTEM = "system"
"""Who is named in the log when no person did it."""


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """The after-image of a ticket; `version` rises with every change, `number` is what people say on the telephone.

    `unit` is who has to do it now and `centre` the centre of that unit: whoever works for it sees the ticket. `sender`
    is the unit that it came from (empty: the system or the operators sent it). `area` is the feature id of the area
    where it happened, `camera` the one that alone saw it when the ticket was opened: whoever is bound to other cameras
    does not see the ticket. `parent` is the ticket that this one is a part of. `owner` is the login who works on it,
    `team` the team; both may be empty. `task` says what this unit has to do, beyond the title.

    `bounces` counts refusals and forwards, `reopens` how often it came back. `policy` is the version of the policy
    under which it runs. `received_at` is when this unit got it, `accept_by` and `due_at` are its deadlines; None: the
    policy sets none, or the clock of `due_at` stands still (then `rest_s` are the seconds of the clock that were left,
    negative when it was late already). `closed_at` is when it was closed or cancelled. `generation` counts how often
    the escalation began anew. All times are UTC.
    """

    id: str
    number: int
    version: int
    incident: str
    parent: str | None = None
    unit: str
    centre: str
    sender: str = ""
    area: str
    area_code: str
    area_name: str
    position: Position
    camera: str | None = None
    title: str
    title_en: str
    task: str = ""
    category: str
    severity: str
    state: State
    owner: str = ""
    team: str = ""
    bounces: int = 0
    reopens: int = 0
    policy: int
    opened_at: dt.datetime
    received_at: dt.datetime
    updated_at: dt.datetime
    accept_by: dt.datetime | None = None
    due_at: dt.datetime | None = None
    rest_s: float | None = None
    accepted_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    waiting_since: dt.datetime | None = None
    waiting_why: str = ""
    resolved_at: dt.datetime | None = None
    resolved_by: str = ""
    result: str = ""
    verified_at: dt.datetime | None = None
    verified_by: str = ""
    closed_at: dt.datetime | None = None
    generation: int = 0

    @property
    def open(self) -> bool:
        """Whether the unit has something to do."""
        return self.state in OPEN

    @property
    def live(self) -> bool:
        """Whether anybody has something to do."""
        return self.state in LIVE

    @property
    def untouched(self) -> bool:
        """Whether nobody has accepted it where it is."""
        return self.state in ("new", "reopened")

    def late(self, now: dt.datetime) -> bool:
        """Whether a deadline has passed that still counts: to accept it, or to have it done."""
        if not self.open:
            return False
        unaccepted = self.untouched and self.accept_by is not None and self.accept_by < now
        return unaccepted or (self.due_at is not None and self.due_at < now)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a ticket's log: who did what when, and how the ticket stood after it.

    The figures of units can be computed from these lines alone, so each carries the unit, the state and the deadlines
    after it, and the ticket's `version` after it (several lines may share one: a note changes no ticket). `what` is the
    word of the step (steps.py) or of the system's deed; `from_unit` is the unit that had it before, where it moved.
    `text` holds people's own words, `to` whom or what the step names. `made_at` is when it was done away from the
    network, by the clock of the person's device; None: when it came. `public`: citizens may be told.
    """

    at: dt.datetime
    version: int
    who: str
    what: str
    text: str = ""
    to: str = ""
    unit: str
    state: State
    severity: str
    accept_by: dt.datetime | None = None
    due_at: dt.datetime | None = None
    from_unit: str = ""
    made_at: dt.datetime | None = None
    public: bool = False


def line_of(
    after: Ticket,
    at: dt.datetime,
    who: str,
    what: str,
    *,
    text: str = "",
    to: str = "",
    from_unit: str = "",
    made_at: dt.datetime | None = None,
    public: bool = False,
) -> Line:
    """A line about a ticket as it is after a deed, or beside all deeds (a note: the ticket is not changed)."""
    return Line(
        at=at,
        version=after.version,
        who=who,
        what=what,
        text=text,
        to=to,
        unit=after.unit,
        state=after.state,
        severity=after.severity,
        accept_by=after.accept_by,
        due_at=after.due_at,
        from_unit=from_unit,
        made_at=made_at,
        public=public,
    )
