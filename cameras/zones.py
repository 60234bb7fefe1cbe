"""Tracks -> lines crossed with their direction, zones entered, left and occupied; debounced. No I/O."""

from collections.abc import Iterator, Sequence

import msgspec

from cameras.camera import Line, Point, Zone
from cameras.event import Event, Kind, Lasting, event_of
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.track import FORGET_STANDING_S, Track

__all__ = ["Event", "Kind", "Watch", "holds", "side"]

MARGIN = 0.01
"""How far beyond a line a track must be to have crossed it, in parts of the picture."""
INSIDE = 2
"""In how many looked-at pictures a track must be inside a zone to have entered it, or outside to have left."""
ABSENT_S = 0.9
"""How long a zone must be empty before its occupation is over, in seconds."""
MEMORY_S = 30.0
"""How long a track that is seen no more is remembered, in seconds."""


class _Visit(msgspec.Struct):
    """A track in a zone: since when and until when it was inside, and for how many looks in a row (outside: < 0)."""

    since: float = 0.0
    last: float = 0.0
    looks: int = 0
    entered: bool = False
    left: bool = False


class _Path(msgspec.Struct):
    """What is remembered of one track."""

    track: Track
    seen_at: float
    sides: dict[str, tuple[float, Point, float]] = {}
    visits: dict[str, _Visit] = {}
    said: set[tuple[str, str]] = set()
    crossed: list[Event] = []


class _Stay(msgspec.Struct):
    """A zone in which somebody is: since when, when somebody was last seen inside, and when nobody was any more."""

    since: float
    last: float
    gone: float | None = None


class Watch:
    """The lines and zones of one camera."""

    def __init__(
        self, lines: Sequence[Line], zones: Sequence[Zone], manner: Manner, numbers: Iterator[int] | None = None
    ) -> None:
        self._lines = tuple(lines)
        self._zones = tuple(zones)
        self._manner = manner
        self._paths: dict[int, _Path] = {}
        self._stays: dict[str, _Stay] = {}
        self._lasting = Lasting(numbers)

    def look(self, tracks: Sequence[Track], at: float, *, blind: bool = False) -> list[Event]:
        """What the tracks of one picture did since the picture before; `blind`: nothing could be seen in it."""
        if blind:
            return self._hold(at)
        events: list[Event] = []
        for track in tracks:
            path = self._paths.get(track.number)
            for when, box in track.trail[:-1] if path is None else ():
                events += self._follow(track, box, when)
            events += self._follow(track, track.box, at)
        events += self._lost(at)
        for zone in self._zones:
            events += self._occupied(zone, tracks, at)
        self._paths = {n: path for n, path in self._paths.items() if at - path.seen_at < MEMORY_S}
        return events

    def _follow(self, track: Track, box: Box, at: float) -> list[Event]:
        """A track was at a box at a time."""
        path = self._paths.setdefault(track.number, _Path(track=track, seen_at=at))
        path.seen_at = at
        point = _within(foot(box, self._manner))
        path.crossed += [event for line in self._lines if (event := self._crossed(line, path, point, at))]
        events: list[Event] = []
        if track.travelled:
            events, path.crossed = path.crossed, events
        for zone in self._zones:
            visit = path.visits.setdefault(zone.id, _Visit())
            events += self._visited(zone, visit, track, holds(zone.polygon, point), at)
        return events

    def _crossed(self, line: Line, path: _Path, point: Point, at: float) -> Event | None:
        """A crossing: the track is clearly on the other side of where it was clearly last."""
        distance = side(line, point)
        if abs(distance) < MARGIN:
            return None
        before = path.sides.get(line.id)
        path.sides[line.id] = (distance, point, at)
        if before is None or (before[0] > 0) == (distance > 0) or not _meets(line, before[1], point):
            return None
        direction = _direction(line, before[1], point)
        if (line.id, direction) in path.said:
            return None
        path.said.add((line.id, direction))
        part = before[0] / (before[0] - distance)
        return event_of("line_crossed", line.id, path.track, before[2] + part * (at - before[2]), direction=direction)

    def _visited(self, zone: Zone, visit: _Visit, track: Track, inside: bool, at: float) -> list[Event]:
        """An entry and a leaving: the foot stays inside, or outside, for more than one picture; each once a track."""
        if inside != (visit.looks > 0):
            visit.looks = 0
        visit.looks += 1 if inside else -1
        if inside:
            if visit.looks == 1:
                visit.since = at
            visit.last = at
            if visit.looks >= INSIDE and not visit.entered:
                visit.entered = True
                return [event_of("zone_entered", zone.id, track, at)]
        elif visit.entered and not visit.left and visit.looks <= -INSIDE:
            return _left(zone.id, visit, track, at)
        return []

    def _lost(self, at: float) -> list[Event]:
        """Who is no longer seen has left the zones in which it was."""
        return [
            event
            for path in self._paths.values()
            if at - path.seen_at > FORGET_STANDING_S
            for zone, visit in path.visits.items()
            if visit.entered and not visit.left
            for event in _left(zone, visit, path.track, path.seen_at)
        ]

    def _occupied(self, zone: Zone, tracks: Sequence[Track], at: float) -> list[Event]:
        """The occupation of a zone by whoever came into the picture or into sight by moving."""
        inside = [
            track for track in tracks if track.travelled and self._paths[track.number].visits[zone.id].looks >= INSIDE
        ]
        stay = self._stays.get(zone.id)
        if inside:
            since = min(self._paths[track.number].visits[zone.id].since for track in inside)
            stay = self._stays.setdefault(zone.id, _Stay(since=since, last=at))
            stay.last, stay.gone = at, None
            event = event_of("zone_presence", zone.id, inside[0], at, since=stay.since, count=len(inside))
            return self._lasting.goes_on(zone.id, event)
        if stay is None:
            return []
        stay.gone = at if stay.gone is None else stay.gone
        if at - stay.last <= ABSENT_S:
            return []
        del self._stays[zone.id]
        return self._lasting.ends(zone.id, (stay.last + stay.gone) / 2)

    def _hold(self, at: float) -> list[Event]:
        """While nothing can be seen, who is in a zone stays there."""
        for stay in self._stays.values():
            stay.last = at
        return []


