"""Readings as columns, one place for each value: how they travel to PostgreSQL."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from gis.observation import Reading, Value
from sensors.intake import Batch

_T = TypeVar("_T")

Key = tuple[int, dt.datetime, str, int]
"""Stream, moment, run and sequence number: what makes a value the same when it comes again."""


class Columns(msgspec.Struct):
    """Values as columns of `readings`; the last three stay empty while they say nothing."""

    at: list[dt.datetime] = []
    stream: list[int] = []
    seq: list[int] = []
    value: list[float] = []
    run: list[str] = []
    owner: list[int] = []
    retention: list[int] = []
    quality: list[int] = []
    derived: list[bool] = []
    recorded_at: list[dt.datetime | None] = []

    def keys(self) -> list[Key]:
        """The key of each value."""
        return list(zip(self.stream, self.at, self.run, self.seq, strict=True))

    def ordered(self) -> "Columns":
        """By stream; those of one stream stay in their order."""
        return self.taken(sorted(range(len(self.at)), key=self.stream.__getitem__))

    def taken(self, places: Sequence[int]) -> "Columns":
        """Some places of all columns."""
        names = Columns.__struct_fields__
        return Columns(
            *([column[place] for place in places] if (column := getattr(self, name)) else [] for name in names)
        )

    def places(self, keys: Sequence[Key]) -> list[int]:
        """The first place of each key, rising."""
        first: dict[Key, int] = {}
        for place, key in enumerate(self.keys()):
            first.setdefault(key, place)
        return sorted(first[key] for key in keys)

    def newest(self) -> Sequence[int]:
        """The place of each stream's newest value; of two at one moment the later one."""
        moments, streams = self.at, self.stream
        newest = dict(zip(streams, range(len(streams)), strict=True))
        if len(newest) == len(streams):
            return range(len(streams))
        newest = {}
        for place, stream in enumerate(streams):
            held = newest.get(stream)
            if held is None or moments[place] >= moments[held]:
                newest[stream] = place
        return list(newest.values())

    def passed(self) -> list[bool]:
        """Which values are not the newest of their stream; empty when all are."""
        newest = self.newest()
        if len(newest) == len(self.at):
            return []
        passed = [True] * len(self.at)
        for place in newest:
            passed[place] = False
        return passed

    def tell(self, readings: Sequence[Reading]) -> None:
        """Fill the columns that say nothing of most batches."""
        for reading in readings:
            for value in reading.values:
                self.quality.append(int(value.quality))
                self.derived.append(reading.derived)
                self.recorded_at.append(reading.recorded_at)

    def arguments(self, arrived_at: dt.datetime) -> list[Any]:
        """What a statement over `readings` takes: $1 to $13.

        A run or a retention class that all have in common goes by itself behind its empty column: encoding a column
        of equal texts would be a tenth of all that a batch costs here.
        """
        run, runs = _common(self.run)
        retention, retentions = _common(self.retention)
        several = [self.at, self.stream, self.seq, self.value, self.owner, runs, retentions]
        return [*several, self.quality, self.derived, self.recorded_at, arrived_at, run, retention]

    def latest_arguments(self, arrived_at: dt.datetime) -> list[Any]:
        """What a statement over `latest` takes: $1 to $8."""
        plain = [self.stream, self.at, self.value, self.owner]
        return [*plain, arrived_at, self.quality, self.derived, self.recorded_at]


class Arranged(msgspec.Struct, frozen=True, eq=False):
    """A batch that was put in order before its turn: it holds while nothing of what it was made of changes.

    `owners` are those that it was made with, `generation` that of what was remembered of the database.
    """

    batch: Batch
    owners: Mapping[str, Any]
    generation: int
    columns: Columns
    passed: list[bool]


def _common(column: list[_T]) -> tuple[_T | None, list[_T]]:
    """What all places have in common, and what is left to be told by place."""
    if column and column.count(column[0]) == len(column):
        return column[0], []
    return None, column


def new_of(readings: Sequence[Reading], places: set[int]) -> list[Reading]:
    """The readings with those of their values that stand at these places of the columns."""
    found, place = [], 0
    for reading in readings:
        values: list[Value] = []
        for value in reading.values:
            if place in places:
                values.append(value)
            place += 1
        if len(values) == len(reading.values):
            found.append(reading)
        elif values:
            found.append(msgspec.structs.replace(reading, values=tuple(values)))
    return found
