"""What the routes about citizens' reports and agencies' notices take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec

Code = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Number = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}:[!-~]{1,100}$", description="<system>:<number>")
]
Moment = Annotated[dt.datetime, msgspec.Meta(tz=True, description="RFC 3339 with its zone")]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Point = Annotated[tuple[Lon, Lat], msgspec.Meta(description="lon, lat in WGS 84")]
Severity = Literal["minor", "moderate", "severe", "extreme"]
Photo = Annotated[bytes, msgspec.Meta(max_length=8 * 2**20, description="JPEG, PNG or WebP in base64")]
Why = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class Reporter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who told it; kept apart, and shown to those alone who may step on reports."""

    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=30)] = ""

    def __repr__(self) -> str:
        return "Reporter(…)"


class NewReport(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A citizen's report.

    `number` is what the channel calls it: the same number again changes nothing. Without one, a report is the same
    when channel, time, place and text are; without a time, too, only an Idempotency-Key keeps it from being entered
    twice. `error_m` is how far the place may be off. Without a `category` the text decides.
    """

    channel: Code
    position: Point
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]
    number: Name | None = None
    at: Moment | None = None
    category: Code | None = None
    severity: Severity | None = None
    place: Annotated[str, msgspec.Meta(max_length=300)] = ""
    error_m: Annotated[float, msgspec.Meta(ge=0, le=50_000)] = 50.0
    numbers: Annotated[tuple[Number, ...], msgspec.Meta(max_length=10)] = ()
    photos: Annotated[tuple[Photo, ...], msgspec.Meta(max_length=4)] = ()
    reporter: Reporter | None = None


class ReportTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of the report's incident, as far as the reader may see it."""

    id: uuid.UUID
    number: int
    unit: str
    state: str
    due_at: dt.datetime | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept. `alarm` is null until the desk has seen it, `incident` until it belongs to one.

    `photos_refused` are how many photographs there was no room for. `reporter`, the `tickets` of its incident and the
    public step of which its channel was `told` last are told by `GET …/{id}` alone.
    """

    id: uuid.UUID
    channel: str
    number: str
    at: dt.datetime
    arrived_at: dt.datetime
    category: str
    severity: str
    text: str
    place: str
    position: Point
    error_m: float
    numbers: tuple[str, ...]
    photos: list[str]
    photos_refused: int
    centre: str
    area: str
    area_name: str
    entered_by: str
    state: Literal["open", "withdrawn"]
    withdrawn_at: dt.datetime | None
    withdrawn_by: str
    withdrawn_why: str
    alarm: uuid.UUID | None
    incident: uuid.UUID | None
    reporter: Reporter | None = None
    tickets: list[ReportTicket] = []
    told: str = ""


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """Reports, the last that arrived first; `next` is the `before` of the next page, null on the last."""

    reports: list[Report]
    next: uuid.UUID | None


class Withdrawal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a report is taken back."""

    why: Why


class Reference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An earlier notice."""

    sender: Name
    identifier: Name
    sent: Moment


class NewNotice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An agency's notice, in the words of CAP 1.2 in lower case.

    Where it holds is a `position` with `radius_m`, a `polygon` (closed, lon, lat), or `area_codes`, official codes of
    units; of nothing it is kept and raises nothing. `over` says all-clear. Only `actual` ones raise alarms.
    """

    sender: Annotated[str, msgspec.Meta(pattern=r"^[^\s,<&]{1,200}$")]
    identifier: Annotated[str, msgspec.Meta(pattern=r"^[^\s,<&]{1,200}$")]
    sent: Moment
    headline: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    headline_en: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    event: Annotated[str, msgspec.Meta(max_length=200)] = ""
    status: Literal["actual", "exercise", "system", "test", "draft"] = "actual"
    kind: Literal["alert", "update", "cancel", "ack", "error"] = "alert"
    references: Annotated[tuple[Reference, ...], msgspec.Meta(max_length=100)] = ()
    category: Code | None = None
    severity: Literal["unknown", "minor", "moderate", "severe", "extreme"] = "unknown"
    urgency: Literal["immediate", "expected", "future", "past", "unknown"] = "unknown"
    certainty: Literal["observed", "likely", "possible", "unlikely", "unknown"] = "unknown"
    description: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    instruction: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    place: Annotated[str, msgspec.Meta(max_length=1_000)] = ""
    onset: Moment | None = None
    expires: Moment | None = None
    over: bool = False
    position: Point | None = None
    radius_m: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 500.0
    polygon: Annotated[tuple[Point, ...], msgspec.Meta(max_length=500)] = ()
    area_codes: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern="^[0-9]{2,6}$")], ...], msgspec.Meta(max_length=200)
    ] = ()
    numbers: Annotated[tuple[Number, ...], msgspec.Meta(max_length=10)] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice as it is kept.

    `state`: holds, replaced (by a later one of its `thread`), cancelled, over (all-clear), expired, or kept (it raises
    nothing: an exercise, a test, a receipt, or it concerns no place here). `position` null: no place here. `area` is
    the unit whose it is, `error_m` how far from the position it reaches.
    """

    id: uuid.UUID
    thread: uuid.UUID
    sender: str
    identifier: str
    sent: dt.datetime
    arrived_at: dt.datetime
    feed: str
    entered_by: str
    status: str
    kind: str
    state: Literal["holds", "replaced", "cancelled", "over", "expired", "kept"]
    references: list[Reference]
    category: str
    event: str
    severity: str
    urgency: str
    certainty: str
    headline: str
    headline_en: str
    description: str
    instruction: str
    place: str
    onset: dt.datetime | None
    expires: dt.datetime | None
    over: bool
    position: Point | None
    error_m: float
    numbers: tuple[str, ...]
    centre: str
    area: str
    alarm: uuid.UUID | None
    incident: uuid.UUID | None


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """Notices, the last that arrived first; `next` is the `before` of the next page, null on the last."""

    notices: list[Notice]
    next: uuid.UUID | None
