"""Which numbered messages of a device are safe: gaps for people, and receipts by which a device may delete.

A receipt (contract, MQTT) says "everything of this run up to `through` is safe, except `missing`". Whoever reads it
deletes the rest, so a claim too many loses data and a claim too few costs a repetition: in doubt we claim less.

A device is to change its `run` whenever it counts anew. Then a number names one message for ever, and whatever the
losses, repetitions and the order, only what was really taken in is ever claimed. One that counts anew under the same
run is recognised by its times: a number that is here already with another time, or a time that does not lie between
those of the neighbouring numbers. From then on only what came since is claimed. That holds for a device that delivers
in order and whose clock goes forward. It cannot be known

- before the first message of the new count has arrived: the receipt of the old count is still on the broker. A device
  can guard itself by deleting nothing that is younger than the receipt's `at`;
- when it breaks the contract twice, counting anew under the same run and delivering out of order: a first message
  above the old numbers looks like one that follows them;
- when its clock was set back as well, so that the new times fall between the old ones;
- from a message that was refused and whose time could not be read.
"""

import datetime as dt
from collections.abc import Iterable, Iterator

import msgspec

MOST_MISSING = 100
"""Ranges of one receipt (contract, MQTT)."""

MOST_RANGES = 400
"""Ranges of safe numbers that are remembered of one run; beyond it the lowest count as missing."""

MOST_RUNS = 8
"""Runs that are remembered of one device; the one that was silent longest goes first."""

SET_BACK = dt.timedelta(minutes=10)
"""How far the clock may be set back between two numbers that follow each other: as far ahead as a time is believed."""

BEFORE_US = 100
"""Numbers that may be missing before the first one of a device's first run.

With more it was counting before it was registered, and nobody misses those.
"""

Moment = dt.datetime | None


class Range(msgspec.Struct, array_like=True, gc=False):
    """Safe numbers without a hole, both ends included, and the device's own times of both ends."""

    first: int
    last: int
    first_at: Moment
    last_at: Moment


