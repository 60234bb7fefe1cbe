"""Tracks -> loitering: somebody stays in a zone for longer than its `loiter_s`. No I/O.

A visit lasts while the track's foot is in the zone. A step outside, or a loss of the track, of a few seconds does not
end it, and a new track that appears where another was lost takes its visit over: people hide behind each other.
"""

import itertools
import math
from collections.abc import Iterator, Sequence

import msgspec

from cameras.camera import Point, Zone
from cameras.event import Event, Lasting, in_picture
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.track import Track
from cameras.zones import holds

OUTSIDE_S = 1.5
"""How long a visitor may be outside and still be on the same visit, in seconds."""
LOST_S = 5.0
"""How long a visitor that was lost inside may stay unseen, in seconds."""


class _Visit(msgspec.Struct):
    """One visitor of one zone; `inside_at` is when it was last seen inside."""

    number: int
    since: float
    inside_at: float
    seen_at: float
    point: Point
    box: Box


class Loitering:
    """The visits to the zones of one camera that have a `loiter_s`."""

    def __init__(self, zones: Sequence[Zone], manner: Manner, numbers: Iterator[int]) -> None:
        self._zones = tuple(zone for zone in zones if zone.loiter_s is not None)
        self._manner = manner
        self._visits: dict[tuple[str, int], _Visit] = {}
        self._lasting = Lasting(numbers)
        self._count = itertools.count()
        self._at = 0.0

    def look(self, tracks: Sequence[Track], at: float, *, blind: bool = False) -> list[Event]:
        """What the tracks of the picture at monotonic time `at` (s) start, go on with or end.

        `blind`: nothing could be seen in it. Then who is there stays there, and who was lost is lost no longer.
        """
        passed, self._at = at - self._at, at
        if blind:
            for visit in self._visits.values():
                visit.seen_at += passed
                visit.inside_at += passed
            return []
        events: list[Event] = []
        seen = {track.number for track in tracks}
        for zone in self._zones:
            for track in tracks:
                self._visit(zone, track, seen, at)
        for key, visit in list(self._visits.items()):
            events += self._judge(key, visit, at)
        return events

    def _visit(self, zone: Zone, track: Track, seen: set[int], at: float) -> None:
        key, point = (zone.id, track.number), foot(track.box, self._manner)
        visit = self._visits.get(key)
        if visit is not None:
            visit.seen_at, visit.point = at, point
        if not holds(zone.polygon, point):
            return
        if visit is None:
            visit = self._visits[key] = self._taken_over(zone, point, seen) or self._begun(point, track, at)
        visit.inside_at, visit.seen_at, visit.point, visit.box = at, at, point, track.box

    def _begun(self, point: Point, track: Track, at: float) -> _Visit:
        return _Visit(next(self._count), at, at, at, point, track.box)

    def _taken_over(self, zone: Zone, point: Point, seen: set[int]) -> _Visit | None:
        """The visit of a track that was lost where a new one appears; its spell goes on under the new track."""
        for (place, number), visit in self._visits.items():
            if place != zone.id or number in seen or math.dist(visit.point, point) > self._manner.reach:
                continue
            return self._visits.pop((place, number))
        return None

    def _judge(self, key: tuple[str, int], visit: _Visit, at: float) -> list[Event]:
        lost = at - visit.seen_at > LOST_S
        if lost or visit.seen_at - visit.inside_at > OUTSIDE_S:
            del self._visits[key]
            return self._lasting.ends(visit.number, visit.inside_at)
        zone = next(zone for zone in self._zones if zone.id == key[0])
        if at - visit.since < (zone.loiter_s or 0.0) or visit.inside_at < at:
            return []
        event = Event(
            kind="loitering", subject=zone.id, direction="", track=key[1], box=in_picture(visit.box), at=at,
            since=visit.since, count=1,
        )  # fmt: skip
        return self._lasting.goes_on(visit.number, event)
