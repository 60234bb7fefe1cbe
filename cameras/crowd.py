"""The occupied part of a zone -> a crowd, with an estimate of how many people are in it. No I/O.

The share is the part of the zone's picture that differs from the empty scene. Where the camera is calibrated, people
are counted by how much of the picture one of them covers at each place; elsewhere by the size of the things that were
seen to walk there, and before any were, the count is the number of things that are told apart: at least so many.
"""

import collections
import statistics
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from cameras.background import Mask
from cameras.camera import Zone
from cameras.empty import Empty, region
from cameras.event import Event, Lasting, in_picture
from cameras.motion import Box, foot
from cameras.scene import Manner
from cameras.size import Grounded, scale_at
from cameras.track import Track
from cameras.zones import holds

SURE_S = 5.0
"""How long a zone must be full, or free again, before it is told, in seconds."""
FREE = 0.8
"""A crowd is over when the share falls below this part of its limit."""
LIVELY = 0.01
"""People are never quite still: at least this part of what they cover changes from look to look, now and then."""
LIVELY_S = 2.0
QUIET_S = 60.0
"""A crowd begins where something moved within the first, and is over where nothing did for the second, in seconds."""
PERSON_M = (0.5, 1.7)
"""How wide and high a person is, in metres."""
FILLED = 0.7
"""How much of the box around a person a person covers."""
LEAST_TRACKS = 5
"""From the sizes of fewer things, no size of a person is told."""


class _Place:
    """One zone: its points, what one person covers, and since when it is full or free."""

    def __init__(self, zone: Zone, inside: Mask, person: npt.NDArray[np.float32] | None) -> None:
        self.zone = zone
        self.inside = inside
        self.person = person
        self.points = max(1, int(inside.sum()))
        self.turned_at: float | None = None
        self.lively_at = -QUIET_S
        self.covered = inside * np.uint8(0)

    def quiet_s(self, covered: Mask, still: Mask | None, at: float) -> float:
        """For how many seconds nothing has moved within what was and is covered; coming and going do not count."""
        both = covered & self.covered
        self.covered = covered
        if still is not None and float((both & (1 - still)).sum()) > LIVELY * float(both.sum()):
            self.lively_at = at
        return at - self.lively_at


class Crowd:
    """The zones of one camera that have a `crowd_share`."""

    def __init__(
        self, zones: Sequence[Zone], manner: Manner, numbers: Iterator[int], ground: Grounded | None = None
    ) -> None:
        self._zones = tuple(zone for zone in zones if zone.crowd_share is not None)
        self._manner = manner
        self._ground = ground
        self._lasting = Lasting(numbers)
        self._places: list[_Place] = []
        self._walkers: dict[str, collections.OrderedDict[int, float]] = {}

    def look(self, empty: Empty, tracks: Sequence[Track], at: float, aspect: float = 16 / 9) -> list[Event]:
        """What is told of the zones after a look of `empty` at monotonic time `at` (s); pictures have an aspect."""
        occupied = empty.occupied
        if occupied is None:
            return []
        if not self._places or self._places[0].inside.shape != occupied.shape:
            self._places = [self._place(zone, occupied, aspect) for zone in self._zones]
        events: list[Event] = []
        for place in self._places:
            self._measure(place, tracks)
            events += self._judge(place, empty, tracks, at)
        return events

    def _place(self, zone: Zone, occupied: Mask, aspect: float) -> _Place:
        inside = region(zone.polygon, (occupied.shape[0], occupied.shape[1]))
        return _Place(zone, inside, person_points(self._ground, inside, aspect) if self._ground is not None else None)

    def _judge(self, place: _Place, empty: Empty, tracks: Sequence[Track], at: float) -> list[Event]:
        covered = place.inside & empty.occupied if empty.occupied is not None else place.inside * 0
        share, limit, name = float(covered.sum()) / place.points, place.zone.crowd_share or 1.0, place.zone.id
        going = name in self._lasting
        quiet_s = place.quiet_s(covered, empty.still, at)
        if (share >= limit * FREE and quiet_s < QUIET_S) if going else (share < limit or quiet_s > LIVELY_S):
            place.turned_at = None
        elif place.turned_at is None:
            place.turned_at = at
        turned = place.turned_at is not None and at - place.turned_at >= SURE_S
        if going and turned:
            ended, place.turned_at = place.turned_at or at, None
            return self._lasting.ends(name, ended)
        if not going and not turned:
            return []
        since = None if going else place.turned_at
        place.turned_at = None if not going else place.turned_at
        event = Event(
            kind="crowd", subject=name, direction="", track=0, box=around(covered), at=at, since=since,
            count=self._count(place, covered, tracks), share=round(share, 3), object_class="person",
        )  # fmt: skip
        return self._lasting.goes_on(name, event)

    def _measure(self, place: _Place, tracks: Sequence[Track]) -> None:
        """Remember how large the things are that walk in a zone, the last fifty of them."""
        walkers = self._walkers.setdefault(place.zone.id, collections.OrderedDict())
        for track in tracks:
            if not track.standing and holds(place.zone.polygon, foot(track.box, self._manner)):
                walkers[track.number] = track.box[2] * track.box[3]
                walkers.move_to_end(track.number)
        while len(walkers) > 50:
            walkers.popitem(last=False)

    def _count(self, place: _Place, covered: Mask, tracks: Sequence[Track]) -> int:
        """About how many people cover the occupied points of a zone."""
        seen = sum(holds(place.zone.polygon, foot(track.box, self._manner)) for track in tracks)
        if place.person is not None:
            rows, columns = np.nonzero(covered & (place.person > 0))
            return max(1, seen, round(float((1.0 / place.person[rows, columns]).sum())))
        sizes = list(self._walkers[place.zone.id].values())
        if len(sizes) < LEAST_TRACKS:
            return max(1, seen)
        return max(1, seen, round(float(covered.sum()) / max(1.0, FILLED * statistics.median(sizes) * covered.size)))


