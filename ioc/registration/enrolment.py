"""Enrolment: a device or technician comes with a one-time code and waits until a person lets it in."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ioc.registration.record import Line, Note, Subject

State = Literal["waiting", "approved", "refused", "collected"]

COLLECT_AGAIN = dt.timedelta(minutes=10)
"""So long after its key was collected a device may ask for another: over a weak link the answer may have been lost."""

Longitude = Annotated[float, Meta(ge=-180, le=180)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]


class Said(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a device says of itself. `position` is lon, lat in WGS 84 degrees, as its own receiver or the technician's
    phone has it."""

    serial: Line = ""
    maker: Line = ""
    model: Line = ""
    firmware: Line = ""
    name: Line = ""
    note: Note = ""
    position: tuple[Longitude, Latitude] | None = None


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A one-time code as it is kept, without itself."""

    id: uuid.UUID
    subject: Subject
    centre: str
    kind: str
    profile: str
    note: str
    made_by: str
    made_at: dt.datetime
    expires_at: dt.datetime


class Enrolment(msgspec.Struct, frozen=True, kw_only=True):
    """Who came with a code, what it said, and what became of it. `thing` is the code under which it is registered."""

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
    collected_at: dt.datetime | None

    def collectable(self, now: dt.datetime) -> bool:
        """Whether it may have a key now."""
        if self.state == "collected" and self.collected_at is not None:
            return now - self.collected_at <= COLLECT_AGAIN
        return self.state == "approved"
