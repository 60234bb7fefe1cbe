"""What happens in a picture: moments, and what goes on for a while with its start, updates and end. No I/O."""

import itertools
from collections.abc import Hashable, Iterator
from typing import Literal

import msgspec

from cameras.motion import Box
from cameras.track import Track
from gis.observation import Phase

Kind = Literal[
    "line_crossed",
    "wrong_way",
    "zone_entered",
    "zone_left",
    "zone_presence",
    "loitering",
    "stopped",
    "left_object",
    "crowd",
]

UPDATE_S = 5.0
"""How often it is said that something still goes on, in seconds."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened in the picture at monotonic time `at` (s): what a sighting is made of.

    What goes on for a while is a start, updates and an end with one `number` (of this camera, in this run),
    and began at `since` (s).
    """

    kind: Kind
    subject: str
    direction: str
    track: int
    box: Box
    at: float
    phase: Phase = "moment"
    number: int = 0
    since: float | None = None
    count: int | None = None
    share: float | None = None
    object_class: str = "object"
    speed_kmh: float | None = None
    score: float | None = None


class Counts:
    """What is counted of one camera while its worker lives: its reports, what goes on, its clips.

    A camera that is registered anew is counted on, because the warden takes the same number for the same thing.
    """

    def __init__(self) -> None:
        self.reports, self.lives, self.clips = itertools.count(1), itertools.count(1), itertools.count(1)


class _Going(msgspec.Struct):
    last: Event
    said_at: float


class Lasting:
    """What goes on, each under a key of the caller's; with one count shared, two of these never give one number."""

    def __init__(self, numbers: Iterator[int] | None = None) -> None:
        self._numbers = numbers or itertools.count(1)
        self._going: dict[Hashable, _Going] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._going

    def goes_on(self, key: Hashable, event: Event) -> list[Event]:
        """A start when nothing went on under this key, else an update when one is due, else nothing."""
        going = self._going.get(key)
        if going is None:
            start = msgspec.structs.replace(event, phase="start", number=next(self._numbers))
            self._going[key] = _Going(last=start, said_at=event.at)
            return [start]
        first = going.last
        going.last = msgspec.structs.replace(event, phase="update", number=first.number, since=first.since)
        if event.at - going.said_at < UPDATE_S:
            return []
        going.said_at = event.at
        return [going.last]

    def ends(self, key: Hashable, at: float) -> list[Event]:
        """The end at monotonic time `at` (s), which may lie in the past; nothing when nothing went on."""
        going = self._going.pop(key, None)
        if going is None:
            return []
        return [msgspec.structs.replace(going.last, phase="end", at=max(at, going.last.since or at))]


def event_of(kind: Kind, subject: str, track: Track, at: float, **more: object) -> Event:
    """An event of a track, its box cut to the picture."""
    given: dict[str, object] = {"direction": ""} | more
    box = in_picture(track.box)
    return Event(kind=kind, subject=subject, track=track.number, box=box, at=at, **given)  # type: ignore[arg-type]


def in_picture(box: Box) -> Box:
    """A box cut to the picture."""
    x, y = (min(max(part, 0.0), 1.0) for part in box[:2])
    right, foot = (min(max(box[n] + box[n + 2], 0.0), 1.0) for n in (0, 1))
    return x, y, max(right - x, 0.0), max(foot - y, 0.0)
