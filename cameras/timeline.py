"""The times of a clip's packets: from 0 on, decoding times that rise, whatever the camera said. No I/O."""

import heapq
from collections.abc import Sequence
from fractions import Fraction

from cameras.packets import Piece

JUMP_S = 10.0
"""Times that leap so far are a fault of the camera: the time of arrival goes on in their place."""
BACK_S = 2.0
"""The same backwards; pictures that are shown in another order than sent lie nearer."""


def depth(pieces: Sequence[Piece]) -> int:
    """How many pictures the stream holds back at most for being shown in another order than sent."""
    deepest, waiting = 0, list[int]()
    for piece in pieces:
        if piece.key:
            waiting.clear()
        if piece.pts is not None:
            deepest = max(deepest, sum(pts > piece.pts for pts in waiting))
            waiting = [*waiting[-16:], piece.pts]
    return deepest


class Clock:
    """The times of a stream's pictures in ticks as they should have been. `tick` is in parts of a second.

    A camera whose times leap, stand still or are not there at all (each was seen) is timed by the arrival.
    """

    def __init__(self, tick: Fraction) -> None:
        self._tick = tick
        self._tick_s = float(tick)
        self._shift = 0
        self._before: tuple[int, float] | None = None
        self._top = 0

    def of(self, piece: Piece) -> int:
        """When a picture is shown; what is good stays as the camera said it."""
        given = piece.pts if piece.pts is not None else round(Fraction(piece.at) / self._tick)
        if self._before is None:
            self._top = given
        elif self._strange(given, self._before[0]):
            gone = round(Fraction(max(0.0, piece.at - self._before[1])) / self._tick)
            self._shift = self._top + max(1, gone) - given
        self._before = (given, piece.at)
        self._top = max(self._top, given + self._shift)
        return given + self._shift

    def _strange(self, given: int, before: int) -> bool:
        apart = (given - before) * self._tick_s
        return given == before or apart > JUMP_S or apart < -BACK_S


class Timeline:
    """Gives each packet of a clip its times in ticks, from 0 on. `held_back` is the stream's depth."""

    def __init__(self, tick: tuple[int, int], held_back: int = 0) -> None:
        self._clock = Clock(Fraction(*tick))
        self._begin: int | None = None
        self._heap = [number - held_back for number in range(held_back)]
        self._last: int | None = None

    def place(self, piece: Piece) -> tuple[int, int] | None:
        """The time of showing and of decoding; None for a picture that comes before the first and cannot be decoded."""
        at = self._clock.of(piece)
        self._begin = at if self._begin is None else self._begin
        shown = at - self._begin
        if shown < 0:
            return None
        decoded = heapq.heappushpop(self._heap, shown)
        if self._last is not None and decoded <= self._last:
            decoded = self._last + 1
        self._last = decoded
        return max(shown, decoded), decoded
