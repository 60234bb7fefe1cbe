"""The occupied points that keep still -> left objects: a thing came, stays, and its bringer is gone. No I/O.

A thing counts as left when it has not moved for the zone's `left_s`, somebody larger was at its place when it came
and is not there any more, and the place has more edges than when it is empty (a thing that was taken away uncovers
its background, which has not). Somebody who stands still has nobody who brought him, and a parked car is larger than
its driver. It is over when its place looks empty again; somebody who stands before it does not end it.
"""

import collections
import math
from collections.abc import Iterator, Sequence

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from cameras.background import Mask
from cameras.camera import Point, Zone
from cameras.empty import Empty, region
from cameras.event import Event, Lasting, in_picture
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.track import Track, middle

SMALLEST = 0.0004
"""The least area of a left object, as a part of the picture."""
BROUGHT_S = 5.0
"""A bringer is seen at the place within so many seconds of the thing's coming."""
BEFORE_S = 1.0
"""And was on his way for so many seconds before."""
RIPE = 0.5
"""A thing that has stood long enough has done so in this part of its points, at the least."""
PART = 1.5
"""A bringer, and what a still part belongs to, is at least so many times as large."""
SEEN_S = 2.0
"""What was seen within so many seconds is there."""
REMOVED_S = 2.0
"""How long its place must look empty before it counts as removed, in seconds."""
THERE = 0.3
"""A thing is there while this part of its points is occupied."""
MEMORY_S = 30.0
"""How long it is remembered who was where, beyond the longest `left_s`, in seconds."""


class _Where(msgspec.Struct):
    """Where a track was, twice a second, and where it was last."""

    last_at: float
    boxes: collections.deque[tuple[float, Box]]


class _Thing(msgspec.Struct):
    """A left object that was told."""

    number: int
    zone: str
    points: Mask
    event: Event
    gone_at: float | None = None


