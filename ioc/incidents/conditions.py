"""What a rule may ask beside its levels: other values, windows of time, hours of the day, other rules, what was seen.

Each is checked when it is made: what is wrong is told in one sentence that names the member.
"""

import datetime as dt
import math
import re
from collections.abc import Sequence
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from gis.observation import Reading, Sighting

WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")
"""How packs and rules are called."""

MOST_HOURS = 240.0
"""The longest window."""

MOST_METRES, MOST_MINUTES = 50_000.0, 720.0
"""The widest that several streams may be apart and be those of one place."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Kind = Literal["sum", "mean", "min", "max", "range", "rise", "rate", "count", "vn_aqi"]

DATE = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")
"""A month and a day, as in 09-01."""


class When(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"minimum": "min", "maximum": "max"}
):
    """A condition on another value of the same reading; the limits belong to it."""

    property: str
    minimum: float = float("-inf")
    maximum: float = float("inf")

    def __post_init__(self) -> None:
        if not self.property or not self.minimum <= self.maximum:
            raise ValueError("when needs a property, and a min that is not above its max")

    def holds(self, reading: Reading) -> bool:
        """Whether the reading has the property within the limits."""
        return any(
            value.property == self.property and self.minimum <= value.number <= self.maximum for value in reading.values
        )


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Judge not a value but what the values of the last `hours` of event time come to, at each value.

    sum, mean, min, max, count; `range`: highest less lowest; `rise`: how far the newest lies above the lowest of the
    window (with `below`: above the highest, which is negative when it fell); `rate`: newest less oldest, per hour
    between them; `vn_aqi`: the hourly index of `aqi.py` from the property and those in `also`. With fewer than `least`
    values nothing is said.
    """

    kind: Kind
    hours: float
    least: int = 1
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.hours <= MOST_HOURS:
            raise ValueError(f"window.hours must be above 0 and at most {MOST_HOURS:g}")
        if not 1 <= self.least <= 10_000:
            raise ValueError("window.least must be from 1 to 10000")
        if self.kind == "vn_aqi" and self.hours != 12:
            raise ValueError("window.hours must be 12 for vn_aqi, whose weighted mean covers twelve hours")
        if self.also and self.kind != "vn_aqi":
            raise ValueError(f"window.also is for vn_aqi; {self.kind} looks at one property")


class Schedule(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to"}
):
    """When a rule counts: on which days, from which local time (included) to which (excluded).

    A span over midnight belongs to the day on which it begins; equal times are the whole day. `first` and `last` are
    local dates of each year (MM-DD, both included) and may lie on two sides of a new year. Outside all this nothing
    holds, whatever the values say.
    """

    days: tuple[Day, ...] = DAYS
    begins: dt.time = dt.time()
    ends: dt.time = dt.time()
    first: str = ""
    last: str = ""
    zone: str = "Asia/Ho_Chi_Minh"

    def __post_init__(self) -> None:
        if not self.days or len(set(self.days)) < len(self.days):
            raise ValueError("schedule.days must name at least one day, and each once")
        if self.begins.tzinfo is not None or self.ends.tzinfo is not None:
            raise ValueError("schedule.from and schedule.to are local times and carry no offset")
        if bool(self.first) is not bool(self.last) or any(
            not DATE.match(one) for one in (self.first, self.last) if one
        ):
            raise ValueError("schedule.first and schedule.last are given together, each as MM-DD")
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"schedule.zone {self.zone!r} is not a time zone of this machine") from error


class Needs(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other rules that must hold at one place: all, or any of them. `rules` are codes of the same pack or pack/code.

    The place is each source that the first rule is about, of any: each that one of them is about. The others must hold
    at a source within `metres` of it, or have held there in the last `minutes` of event time. 0 metres: at it itself.
    """

    rules: tuple[str, ...]
    match: Literal["all", "any"] = "all"
    metres: float = 0.0
    minutes: float = 0.0

    def __post_init__(self) -> None:
        if not 1 <= len(self.rules) <= 8 or len(set(self.rules)) < len(self.rules):
            raise ValueError("needs.rules must name one to eight rules, and each once")
        if any(not all(map(WORD.match, name.split("/"))) or name.count("/") > 1 for name in self.rules):
            raise ValueError("needs.rules must be codes of the same pack, or pack/code")
        if not 0 <= self.metres <= MOST_METRES:
            raise ValueError(f"needs.metres must be from 0 to {MOST_METRES:g}")
        if not 0 <= self.minutes <= MOST_MINUTES:
            raise ValueError(f"needs.minutes must be from 0 to {MOST_MINUTES:g}")


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a sighting must be like. An empty list asks nothing; a figure that is not told is too little."""

    subjects: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    min_score: float = 0.0
    min_count: int = 0
    min_share: float = 0.0
    min_speed_kmh: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.min_score <= 1 or not 0 <= self.min_share <= 1:
            raise ValueError("seen.min_score and seen.min_share must be from 0 to 1")
        if self.min_count < 0 or not (math.isfinite(self.min_speed_kmh) and self.min_speed_kmh >= 0):
            raise ValueError("seen.min_count and seen.min_speed_kmh must not be negative")

    def is_about(self, seen: Sighting) -> bool:
        """Whether it is at a line or zone, of a class and in a direction that are named, where any are."""
        asked = (
            (self.subjects, seen.subject),
            (self.classes, seen.object_class),
            (self.directions, seen.direction),
        )
        return all(not names or name in names for names, name in asked)

    def is_enough(self, seen: Sighting) -> bool:
        """Whether every figure that is asked for is told, and large enough."""
        asked = (
            (self.min_score, seen.score),
            (self.min_count, seen.count),
            (self.min_share, seen.share),
            (self.min_speed_kmh, seen.speed_kmh),
        )
        return all(not least or (figure is not None and figure >= least) for least, figure in asked)


def ring_fault(ring: Sequence[Sequence[float]]) -> str | None:
    """What is wrong with the corners [lon, lat] of a polygon, None when they are in order or there are none."""
    if not ring:
        return None
    if not 3 <= len(ring) <= 1_000:
        return "polygon needs three to 1000 corners"
    for lon, lat in ring:
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return f"polygon has a corner at [{lon:g}, {lat:g}], which is no longitude and latitude in degrees"
    return None
