"""What the routes about the quality of alarms answer."""

import datetime as dt

import msgspec


class FiguresOf(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of some hours. `alarms` and `incidents` are new ones that people were told of, `hidden` alarms were not
    told. `…_mean` and `…_peak` are per operator and ten minutes. `flood` is the share of time in flood, `floods` how
    many began. `severities` are the shares of minor, moderate, severe and extreme alarms; `acknowledged` the share of
    alarms that an operator owned within a minute; `false_alarms` the share of incidents that turned out to be none;
    null where there was nothing. `chattering` and `flapping` count keys, each once an hour. `standing` alarms had held
    for more than a day at the end of the last hour, `standing_most` at the worst."""

    hours: int
    alarms: int
    incidents: int
    hidden: int
    alarms_mean: float
    alarms_peak: float
    incidents_mean: float
    incidents_peak: float
    flood: float
    floods: int
    severities: list[float] | None
    acknowledged: float | None
    false_alarms: float | None
    chattering: int
    flapping: int
    standing: int
    standing_most: int


class DayOf(FiguresOf, frozen=True, kw_only=True):
    """The figures of one day of the centre's zone."""

    day: dt.date


class WorstOf(msgspec.Struct, frozen=True, kw_only=True):
    """A source with the number of its alarms and its share of all."""

    source: str
    source_name: str
    source_kind: str
    centre: str
    alarms: int
    share: float
    chattering: int
    flapping: int


class TargetsOf(msgspec.Struct, frozen=True, kw_only=True):
    """What the standards call manageable; `severities`: the least share of minor alarms, the most of the others."""

    alarms_mean: float
    alarms_peak: float
    flood: float
    worst_ten: float
    standing: int
    chattering: int
    severities: list[float]


class QualityOf(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """How good the alarms of a span were, as far as the reader sees them: from the first kept hour to the end of the
    last. `missing` hours of the span are not kept: there was no centre, or they are not over. `worst_ten` is the share
    of the ten worst sources."""

    first: dt.datetime | None
    last: dt.datetime | None
    area: str
    zone: str
    missing: int
    total: FiguresOf
    days: list[DayOf]
    worst: list[WorstOf]
    worst_ten: float | None
    targets: TargetsOf
