"""Blobs -> tracks with one identity, through short losses, meetings and standing still. No I/O."""

import itertools
import math
from collections.abc import Sequence

from cameras.camera import Point
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
TREMBLE = 0.2
"""Who stays within this part of its own size (and within a hundredth of the picture) stands still."""
ROOMY = 1.2
"""A thing within a blob is at most so many times as wide and high as the blob."""
GROWING = 1.35
"""A thing that is put together from pieces is at most so many times as large as it was known to be."""
SHRINK = 0.95
"""How much of its size a thing is thought to keep from look to look when it looks smaller."""
PIECE = 0.6
"""A piece of a thing lies with this part of itself where the thing should be."""
STACKED = 0.3
"""Two pieces of one person stand above each other: their middles are no further apart than this part of the width."""
MISFIT, MERGED_MISFIT = math.log(6.0), math.log(2.0)
"""What is so many times larger or smaller than a known thing is another (the logarithms); of a thing within a group
its size is all that is known."""
COVERED, STILL_COVERED = 0.5, 0.25
"""A thing is within a blob that covers this part of its place; it stays there while this part is covered."""


class Track:
    """One thing on its way. Boxes are x, y, width, height in 0..1; velocity in pictures a second.

    `trail` holds the times and boxes that have not been handed on while it was not yet believed; `came` is
    where it was first seen; `still_since` since when it has stood where it stands; `merged` whether it is
    within a blob that holds others too, so that its box is a guess.
    """

    def __init__(self, number: int, box: Box, at: float) -> None:
        self.number = number
        self.box = box
        self.seen_at = at
        self.hits = 1
        self.velocity = (0.0, 0.0)
        self.trail: list[tuple[float, Box]] = [(at, box)]
        self.came = middle(box)
        self.way = 0.0
        self.still_at, self.still_since = middle(box), at
        self.merged = False
        self.size = box[2:]

    @property
    def confirmed(self) -> bool:
        """Whether it was seen often enough to be believed."""
        return self.hits >= CONFIRM

    @property
    def standing(self) -> bool:
        """Whether it hardly moves."""
        return math.hypot(*self.velocity) < STANDING

    @property
    def travelled(self) -> bool:
        """Whether it has ever gone further than it is large: what never did may be a change of the scene."""
        return self.way > max(0.015, 0.5 * math.sqrt(self.box[2] * self.box[3]))

    def expected(self, at: float) -> Point:
        """Where its middle should be at a time, for at most a second ahead."""
        x, y = middle(self.box)
        ahead = min(at - self.seen_at, 1.0)
        return x + self.velocity[0] * ahead, y + self.velocity[1] * ahead

    def moved(self, at: float) -> Box:
        """Its box where it should be at a time."""
        x, y = self.expected(at)
        return x - self.box[2] / 2, y - self.box[3] / 2, self.box[2], self.box[3]

    def within(self, blob: Box, at: float) -> float:
        """Which part of its place a blob covers, the place where it was or where it should be."""
        return max(covered(self.box, blob), covered(self.moved(at), blob))

    def fits(self, blob: Box) -> bool:
        """Whether a blob is large enough to hold it."""
        return self.box[2] < ROOMY * blob[2] and self.box[3] < ROOMY * blob[3]

    def holds(self, box: Box) -> bool:
        """Whether a box is no larger than it is."""
        return box[2] < GROWING * self.size[0] and box[3] < GROWING * self.size[1]

    def meet(self, box: Box, at: float, *, merged: bool = False, joined: bool = False) -> None:
        """Take a box as this thing's new place: `merged` when it is a guess, `joined` when it was put together."""
        elapsed = max(at - self.seen_at, 0.02)
        (x, y), (x0, y0) = middle(box), middle(self.box)
        weight = 0.25 if merged else (0.5 if self.hits > 1 else 1.0)
        self.velocity = (
            self.velocity[0] + weight * ((x - x0) / elapsed - self.velocity[0]),
            self.velocity[1] + weight * ((y - y0) / elapsed - self.velocity[1]),
        )
        self.box, self.seen_at, self.merged = box, at, merged
        if not joined:
            self.size = max(box[2], SHRINK * self.size[0]), max(box[3], SHRINK * self.size[1])
        self.hits += 1
        self.trail.append((at, box))
        self.way = max(self.way, math.dist(self.came, (x, y)))
        room = max(0.01, TREMBLE * max(box[2], box[3]))
        if math.dist(self.still_at, (x, y)) > room:
            self.still_at, self.still_since = (x, y), at

    def over(self, at: float) -> bool:
        """Whether it has not been seen for too long."""
        lasting = FORGET_STANDING_S if self.confirmed and self.standing and not self.merged else FORGET_S
        return at - self.seen_at > (lasting if self.confirmed else FORGET_S / 2)


