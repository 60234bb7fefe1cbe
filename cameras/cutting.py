"""When a clip begins and ends, and which sightings share it: a machine without I/O, times in monotonic seconds."""

import collections
import itertools
from collections.abc import Iterator

import msgspec

from cameras.event import Event

ROUTINE = frozenset({"line_crossed", "zone_entered", "zone_left"})
"""What happens all day on a street: clips of it alone are few an hour."""

_LIVES = 256


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """How clips are cut. At `a_minute` and `longest_s` one camera is filmed at most all the time, never twice."""

    before_s: float = 6.0
    after_s: float = 6.0
    longest_s: float = 60.0
    a_minute: int = 2
    routine_an_hour: int = 30


class Cut(msgspec.Struct):
    """A clip that is being made: it ends at `until`, at the latest at `limit`."""

    number: int
    until: float
    limit: float


class Cutting:
    """The clips of one camera. `open` is the one that is being made."""

    def __init__(self, manner: Manner | None = None, numbers: Iterator[int] | None = None) -> None:
        self._manner = manner or Manner()
        self._numbers = numbers or itertools.count(1)
        self._begun: collections.deque[float] = collections.deque()
        self._routine: collections.deque[float] = collections.deque()
        self._lives: collections.OrderedDict[int, int] = collections.OrderedDict()
        self.open: Cut | None = None
        self.refused = 0
        """How many sightings got no clip, because there were too many."""

    @property
    def before_s(self) -> float:
        """How much of the time before a sighting a clip shows."""
        return self._manner.before_s

    def ask(self, event: Event) -> tuple[int, bool]:
        """The number of the clip that shows an event, 0 for none, and whether it begins with it."""
        lives = event.phase != "moment"
        number, begins = self._known(event), False
        if number == 0:
            number, begins = self._shared_or_new(event)
        elif self.open is not None and self.open.number == number:
            self._extend(event.at)
        if lives and event.phase != "end" and number:
            self._lives[event.number] = number
            while len(self._lives) > _LIVES:
                self._lives.popitem(last=False)
        elif lives:
            self._lives.pop(event.number, None)
        return number, begins

    def over(self, at: float) -> bool:
        """Whether the open clip has shown enough."""
        return self.open is not None and at >= self.open.until

    def close(self) -> None:
        """The open clip ends, whatever it has shown."""
        self.open = None

    def _known(self, event: Event) -> int:
        return 0 if event.phase in {"moment", "start"} else self._lives.get(event.number, 0)

    def _shared_or_new(self, event: Event) -> tuple[int, bool]:
        if self.open is not None and event.at < self.open.limit:
            self._extend(event.at)
            return self.open.number, False
        if not self._allowed(event):
            self.refused += 1
            return 0, False
        number, manner = next(self._numbers), self._manner
        self.open = Cut(number, event.at + manner.after_s, event.at - manner.before_s + manner.longest_s)
        return number, True

    def _extend(self, at: float) -> None:
        if self.open is not None:
            self.open.until = min(max(self.open.until, at + self._manner.after_s), self.open.limit)

    def _allowed(self, event: Event) -> bool:
        if not _within(self._begun, event.at - 60.0, self._manner.a_minute):
            return False
        if event.kind in ROUTINE:
            if not _within(self._routine, event.at - 3600.0, self._manner.routine_an_hour):
                return False
            self._routine.append(event.at)
        self._begun.append(event.at)
        return True


def _within(times: collections.deque[float], since: float, most: int) -> bool:
    while times and times[0] <= since:
        times.popleft()
    return len(times) < most
