"""Recorded readings in the order in which the demo plays them. Pure: texts of CSV files in, readings out.

Nothing is interpolated: a reading plays at the moment that its page or file gives, and not in between. What
was computed from another statement, and what the demo adds to end the flood, is marked `derived`.
"""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import msgspec

VIETNAM = dt.timezone(dt.timedelta(hours=7))
MINNESOTA_SUMMER = dt.timezone(dt.timedelta(hours=-5))

START = dt.datetime(2025, 10, 27, 0, 55, tzinfo=VIETNAM)
"""Where the demo begins: five minutes before the first water levels of the flood."""

END = dt.datetime(2025, 10, 31, 12, 0, tzinfo=VIETNAM)
"""Where the demo lets the flood clear: five hours after the last recorded water level."""

COMPUTED = frozenset({"from_alarm_difference", "from_change"})
"""Methods of levels.csv by which nobody printed the level itself."""

BELOW_ALARM_M = 0.5
"""How far under its lowest official level a gauge is put when the flood clears, in metres."""

CLOSING_RAIN_HOURS = 24.0


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """One recorded reading. `values` by property, in the units of the device's profile.

    `recorded_at` is the moment of the record itself. `plays_at` is its place on the flood's clock: the same
    moment for the flood, a shifted one for records of other places and years. Both are aware.
    """

    device: str
    recorded_at: dt.datetime
    plays_at: dt.datetime
    values: dict[str, float]
    derived: bool = False


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """Readings by `plays_at`, and the part of the flood's clock that is played (both ends included)."""

    readings: tuple[Recorded, ...]
    start: dt.datetime = START
    end: dt.datetime = END

    def opening(self) -> tuple[Recorded, ...]:
        """The last reading of each device before the start: what was known when the demo begins."""
        latest = {reading.device: reading for reading in self.readings if reading.plays_at < self.start}
        return tuple(sorted(latest.values(), key=_order))

    def played(self) -> tuple[Recorded, ...]:
        """The readings from start to end."""
        return tuple(reading for reading in self.readings if self.start <= reading.plays_at <= self.end)


def in_order(*series: Iterable[Recorded]) -> tuple[Recorded, ...]:
    """All readings by place on the flood's clock, then device, then moment of the record."""
    return tuple(sorted((reading for readings in series for reading in readings), key=_order))


def river(levels: str) -> Iterator[Recorded]:
    """Water levels of levels.csv (columns device, time, level_m, method)."""
    for row in csv.DictReader(levels.splitlines()):
        at = dt.datetime.fromisoformat(row["time"])
        yield Recorded(
            device=row["device"],
            recorded_at=at,
            plays_at=at,
            values={"water_level": float(row["level_m"])},
            derived=row["method"] in COMPUTED,
        )


def rain(rainfall: str) -> Iterator[Recorded]:
    """Rain sums of rainfall.csv (columns device, from, to, mm), each at the end of its period.

    A bound that is only a date is taken as wide as it can be: a period begins with that day and ends with
    it. The reading is then derived, because nobody printed these hours.
    """
    for row in csv.DictReader(rainfall.splitlines()):
        begin, begin_exact = _bound(row["from"], end_of_day=False)
        end, end_exact = _bound(row["to"], end_of_day=True)
        yield Recorded(
            device=row["device"],
            recorded_at=end,
            plays_at=end,
            values={"rain_sum": float(row["mm"]), "rain_hours": (end - begin) / dt.timedelta(hours=1)},
            derived=not (begin_exact and end_exact),
        )


def air(hourly: str, *, device: str, anchor: dt.datetime, start: dt.datetime = START) -> Iterator[Recorded]:
    """Valid hourly PM2.5 of the AirNow file (local time UTC+7, hour ending).

    `anchor` is the moment of the record that plays at `start`. Rows that are missing or not valid are left
    out, not filled.
    """
    for row in csv.DictReader(hourly.splitlines()):
        if row["QC Name"] != "Valid":
            continue
        at = dt.datetime.fromisoformat(row["Date (LT)"]).replace(tzinfo=VIETNAM)
        yield _shifted(device, at, {"pm2_5": float(row["Raw Conc."])}, anchor, start)


def traffic(
    columns: Mapping[str, str], *, device: str, anchor: dt.datetime, start: dt.datetime = START
) -> Iterator[Recorded]:
    """Series of one traffic loop: property -> CSV with timestamp and value (read as UTC-5).

    Values of one timestamp are one reading. `anchor` is the moment of the record that plays at `start`.
    """
    together: dict[dt.datetime, dict[str, float]] = {}
    for name, text in columns.items():
        for row in csv.DictReader(text.splitlines()):
            at = dt.datetime.fromisoformat(row["timestamp"]).replace(tzinfo=MINNESOTA_SUMMER)
            together.setdefault(at, {})[name] = float(row["value"])
    for at, values in together.items():
        yield _shifted(device, at, values, anchor, start)


def river_closing(gauges: str, at: dt.datetime = END) -> Iterator[Recorded]:
    """One level for each gauge of gauges.csv, half a metre under its lowest official level.

    Nobody measured them: the record ends before the flood does. They are derived.
    """
    for row in csv.DictReader(gauges.splitlines()):
        levels = [float(row[column]) for column in ("alarm1_m", "alarm2_m", "alarm3_m") if row[column]]
        if levels:
            value = round(min(levels) - BELOW_ALARM_M, 2)
            yield Recorded(
                device=row["device"], recorded_at=at, plays_at=at, values={"water_level": value}, derived=True
            )


def rain_closing(devices: Iterable[str], at: dt.datetime = END) -> Iterator[Recorded]:
    """No rain in the last day at each station. Nobody measured it: derived."""
    for device in sorted(set(devices)):
        values = {"rain_sum": 0.0, "rain_hours": CLOSING_RAIN_HOURS}
        yield Recorded(device=device, recorded_at=at, plays_at=at, values=values, derived=True)


def _order(reading: Recorded) -> tuple[dt.datetime, str, dt.datetime]:
    return reading.plays_at, reading.device, reading.recorded_at


def _shifted(
    device: str, at: dt.datetime, values: dict[str, float], anchor: dt.datetime, start: dt.datetime
) -> Recorded:
    return Recorded(device=device, recorded_at=at, plays_at=start + (at - anchor), values=values)


def _bound(text: str, *, end_of_day: bool) -> tuple[dt.datetime, bool]:
    """The moment of a bound, and whether the text gives its hour."""
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment, True
    return moment.replace(tzinfo=VIETNAM) + dt.timedelta(days=1 if end_of_day else 0), False
