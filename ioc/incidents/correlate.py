"""Which alarms belong together: a fold over alarms in the order of (raised_at, key).

Each newcomer is asked, in this order: does an incident bear the same number of another system; does exactly one lie
near in place and time; does exactly one lie in the wider pass. Exactly one takes it, several leave it to a person, none
lets it open one. The same alarms give the same incidents, whatever the order and repetition in which they were told,
because they are folded in their own order; who has known alarms beyond a late one folds those again after it.

An incident is active from its first alarm to its last sign: without end while a sensor or the centre itself says that
a condition holds, to the last sighting of a camera and while it goes on, to the moment at which a person or an agency
spoke. It is over when none of its alarms holds any more, and takes nobody in who comes later than `return_min` after
that.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from gis.distance import degrees, metres
from ioc.incidents.alarm import Alarm
from ioc.incidents.images import withdrawn
from ioc.incidents.policy import Pair, Policy

MOMENTS = ("citizen", "agency")
"""Who speaks of a moment: what they say keeps an incident open until people end it, and never makes it active."""

SEES_ON = dt.timedelta(minutes=10)
"""A camera's alarm that was not ended yet counts for so long after its last sighting, in event time: in a journal that
is caught up with, the quiet that ends it is noticed late."""

_BUCKET = 0.02
"""Degrees of the squares in which cells are looked up: some two kilometres."""


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """A place where an incident has alarms of a category; `source` is empty of moments."""

    lon: float
    lat: float
    category: str
    source: str
    first_at: dt.datetime


def own(alarm: Alarm) -> bool:
    """Whether an alarm shapes its incident: not what was withdrawn, nor what a parent or a silence holds back."""
    return not withdrawn(alarm) and alarm.match not in ("suppressed", "silenced")


def order(alarm: Alarm) -> tuple[dt.datetime, str, str]:
    """The one order of all alarms."""
    return alarm.raised_at, alarm.key, alarm.id


def last_sign(alarm: Alarm) -> dt.datetime | None:
    """The last moment at which an alarm shows its incident to be active; None while it goes on."""
    if alarm.source_kind in MOMENTS:
        return alarm.raised_at
    if alarm.cleared_at is None:
        return alarm.seen_at + SEES_ON if alarm.source_kind == "camera" else None
    return alarm.seen_at


def ended(alarm: Alarm) -> dt.datetime | None:
    """When an alarm ceased to keep its incident open; None while it does."""
    if alarm.cleared_at is not None and alarm.source_kind in MOMENTS:
        return max(alarm.raised_at, alarm.cleared_at)
    return None if alarm.source_kind in MOMENTS else last_sign(alarm)


class Known:
    """An incident as far as the fold has come: when it was active, and where its alarms are.

    `takes`: people have not ended it for good. An incident without alarms of its own is not there for anybody.
    """

    __slots__ = (
        *("active_until", "box", "category", "cells", "first_at", "id", "newest_at", "over_at", "seen", "takes"),
        "_width",
    )

    def __init__(self, id: str, *, takes: bool = True) -> None:  # noqa: A002
        self.id = id
        self.takes = takes
        self.category = ""
        self.first_at = self.newest_at = self.active_until = self.over_at = None  # type: dt.datetime | None
        self.cells: list[Cell] = []
        self.seen: set[tuple[float, float, str, str]] = set()
        self.box = (0.0, 0.0, 0.0, 0.0)
        self._width: float | None = None

    @property
    def empty(self) -> bool:
        """Whether it has no alarm of its own."""
        return self.first_at is None

    def place(self, cell: Cell) -> bool:
        """Enter a place; False when it was there."""
        key = (cell.lon, cell.lat, cell.category, cell.source)
        if key in self.seen:
            return False
        self.seen.add(key)
        west, south, east, north = self.box if self.cells else (cell.lon, cell.lat, cell.lon, cell.lat)
        self.box = (min(west, cell.lon), min(south, cell.lat), max(east, cell.lon), max(north, cell.lat))
        self.cells.append(cell)
        self._width = None
        return True

    def add(self, alarm: Alarm) -> None:
        """Let an alarm count for the times."""
        sign, end = last_sign(alarm), ended(alarm)
        if self.first_at is None or self.newest_at is None:
            self.category = alarm.category
            self.first_at = self.newest_at = alarm.raised_at
            self.active_until, self.over_at = sign, end
            return
        self.first_at, self.newest_at = min(self.first_at, alarm.raised_at), max(self.newest_at, alarm.raised_at)
        self.active_until = _later(self.active_until, sign)
        self.over_at = _later(self.over_at, end)

    def gap_min(self, at: dt.datetime) -> float:
        """Minutes between a moment and the time in which it was active."""
        if self.first_at is not None and at < self.first_at:
            return (self.first_at - at).total_seconds() / 60
        if self.active_until is not None and at > self.active_until:
            return (at - self.active_until).total_seconds() / 60
        return 0.0

    def over_min(self, at: dt.datetime) -> float:
        """Minutes since nothing of it held any more; 0 before that."""
        return 0.0 if self.over_at is None else max(0.0, (at - self.over_at).total_seconds() / 60)

    def hours_with(self, at: dt.datetime) -> float:
        """How long it would be, from the first to the newest beginning of an alarm, with one of this moment."""
        if self.first_at is None or self.newest_at is None:
            return 0.0
        return (max(self.newest_at, at) - min(self.first_at, at)).total_seconds() / 3600

    def fits(self, at: dt.datetime, hours: float) -> bool:
        """Whether with an alarm of this moment it is no longer than it may be, or no longer than it is.

        Numbers and people may have made it longer than `hours`.
        """
        spans = 0.0 if self.first_at is None else self.hours_with(self.first_at)
        return self.hours_with(at) <= max(hours, spans)

    def within(self, lon: float, lat: float, diameter_m: float) -> bool:
        """Whether with a place it is no wider than it may be, or no wider than it is.

        Numbers and people may have made it wider than `diameter_m`.
        """
        lon, lat = _to_a_metre(lon), _to_a_metre(lat)
        west, south, east, north = self.box
        if all(metres(lon, lat, x, y) <= diameter_m for x in (west, east) for y in (south, north)):
            return True
        far = max((metres(lon, lat, cell.lon, cell.lat) for cell in self.cells), default=0.0)
        if far <= diameter_m:
            return True
        across = max(metres(west, y, east, y) for y in (south, north))
        if math.hypot(across, metres(west, south, west, north)) <= diameter_m:  # it is not that wide
            return False
        return any((cell.lon, cell.lat) == (lon, lat) for cell in self.cells) or far <= self.width()

    def width(self) -> float:
        """The distance of its two places that are farthest apart, in metres."""
        if self._width is None:
            rim = hull((cell.lon, cell.lat) for cell in self.cells)
            self._width = max((metres(*one, *other) for one, other in combinations(rim, 2)), default=0.0)
        return self._width


def hull(places: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the convex hull of some places (Andrew's monotone chain), in a plane of degrees."""
    ordered = sorted(set(places))
    rims: list[list[tuple[float, float]]] = []
    for points in (ordered, ordered[::-1]):
        rim: list[tuple[float, float]] = []
        for x, y in points:
            while len(rim) > 1 and _bends_in(rim[-2], rim[-1], (x, y)):
                rim.pop()
            rim.append((x, y))
        rims.append(rim)
    return list(dict.fromkeys(point for rim in rims for point in rim))


