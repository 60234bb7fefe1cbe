"""Everything that is told of tracks beyond lines and zones, as a camera's settings ask for it. No I/O, no clock."""

from collections.abc import Iterator, Sequence

import msgspec

from cameras.camera import Camera
from cameras.crowd import Crowd
from cameras.empty import Empty
from cameras.event import Event
from cameras.left_object import LeftObject
from cameras.loitering import Loitering
from cameras.motion import Luma, foot
from cameras.place import ground_of
from cameras.scene import MANNERS
from cameras.size import class_of, scale_at
from cameras.speed import Speeds
from cameras.track import Track
from cameras.wrong_way import WrongWay, over_lines


class Kinds:
    """The further analytics of one camera; what its zones and lines do not ask for costs nothing."""

    def __init__(self, camera: Camera, numbers: Iterator[int]) -> None:
        manner, zones = MANNERS[camera.scene], camera.zones
        self._manner = manner
        self._lines = camera.lines
        self._ground = ground_of(camera)
        self._speeds = Speeds(self._ground, manner) if self._ground is not None else None
        self._loitering = Loitering(zones, manner, numbers)
        self._wrong_way = WrongWay(zones, manner)
        self._crowd = Crowd(zones, manner, numbers, self._ground)
        self._left = LeftObject(zones, manner, numbers)
        watched = any(zone.crowd_share is not None or zone.left_s is not None for zone in zones)
        self._empty = Empty(manner.contrast) if watched else None

    def look(
        self, luma: Luma, tracks: Sequence[Track], told: Sequence[Event], at: float, *, blind: bool = False
    ) -> list[Event]:
        """What was `told` of the tracks of a picture at monotonic time `at` (s), and what else there is to tell.

        Each event of a track gets the track's class and speed, where the camera is calibrated. `blind`: nothing
        could be seen in the picture.
        """
        aspect = luma.shape[1] / luma.shape[0]
        if self._speeds is not None:
            self._speeds.look(tracks, at)
        events = [*told, *over_lines(self._lines, told)]
        events += self._wrong_way.look(tracks, at)
        events += self._loitering.look(tracks, at, blind=blind)
        if self._empty is not None and self._empty.look(luma, at, self._left.keep):
            events += self._crowd.look(self._empty, tracks, at, aspect)
            events += self._left.look(self._empty, tracks, at)
        return [self._measured(event, aspect) for event in events]

    def _measured(self, event: Event, aspect: float) -> Event:
        if self._ground is None or self._speeds is None or event.kind in ("crowd", "left_object"):
            return event
        scale = scale_at(self._ground, foot(event.box, self._manner), aspect)
        if scale is None:
            return event
        speed = self._speeds.of(event.track)
        kmh, way = (round(speed.kmh, 1), speed.way) if speed is not None else (None, None)
        name = class_of(event.box, scale, kmh, way if kmh is not None and kmh > 3.0 else None)
        return msgspec.structs.replace(event, object_class=name, speed_kmh=kmh)
