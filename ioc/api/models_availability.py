"""What the routes about availability answer."""

import datetime as dt
from typing import Literal

import msgspec


class _Figures(msgspec.Struct, frozen=True, kw_only=True):
    """`share` of the known time in which it worked, 0 to 1, null where nothing is known; all times in seconds.
    `failures` lasted a minute at least; `repairs` ended in the month, `repair_s` is their mean time to repair."""

    share: float | None
    serving_s: float
    failing_s: float
    unknown_s: float
    failures: int
    repairs: int
    repair_s: float | None


class ThingOf(_Figures, frozen=True, kw_only=True):
    """A device or camera in a month. `failing_since` and `reason`: a failure that lasts now. `offends`: it failed at
    least three times."""

    subject: Literal["device", "camera"]
    code: str
    name: str
    kind: str
    centre: str
    state: str
    failing_since: dt.datetime | None
    reason: str
    offends: bool


class UnitOf(_Figures, frozen=True, kw_only=True):
    """All that a centre had in a month; `failing_now` of its things fail at the moment, `offenders` failed again and
    again."""

    centre: str
    name: str
    name_en: str
    things: int
    failing_now: int
    offenders: int


class AvailabilityOf(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Availability of a month of the centre's zone, worst first, until now if the month is not over. Either `units` or
    `things` is filled, by what was asked; `total` is of all. `next`: `offset` of the page that follows, or null."""

    month: str
    first: dt.datetime
    last: dt.datetime
    by: Literal["unit", "device"]
    zone: str
    total: UnitOf
    units: list[UnitOf]
    things: list[ThingOf]
    next: int | None