class Gap(msgspec.Struct, frozen=True, gc=False):
    """Missing numbers, both ends included, between the times of their neighbours."""

    first: int
    last: int
    since: Moment
    until: Moment

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a device may delete; `at` is its own time of number `through`."""

    run: str
    through: int
    missing: list[tuple[int, int]] = msgspec.field(default_factory=list)
    at: Moment = None

    def json(self) -> bytes:
        """As it is published; `missing` always stands there."""
        said = {"run": self.run, "through": self.through, "missing": self.missing}
        return msgspec.json.encode(said if self.at is None else said | {"at": self.at})


class Count(msgspec.Struct, kw_only=True):
    """The safe numbers of one run of one device.

    `epoch` is how often it has counted anew under this name, `base` the first number that people may miss,
    `newest_at` the greatest of its own times and `arrived_at` when that message arrived.
    """

    run: str
    epoch: int = 0
    base: int = 0
    ranges: list[Range] = []
    newest_at: Moment = None
    arrived_at: dt.datetime

    def take(self, number: int, at: dt.datetime, arrived_at: dt.datetime) -> None:
        """Enter a message that was kept and is new.

        One that arrived before our newest is no new count: it was refused then, and is kept now (a replay).
        """
        ranges = self.ranges
        if ranges:
            tail = ranges[-1]
            if number == tail.last + 1 and tail.last_at is not None and at >= tail.last_at:
                tail.last = number
                tail.last_at = at
                self._newest(at, arrived_at)
                return
        place = self._place(number)
        if self._is_safe(place, number):
            if not self._is_end(place, number, at) and not self._is_replayed(arrived_at):
                self._anew(number, at)
        elif self._fits(place, at, SET_BACK):
            self._enter(place, number, at)
        elif not self._is_replayed(arrived_at):
            self._anew(number, at)
        self._newest(at, arrived_at)

    def refuse(self, number: int, at: Moment, arrived_at: dt.datetime) -> None:
        """Enter a message that was refused, perhaps not for the first time; `at` None when it cannot be read."""
        place = self._place(number)
        later = at is not None and (self.newest_at is None or at > self.newest_at)
        fits = self._fits(place, at, dt.timedelta())
        if self._is_safe(place, number):
            if at is not None and later and self.newest_at is not None:
                self._anew(number, at)
        elif fits:
            self._enter(place, number, at)
        elif later:
            self._anew(number, at)
        self._newest(at, arrived_at)

    def repeat(self, number: int, at: dt.datetime) -> bool:
        """Enter a message that was here already; False when that tells nothing new.

        It may be as old as the broker's memory, so it never begins a count.
        """
        place = self._place(number)
        if self._is_safe(place, number) or not self._fits(place, at, dt.timedelta()):
            return False
        self._enter(place, number, at)
        self.newest_at = self.newest_at or at
        return True

    def receipt(self) -> Receipt:
        """What the device may delete of this run."""
        holes = list(self._holes(0))
        missing = [(hole.first, hole.last) for hole in holes[:MOST_MISSING]]
        if len(holes) <= MOST_MISSING:
            return Receipt(run=self.run, through=self.ranges[-1].last, missing=missing, at=self.ranges[-1].last_at)
        over = holes[MOST_MISSING]
        return Receipt(run=self.run, through=over.first - 1, missing=missing, at=over.since)

    def gaps(self) -> list[Gap]:
        """What people miss, lowest first; a lone 0 before a count that begins with 1 is none."""
        from_one = self.base == 0 and self.ranges[0].first == 1
        return list(self._holes(1 if from_one else self.base))

    def _holes(self, base: int) -> Iterator[Gap]:
        expected, since = base, None
        for one in self.ranges:
            if one.first > expected:
                yield Gap(expected, one.first - 1, since, one.first_at)
            expected, since = one.last + 1, one.last_at

    def _place(self, number: int) -> int:
        """The index of the first range that begins above the number."""
        ranges = self.ranges
        low, high = 0, len(ranges)
        while low < high:
            middle = (low + high) // 2
            if ranges[middle].first > number:
                high = middle
            else:
                low = middle + 1
        return low

    def _is_safe(self, place: int, number: int) -> bool:
        return place > 0 and number <= self.ranges[place - 1].last

    def _is_end(self, place: int, number: int, at: Moment) -> bool:
        """Whether it is the very message at an end of its range: then other values of it were here."""
        own = self.ranges[place - 1]
        return (number, at) in ((own.first, own.first_at), (own.last, own.last_at))

    def _is_replayed(self, arrived_at: dt.datetime) -> bool:
        return self.newest_at is not None and arrived_at < self.arrived_at

    def _fits(self, place: int, at: Moment, set_back: dt.timedelta) -> bool:
        before = self.ranges[place - 1].last_at if place > 0 else None
        after = self.ranges[place].first_at if place < len(self.ranges) else None
        if at is None:
            return True
        if place == len(self.ranges):
            return before is None or at >= before - set_back
        if before is not None and after is not None:
            return min(before, after) <= at <= max(before, after)
        return after is None or at <= after

    def _enter(self, place: int, number: int, at: Moment) -> None:
        ranges = self.ranges
        left = ranges[place - 1] if place > 0 and ranges[place - 1].last == number - 1 else None
        right = ranges[place] if place < len(ranges) and ranges[place].first == number + 1 else None
        if left is not None and right is not None:
            left.last, left.last_at = right.last, right.last_at
            del ranges[place]
        elif left is not None:
            left.last, left.last_at = number, at
        elif right is not None:
            right.first, right.first_at = number, at
        else:
            ranges.insert(place, Range(number, number, at, at))
        self.base = min(self.base, number)
        if len(ranges) > MOST_RANGES:
            del ranges[0]
            self.base = max(self.base, ranges[0].first)

    def _anew(self, number: int, at: Moment) -> None:
        self.epoch += 1
        self.base = number
        self.ranges = [Range(number, number, at, at)]
        self.newest_at = None

    def _newest(self, at: Moment, arrived_at: dt.datetime) -> None:
        if at is not None and (self.newest_at is None or at >= self.newest_at):
            self.newest_at = at
            self.arrived_at = arrived_at


class Counts(msgspec.Struct):
    """All runs of one device."""

    runs: dict[str, Count]

    @classmethod
    def of(cls, counts: Iterable[Count]) -> "Counts":
        """Counts that were kept."""
        return cls({count.run: count for count in counts})

    def count(self, run: str, number: int, arrived_at: dt.datetime) -> tuple[Count, str | None]:
        """The count of a run, made where there is none; with the run that is forgotten for it."""
        found = self.runs.get(run)
        if found is not None:
            return found, None
        before_us = not self.runs and number > BEFORE_US
        gone = min(self.runs.values(), key=_silence).run if len(self.runs) >= MOST_RUNS else None
        if gone is not None:
            del self.runs[gone]
        made = self.runs[run] = Count(run=run, base=number if before_us else 0, ranges=[], arrived_at=arrived_at)
        return made, gone

    def newest(self) -> Count:
        """The run whose newest message is the newest of all by the device's own time."""
        return max(self.runs.values(), key=_newness)

    def newest_first(self) -> list[Count]:
        """All runs, the newest first."""
        return sorted(self.runs.values(), key=_newness, reverse=True)


def _silence(count: Count) -> dt.datetime:
    return count.arrived_at


def _newness(count: Count) -> tuple[dt.datetime, dt.datetime]:
    return count.newest_at or count.arrived_at, count.arrived_at
