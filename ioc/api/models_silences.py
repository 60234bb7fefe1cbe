"""What the routes about silences take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Severity = Literal["minor", "moderate", "severe", "extreme"]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Names = Annotated[list[Name], Meta(max_length=200)]
RuleName = Annotated[str, Meta(min_length=3, max_length=200, pattern=r"^[^/@\s]+/[^/@\s]+(@[0-9]{1,9})?$")]
Clock = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="hh:mm, local time of the centre")]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class NewRecurrence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Windows of a series, in local time of the centre: from `start` to before `end`, over midnight when that is
    earlier, for at most 12 hours. `days`: on which a window begins, 1 is Monday; empty: every day."""

    start: Clock
    end: Clock
    days: Annotated[list[Annotated[int, Meta(ge=1, le=7)]], Meta(max_length=7)] = []


class NewSilence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"starts": "from"}):
    """What to mute, why, and until when: at most 30 days, a series at most 366.

    Alarms are muted that every list which is not empty names, up to the severity `worst`; at least one list names
    something. `rules` are `<pack>/<code>`, of every version unless `@<version>` follows; `areas` are feature ids, with
    all that lies within. `from` is now unless given.
    """

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    until: Moment
    starts: Moment | None = None
    sources: Names = []
    rules: Annotated[list[RuleName], Meta(max_length=200)] = []
    categories: Names = []
    areas: Names = []
    centres: Names = []
    worst: Severity = "severe"
    recurs: NewRecurrence | None = None


class EndSilence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """End a silence now; `why` goes to the audit trail."""

    expected_version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    why: Annotated[str, Meta(max_length=500)] = ""


class RecurrenceOf(msgspec.Struct, frozen=True, kw_only=True):
    """The windows of a series, in local time of `zone`."""

    start: str
    end: str
    zone: str
    days: list[int]


class SilenceOf(msgspec.Struct, frozen=True, kw_only=True, rename={"starts": "from"}):
    """A silence. `state` is future, current or past; `mutes` tells whether it mutes at this moment (a series only in
    its windows, of which the present one ends at `mutes_until`). `ends` is when it ends or ended. `hidden` is how many
    alarms it hid of those that the reader may see, `holding` how many it hides now, `hidden_worst` the worst severity
    among them. `centre` and `area` are the only ones in which it mutes, empty where there are several."""

    id: uuid.UUID
    version: int
    author: str
    reason: str
    centre: str
    area: str
    sources: list[str]
    rules: list[str]
    categories: list[str]
    areas: list[str]
    centres: list[str]
    worst: Severity
    starts: dt.datetime
    until: dt.datetime
    ends: dt.datetime
    recurs: RecurrenceOf | None
    state: Literal["future", "current", "past"]
    mutes: bool
    mutes_until: dt.datetime | None
    created_at: dt.datetime
    ended_at: dt.datetime | None
    ended_by: str
    hidden: int
    holding: int
    hidden_worst: Severity | None


class SilencesOf(msgspec.Struct, frozen=True, kw_only=True):
    """Silences, newest first; `next` is the `before` of the next page, null on the last."""

    silences: list[SilenceOf]
    next: uuid.UUID | None


class HiddenAlarm(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that was hidden. `hidden_at` is when first, `released_at` when it was told after all, null while it is
    hidden or when it was over before. `severity` is the worst that it had meanwhile; `match` how it came to its
    incident, `silenced` while it has none because of the silence."""

    alarm: uuid.UUID
    incident: uuid.UUID | None
    title: str
    title_en: str
    severity: Severity
    category: str
    rule: str
    source: str
    source_name: str
    source_kind: str
    raised_at: dt.datetime
    cleared_at: dt.datetime | None
    hidden_at: dt.datetime
    released_at: dt.datetime | None
    match: str


class HiddenAlarms(msgspec.Struct, frozen=True, kw_only=True):
    """What a silence hid, newest first: how many in all, how many now, the worst, and a page of them."""

    count: int
    holding: int
    worst: Severity | None
    alarms: list[HiddenAlarm]
    next: int | None
