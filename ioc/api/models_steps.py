"""What the routes of an incident's life take and answer."""

import datetime as dt
import uuid
from typing import Annotated, Literal

import msgspec

from ioc.api.models import Incident, Step
from ioc.api.models_reports import Photo
from ioc.store.steps import MOST_TOLD

Version = Annotated[int, msgspec.Meta(ge=0, lt=1 << 31)]
Reason = Annotated[str, msgspec.Meta(max_length=1_000)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Login = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Item = Annotated[str, msgspec.Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")]
"""Code of a step of a procedure."""

Severity = Literal["minor", "moderate", "severe", "extreme"]

MOST_SPLIT = 1_000
"""Alarms that may be split off at once."""

MOST_LINKED = MOST_TOLD
"""Waiting alarms that may be linked at once: so many are told one by one on the live stream."""


class Reasoned(Step, kw_only=True, forbid_unknown_fields=True):
    """A step with a reason, which some steps need; see its problem `why-needed`."""

    why: Reason = ""


class Assignment(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """Who is to own the incident: a login that may work on it."""

    to: Login


class Duplicate(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """The incident of which this one is a duplicate, and its version as far as it was seen."""

    of: uuid.UUID
    of_version: Version | None = None


class Merge(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """The incident to be merged with; the older of the two takes the alarms of the other."""

    other: uuid.UUID
    other_version: Version | None = None


class Split(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """The alarms that go into a new incident."""

    alarms: Annotated[list[uuid.UUID], msgspec.Meta(min_length=1, max_length=MOST_SPLIT)]


class SeverityStep(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """The severity in a person's judgement, with the reason; it stays until an alarm is worse than what holds now."""

    severity: Severity


class TitleStep(Reasoned, kw_only=True, forbid_unknown_fields=True):
    """A title in a person's words; without `title_en` it is the same in English."""

    title: Line
    title_en: Annotated[str, msgspec.Meta(max_length=300)] = ""


class ItemStep(msgspec.Struct, forbid_unknown_fields=True):
    """What happens to one step of the incident's procedure: `done` ticks it or takes the tick away, `text` rewords it
    or adds one of a new code, `drop` takes it out. `expected_version` may be left out."""

    item: Item
    done: bool | None = None
    text: Annotated[str, msgspec.Meta(max_length=300)] = ""
    drop: bool = False
    note: Reason = ""
    expected_version: Version | None = None


class Comment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says of an incident, with up to four photographs; `expected_version` may be left out, so that no
    word is lost because somebody else did something."""

    text: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    photos: Annotated[tuple[Photo, ...], msgspec.Meta(max_length=4)] = ()
    expected_version: Version | None = None


class Sight(msgspec.Struct, forbid_unknown_fields=True):
    """That a person has the incident before their eyes, in this version."""

    version: Version


class Moment(msgspec.Struct):
    """One line of the timeline.

    `kind`: log (the centre), step (a person), comment, raised, cleared, report, notice, ticket. `of` is the incident in
    whose life it was: another one that was merged into this. `source` is a device, a camera, an agency, of a ticket the
    unit that had it then, or empty; `text` of an alarm is what holds, `text_en` the same in English; `words` are those
    of a report or a notice, where the reader may see it. `ticket` and `number` say which ticket, `to` whom or what its
    step names.
    """

    at: dt.datetime
    kind: Literal["log", "step", "comment", "raised", "cleared", "report", "notice", "ticket"]
    of: uuid.UUID
    who: str
    what: str
    text: str
    text_en: str
    words: str
    source: str
    source_kind: str
    alarm: uuid.UUID | None
    ticket: uuid.UUID | None
    number: int | None
    to: str
    severity: str
    photos: list[str]


class Timeline(msgspec.Struct):
    """All of an incident's life, oldest first; `cut`: there is more than is told, and the oldest is left out."""

    moments: list[Moment]
    cut: bool


class Assignee(msgspec.Struct):
    """Somebody who may work on an incident."""

    login: str
    name: str
    role: str


class Assignees(msgspec.Struct):
    """Who may work on an incident, by login."""

    people: list[Assignee]


class TemplateItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step of a category's procedure, in Vietnamese and English; `required`: closing without it needs a reason."""

    item: Item
    vi: Line
    en: Line
    required: bool = False


class Template(msgspec.Struct):
    """The procedure of a category; version 0 is the shipped one."""

    category: str
    version: int
    changed_by: str
    changed_at: dt.datetime | None
    items: list[TemplateItem]


class Templates(msgspec.Struct):
    """The procedures of all categories."""

    checklists: list[Template]


class NewTemplate(msgspec.Struct, forbid_unknown_fields=True):
    """A procedure in place of the one of `expected_version`; open incidents keep their copies."""

    expected_version: Version
    items: Annotated[list[TemplateItem], msgspec.Meta(max_length=50)]


class Verdict(msgspec.Struct):
    """How often incidents of one rule or camera were false alarms: of `judged` that people ended, `false_alarms`."""

    name: str
    judged: int
    false_alarms: int
    rate: float


class Verdicts(msgspec.Struct):
    """False alarms of the last `days` days, by rule with its version, by camera, and of all."""

    days: int
    judged: int
    false_alarms: int
    rules: list[Verdict]
    cameras: list[Verdict]


class Candidate(msgspec.Struct):
    """An incident to which a waiting alarm may belong: how far its nearest alarm is, and how many minutes lie between
    the alarm and the time in which the incident was active (0: within)."""

    incident: uuid.UUID
    version: int
    title: str
    title_en: str
    category: str
    severity: str
    status: str
    distance_m: float
    minutes_apart: float
    position: tuple[float, float]


class Doubt(msgspec.Struct):
    """An alarm that several incidents would take; a person decides. `photo` is the address of a picture."""

    alarm: uuid.UUID
    title: str
    title_en: str
    category: str
    severity: str
    source_kind: str
    source: str
    source_name: str
    raised_at: dt.datetime
    age_s: float
    holds: bool
    position: tuple[float, float]
    photo: str | None
    candidates: list[Candidate]


class Doubts(msgspec.Struct):
    """Alarms that wait for a person, the worst and oldest first; `count` are all that wait."""

    doubts: list[Doubt]
    count: int


class Link(msgspec.Struct, forbid_unknown_fields=True):
    """The incident to which a waiting alarm belongs, and its version as far as it was seen."""

    incident: uuid.UUID
    expected_version: Version | None = None
    why: Reason = ""


class LinkAll(Link, kw_only=True, forbid_unknown_fields=True):
    """Several waiting alarms that belong to one incident."""

    alarms: Annotated[list[uuid.UUID], msgspec.Meta(min_length=1, max_length=MOST_LINKED)]


class LinkedAlarm(msgspec.Struct):
    """What became of one alarm: `linked`; `not-waiting`, somebody or the centre decided before, which stands;
    `not-found`, it is not there to be seen."""

    alarm: uuid.UUID
    outcome: Literal["linked", "not-waiting", "not-found"]


class LinkedAll(msgspec.Struct):
    """The incident as it is now, how many alarms it took, and what became of each, in the order of the request."""

    incident: Incident
    linked: int
    alarms: list[LinkedAlarm]


class Open(msgspec.Struct, forbid_unknown_fields=True):
    """A waiting alarm becomes an incident of its own."""

    why: Reason = ""