def _left(zone: str, visit: _Visit, track: Track, at: float) -> list[Event]:
    visit.left = True
    return [event_of("zone_left", zone, track, at, since=visit.since)]


def _within(point: Point) -> Point:
    """A point just inside the picture, so that who stands at its edge is in a zone that ends there."""
    x, y = (min(max(part, 0.001), 0.999) for part in point)
    return x, y


def side(line: Line, point: Point) -> float:
    """The signed distance of a point from the endless line, in parts of the picture."""
    (x1, y1), (x2, y2) = line.p1, line.p2
    dx, dy = x2 - x1, y2 - y1
    return float((dx * (point[1] - y1) - dy * (point[0] - x1)) / (dx * dx + dy * dy) ** 0.5)


def holds(polygon: Sequence[Point], point: Point) -> bool:
    """Whether a polygon holds a point (even-odd rule)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _meets(line: Line, before: Point, after: Point) -> bool:
    """Whether the way from before to after meets the line between its ends."""
    from_side, to_side = side(line, before), side(line, after)
    part = from_side / (from_side - to_side)
    x, y = before[0] + part * (after[0] - before[0]), before[1] + part * (after[1] - before[1])
    dx, dy = line.p2[0] - line.p1[0], line.p2[1] - line.p1[1]
    along = ((x - line.p1[0]) * dx + (y - line.p1[1]) * dy) / (dx * dx + dy * dy)
    return 0.0 <= along <= 1.0


def _direction(line: Line, before: Point, after: Point) -> str:
    """The named way of travel nearest to the way taken; empty when none fits."""
    dx, dy = after[0] - before[0], after[1] - before[1]
    fits = {name: dx * way[0] + dy * way[1] for name, way in line.directions.items()}
    best = max(fits, key=fits.__getitem__, default="")
    return best if best and fits[best] > 0 else ""
