"""What a worker has to say, until the pipe takes it: never more than a bound, the newest first to stay."""

import collections
import threading
from collections.abc import Callable

import msgspec

from cameras.wire import Became, Clipped, Pulse, Report, Saw, Shown, framed

SIGHTINGS = 64
"""So many sightings wait for a slow reader; then the oldest is dropped and counted."""


class Outbox:
    """Filled by the camera threads, emptied by one writer thread.

    Only the newest state and picture of each camera are kept, so a slow reader sees the present.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ready = threading.Condition()
        self._sightings: collections.deque[tuple[float, Saw]] = collections.deque()
        self._latest: dict[tuple[str, str], tuple[float, Report]] = {}
        self.dropped = 0

    def put(self, report: Report, at: float) -> None:
        """Leave a report about monotonic time `at`; never waits."""
        with self._ready:
            if isinstance(report, Saw):
                if len(self._sightings) == SIGHTINGS:
                    self._sightings.popleft()
                    self.dropped += 1
                self._sightings.append((at, report))
            else:
                self._latest[_slot(report)] = (at, report)
            self._ready.notify()

    def take(self, timeout_s: float) -> bytes | None:
        """The next message for the pipe with its age as of now: states, then sightings, then the rest."""
        with self._ready:
            if not self._ready.wait_for(lambda: self._sightings or self._latest, timeout_s):
                return None
            at, report = self._next()
            return framed(msgspec.structs.replace(report, age_s=max(0.0, self._clock() - at)))

    def _next(self) -> tuple[float, Report]:
        for slot in self._latest:
            if slot[0] == "became":
                return self._latest.pop(slot)
        if self._sightings:
            return self._sightings.popleft()
        return self._latest.pop(next(iter(self._latest)))


def _slot(report: Became | Shown | Pulse | Clipped) -> tuple[str, str]:
    """The place of which only the newest report is kept."""
    match report:
        case Became(camera=camera):
            return "became", camera
        case Shown(camera=camera):
            return "shown", camera
        case Pulse():
            return "pulse", ""
        case Clipped(camera=camera, clip=clip):
            return "clipped", f"{camera} {clip}"
