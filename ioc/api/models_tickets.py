"""What the routes about tickets take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ioc.api.models_reports import Photo
from ioc.tickets.ticket import State

Version = Annotated[int, Meta(ge=0, lt=1 << 31)]
Reason = Annotated[str, Meta(max_length=1_000)]
Severity = Literal["minor", "moderate", "severe", "extreme"]
UnitCode = Annotated[str, Meta(min_length=1, max_length=100)]
TeamCode = Annotated[str, Meta(max_length=100)]
Words = Annotated[str, Meta(max_length=4_000)]
Task = Annotated[str, Meta(max_length=1_000)]
Place = Annotated[list[float], Meta(min_length=2, max_length=2)]

MOST_PHOTOS = 8
"""Uploads that may come with one step."""


class Deed(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What any step may bring: a reason, and ids of uploads that are whole. `made_at` is when it was done, by the
    device's clock, where it is sent later."""

    why: Reason = ""
    photos: Annotated[tuple[uuid.UUID, ...], Meta(max_length=MOST_PHOTOS)] = ()
    made_at: Annotated[dt.datetime, Meta(tz=True)] | None = None


class TicketStep(Deed, kw_only=True, forbid_unknown_fields=True):
    """A step of a ticket, from the version that the person saw. Some steps need a reason."""

    expected_version: Version


class ForwardStep(TicketStep, kw_only=True, forbid_unknown_fields=True):
    """Send it on to another unit, with the reason."""

    unit: UnitCode


class AssignStep(TicketStep, kw_only=True, forbid_unknown_fields=True):
    """Who of the unit has to do it: a login that may work on it, a team of the unit, or both. What is left out stays;
    empty: nobody."""

    owner: Annotated[str, Meta(max_length=200)] | None = None
    team: TeamCode | None = None


class ResolveStep(TicketStep, kw_only=True, forbid_unknown_fields=True):
    """What was done and how things stand now; `pictures` are photographs in the request itself."""

    result: Words = ""
    pictures: Annotated[tuple[Photo, ...], Meta(max_length=4)] = ()


class CommentStep(Deed, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of a ticket. `expected_version` may be left out, so that no word is lost because somebody
    else did something; `pictures` are photographs in the request itself."""

    expected_version: Version | None = None
    text: Words = ""
    pictures: Annotated[tuple[Photo, ...], Meta(max_length=4)] = ()


class SubStep(TicketStep, kw_only=True, forbid_unknown_fields=True):
    """A part of the work for another unit, which gets a ticket of its own."""

    unit: UnitCode
    task: Task = ""


class NewTicket(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A ticket of an incident: at `unit`, or where the routes send it, with the parts that they name."""

    incident: uuid.UUID
    unit: Annotated[str, Meta(max_length=100)] = ""
    task: Task = ""


class TicketOf(msgspec.Struct, kw_only=True):
    """A ticket. `late`: a deadline has passed that still counts. `position` is lon, lat in degrees. `rest_s` are the
    seconds that are left while the clock of `due_at` stands still."""

    id: uuid.UUID
    number: int
    version: int
    incident: uuid.UUID
    parent: uuid.UUID | None
    unit: str
    unit_name: str
    unit_name_en: str
    centre: str
    sender: str
    area: str
    area_code: str
    area_name: str
    position: Place
    camera: str | None
    title: str
    title_en: str
    task: str
    category: str
    severity: Severity
    state: State
    late: bool
    owner: str
    team: str
    bounces: int
    reopens: int
    policy: int
    opened_at: dt.datetime
    received_at: dt.datetime
    updated_at: dt.datetime
    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    rest_s: float | None
    accepted_at: dt.datetime | None
    started_at: dt.datetime | None
    waiting_since: dt.datetime | None
    waiting_why: str
    resolved_at: dt.datetime | None
    resolved_by: str
    result: str
    verified_at: dt.datetime | None
    verified_by: str
    closed_at: dt.datetime | None
    generation: int


class TicketsOf(msgspec.Struct, kw_only=True):
    """A page of tickets; `next` is the `after` of the next one, null on the last."""

    tickets: list[TicketOf]
    next: str | None


class LineOf(msgspec.Struct, kw_only=True):
    """A line of a ticket's log, with how it stood after it; `photos` are addresses. Several lines may be of one
    version: one that changes nothing leaves it as it was. `from_unit` is who had it before it moved, `to` whom or what
    the step names."""

    id: int
    at: dt.datetime
    made_at: dt.datetime | None
    version: int
    who: str
    what: str
    text: str
    to: str
    unit: str
    from_unit: str
    state: State
    severity: Severity
    accept_by: dt.datetime | None
    due_at: dt.datetime | None
    public: bool
    photos: list[str]


class Related(msgspec.Struct, kw_only=True):
    """Another ticket of the same work: how it stands, for whoever has a part in it."""

    id: uuid.UUID
    number: int
    unit: str
    unit_name: str
    unit_name_en: str
    title: str
    title_en: str
    task: str
    severity: Severity
    state: State
    late: bool
    owner: str
    received_at: dt.datetime
    accept_by: dt.datetime | None
    due_at: dt.datetime | None


class About(msgspec.Struct, kw_only=True):
    """The incident of a ticket; `status` null: it is not kept any more."""

    id: uuid.UUID
    title: str
    title_en: str
    status: str | None


class TicketRecord(TicketOf, kw_only=True):
    """A ticket with its log (oldest first), its photographs, the ticket that it is a part of, its own parts, its
    incident, and the steps that the reader may take now."""

    incident: About  # type: ignore[assignment]
    parent: Related | None  # type: ignore[assignment]
    subs: list[Related]
    log: list[LineOf]
    photos: list[str]
    steps: list[str]
