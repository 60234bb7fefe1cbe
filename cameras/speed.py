"""How fast tracks go along the ground, with an error that is bounded: no speed comes of two noisy points. No I/O."""

import collections
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from cameras.camera import Point
from cameras.motion import foot
from cameras.scene import Manner
from cameras.size import Grounded
from cameras.track import Track
from gis.footprint import MARK_ERROR_M, Plane

SPAN_S = 2.0
"""Over how many of the last seconds a speed is measured."""
LEAST_POINTS = 5
LEAST_S = 0.75
"""A speed needs so many points over so many seconds."""
ERROR_KMH = 1.5
ERROR_PART = 0.2
"""The greatest standard error that a speed may have: so much, or this part of it where that is more."""
FASTEST_KMH = 250.0
MEMORY_S = 10.0


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """A speed along the ground with its standard error, and the way: metres east and north in a second."""

    kmh: float
    error_kmh: float
    way: Point


class Speeds:
    """The last feet of each track of one camera."""

    def __init__(self, ground: Grounded, manner: Manner) -> None:
        self._ground = ground
        self._manner = manner
        self._feet: dict[int, collections.deque[tuple[float, Point]]] = {}

    def look(self, tracks: Sequence[Track], at: float) -> None:
        """Remember where the tracks stand at monotonic time `at` (s)."""
        for track in tracks:
            feet = self._feet.setdefault(track.number, collections.deque(maxlen=64))
            feet.append((at, foot(track.box, self._manner)))
            while at - feet[0][0] > SPAN_S:
                feet.popleft()
        self._feet = {number: feet for number, feet in self._feet.items() if at - feet[-1][0] < MEMORY_S}

    def of(self, track: int) -> Speed | None:
        """The speed of a track over its last seconds; None when it cannot be told well enough."""
        feet = list(self._feet.get(track, ()))
        step = max(1, len(feet) // 12)
        spots = [(at, spot) for at, point in feet[::step] if (spot := self._ground.spot(*point)) is not None]
        if len(spots) < LEAST_POINTS or spots[-1][0] - spots[0][0] < LEAST_S:
            return None
        plane = Plane(spots[0][1].position)
        blur = float(np.median([math.sqrt(max(0.0, spot.error_m**2 - MARK_ERROR_M**2)) for _, spot in spots]))
        return _fitted([(at, *plane.metres(spot.position)) for at, spot in spots], blur)


def _fitted(places: Sequence[tuple[float, float, float]], blur_m: float) -> Speed | None:
    """The speed of the straight way through places (s, m east, m north) that are each off by about `blur_m`."""
    table = np.array(places)
    since = table[:, 0] - table[:, 0].mean()
    spread = float((since**2).sum())
    way = (since[:, None] * table[:, 1:]).sum(axis=0) / spread
    missed = table[:, 1:] - table[:, 1:].mean(axis=0) - since[:, None] * way
    off = max(math.sqrt(float((missed**2).sum()) / (2 * len(table) - 4)), blur_m / 2)
    kmh, error = 3.6 * float(np.hypot(*way)), 3.6 * off / math.sqrt(spread)
    if error > max(ERROR_KMH, ERROR_PART * kmh) or kmh > FASTEST_KMH:
        return None
    return Speed(kmh=kmh, error_kmh=error, way=(float(way[0]), float(way[1])))
