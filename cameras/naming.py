"""Asks the learned detector what a camera's moving things are: at most once a second, and only where something moves.

What is asked is a piece of the picture around one track: first a track of which something is told just now, else the
largest that has no name yet. The name and the trust stay with the track; a surer answer replaces them. Without a
detector, and for what it does not know, the class from the size on the ground stays.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from cameras.detector import Detection, Shared
from cameras.event import Event
from cameras.motion import Box
from cameras.stream import Picture
from cameras.track import Track, overlap

EVERY_S = 1.0
"""The detector is asked at most so often for one camera, in seconds."""
TRIES = 3
"""A track that it could not name in so many pictures is not asked for again."""
AROUND = 0.3
"""The piece that is asked for is larger than the track's box by this part of it, on each side."""
SAME_THING = 0.25
"""What was found is the track when their boxes overlap by so much (intersection over union)."""
WIDTH = 1280
"""The width of the picture from which the piece is cut, in points at the most."""
MEMORY_S = 60.0

CLASSES = {
    **dict.fromkeys(("person", "pedestrian"), "person"),
    **dict.fromkeys(("bicycle", "motorcycle", "motorbike", "scooter", "cyclist", "rider"), "two-wheeler"),
    **dict.fromkeys(("car", "bus", "truck", "van", "train", "tractor", "vehicle"), "vehicle"),
    **dict.fromkeys(("dog", "cat", "horse", "cow", "sheep", "buffalo", "elephant", "bird"), "animal"),
    **dict.fromkeys(("backpack", "handbag", "suitcase", "bag"), "bag"),
    **dict.fromkeys(("boat", "ship"), "boat"),
}
"""The words of common models -> ours. What is not here is nothing that we tell."""


class _Known(msgspec.Struct):
    """What is known of a track, and how often it was asked for."""

    seen_at: float
    name: str = ""
    score: float = 0.0
    tries: int = 0


class Naming:
    """The names of one camera's tracks."""

    def __init__(self, detector: Shared) -> None:
        self._detector = detector
        self._known: dict[int, _Known] = {}
        self._asked_at = float("-inf")

    def name(
        self, events: Sequence[Event], tracks: Iterable[Track], at: float, picture: Callable[[int], Picture]
    ) -> list[Event]:
        """The events of the picture at monotonic time `at` (s), with the class and trust that the detector gives.

        `picture` makes the picture in colour at a width of at most so many points; it is called when one is asked for.
        """
        boxes = {track.number: track.box for track in tracks}
        for number in boxes:
            self._known.setdefault(number, _Known(at)).seen_at = at
        due = at - self._asked_at >= EVERY_S and self._detector.ready
        if due and (wanted := self._wanted(events, boxes)) is not None:
            self._asked_at = at
            self._ask(self._known[wanted], boxes[wanted], picture(WIDTH))
        self._known = {number: known for number, known in self._known.items() if at - known.seen_at < MEMORY_S}
        return [self._named(event) for event in events]

    def _wanted(self, events: Sequence[Event], boxes: dict[int, Box]) -> int | None:
        """The track to ask for: of what is told, else the largest; None when all have a name or were tried."""
        open_ones = {n for n in boxes if not self._known[n].name and self._known[n].tries < TRIES}
        told = [event.track for event in events if event.track in open_ones]
        if told:
            return told[0]
        return max(open_ones, key=lambda n: boxes[n][2] * boxes[n][3], default=None)

    def _ask(self, known: _Known, box: Box, picture: Picture) -> None:
        piece, place = cut(picture, box)
        found = self._detector.find(piece)
        if found is None:
            return
        known.tries += 1
        best = best_of(found, box, place)
        if best is not None and best.score > known.score:
            known.name, known.score = CLASSES[best.name.lower()], best.score

    def _named(self, event: Event) -> Event:
        known = self._known.get(event.track)
        if known is None or not known.name or event.kind in ("crowd", "left_object"):
            return event
        return msgspec.structs.replace(event, object_class=known.name, score=round(known.score, 3))


def cut(picture: Picture, box: Box) -> tuple[Picture, Box]:
    """The piece of a picture around a box, and where it lies in the picture (0..1)."""
    height, width = picture.shape[:2]
    x, y, w, h = box
    left, right = max(0.0, x - AROUND * w), min(1.0, x + (1 + AROUND) * w)
    top, foot = max(0.0, y - AROUND * h), min(1.0, y + (1 + AROUND) * h)
    columns = int(left * width), max(int(left * width) + 1, round(right * width))
    rows = int(top * height), max(int(top * height) + 1, round(foot * height))
    piece = picture[rows[0] : rows[1], columns[0] : columns[1]]
    place = (columns[0] / width, rows[0] / height, piece.shape[1] / width, piece.shape[0] / height)
    return piece, place


def best_of(found: Iterable[Detection], box: Box, place: Box) -> Detection | None:
    """The surest of what was found in a piece that is known to us and lies where the box is."""
    left, top, wide, high = place
    for one in sorted(found, key=lambda one: -one.score):
        x, y, w, h = one.box
        there = (left + x * wide, top + y * high, w * wide, h * high)
        if one.name.lower() in CLASSES and overlap(there, box) >= SAME_THING:
            return one
    return None
