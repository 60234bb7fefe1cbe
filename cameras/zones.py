"""Tracks -> lines crossed with their direction, zones entered; debounced, once a track. No I/O."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from cameras.camera import Line, Point, Zone
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.track import Track
from gis.observation import Phase

Kind = Literal[
    "line_crossed",
    "wrong_way",
    "zone_entered",
    "zone_left",
    "zone_presence",
    "loitering",
    "stopped",
    "left_object",
    "crowd",
]

MARGIN = 0.01
"""How far beyond a line a track must be to have crossed it, in parts of the picture."""
INSIDE = 2
"""In how many looked-at pictures a track must be inside a zone to have entered it."""
MEMORY_S = 30.0
"""How long a track that is seen no more is remembered, in seconds."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened in the picture at monotonic time `at` (s): what a sighting is made of.

    What goes on for a while is a start, updates and an end with one `number` (of this camera, in this run),
    and began at `since` (s).
    """

    kind: Kind
    subject: str
    direction: str
    track: int
    box: Box
    at: float
    phase: Phase = "moment"
    number: int = 0
    since: float | None = None
    count: int | None = None
    share: float | None = None
    object_class: str = "object"
    speed_kmh: float | None = None
    score: float | None = None


class _Path(msgspec.Struct):
    """What is remembered of one track."""

    seen_at: float
    sides: dict[str, tuple[float, Point, float]] = {}
    inside: dict[str, int] = {}
    said: set[tuple[str, str, str]] = set()


class Watch:
    """The lines and zones of one camera."""

    def __init__(self, lines: Sequence[Line], zones: Sequence[Zone], manner: Manner) -> None:
        self._lines = tuple(lines)
        self._zones = tuple(zones)
        self._manner = manner
        self._paths: dict[int, _Path] = {}

    def look(self, tracks: Sequence[Track], at: float) -> list[Event]:
        """What the tracks of one picture did since the picture before."""
        events: list[Event] = []
        for track in tracks:
            path = self._paths.setdefault(track.number, _Path(seen_at=at))
            path.seen_at = at
            point = foot(track.box, self._manner)
            events += [event for line in self._lines if (event := self._crossed(line, path, track, point, at))]
            events += [event for zone in self._zones if (event := self._entered(zone, path, track, point, at))]
        self._paths = {n: path for n, path in self._paths.items() if at - path.seen_at < MEMORY_S}
        return events

    def _crossed(self, line: Line, path: _Path, track: Track, point: Point, at: float) -> Event | None:
        """A crossing: the track is clearly on the other side of where it was clearly last."""
        distance = side(line, point)
        if abs(distance) < MARGIN:
            return None
        before = path.sides.get(line.id)
        path.sides[line.id] = (distance, point, at)
        if before is None or (before[0] > 0) == (distance > 0) or not _meets(line, before[1], point):
            return None
        direction = _direction(line, before[1], point)
        if ("line", line.id, direction) in path.said:
            return None
        path.said.add(("line", line.id, direction))
        part = before[0] / (before[0] - distance)
        when = before[2] + part * (at - before[2])
        return _event("line_crossed", line.id, direction, track, when)

    def _entered(self, zone: Zone, path: _Path, track: Track, point: Point, at: float) -> Event | None:
        """An entry: the track's foot stays inside for more than one picture, for the first time."""
        if not holds(zone.polygon, point):
            path.inside[zone.id] = 0
            return None
        path.inside[zone.id] = path.inside.get(zone.id, 0) + 1
        if path.inside[zone.id] < INSIDE or ("zone", zone.id, "") in path.said:
            return None
        path.said.add(("zone", zone.id, ""))
        return _event("zone_entered", zone.id, "", track, at)


def _event(kind: Kind, subject: str, direction: str, track: Track, at: float) -> Event:
    return Event(kind=kind, subject=subject, direction=direction, track=track.number, box=in_picture(track.box), at=at)


def in_picture(box: Box) -> Box:
    """A box cut to the picture."""
    x, y, width, height = (min(max(part, 0.0), 1.0) for part in box)
    return x, y, min(width, 1.0 - x), min(height, 1.0 - y)


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
