"""Blobs -> tracks with one identity, through short losses, meetings and standing still. No I/O."""

import itertools
import math
from collections.abc import Sequence

from cameras.motion import Box
from cameras.scene import Manner

CONFIRM = 3
"""A thing seen fewer times than this is not yet believed."""
FORGET_S = 1.2
"""How long a moving track lives without being seen, in seconds."""
FORGET_STANDING_S = 8.0
"""How long a standing one does: it may have faded into the background for a while."""
STANDING = 0.03
"""Slower than this (pictures a second) is standing."""


class Track:
    """One thing on its way. Boxes are x, y, width, height in 0..1; velocity in pictures a second."""

    def __init__(self, number: int, box: Box, at: float) -> None:
        self.number = number
        self.box = box
        self.seen_at = at
        self.hits = 1
        self.velocity = (0.0, 0.0)

    @property
    def confirmed(self) -> bool:
        """Whether it was seen often enough to be believed."""
        return self.hits >= CONFIRM

    @property
    def standing(self) -> bool:
        """Whether it hardly moves."""
        return math.hypot(*self.velocity) < STANDING

    def expected(self, at: float) -> tuple[float, float]:
        """Where its middle should be at a time, for at most a second ahead."""
        x, y = middle(self.box)
        ahead = min(at - self.seen_at, 1.0)
        return x + self.velocity[0] * ahead, y + self.velocity[1] * ahead

    def meet(self, box: Box, at: float) -> None:
        """Take a blob as this thing's new place."""
        elapsed = max(at - self.seen_at, 0.02)
        (x, y), (x0, y0) = middle(box), middle(self.box)
        weight = 0.5 if self.hits > 1 else 1.0
        self.velocity = (
            self.velocity[0] + weight * ((x - x0) / elapsed - self.velocity[0]),
            self.velocity[1] + weight * ((y - y0) / elapsed - self.velocity[1]),
        )
        self.box, self.seen_at = box, at
        self.hits += 1

    def over(self, at: float) -> bool:
        """Whether it has not been seen for too long."""
        lasting = FORGET_STANDING_S if self.confirmed and self.standing else FORGET_S
        return at - self.seen_at > (lasting if self.confirmed else FORGET_S / 2)


class Tracker:
    """Greedy matching of blobs to expected places, the best pair first."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._tracks: list[Track] = []
        self._numbers = itertools.count(1)

    def follow(self, blobs: Sequence[Box], at: float) -> list[Track]:
        """The confirmed tracks that were seen in this picture (monotonic seconds `at`)."""
        self._tracks = [track for track in self._tracks if not track.over(at)]
        free, waiting = set(range(len(blobs))), set(range(len(self._tracks)))
        for _, t, b in sorted(self._pairs(blobs, at)):
            if t in waiting and b in free:
                waiting.discard(t)
                free.discard(b)
                self._tracks[t].meet(blobs[b], at)
        for b in sorted(free):
            self._tracks.append(Track(next(self._numbers), blobs[b], at))
        return [track for track in self._tracks if track.seen_at == at and track.confirmed]

    def _pairs(self, blobs: Sequence[Box], at: float) -> list[tuple[float, int, int]]:
        """Every possible pair with its cost: how far the blob is from where the track should be."""
        pairs = []
        for t, track in enumerate(self._tracks):
            for b, blob in enumerate(blobs):
                cost = self._cost(track, blob, at)
                if cost is not None:
                    pairs.append((cost, t, b))
        return pairs

    def _cost(self, track: Track, blob: Box, at: float) -> float | None:
        """Distance less overlap, or None when they cannot be the same thing."""
        (x, y), (u, v) = track.expected(at), middle(blob)
        distance = math.hypot(x - u, y - v)
        moved = (x - track.box[2] / 2, y - track.box[3] / 2, track.box[2], track.box[3])
        shared = max(overlap(track.box, blob), overlap(moved, blob))
        if distance > self._manner.reach and shared == 0.0:
            return None
        known = 0.0 if track.confirmed else 0.05
        return distance - 0.3 * shared + known


def middle(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def overlap(one: Box, other: Box) -> float:
    """The shared area over the joint area, 0..1."""
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one[2] * one[3] + other[2] * other[3] - shared)
