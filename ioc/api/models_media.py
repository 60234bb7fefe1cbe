"""What the routes about evidence take and answer."""

import datetime as dt
import uuid
from typing import Annotated

import msgspec

Why = Annotated[str, msgspec.Meta(min_length=3, max_length=500)]


class NewHold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A legal hold: why, and until when (RFC 3339 with its zone); null: until somebody releases it."""

    why: Why
    until: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The end of a legal hold, and why it ends."""

    why: Why


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds something, why, since when, until when."""

    by: str
    why: str
    since: dt.datetime
    until: dt.datetime | None


class MediaRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered of a picture or a clip.

    `made`: remuxed (the stream as it came), masked (decoded, masked and encoded anew), stills (a sheet of masked
    pictures in place of a clip), empty for a picture. `fault`: missing or changed, when the file is not what was
    written. `hold` null: nobody holds it, and it goes at `expires_at`.
    """

    id: uuid.UUID
    centre: str
    source: str
    kind: str
    content_type: str
    retention: str
    made: str
    seconds: float | None
    size: int = msgspec.field(name="bytes")
    sha256: str
    taken_at: dt.datetime
    expires_at: dt.datetime
    checked_at: dt.datetime | None
    fault: str | None
    hold: Hold | None
