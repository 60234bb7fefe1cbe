"""What one camera's pictures say: motion, tracks, then lines, zones and halts. No I/O, no clock."""

import itertools
from collections.abc import Iterator

from cameras.camera import Camera
from cameras.event import Event
from cameras.halts import Halts
from cameras.kinds import Kinds
from cameras.motion import Box, Luma, Motion
from cameras.scene import MANNERS
from cameras.track import Track, Tracker
from cameras.zones import Watch

MOVED = 0.04
"""Who went so far, in parts of the picture, is no mere change of the scene and stays visible where it stands."""

KEPT_S = 1800.0
"""How long what stands stays visible before it is part of the scene, in seconds."""


class Analyst:
    """The analysis of one camera, with the defaults of its kind of scene. `tracks` are those of the last picture."""

    def __init__(self, camera: Camera, numbers: Iterator[int] | None = None) -> None:
        manner = MANNERS[camera.scene]
        numbers = numbers or itertools.count(1)
        self._motion = Motion(manner)
        self._tracker = Tracker(manner)
        self._watch = Watch(camera.lines, camera.zones, manner, numbers)
        self._halts = Halts(camera.zones, manner, numbers)
        self._kinds = Kinds(camera, numbers)
        self._kept: list[Box] = []
        self.tracks: list[Track] = []

    def see(self, luma: Luma, at: float) -> list[Event]:
        """What happened in a luma plane of shape (height, width) seen at monotonic time `at` (s)."""
        blobs = self._motion.blobs(luma, at, self._kept)
        blind = self._motion.blind
        self.tracks = tracks = [] if blind else self._tracker.follow(blobs, at)
        self._kept = [track.box for track in tracks if track.way > MOVED and at - track.still_since < KEPT_S]
        events = self._watch.look(tracks, at, blind=blind) + self._halts.look(tracks, at, blind=blind)
        events = self._kinds.look(luma, tracks, events, at, blind=blind)
        return sorted(events, key=lambda event: event.at)
