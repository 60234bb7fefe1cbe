"""The shapes of requests and answers, from which bodies are checked and the OpenAPI document is made."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

import msgspec

from ioc.access.passwords import LONGEST
from ioc.api.models_tickets import TicketOf

Code = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{1,62}$")]
"""Code of a centre, a device or a camera."""


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """A person at the door."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


class CentreName(msgspec.Struct):
    """A centre and its names."""

    code: Code
    name: str
    name_en: str


class Replay(msgspec.Struct):
    """A recording plays; `speed` is recorded seconds a second."""

    speed: float


class Session(msgspec.Struct):
    """Who is signed in; `centre` null means the whole installation."""

    user: str
    name: str
    role: str
    centre: str | None
    language: str
    timezone: str
    centres: list[CentreName]
    replay: Replay | None


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """A step of an incident, taken from the version that the person saw."""

    expected_version: Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]


class Entry(msgspec.Struct):
    """A line of an incident's log; `photos` are addresses of a comment's pictures."""

    at: dt.datetime
    who: str
    what: str
    text: str
    photos: list[str]


class Alarm(msgspec.Struct):
    """An alarm of an incident; `evidence` holds the value, its limits, the picture's address and the clip.

    `match` says how it came to the incident: opened, linked, number, manual, suppressed, silenced.
    """

    id: uuid.UUID
    key: str
    rule: str
    category: str
    title: str
    title_en: str
    match: str
    source_kind: str
    source: str
    source_name: str
    property: str
    unit: str
    severity: str
    raised_at: dt.datetime
    seen_at: dt.datetime
    cleared_at: dt.datetime | None
    count: int
    evidence: dict[str, Any]


class Seen(msgspec.Struct):
    """Who saw an incident: first, last, and which version then."""

    who: str
    first_at: dt.datetime
    last_at: dt.datetime
    version: int


class ListItem(msgspec.Struct):
    """A step of the incident's procedure: what is to be done, and who ticked it when; nobody while `done_by` is
    empty."""

    item: str
    vi: str
    en: str
    required: bool
    done_by: str
    done_at: dt.datetime | None
    note: str


class Undoable(msgspec.Struct):
    """What `undo` would undo: a merge, a duplicate or a split, of whom, when, from which incident to which."""

    kind: Literal["merge", "duplicate", "split"]
    source: uuid.UUID
    target: uuid.UUID
    who: str
    at: dt.datetime


class Related(msgspec.Struct):
    """Another incident that is related and was not merged: `kind` says what this one is to it."""

    incident: uuid.UUID
    kind: Literal[
        "downstream", "upstream", "duplicate", "has-duplicate", "previous", "next", "split-from", "split-into"
    ]
    title: str
    title_en: str
    status: str


class Incident(msgspec.Struct):
    """An incident with its newest alarms (newest first) and its log (oldest first); `position` is lon, lat in degrees.

    `alarm_count` and `holding` count all of its alarms, and those that hold. `duplicate_of` is the incident into which
    it went, `leads_to` the one that stands at the end of such a chain. `steps` are those that its state allows.
    `tickets` are those of it that the reader sees, oldest first.
    """

    id: uuid.UUID
    version: int
    title: str
    title_en: str
    category: str
    severity: str
    status: str
    owner: str | None
    area_code: str
    area_name: str
    centre: str
    opened_at: dt.datetime
    updated_at: dt.datetime
    first_at: dt.datetime
    last_at: dt.datetime
    count: int
    cleared: bool
    position: Annotated[list[float], msgspec.Meta(min_length=2, max_length=2)]
    sources: list[str]
    alarm_count: int
    holding: int
    duplicate_of: uuid.UUID | None
    leads_to: uuid.UUID | None
    judged: str
    steps: list[str]
    undo: Undoable | None
    related: list[Related]
    seen: list[Seen]
    checklist: list[ListItem]
    tickets: list[TicketOf]
    alarms: list[Alarm]
    log: list[Entry]


class Reading(msgspec.Struct):
    """One value; `recorded_at` when it is a recording that plays."""

    at: dt.datetime
    recorded_at: dt.datetime | None
    value: float
    quality: str
    derived: bool


class Rollup(msgspec.Struct):
    """An hour or a local day that begins `at`: what its good values come to, how much of it they cover, and how
    many values were not good."""

    at: dt.datetime
    count: int
    mean: float | None
    low: float | None
    high: float | None
    coverage: Annotated[float, msgspec.Meta(ge=0, le=1)]
    doubtful: int


class Readings(msgspec.Struct):
    """A device's property, oldest first: its readings, or its hours or days as `by` says; its limits by severity.

    `interval_s` is the time between two readings that is expected of the device, in the time of its own clock.
    """

    device: str
    name: str
    property: str
    unit: str
    by: Literal["reading", "hour", "day"]
    interval_s: float
    levels: dict[str, float]
    readings: list[Reading]
    rollups: list[Rollup]


class Link(msgspec.Struct):
    """A link of an OGC document."""

    href: str
    rel: str
    type: str | msgspec.UnsetType = msgspec.UNSET
    title: str | msgspec.UnsetType = msgspec.UNSET
    templated: bool | msgspec.UnsetType = msgspec.UNSET


class Feature(msgspec.Struct, tag_field="type", tag="Feature"):
    """A GeoJSON feature (RFC 7946) in WGS 84, lon, lat."""

    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]
    links: list[Link] | msgspec.UnsetType = msgspec.UNSET


class FeatureCollection(msgspec.Struct, tag_field="type", tag="FeatureCollection"):
    """A page of features."""

    features: list[Feature]
    links: list[Link] | msgspec.UnsetType = msgspec.UNSET
    timeStamp: dt.datetime | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    numberMatched: int | msgspec.UnsetType = msgspec.UNSET  # noqa: N815
    numberReturned: int | msgspec.UnsetType = msgspec.UNSET  # noqa: N815


class Landing(msgspec.Struct):
    """The entry of the OGC part."""

    title: str
    description: str
    links: list[Link]


class Conformance(msgspec.Struct):
    """The conformance classes that are kept."""

    conformsTo: list[str]  # noqa: N815


class Collection(msgspec.Struct):
    """A collection of features."""

    id: str
    title: str
    itemType: str  # noqa: N815
    crs: list[str]
    storageCrs: str  # noqa: N815
    extent: dict[str, Any]
    links: list[Link]


class Collections(msgspec.Struct):
    """All collections."""

    links: list[Link]
    collections: list[Collection]


class SeeingCamera(msgspec.Struct):
    """A camera that sees a point; `distance_m` and `bearing_deg` (from north, clockwise) lead from it to the point."""

    code: Code
    name: str
    kind: str
    centre: str
    area_code: str
    state: str
    state_since: dt.datetime
    live: bool
    position: tuple[float, float]
    distance_m: float
    bearing_deg: float | None


class Seeing(msgspec.Struct):
    """The cameras that see a point (lon, lat in WGS 84), live ones first, the nearest first among them."""

    sees: tuple[float, float]
    cameras: list[SeeingCamera]


class Document(msgspec.Struct):
    """A JSON document of another standard: JSON Schema, TileJSON, OpenAPI."""


class Ready(msgspec.Struct):
    """Whether every part works, and the state of each."""

    ready: bool
    parts: dict[str, Any]


class Problem(msgspec.Struct):
    """What stopped a request (RFC 9457): `code` for programs, `title` in the reader's language for people."""

    type: str
    code: str
    title: str
    status: int
