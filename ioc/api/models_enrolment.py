"""What the routes about enrolment take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ioc.api.models_keys import BrokerOf
from ioc.registration.enrolment import Said, State
from ioc.registration.record import Code, Line, Note, Subject, Title

Secret = Annotated[str, Meta(min_length=1, max_length=100)]
Hours = Annotated[int, Meta(ge=1, le=24 * 90)]
Many = Annotated[int, Meta(ge=1, le=500)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]


class NewCodes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One-time codes for things that are on their way to where they will stand. `profile` is of a device, `kind` of a
    camera its scene; `centre` empty: one's own."""

    subject: Subject = "device"
    centre: Annotated[str, Meta(max_length=63)] = ""
    profile: Annotated[str, Meta(max_length=64)] = ""
    kind: Annotated[str, Meta(max_length=64)] = ""
    count: Many = 1
    expires_h: Hours = 72
    note: Line = ""


class CodeOf(msgspec.Struct, frozen=True, kw_only=True):
    """A code that is good, without itself: that is shown once, when it is made."""

    id: uuid.UUID
    subject: Subject
    centre: str
    kind: str
    profile: str
    note: str
    made_by: str
    made_at: dt.datetime
    expires_at: dt.datetime


class MadeCode(CodeOf, frozen=True, kw_only=True):
    """A new code, shown this once. `link` is what its QR code says; `label` is an SVG drawing to print."""

    code: str
    link: str
    label: str


class MadeCodes(msgspec.Struct, frozen=True, kw_only=True):
    """New codes; none of them is shown again."""

    codes: list[MadeCode]


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """The codes that are good."""

    codes: list[CodeOf]


class Enrol(Said, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device, or a technician for it, comes with a one-time code and says what it is."""

    code: Secret


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """With this secret, what became of the enrolment is asked for; ask again after `ask_again_s` seconds."""

    ticket: str
    ask_again_s: int


class Collect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Asks what became of an enrolment."""

    ticket: Secret


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an enrolment. Approved: who the device is now, and its key, which is shown this once."""

    state: State
    reason: str = ""
    ask_again_s: int | None = None
    centre: str | None = None
    thing: str | None = None
    user: str | None = None
    key: str | None = None
    broker: BrokerOf | None = None


class EnrolmentOf(msgspec.Struct, frozen=True, kw_only=True):
    """Who came with a code. Nothing of `said` is believed before a person approves. `position`: what it said."""

    id: uuid.UUID
    subject: Subject
    centre: str
    kind: str
    profile: str
    state: State
    said: Said
    address: str
    arrived_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str
    reason: str
    thing: str


class SpokeOf(msgspec.Struct, frozen=True, kw_only=True):
    """An unknown device that spoke: its topic, the centre and code in it, and the beginning of what it sent last.
    Once it is registered, replay its dead letters (code `unknown_device`)."""

    topic: str
    centre: str
    code: str
    count: int
    last_at: dt.datetime
    text: str
    letter: int


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits to be let in, the longest first, and unknown devices that spoke, the newest first."""

    enrolments: list[EnrolmentOf]
    spoke: list[SpokeOf]


class Approve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lets one in under a code. What is absent is as it was said, or as its one-time code has it."""

    code: Code
    name: Title
    position: tuple[Annotated[float, Meta(ge=-180, le=180)], Annotated[float, Meta(ge=-90, le=90)]] | None = None
    profile: Annotated[str, Meta(max_length=64)] = ""
    gateway: Code | None = None
    note: Note = ""


class Refuse(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sends one away; the reason is told to it."""

    reason: Word | Line = ""


class Approved(msgspec.Struct, frozen=True, kw_only=True):
    """The enrolment, and under which code it is registered; its record is at /api/v1/devices or /api/v1/cameras."""

    enrolment: EnrolmentOf
    thing: str
    version: int


Which = Literal["waiting", "all"]
