"""What the listeners produce. Every kind carries its Stamp; their union is an observation."""

import datetime as dt
import enum
import math
from typing import Literal

import msgspec

from gis.stamp import Stamp


class Quality(enum.IntEnum):
    """Trust in one value; stored as its number, spoken by its lower-case name."""

    GOOD = 0
    IMPLAUSIBLE = 1
    CALIBRATING = 2
    FAULT = 3

    @property
    def word(self) -> str:
        """The name used outside."""
        return self.name.lower()


class Value(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One finite number of a property, in the unit of the device's profile."""

    property: str
    number: float
    quality: Quality = Quality.GOOD

    def __post_init__(self) -> None:
        if not math.isfinite(self.number):
            raise ValueError(f"{self.property} is not a finite number")


class Reading(msgspec.Struct, frozen=True, kw_only=True, tag="reading", gc=False):
    """What a device measured at one moment.

    `recorded_at` is the moment of the original record when a recording is replayed; `derived` marks
    values that nobody measured or printed as such (computed from another statement).
    """

    stamp: Stamp
    values: tuple[Value, ...]
    recorded_at: dt.datetime | None = None
    derived: bool = False


Phase = Literal["moment", "start", "update", "end"]
"""Where in its life a sighting is: over at once, or a thing that goes on under one id."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True, tag="sighting"):
    """What a camera saw happen: a line crossed, a zone entered, a crowd.

    `stamp.source` is the camera, `stamp.run` the start of its worker, `stamp.position` the place on the
    ground with `error_m` metres of uncertainty. `kind` is a word of `cameras.zones.Kind` or of another maker's
    camera; `subject` names the line or zone, `direction` the named way over a line. `box` is x, y, width,
    height in 0..1 of the picture from its top left. `picture` is the id of a stored picture, `clip` of a
    stored clip.

    Of what goes on for a while, `phase` is start, update (at most each few seconds) and end, each with a stamp
    of its own and all under one `id`; `since` is when it began. `count` is how many things were seen (a crowd
    is an estimate), `share` the part of the zone that they cover, `speed_kmh` along the ground where the
    camera is calibrated, `score` the trust of a detector in 0..1.
    """

    id: str
    stamp: Stamp
    kind: str
    subject: str
    track: str
    direction: str = ""
    object_class: str = "object"
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    error_m: float | None = None
    picture: str | None = None
    phase: Phase = "moment"
    since: dt.datetime | None = None
    count: int | None = None
    share: float | None = None
    speed_kmh: float | None = None
    score: float | None = None
    clip: str | None = None


class CameraState(msgspec.Struct, frozen=True, kw_only=True):
    """How a camera is, as its own maker tells it: a state of the outward contract, since `at`."""

    camera: str
    state: str
    at: dt.datetime
    reason: str


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Which one of a source's messages was refused, as far as it could be read: that one is accounted for."""

    source: str
    run: str
    sequence: int
    at: dt.datetime | None = None


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """A message that was not understood: why, in one word for counters and one sentence for people.

    `source` is the registered device or gateway that sent it, empty when none is known. `marks` are those of its
    parts that were refused and whose sequence number could be read. `skew_s` is, when its time was not believed, how
    far that lies from the arrival, in seconds; negative: before it.
    """

    topic: str
    payload: bytes
    code: str
    reason: str
    source: str = ""
    marks: tuple[Mark, ...] = ()
    skew_s: float | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, tag="report"):
    """What a citizen tells, without who it is.

    `stamp.source` is the channel by which it came (a hotline, an application), `stamp.position` the place, `error_m`
    metres off at the most. `number` is what the channel calls it, `area` the unit that holds the place, `category` and
    `severity` words of the centre. `text` and `place` are the citizen's own words. `photos` are ids of stored
    pictures, `numbers` what other systems call the event. `withdrawn_at` is when it was taken back, which is told as an
    observation of its own.
    """

    id: str
    stamp: Stamp
    number: str
    area: str
    category: str
    severity: str
    text: str
    place: str = ""
    error_m: float = 0.0
    photos: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    withdrawn_at: dt.datetime | None = None


class Reference(msgspec.Struct, frozen=True, order=True):
    """An earlier notice, as a later one names it (CAP 1.2, 3.2.1, references)."""

    sent: dt.datetime
    sender: str
    identifier: str


NoticeKind = Literal["alert", "update", "cancel", "ack", "error"]


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="notice"):
    """What an agency tells. The words are those of CAP 1.2, in lower case.

    `stamp.at` is when it was sent, `stamp.position` a point within its area and `error_m` how far from it the area
    reaches, in metres; without a position it concerns no place here. `feed` is the code of the feed that brought it,
    empty when somebody entered it. `references` are the notices that it updates or cancels. `status` other than
    `actual` is an exercise or a test. `severity` may be `unknown`. `over` means that it says all-clear.
    """

    id: str
    stamp: Stamp
    sender: str
    identifier: str
    area: str
    feed: str = ""
    status: str = "actual"
    kind: NoticeKind = "alert"
    references: tuple[Reference, ...] = ()
    category: str = "other"
    event: str = ""
    severity: str = "unknown"
    urgency: str = "unknown"
    certainty: str = "unknown"
    headline: str = ""
    headline_en: str = ""
    description: str = ""
    instruction: str = ""
    place: str = ""
    error_m: float = 0.0
    onset: dt.datetime | None = None
    expires: dt.datetime | None = None
    over: bool = False
    numbers: tuple[str, ...] = ()

    @property
    def reference(self) -> Reference:
        """What a later notice calls this one."""
        return Reference(self.stamp.at, self.sender, self.identifier)


Observation = Reading | Sighting | Report | Notice
