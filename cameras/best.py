"""The best picture of each thing that goes on: the largest, sharpest and most surely known one replaces the earlier.

A picture is worth the area of the thing's box, times how sharp the picture is within it, times the trust of a detector
where there is one; half when the box touches the edge of the picture, because then a part is missing. Once a second
each thing is looked at; a picture that is clearly better than the last becomes the thing's own, and goes with its next
report, together with the box in it.
"""

from collections.abc import Callable, Iterable, Sequence

import cv2
import msgspec
import numpy as np

from cameras.event import Event
from cameras.motion import Box, Luma
from cameras.track import Track

LOOK_S = 1.0
"""How often a thing is looked at for a better picture, in seconds."""
BETTER = 1.15
"""A picture replaces another when it is worth so many times as much."""
SHARP = 100.0
"""The variance of the second derivative at which a picture is half sharp."""
EDGE = 0.005
LARGEST = 160
"""At most so many points a side are judged, from the middle of the thing."""


class _Life(msgspec.Struct):
    """What goes on: the track it is about, the worth of its best picture, and that picture until it was reported."""

    track: int
    box: Box
    score: float | None
    looked_at: float
    worth: float = 0.0
    unsent: tuple[bytes | None, Box] | None = None


class Shot(msgspec.Struct, frozen=True):
    """What goes with a report: a JPEG, or None, and the box of the thing in it (without one: as it is now)."""

    jpeg: bytes | None
    box: Box


class Best:
    """The best pictures of one camera's things."""

    def __init__(self) -> None:
        self._lives: dict[int, _Life] = {}

    def look(
        self,
        events: Sequence[Event],
        tracks: Iterable[Track],
        luma: Luma,
        at: float,
        picture: Callable[[], bytes | None],
    ) -> list[Shot]:
        """What goes with each event of the picture at monotonic time `at` (s); `picture` makes its JPEG, if it can.

        A moment has the picture of its moment, a start too; an update and an end have a better one than was
        reported before, or none.
        """
        for event in events:
            if event.phase in ("start", "update"):
                life = self._lives.setdefault(event.number, _Life(event.track, event.box, event.score, at - LOOK_S))
                life.track, life.box, life.score = event.track, event.box, event.score
        boxes = {track.number: track.box for track in tracks}
        for life in self._lives.values():
            if at - life.looked_at >= LOOK_S:
                self._consider(life, boxes.get(life.track, life.box), luma, at, picture)
        return [self._shot(event, picture) for event in events]

    def _consider(self, life: _Life, box: Box, luma: Luma, at: float, picture: Callable[[], bytes | None]) -> None:
        life.looked_at = at
        value = worth(box, luma, life.score)
        if life.worth == 0.0 or value > BETTER * life.worth:
            made = picture()
            life.worth, life.unsent = max(value, 1e-9), None if made is None else (made, box)

    def _shot(self, event: Event, picture: Callable[[], bytes | None]) -> Shot:
        if event.phase == "moment":
            return Shot(picture(), event.box)
        life = self._lives.pop(event.number, None) if event.phase == "end" else self._lives.get(event.number)
        if life is None or life.unsent is None:
            return Shot(None, event.box)
        (jpeg, box), life.unsent = life.unsent, None
        return Shot(jpeg, box)


def worth(box: Box, luma: Luma, score: float | None = None) -> float:
    """How good a picture of what is in a box is; only for comparison with others of the same camera."""
    height, width = luma.shape
    x, y, wide, high = box
    left, top = max(0, round(x * width)), max(0, round(y * height))
    part = luma[top : max(top, round((y + high) * height)), left : max(left, round((x + wide) * width))]
    if min(part.shape) < 4:
        return 0.0
    down, over = (max(0, (side - LARGEST) // 2) for side in part.shape)
    part = np.ascontiguousarray(part[down : down + LARGEST, over : over + LARGEST])
    sharp = float(cv2.Laplacian(part, cv2.CV_32F).var())
    cut = x <= EDGE or y <= EDGE or x + wide >= 1 - EDGE or y + high >= 1 - EDGE
    trust = 1.0 if score is None else score
    return wide * high * (sharp / (sharp + SHARP)) * trust * (0.5 if cut else 1.0)
