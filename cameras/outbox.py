"""What a worker has to say, until the pipe takes it: never more than a bound, the newest first to stay."""

import collections
import threading
from collections.abc import Callable

import msgspec

from cameras.wire import Became, Graded, Pulse, Report, Saw, Shown, framed

SIGHTINGS = 64
"""So many sightings wait for a slow reader; then the oldest is dropped and counted, ends of what goes on last."""
OTHERS = 64
"""So many reports of each other kind wait for a slow reader; then the oldest of that kind is dropped."""


class Outbox:
    """Filled by the camera threads, emptied by one writer thread.

    Of states, pictures and the pulse only the newest of each camera is kept, so a slow reader sees the present;
    sightings, and every other kind of report, wait in the order of their coming.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ready = threading.Condition()
        self._queues: dict[type[Report], collections.deque[tuple[float, Report]]] = {Saw: collections.deque()}
        self._latest: dict[tuple[str, str], tuple[float, Report]] = {}
        self.dropped = 0
        """How many sightings were dropped."""

    def put(self, report: Report, at: float) -> None:
        """Leave a report about monotonic time `at`; never waits."""
        with self._ready:
            slot = _slot(report)
            if slot is not None:
                self._latest[slot] = (at, report)
            else:
                self._queue(report, at)
            self._ready.notify()

    def _queue(self, report: Report, at: float) -> None:
        queue = self._queues.setdefault(type(report), collections.deque())
        if len(queue) == (SIGHTINGS if isinstance(report, Saw) else OTHERS):
            del queue[_least(queue)]
            self.dropped += isinstance(report, Saw)
        queue.append((at, report))

    def take(self, timeout_s: float) -> bytes | None:
        """The next message for the pipe with its age as of now: states, then sightings, then the rest."""
        with self._ready:
            if not self._ready.wait_for(lambda: self._latest or any(self._queues.values()), timeout_s):
                return None
            at, report = self._next()
            return framed(msgspec.structs.replace(report, age_s=max(0.0, self._clock() - at)))

    def _next(self) -> tuple[float, Report]:
        for slot in self._latest:
            if slot[0] == "became":
                return self._latest.pop(slot)
        for queue in self._queues.values():
            if queue:
                return queue.popleft()
        return self._latest.pop(next(iter(self._latest)))


def _least(queue: collections.deque[tuple[float, Report]]) -> int:
    """Which of the waiting is dropped: the oldest that no end is, since what is not told to end holds on."""
    return next((n for n, (_, one) in enumerate(queue) if not (isinstance(one, Saw) and one.phase == "end")), 0)


def _slot(report: Report) -> tuple[str, str] | None:
    """The place of which only the newest report is kept; None for a kind of which each counts."""
    match report:
        case Became(camera=camera):
            return "became", camera
        case Shown(camera=camera):
            return "shown", camera
        case Graded(camera=camera):
            return "graded", camera
        case Pulse():
            return "pulse", ""
    return None