class Tracker:
    """Greedy matching of blobs to expected places, the best pair first; things that meet go on within one blob."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._tracks: list[Track] = []
        self._numbers = itertools.count(1)

    def follow(self, blobs: Sequence[Box], at: float) -> list[Track]:
        """The confirmed tracks that were seen in this picture (monotonic seconds `at`)."""
        self._tracks = [track for track in self._tracks if not track.over(at)]
        free, waiting = set(range(len(blobs))), set(range(len(self._tracks)))
        pairs: dict[int, int] = {}
        for _, t, b in sorted(self._pairs(blobs, at)):
            if t in waiting and b in free:
                waiting.discard(t)
                free.discard(b)
                pairs[t] = b
        groups = self._groups(blobs, pairs, waiting, at)
        for t, b in pairs.items():
            if b not in groups:
                whole = self._whole(self._tracks[t], blobs, b, free, at)
                self._tracks[t].meet(whole, at, joined=whole != blobs[b])
        for b, members in groups.items():
            _share(blobs[b], [self._tracks[t] for t in members], at)
        for b in sorted(free):
            self._tracks.append(Track(next(self._numbers), blobs[b], at))
        return [track for track in self._tracks if track.seen_at == at and track.confirmed]

    def _groups(
        self, blobs: Sequence[Box], pairs: dict[int, int], waiting: set[int], at: float
    ) -> dict[int, list[int]]:
        """Which blobs hold more than one thing: the one that they were matched to, and those that vanished there."""
        groups: dict[int, list[int]] = {}
        held = {b: t for t, b in pairs.items()}
        for t in sorted(waiting):
            track = self._tracks[t]
            if not track.confirmed or not (track.travelled or track.merged):
                continue
            inside = [
                (track.within(blobs[b], at), b)
                for b, u in held.items()
                if track.fits(blobs[b]) and self._may_share(track, u)
            ]
            best, b = max(inside, default=(0.0, -1))
            if best >= (STILL_COVERED if track.merged else COVERED):
                groups.setdefault(b, [held[b]]).append(t)
        return groups

    def _whole(self, track: Track, blobs: Sequence[Box], matched: int, free: set[int], at: float) -> Box:
        """The matched blob with the pieces that fell off it: free blobs where the whole thing should be."""
        (x, y), (w, h), box = track.expected(at), track.size, blobs[matched]
        place = (x - w * ROOMY / 2, y - h * ROOMY / 2, w * ROOMY, h * ROOMY)
        if not track.confirmed or not track.travelled:
            return box
        for b in sorted(free):
            joined = union(box, blobs[b])
            beside = abs(middle(blobs[b])[0] - middle(place)[0]) > STACKED * place[2]
            if covered(blobs[b], place) >= PIECE and track.holds(joined) and not (self._manner.people and beside):
                free.discard(b)
                box = joined
        return box

    def _may_share(self, track: Track, other: int) -> bool:
        """Whether two things may go on within one blob: people may; vehicles when they meet on different ways."""
        met = self._tracks[other]
        if not met.confirmed or track.seen_at < met.seen_at - FORGET_S:
            return False
        return self._manner.people or math.dist(track.velocity, met.velocity) > 0.1

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
        shared = max(overlap(track.box, blob), overlap(track.moved(at), blob))
        grown = abs(math.log(max(blob[2] * blob[3], 1e-6) / max(track.box[2] * track.box[3], 1e-6)))
        if (distance > self._manner.reach and shared == 0.0) or (
            track.confirmed and grown > (MERGED_MISFIT if track.merged else MISFIT)
        ):
            return None
        known = 0.0 if track.confirmed else 0.1
        return distance - 0.3 * shared + known + 0.05 * grown


def _share(blob: Box, members: list[Track], at: float) -> None:
    """Move the members of a blob on together, so that they fill it from edge to edge as they are expected to."""
    boxes = [track.moved(at) for track in members]
    left, right = min(x for x, _, _, _ in boxes), max(x + w for x, _, w, _ in boxes)
    top, foot = min(y for _, y, _, _ in boxes), max(y + h for _, y, _, h in boxes)
    dx = ((blob[0] - left) + (blob[0] + blob[2] - right)) / 2
    dy = ((blob[1] - top) + (blob[1] + blob[3] - foot)) / 2
    for track, (x, y, w, h) in zip(members, boxes, strict=True):
        if not track.standing:
            x, y = x + dx, y + dy
        track.meet((_between(x, blob[0], w, blob[2]), _between(y, blob[1], h, blob[3]), w, h), at, merged=True)


def _between(start: float, least: float, length: float, room: float) -> float:
    """Where a length begins that shall lie within some room, or lie around its middle when it is longer."""
    return min(max(start, least), least + room - length) if length <= room else least + (room - length) / 2


def middle(box: Box) -> Point:
    """The middle of a box."""
    return box[0] + box[2] / 2, box[1] + box[3] / 2


def union(one: Box, other: Box) -> Box:
    """The box around two boxes."""
    x, y = min(one[0], other[0]), min(one[1], other[1])
    return x, y, max(one[0] + one[2], other[0] + other[2]) - x, max(one[1] + one[3], other[1] + other[3]) - y


def overlap(one: Box, other: Box) -> float:
    """The shared area over the joint area, 0..1."""
    shared = _shared(one, other)
    return shared / (one[2] * one[3] + other[2] * other[3] - shared) if shared else 0.0


def covered(one: Box, other: Box) -> float:
    """Which part of one box lies in the other, 0..1."""
    return _shared(one, other) / max(one[2] * one[3], 1e-9)


def _shared(one: Box, other: Box) -> float:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return width * height if width > 0 and height > 0 else 0.0
