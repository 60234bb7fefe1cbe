"""Tracks -> the wrong way: over a line in a direction that it does not allow, or against the way of a zone. No I/O."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from cameras.camera import Line, Point, Zone
from cameras.event import Event, event_of
from cameras.motion import foot
from cameras.scene import Manner
from cameras.track import Track
from cameras.zones import holds

AGAINST = 0.08
"""How far a track must go against a zone's way, in parts of the picture: no tremble, no turning on the spot."""
MEMORY_S = 30.0
"""How long a track that is seen no more is remembered, in seconds."""


def over_lines(lines: Iterable[Line], events: Iterable[Event]) -> list[Event]:
    """The crossings among the events that a line does not allow, as events of their own."""
    ruled = {line.id: line for line in lines if line.allowed}
    return [
        msgspec.structs.replace(event, kind="wrong_way")
        for event in events
        if event.kind == "line_crossed"
        and (line := ruled.get(event.subject)) is not None
        and event.direction not in line.allowed
    ]


class _Way(msgspec.Struct):
    """A track in a zone: the furthest that it has come along the way, and where it was then."""

    best: float
    point: Point
    seen_at: float
    told: bool = False


class WrongWay:
    """The zones of one camera that have a way (`allowed`). Each track is told once a zone."""

    def __init__(self, zones: Sequence[Zone], manner: Manner) -> None:
        self._zones = tuple(zone for zone in zones if zone.allowed is not None)
        self._manner = manner
        self._ways: dict[tuple[str, int], _Way] = {}

    def look(self, tracks: Sequence[Track], at: float) -> list[Event]:
        """Which tracks have just gone far enough against a zone's way, at monotonic time `at` (s)."""
        events = [
            event_of("wrong_way", zone.id, track, at)
            for zone in self._zones
            for track in tracks
            if self._turned(zone, track, at)
        ]
        self._ways = {key: way for key, way in self._ways.items() if at - way.seen_at < MEMORY_S}
        return events

    def _turned(self, zone: Zone, track: Track, at: float) -> bool:
        point, key = foot(track.box, self._manner), (zone.id, track.number)
        if zone.allowed is None or not holds(zone.polygon, point):
            return False
        along = _along(zone.allowed, point)
        way = self._ways.setdefault(key, _Way(along, point, at))
        way.seen_at = at
        if along >= way.best:
            way.best, way.point = along, point
        gone = way.best - along
        aside = abs(_along((-zone.allowed[1], zone.allowed[0]), point, way.point))
        if way.told or gone < AGAINST or aside > gone:
            return False
        way.told = True
        return True


def _along(way: Point, point: Point, start: Point = (0.0, 0.0)) -> float:
    """How far a point lies along a way from a start, in parts of the picture."""
    length = math.hypot(*way)
    return ((point[0] - start[0]) * way[0] + (point[1] - start[1]) * way[1]) / length