def around(mask: Mask) -> Box:
    """The box around nearly all points of a mask: a few strays do not stretch it."""
    height, width = mask.shape
    ys, xs = np.nonzero(mask)
    if not len(xs):
        return 0.0, 0.0, 1.0, 1.0
    (left, right), (top, foot) = np.percentile(xs, (2, 98)), np.percentile(ys, (2, 98))
    return in_picture((left / width, top / height, (right - left + 1) / width, (foot - top + 1) / height))


def person_points(ground: Grounded, inside: Mask, aspect: float) -> npt.NDArray[np.float32]:
    """How many points of the small picture a person covers whose middle is there; 0 where no ground is seen.

    Measured at a few places and spread between them, because a measurement costs a tenth of a millisecond.
    """
    height, width = inside.shape
    grid = np.zeros((9, 9), np.float32)
    for row in range(9):
        for column in range(9):
            wide, tall = _person_at(ground, column / 8, row / 8, aspect)
            # What is smoothed covers half a point more on each side.
            grid[row, column] = FILLED * (wide * width + 1) * (tall * height + 1) if wide else 0.0
    ys, xs = np.linspace(0, 8, height), np.linspace(0, 8, width)
    tops, lefts = np.minimum(ys.astype(int), 7), np.minimum(xs.astype(int), 7)
    down, right = (ys - tops)[:, None], (xs - lefts)[None, :]
    upper = grid[tops][:, lefts] * (1 - right) + grid[tops][:, lefts + 1] * right
    lower = grid[tops + 1][:, lefts] * (1 - right) + grid[tops + 1][:, lefts + 1] * right
    return np.asarray(upper * (1 - down) + lower * down, dtype=np.float32)


def _person_at(ground: Grounded, x: float, y: float, aspect: float) -> tuple[float, float]:
    """How wide and high a person is whose middle is at a point, in parts of the picture; 0 where it cannot be told."""
    low, wide, tall = y, 0.0, 0.0
    for _ in range(3):
        scale = scale_at(ground, (x, low), aspect)
        if scale is None:
            return 0.0, 0.0
        wide, tall = PERSON_M[0] / scale.across, PERSON_M[1] / scale.tall + PERSON_M[0] / scale.along
        low = y + tall / 2
    return wide, tall
