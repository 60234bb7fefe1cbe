"""What the routes about the policy of tickets take and answer."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ioc.tickets.policy import Document, Stage, Whom

Severity = Literal["minor", "moderate", "severe", "extreme"]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class PolicyOf(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the policy. `newest` is the one in force. `shipped`: it came with the program; `who` made it, when
    and why, null where it has never been entered. `gaps`: this year and the next where their holidays are missing or
    not announced, so that deadlines in working hours fall too early there."""

    version: int
    newest: int
    shipped: bool
    at: dt.datetime | None
    who: str
    why: str
    gaps: list[int]
    policy: Document


class VersionOf(msgspec.Struct, frozen=True, kw_only=True):
    """A version as the history lists it."""

    version: int
    shipped: bool
    at: dt.datetime
    who: str
    why: str


class VersionsOf(msgspec.Struct, frozen=True, kw_only=True):
    """Versions, newest first; `next` is the `before` of the next page."""

    versions: list[VersionOf]
    next: int | None


class NewPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next version. `expected_version` is the one that was edited; tickets keep the one under which they were
    opened."""

    expected_version: Number
    why: Annotated[str, Meta(min_length=1, max_length=500)]
    policy: Document


class DryRun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident that is imagined, at a place and a moment (by default now); by a version of the policy, by one that
    is not saved yet (`policy`), or by the one in force."""

    category: Annotated[str, Meta(min_length=1, max_length=100)]
    severity: Severity
    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    at: Annotated[dt.datetime, Meta(tz=True)] | None = None
    version: Number | None = None
    policy: Document | None = None


class AlongOf(msgspec.Struct, frozen=True, kw_only=True):
    """A further unit, and what it has to do."""

    unit: str
    name: str
    task: str


class StepOf(msgspec.Struct, frozen=True, kw_only=True):
    """What would happen when nobody moved: `do` is notify, reassign, up or remind; `unit` has the ticket then; `told`
    are the people on duty at that moment by name, and `@unit` where its endpoint is told."""

    at: dt.datetime
    stage: Stage
    do: str
    unit: str
    whom: list[Whom]
    told: list[str]


class DryRunOf(msgspec.Struct, frozen=True, kw_only=True):
    """What would come of it. `needed`: a ticket would be opened by itself, else only by hand. `unannounced` are years
    whose holidays are missing between now and the deadline."""

    needed: bool
    unit: str
    unit_name: str
    task: str
    along: list[AlongOf]
    why: str
    centre: str
    area: str
    area_name: str
    plan: str
    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    unannounced: list[int]
    escalation: list[StepOf]
