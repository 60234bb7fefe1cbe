"""Tracks -> vehicles that halted in a zone: start, updates and end under one number. No I/O."""

from collections.abc import Iterator, Sequence

import msgspec

from cameras.camera import Zone
from cameras.event import Event, Lasting, event_of
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.track import FORGET_STANDING_S, Track, overlap
from cameras.zones import holds

HALT_S = 3.0
"""How long a vehicle stands before it has halted, in seconds."""
SLENDER = 3.6
"""What is so many times higher than wide, in parts of the picture, is a person who waits, not a vehicle."""
SAME_PLACE = 0.5
"""A new track that overlaps the place of a halted one by this much is the same vehicle."""


class _Halt(msgspec.Struct):
    track: int
    box: Box
    since: float
    seen_at: float


class Halts:
    """The halts in the zones of one camera."""

    def __init__(self, zones: Sequence[Zone], manner: Manner, numbers: Iterator[int] | None = None) -> None:
        self._zones = tuple(zones) if manner.halts else ()
        self._manner = manner
        self._halts: dict[tuple[str, int], _Halt] = {}
        self._lasting = Lasting(numbers)

    def look(self, tracks: Sequence[Track], at: float, *, blind: bool = False) -> list[Event]:
        """Which halts began, go on and ended; `blind`: nothing could be seen in this picture."""
        if blind:
            for halt in self._halts.values():
                halt.seen_at = at
            return []
        events: list[Event] = []
        for zone in self._zones:
            for track in tracks:
                events += self._halted(zone, track, at)
        for key, halt in list(self._halts.items()):
            if at - halt.seen_at > FORGET_STANDING_S:
                events += self._over(key, halt.seen_at)
        return events

    def _halted(self, zone: Zone, track: Track, at: float) -> list[Event]:
        key = self._key(zone.id, track)
        halt = self._halts.get(key)
        if track.merged:
            if halt is not None:
                halt.seen_at = at
            return []
        if halt is not None and (halt.track != track.number or track.still_since <= halt.since):
            halt.seen_at = at
            event = event_of("stopped", zone.id, track, at, since=halt.since)
            if halt.track == track.number or overlap(track.box, halt.box) >= SAME_PLACE:
                return self._lasting.goes_on(key, event)
        if halt is not None:
            return self._over(key, track.still_since)
        if not track.travelled or at - track.still_since < HALT_S or not self._vehicle(track.box):
            return []
        if not holds(zone.polygon, foot(track.box, self._manner)):
            return []
        self._halts[key] = _Halt(track=track.number, box=track.box, since=track.still_since, seen_at=at)
        return self._lasting.goes_on(key, event_of("stopped", zone.id, track, at, since=track.still_since))

    def _key(self, zone: str, track: Track) -> tuple[str, int]:
        """The halt that a track belongs to: its own, or that of a lost one in whose place it stands."""
        if (zone, track.number) in self._halts:
            return zone, track.number
        for (where, number), halt in self._halts.items():
            if where == zone and halt.seen_at < track.seen_at and overlap(halt.box, track.box) >= SAME_PLACE:
                return where, number
        return zone, track.number

    def _over(self, key: tuple[str, int], at: float) -> list[Event]:
        del self._halts[key]
        return self._lasting.ends(key, at)

    def _vehicle(self, box: Box) -> bool:
        return box[3] < SLENDER * box[2]
