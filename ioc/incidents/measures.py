"""What the values of a trailing window of event time come to.

Each measure is a function of the values in the window alone, so that the order in which they arrived is nothing to it.
A window of totals (sum, count) begins after its first moment, so that two windows in a row share no value; one of
levels includes it. A value that came too late to be judged by itself still counts in the windows that follow.
"""

import bisect
import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ioc.incidents import aqi
from ioc.incidents.conditions import Window
from ioc.incidents.rules import Figure

HOUR = dt.timedelta(hours=1)

PUNCTUAL = dt.timedelta(minutes=5)
"""How far from the full hour the mean of an hour may be told: what comes so soon after it is of the hour that ended."""

MOST = 20_000
"""Values that one window holds; of more only the newest count."""

Order = tuple[dt.datetime, dt.datetime, str, int]


class Point(msgspec.Struct, frozen=True):
    """The good values of one reading, at its place in the order of all of its source."""

    order: Order
    values: Mapping[str, float]

    @property
    def at(self) -> dt.datetime:
        """Its effective time."""
        return self.order[0]


class Points:
    """The readings of one source in their order, as far back as a window and a late value reach."""

    def __init__(self, reach: dt.timedelta) -> None:
        self._reach = reach
        self._kept: dt.datetime | None = None
        self._orders: list[Order] = []
        self._points: list[Point] = []

    def __len__(self) -> int:
        return len(self._points)

    def add(self, point: Point) -> None:
        """Enter a reading; one of the same place is taken for the same, with what it measured beside."""
        place = bisect.bisect_left(self._orders, point.order)
        if place < len(self._orders) and self._orders[place] == point.order:
            self._points[place] = Point(point.order, {**self._points[place].values, **point.values})
            return
        self._orders.insert(place, point.order)
        self._points.insert(place, point)
        self._forget()

    def keep(self, since: dt.datetime | None) -> None:
        """Forget nothing from a moment on, until told otherwise (None)."""
        self._kept = since

    def through(self, order: Order, hours: float) -> Sequence[Point]:
        """Those of the hours before a place in the order, with the one at it, and the one at the first moment."""
        since = order[0] - dt.timedelta(hours=hours)
        first = bisect.bisect_left(self._orders, since, key=lambda one: one[0])
        return self._points[first : bisect.bisect_right(self._orders, order)]

    def after(self, order: Order) -> Sequence[Point]:
        """Those that follow a place in the order, and the one at it."""
        return self._points[bisect.bisect_left(self._orders, order) :]

    def _forget(self) -> None:
        since = self._orders[-1][0] - self._reach
        since = since if self._kept is None else min(since, self._kept)
        gone = max(bisect.bisect_left(self._orders, since, key=lambda one: one[0]), len(self._orders) - MOST)
        if gone > 0:
            del self._orders[:gone], self._points[:gone]


def figure(window: Window, measured: str, points: Sequence[Point], *, below: bool = False) -> Figure | None:
    """What a window comes to at the last of its points; None with too few values to say anything.

    `points` are those of `Points.through`. `below` turns `rise` into the fall from the highest.
    """
    if not points:
        return None
    if window.kind == "vn_aqi":
        return _vn_aqi(window, measured, points)
    at = points[-1].at
    since = at - dt.timedelta(hours=window.hours)
    open_ended = window.kind in ("sum", "count")
    found = [
        (point.at, point.values[measured])
        for point in points
        if measured in point.values and (point.at > since or (point.at == since and not open_ended))
    ]
    if len(found) < window.least or not found or measured not in points[-1].values:
        return None
    number = _number(window, found, below)
    if number is None:
        return None
    return Figure(number, _told(window, found[0][0], at, len(found), {"measured": found[-1][1]}))


def _number(window: Window, found: Sequence[tuple[dt.datetime, float]], below: bool) -> float | None:
    numbers = [number for _, number in found]
    match window.kind:
        case "sum":
            return _sum(numbers)
        case "mean":
            return _sum(numbers) / len(numbers)
        case "min":
            return min(numbers)
        case "max":
            return max(numbers)
        case "range":
            return max(numbers) - min(numbers)
        case "count":
            return float(len(numbers))
        case "rise":
            return numbers[-1] - (max(numbers) if below else min(numbers))
        case _:
            return _rate(window, found)


def _sum(numbers: Sequence[float]) -> float:
    """Exact; of numbers at the end of the scale, which a broken device may send, what plain adding makes of them."""
    try:
        return math.fsum(numbers)
    except OverflowError:
        return sum(numbers)


def _rate(window: Window, found: Sequence[tuple[dt.datetime, float]]) -> float | None:
    """Change per hour; None while the values cover less than half of the window, for noise over minutes is no rate."""
    hours = (found[-1][0] - found[0][0]).total_seconds() / 3600
    return (found[-1][1] - found[0][1]) / hours if hours >= window.hours / 2 else None


def _vn_aqi(window: Window, measured: str, points: Sequence[Point]) -> Figure | None:
    at = points[-1].at
    index = aqi.hourly(hourly_means(points, (measured, *window.also), at))
    if index is None:
        return None
    vi, en = aqi.category(index.value)
    told = {
        "pollutant": index.pollutant,
        "category": vi,
        "category_en": en,
        "indices": {name: math.floor(share + 0.5) for name, share in index.shares.items()},
    }
    return Figure(float(index.value), _told(window, points[0].at, at, len(points), told))


def hourly_means(points: Sequence[Point], names: Iterable[str], at: dt.datetime) -> dict[str, list[float | None]]:
    """The means of the last twelve full hours, the newest first; a value belongs to the hour that ends at or after it.

    Stations tell the mean of an hour at its end, or means of minutes all along; both come out right.
    """
    newest, hours = _ended(at + PUNCTUAL), dict[str, list[list[float]]]()
    for name in names:
        hours[name] = [[] for _ in range(aqi.HOURS)]
    for point in points:
        age = math.floor((newest - point.at + PUNCTUAL) / HOUR)
        if 0 <= age < aqi.HOURS:
            for name, number in point.values.items():
                if name in hours:
                    hours[name][age].append(number)
    means = {name: [_sum(one) / len(one) if one else None for one in found] for name, found in hours.items()}
    return {
        name: [None if one is None or not math.isfinite(one) else one for one in found] for name, found in means.items()
    }


def _ended(at: dt.datetime) -> dt.datetime:
    """The full hour at or before a moment."""
    return at.replace(minute=0, second=0, microsecond=0)


def _told(
    window: Window, first: dt.datetime, at: dt.datetime, count: int, more: Mapping[str, Any]
) -> Mapping[str, Any]:
    about = {"kind": window.kind, "hours": window.hours, "from": first.isoformat(), "to": at.isoformat()}
    return {**more, "window": {**about, "values": count}}
