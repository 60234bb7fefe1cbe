"""A picture that is stuck although something ticks in it: a clock drawn over it, or a coder that makes it anew.

A living sensor never gives the same field twice, however quiet the night: its noise changes what a coder makes of
whatever has lines and edges. Fields that show nothing say nothing, because noise below the coder's step vanishes.
"""

import collections

import numpy as np

from cameras.likeness import FIELDS, SHOWS, Plane, fields, spread

CYCLE = 6
"""A stuck picture is encoded anew with each key frame, so that a few slightly different ones come in turn; a short clip
that is played again and again has more."""
SHARE = 0.85
"""So much of what shows something must come again; the rest is where a clock may tick."""
LEAST = 12
"""With fewer fields that show something nothing is said."""
STUCK_S = 60.0
"""How long it must come again, in seconds."""


class Stuck:
    """Whether one camera's picture is stuck. Give it a small plane about once a second."""

    def __init__(self) -> None:
        self._known: collections.deque[Plane] = collections.deque(maxlen=CYCLE)
        self._weights: Plane | None = None
        self._since: float | None = None
        self._count = 0

    def look(self, plane: Plane, at: float) -> bool:
        """Whether the plane is stuck at monotonic time `at` (s)."""
        if self._weights is None or self._weights.shape != plane.shape:
            self._weights = np.random.default_rng(1).uniform(0.5, 1.5, plane.shape).astype(np.float32)
            self._known.clear()
        marks = fields(plane * self._weights)
        shows = spread(plane) > SHOWS**2
        again = np.zeros(FIELDS[::-1], bool)
        for known in self._known:
            again |= known == marks
        if not again.all():
            self._known.append(marks)
        if shows.sum() < LEAST or again[shows].mean() < SHARE:
            self._since, self._count = None, 0
            return False
        self._since, self._count = at if self._since is None else self._since, self._count + 1
        return at - self._since >= STUCK_S and self._count >= STUCK_S / 3
