"""What the routes about the past answer."""

import datetime as dt
from typing import Literal

import msgspec

from ioc.api.models import Feature


class PastOf(msgspec.Struct, frozen=True, kw_only=True):
    """The picture at a moment, as a wall of this reader's scope held it then.

    `oldest` is how far back the reader can go. `cursor` is the version of the last change in it: what changed after
    is read with `after` it. Values that devices measured are those that were told with their state, which may be
    older; each has its time.
    """

    at: dt.datetime
    oldest: dt.datetime
    cursor: int
    incidents: list[Feature]
    alarms: list[Feature]
    tickets: list[Feature]
    devices: list[Feature]
    cameras: list[Feature]


class PastChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change as the live stream told it: `at` is when, `feature` the whole thing after it, null for a removal."""

    version: int
    at: dt.datetime
    subject: Literal["incident", "alarm", "ticket", "device", "camera"]
    op: Literal["put", "removed"]
    id: str
    feature: Feature | None


class PastChangesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Changes in their order; `next` is the `after` of the page that follows, null behind the last.

    A page may hold none and still have a next: it goes by how much of the log was read.
    """

    changes: list[PastChange]
    next: int | None


class OpenedOf(msgspec.Struct, frozen=True, kw_only=True):
    """How many incidents were opened within the hour that begins at `at`, by the severity that they have now."""

    at: dt.datetime
    extreme: int
    severe: int
    moderate: int
    minor: int


class PastSpanOf(msgspec.Struct, frozen=True, kw_only=True):
    """Between which moments the reader can go, and where something happened; hours without an incident are left out.

    `areas_changed` are the days of the span from which on there were other administrative units.
    """

    oldest: dt.datetime
    newest: dt.datetime
    opened: list[OpenedOf]
    areas_changed: list[dt.date]
