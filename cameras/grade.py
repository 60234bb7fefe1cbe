"""How good a camera's stream is: its rate, how often it is opened anew, how often it stalls.

The grades are those of Frigate's connection quality (`excellent fair poor unusable`), over the last hour.
"""

import collections
import statistics
import threading
from typing import Literal

import msgspec

from cameras.packets import Header, Piece

Grade = Literal["excellent", "fair", "poor", "unusable"]

HOUR_S = 3600.0
WINDOW_S = 60.0
"""The rate is that of the last minute."""
BUCKET_S = 5.0
STALL_S = 2.0
"""A pause is a stall from here on, or from five pictures on if that is longer."""
REPORT_S = 30.0
"""How often the rating is told, in seconds; a new grade is told at once."""
FASTEST = 60.0
"""A rate beyond this is a mistake in the stream's own times."""
STEPS = 64


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """A camera's grade and what it follows from: pictures a second now and expected; reopenings, stalls in an hour."""

    grade: Grade
    fps: float
    expected_fps: float
    reconnects: int
    stalls: int


def grade(fps: float, expected_fps: float, reconnects: int, stalls: int) -> Grade:
    """The grade that these figures have."""
    if reconnects > 10 or fps < 1.0 or stalls > 100:
        return "unusable"
    if reconnects == 0 and fps >= 0.9 * expected_fps and stalls < 5:
        return "excellent"
    return "fair" if reconnects <= 2 and fps >= 0.6 * expected_fps else "poor"


class Gauge:
    """Counts the pictures of one camera as they come: a Tap of its packets. `at`: when it began, monotonic (s).

    The rate expected is the greatest of the last hour, or what the times in the stream say if that is more; a
    camera that halves its rate at night is graded fairly an hour later.
    """

    def __init__(self, at: float) -> None:
        self._guard = threading.Lock()
        self._begun = at
        self._opened: bool = False
        self._reopened: collections.deque[float] = collections.deque()
        self._stalled: collections.deque[float] = collections.deque()
        self._buckets: collections.deque[tuple[float, int]] = collections.deque()
        self._rates: collections.deque[tuple[float, float]] = collections.deque()
        self._steps: collections.deque[float] = collections.deque(maxlen=STEPS)
        self._tick_s = 0.0
        self._last: float | None = None
        self._last_time: int | None = None
        self._told: Grade | None = None
        self._due = at + WINDOW_S

    def opened(self, header: Header) -> None:
        """The stream begins, or begins again."""
        with self._guard:
            self._tick_s = header.tick[0] / header.tick[1] if header.tick[1] else 0.0
            self._last = self._last_time = None

    def passed(self, piece: Piece) -> None:
        """A packet came: one picture."""
        with self._guard:
            at = piece.at
            if self._last is None:
                if self._opened:
                    self._reopened.append(at)
                self._opened = True
            elif at - self._last >= STALL_S and at - self._last >= 5.0 / max(self._expected(), 0.1):
                self._stalled.append(at)
            self._last = at
            self._step(piece.dts if piece.dts is not None else piece.pts)
            bucket = at - at % BUCKET_S
            if self._buckets and self._buckets[-1][0] == bucket:
                self._buckets[-1] = (bucket, self._buckets[-1][1] + 1)
            else:
                self._buckets.append((bucket, 1))

    def tick(self, at: float) -> Rating | None:
        """The rating, when it is time to tell it or the grade changed; None otherwise."""
        with self._guard:
            if at - self._begun < WINDOW_S:
                return None
            rating = self._rated(at)
            if at < self._due and rating.grade == self._told:
                return None
            self._told, self._due = rating.grade, at + REPORT_S
            return rating

    def _rated(self, at: float) -> Rating:
        for times in (self._reopened, self._stalled):
            while times and times[0] <= at - HOUR_S:
                times.popleft()
        fps = self._rate(at)
        while self._rates and self._rates[0][0] <= at - HOUR_S:
            self._rates.popleft()
        if not self._rates or at - self._rates[-1][0] >= WINDOW_S:
            self._rates.append((at, fps))
        expected = max(self._expected(), fps)
        reconnects, stalls = len(self._reopened), len(self._stalled)
        return Rating(
            grade=grade(fps, expected, reconnects, stalls),
            fps=round(fps, 2),
            expected_fps=round(expected, 2),
            reconnects=reconnects,
            stalls=stalls,
        )

    def _rate(self, at: float) -> float:
        """Pictures a second, over the whole parts of the last minute."""
        until = at - at % BUCKET_S
        since = max(until - WINDOW_S, self._begun)
        while self._buckets and self._buckets[0][0] < until - WINDOW_S:
            self._buckets.popleft()
        count = sum(number for bucket, number in self._buckets if since <= bucket < until)
        whole = (until - since) // BUCKET_S * BUCKET_S
        return count / whole if whole else 0.0

    def _expected(self) -> float:
        shown = max((rate for _, rate in self._rates), default=0.0)
        step = statistics.median(self._steps) if len(self._steps) == STEPS else 0.0
        return max(shown, min(1.0 / step, FASTEST) if step > 0 else 0.0)

    def _step(self, time: int | None) -> None:
        if time is not None and self._last_time is not None and time > self._last_time:
            self._steps.append((time - self._last_time) * self._tick_s)
        self._last_time = time