def _bends_in(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> bool:
    return (two[0] - one[0]) * (three[1] - one[1]) <= (two[1] - one[1]) * (three[0] - one[0])


def _later(one: dt.datetime | None, other: dt.datetime | None) -> dt.datetime | None:
    """The later of two ends, where None is no end."""
    return None if one is None or other is None else max(one, other)


class Candidate(msgspec.Struct, frozen=True):
    """An incident that would take an alarm: metres to its nearest alarm, minutes to when it was active."""

    incident: str
    metres: float
    minutes: float


class Outcome(msgspec.Struct, kw_only=True):
    """What became of an alarm: a word of MATCHES, and the incident; of those that wait, the candidates.

    `previous` are incidents that people closed and that would have taken an alarm that opened one.
    """

    alarm: Alarm
    match: str
    known: Known | None = None
    candidates: Sequence[Candidate] = ()
    previous: Sequence[str] = ()


class Fold:
    """Takes alarms in their order. `known` are incidents without the alarms that are still to come."""

    def __init__(self, policy: Policy, known: Iterable[Known], numbers: Mapping[str, Iterable[str]]) -> None:
        self._policy = policy
        self.known = {one.id: one for one in known}
        self.new: list[Known] = []
        self._buckets: defaultdict[tuple[int, int], list[tuple[Known, Cell]]] = defaultdict(list)
        self._numbers: defaultdict[str, dict[str, Known]] = defaultdict(dict)
        for one in self.known.values():
            for cell in one.cells:
                self._buckets[_bucket(cell.lon, cell.lat)].append((one, cell))
        for number, ids in numbers.items():
            self._numbers[number] = {name: self.known[name] for name in ids if name in self.known}

    def take(self, alarm: Alarm, fixed: str | None = None, *, opens: bool = True) -> Outcome:
        """What becomes of the next alarm. `fixed`: a person said where it belongs, or nothing may move it.

        One that may not open is `history` when nothing takes it.
        """
        if fixed is not None:
            return self._joined(alarm, self.known.setdefault(fixed, Known(fixed)), alarm.match)
        by_number = self._by_number(alarm)
        if len(by_number) == 1:
            return self._joined(alarm, by_number[0], "number")
        if by_number:
            at = alarm.source.position
            told = [Candidate(one.id, _nearest(one, at.lon, at.lat), one.gap_min(alarm.raised_at)) for one in by_number]
            return Outcome(alarm=alarm, match="waiting", candidates=told)
        found, previous = self.candidates(alarm)
        if len(found) == 1:
            return self._joined(alarm, found[0][0], "linked")
        if found:
            return Outcome(alarm=alarm, match="waiting", candidates=[candidate for _, candidate in found])
        if not opens:
            return Outcome(alarm=alarm, match="history")
        made = Known(f"new:{alarm.id}")
        self.new.append(made)
        self.known[made.id] = made
        outcome = self._joined(alarm, made, "opened")
        outcome.previous = previous
        return outcome

    def candidates(self, alarm: Alarm) -> tuple[list[tuple[Known, Candidate]], list[str]]:
        """Those that would take an alarm by place and time, in the order of their ids, and the closed ones."""
        near, wide, closed = dict[str, float](), dict[str, float](), set[str]()
        at, error = alarm.source.position, self._error(alarm)
        bounded: dict[str, bool] = {}
        for one, cell, pair in self._around(alarm, error):
            if one.id in near:
                continue
            gap = one.gap_min(alarm.raised_at)
            if gap > pair.near_min and gap > pair.wide_min:
                continue
            away = metres(at.lon, at.lat, cell.lon, cell.lat) - error
            if away <= pair.near_m and gap <= pair.near_min:
                found = near
            elif away <= pair.wide_m and gap <= pair.wide_min:
                found = wide
            else:
                continue
            if one.id not in bounded:
                bounded[one.id] = self._bounded(one, alarm)
            if bounded[one.id] and one.takes:
                found[one.id] = gap
            elif bounded[one.id]:
                closed.add(one.id)
        chosen = near or wide
        told = [(self.known[name], chosen[name]) for name in sorted(chosen)]
        if len(told) < 2:  # nobody asks how far it is
            return [(one, Candidate(one.id, 0.0, gap)) for one, gap in told], sorted(closed)
        return [(one, Candidate(one.id, _nearest(one, at.lon, at.lat), gap)) for one, gap in told], sorted(closed)

    def reached(self, alarm: Alarm) -> list[Known]:
        """All that an alarm may belong to by place alone."""
        at, error = alarm.source.position, self._error(alarm)
        found = {
            one.id: one
            for one, cell, pair in self._around(alarm, error)
            if metres(at.lon, at.lat, cell.lon, cell.lat) - error <= max(pair.near_m, pair.wide_m)
        }
        return list(found.values())

    def _error(self, alarm: Alarm) -> float:
        return min(max(alarm.error_m, 0.0), self._policy.error_cap_m)

    def _around(self, alarm: Alarm, error: float) -> Iterator[tuple[Known, Cell, Pair]]:
        at, policy = alarm.source.position, self._policy
        own_source = policy.category(alarm.category).by_source
        east, north = degrees(policy.farthest_m(alarm.category) + error, at.lat)
        west_x, south_y = _bucket(at.lon - east, at.lat - north)
        east_x, north_y = _bucket(at.lon + east, at.lat + north)
        for x in range(west_x, east_x + 1):
            for y in range(south_y, north_y + 1):
                for one, cell in self._buckets.get((x, y), ()):
                    pair = policy.pair(alarm.category, cell.category)
                    if pair is None:
                        continue
                    of_source = own_source or policy.category(cell.category).by_source
                    if not of_source or cell.source == alarm.source.code:
                        yield one, cell, pair

    def _bounded(self, one: Known, alarm: Alarm) -> bool:
        at, about = alarm.source.position, self._policy.category(one.category)
        return (
            one.over_min(alarm.raised_at) <= self._policy.return_min
            and one.fits(alarm.raised_at, about.hours)
            and one.within(at.lon, at.lat, about.diameter_m)
        )

    def _by_number(self, alarm: Alarm) -> list[Known]:
        found = {
            name: one
            for number in alarm.numbers
            for name, one in self._numbers.get(number, {}).items()
            if one.takes and not one.empty
        }
        return [found[name] for name in sorted(found)]

    def _joined(self, alarm: Alarm, one: Known, match: str) -> Outcome:
        one.add(alarm)
        cell = cell_of(alarm)
        if one.place(cell):
            self._buckets[_bucket(cell.lon, cell.lat)].append((one, cell))
        for number in alarm.numbers:
            self._numbers[number][one.id] = one
        return Outcome(alarm=alarm, match=match, known=one)


def cell_of(alarm: Alarm) -> Cell:
    """Where an alarm is for its incident, to a metre."""
    at = alarm.source.position
    source = "" if alarm.source_kind in MOMENTS else alarm.source.code
    return Cell(_to_a_metre(at.lon), _to_a_metre(at.lat), alarm.category, source, alarm.raised_at)


def _to_a_metre(degrees: float) -> float:
    return round(degrees * 1e5) / 1e5


def _bucket(lon: float, lat: float) -> tuple[int, int]:
    return int((lon + 180.0) / _BUCKET), int((lat + 90.0) / _BUCKET)


def _nearest(one: Known, lon: float, lat: float) -> float:
    return min((metres(lon, lat, cell.lon, cell.lat) for cell in one.cells), default=0.0)


def reused(outcomes: Iterable[Outcome], spare: Iterable[str]) -> dict[str, str]:
    """Which emptied incidents go on as which of those that the fold opened: `new:...` -> id.

    An incident goes on with the alarm that opened it, else with most of its alarms.
    """
    free = set(spare)
    members: defaultdict[str, list[Alarm]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.known is not None and outcome.known.id.startswith("new:"):
            members[outcome.known.id].append(outcome.alarm)
    found: dict[str, str] = {}
    for name, alarms in members.items():
        if (before := alarms[0].incident) in free and before is not None and alarms[0].match == "opened":
            found[name] = before
            free.discard(before)
    for name, alarms in members.items():
        counts = Counter(alarm.incident for alarm in alarms if alarm.incident in free)
        if name not in found and counts:
            before = min(counts, key=lambda one: (-counts[one], one or ""))
            found[name] = before or ""
            free.discard(before or "")
    return found