class LeftObject:
    """The zones of one camera that have a `left_s`."""

    def __init__(self, zones: Sequence[Zone], manner: Manner, numbers: Iterator[int]) -> None:
        self._zones = tuple(zone for zone in zones if zone.left_s is not None)
        self._manner = manner
        self._longest = max((zone.left_s or 0.0 for zone in self._zones), default=0.0)
        self._stood: npt.NDArray[np.float32] | None = None
        self._regions: dict[str, Mask] = {}
        self._where: dict[int, _Where] = {}
        self._things: list[_Thing] = []
        self._told = 0
        self._lasting = Lasting(numbers)

    @property
    def keep(self) -> Mask | None:
        """The points of what was told and is still there; None when there is nothing."""
        masks = [thing.points for thing in self._things]
        return np.asarray(np.maximum.reduce(masks), dtype=np.uint8) if masks else None

    def look(self, empty: Empty, tracks: Sequence[Track], at: float) -> list[Event]:
        """What is told after a look of `empty` at monotonic time `at` (s)."""
        self._remember(tracks, at)
        if empty.occupied is None or empty.still is None:
            self._stood = None
            return self._drop(at) if empty.occupied is None else []
        if self._stood is None or self._stood.shape != empty.occupied.shape:
            self._stood = np.zeros(empty.occupied.shape, np.float32)
            shape = (empty.occupied.shape[0], empty.occupied.shape[1])
            self._regions = {zone.id: region(zone.polygon, shape) for zone in self._zones}
            self._things = []
        kept = (empty.occupied & empty.still).astype(np.float32)
        passed = np.float32(empty.elapsed)
        # Who passes before a thing sets it back by a moment, not to nothing.
        self._stood = np.maximum(0, self._stood + kept * passed - (1 - kept) * 2 * passed) * empty.occupied
        events = self._go_on(empty.occupied, at)
        for zone in self._zones:
            events += self._found(zone, empty, at)
        return events

    def _remember(self, tracks: Sequence[Track], at: float) -> None:
        for track in tracks:
            where = self._where.setdefault(track.number, _Where(at, collections.deque()))
            where.last_at = at
            where.boxes.append((at, track.box))
        oldest = at - self._longest - MEMORY_S
        for where in self._where.values():
            while where.boxes and where.boxes[0][0] < oldest:
                where.boxes.popleft()
        self._where = {number: where for number, where in self._where.items() if where.boxes}

    def _drop(self, at: float) -> list[Event]:
        """The scene changed as a whole: what was left cannot be followed."""
        events = [event for thing in self._things for event in self._lasting.ends(thing.number, at)]
        self._things = []
        return events

    def _go_on(self, occupied: Mask, at: float) -> list[Event]:
        events: list[Event] = []
        for thing in list(self._things):
            there = float(occupied[thing.points > 0].mean()) >= THERE
            thing.gone_at = None if there else (at if thing.gone_at is None else thing.gone_at)
            if thing.gone_at is not None and at - thing.gone_at >= REMOVED_S:
                self._things.remove(thing)
                events += self._lasting.ends(thing.number, thing.gone_at)
            elif there:
                events += self._lasting.goes_on(thing.number, msgspec.structs.replace(thing.event, at=at))
        return events

    def _found(self, zone: Zone, empty: Empty, at: float) -> list[Event]:
        """The things in a zone that have just stood for long enough and were left."""
        stood, occupied, left_s = self._stood, empty.occupied, zone.left_s or 0.0
        if stood is None or occupied is None or float(stood.max()) < left_s:
            return []
        ripe = ((stood >= left_s) & (self._regions[zone.id] > 0)).astype(np.uint8)
        known = self.keep
        events: list[Event] = []
        for mask, box in _pieces(occupied):
            if float(ripe[mask > 0].mean()) < RIPE or (known is not None and (known & mask).any()):
                continue
            born = at - float(np.median(stood[mask > 0]))
            bringer = self._bringer(box, born, at)
            if bringer is None or not empty.came(mask):
                stood[mask > 0] = min(left_s - 1.0, left_s / 2)  # asked again after a while
                continue
            self._told += 1
            event = Event(
                kind="left_object", subject=zone.id, direction="", track=bringer, box=in_picture(box), at=at,
                since=born, count=1,
            )  # fmt: skip
            self._things.append(_Thing(self._told, zone.id, mask, event))
            events += self._lasting.goes_on(self._told, event)
        return events

    def _bringer(self, box: Box, born: float, at: float) -> int | None:
        """Who came to a place when the thing there did, is larger than it, and is not there any more."""
        centre, area = middle(box), box[2] * box[3]
        now = [where.boxes[-1][1] for where in self._where.values() if at - where.last_at <= SEEN_S]
        if any(_holds(there, centre) and there[2] * there[3] > PART * area for there in now):
            return None  # it is a part of something that is there: the trunk of somebody who stands still
        for number, where in self._where.items():
            near = [seen for when, seen in where.boxes if abs(when - born) <= BROUGHT_S and _holds(seen, centre)]
            if not near or max(seen[2] * seen[3] for seen in near) < PART * area:
                continue
            (since, first), last = where.boxes[0], where.boxes[-1][1]
            if since > born - BEFORE_S or _holds(first, centre):
                continue  # who begins with it, or at its place, may have stood there and uncover what was there before
            if not _holds(last, centre) and math.dist(foot(last, self._manner), centre) > max(box[2], box[3]):
                return number
        return None


def _holds(box: Box, point: Point) -> bool:
    """Whether a box, a little larger than it is, holds a point."""
    x, y, width, height = box
    return abs(point[0] - x - width / 2) <= 0.65 * width and abs(point[1] - y - height / 2) <= 0.65 * height


def _pieces(mask: Mask) -> list[tuple[Mask, Box]]:
    """The connected pieces of a mask that are large enough, each with its box in parts of the picture."""
    height, width = mask.shape
    count, labels, figures, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    pieces = []
    for label in range(1, count):
        x, y, w, h, area = (int(figure) for figure in figures[label])
        if area >= SMALLEST * width * height:
            piece = np.asarray(labels == label, dtype=np.uint8)
            pieces.append((piece, (x / width, y / height, w / width, h / height)))
    return pieces
