"""Readings into their day's partition, and the latest value of each stream."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, LiteralString

import msgspec

from gis.observation import Reading
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database, Transaction

StreamName = tuple[str, str]
"""(device, property)"""

LOCK = 7_235_005
"""Advisory lock that keeps two writers from making one partition at the same time."""

_ALONE: LiteralString = "select pg_advisory_xact_lock($1)"

_ENSURE_DAY: LiteralString = "select ensure_readings_day($1)"

_ENSURE_STREAMS: LiteralString = """
insert into streams (centre, device, property, unit)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
on conflict (device, property) do nothing
"""

_STREAMS: LiteralString = """
select id, device, property from streams where device = any ($1::text[])
"""

_INSERT: LiteralString = """
insert into readings (at, stream, seq, value, quality, derived, run, recorded_at, arrived_at, centre, area)
select * from unnest($1::timestamptz[], $2::int[], $3::bigint[], $4::float8[], $5::smallint[], $6::boolean[],
                     $7::text[], $8::timestamptz[], $9::timestamptz[], $10::text[], $11::text[])
on conflict (stream, at, run, seq) do nothing
returning stream, at, run, seq
"""

_LATEST: LiteralString = """
insert into latest (stream, centre, area, at, recorded_at, arrived_at, value, quality, derived)
select * from unnest($1::int[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
                     $7::float8[], $8::smallint[], $9::boolean[])
on conflict (stream) do update set
  centre = excluded.centre, area = excluded.area, at = excluded.at, recorded_at = excluded.recorded_at,
  arrived_at = excluded.arrived_at, value = excluded.value, quality = excluded.quality, derived = excluded.derived
where excluded.at >= latest.at
"""


class Owner(msgspec.Struct, frozen=True):
    """Whose a source is: its centre, and the feature id of its area."""

    centre: str
    area: str


class Row(msgspec.Struct, frozen=True):
    """One value as it is stored; `key` is what makes it the same when it comes again."""

    at: dt.datetime
    stream: int
    seq: int
    value: float
    quality: int
    derived: bool
    run: str
    recorded_at: dt.datetime | None
    arrived_at: dt.datetime
    centre: str
    area: str

    @property
    def key(self) -> tuple[int, dt.datetime, str, int]:
        """The unique key of the table."""
        return self.stream, self.at, self.run, self.seq


class Readings:
    """Writes readings. Remembers which days have a partition and which streams have a number."""

    def __init__(self, unit_of: Callable[[str, str], str]) -> None:
        self._unit_of = unit_of
        self._days: set[dt.date] = set()
        self._streams: dict[StreamName, int] = {}

    async def prepare(self, database: Database, readings: Sequence[Reading]) -> None:
        """Make the partitions and stream numbers that these readings need, outside their transaction."""
        days = {reading.stamp.at.date() for reading in readings} - self._days
        names = {
            (reading.stamp.source, value.property): reading.stamp.centre
            for reading in readings
            for value in reading.values
            if (reading.stamp.source, value.property) not in self._streams
        }
        if not days and not names:
            return
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute(_ALONE, LOCK)
            for day in sorted(days):
                await transaction.connection.execute(_ENSURE_DAY, day)
            if names:
                await self._number(transaction, names)
        self._days |= days

    async def _number(self, transaction: Transaction, names: Mapping[StreamName, str]) -> None:
        rows = [(centre, *name, self._unit_of(*name)) for name, centre in sorted(names.items())]
        await transaction.connection.execute(_ENSURE_STREAMS, *map(list, zip(*rows, strict=True)))
        for found in await transaction.connection.fetch(_STREAMS, sorted({device for device, _ in names})):
            self._streams[found["device"], found["property"]] = found["id"]

    async def insert(
        self,
        transaction: Transaction,
        readings: Sequence[Reading],
        owners: Mapping[str, Owner],
        arrived_at: dt.datetime,
    ) -> list[Reading]:
        """Insert what is new and return the readings of which at least one value was new."""
        if not readings:
            return []
        rows = {
            row.key: (number, row)
            for number, reading in enumerate(readings)
            for row in self._rows(reading, owners[reading.stamp.source], arrived_at)
        }
        columns = _columns((row for _, row in rows.values()), Row.__struct_fields__)
        found = await transaction.connection.fetch(_INSERT, *columns)
        new = [rows[one["stream"], one["at"], one["run"], one["seq"]] for one in found]
        if new:
            await transaction.connection.execute(_LATEST, *_latest_columns(row for _, row in new))
        return [readings[number] for number in sorted({number for number, _ in new})]

    def _rows(self, reading: Reading, owner: Owner, arrived_at: dt.datetime) -> Iterable[Row]:
        stamp = reading.stamp
        counted = stamp.sequence is not None
        for value in reading.values:
            yield Row(
                at=stamp.at,
                stream=self._streams[stamp.source, value.property],
                seq=stamp.sequence if stamp.sequence is not None else -1,
                value=value.number,
                quality=int(value.quality),
                derived=reading.derived,
                run=stamp.run if counted else f"#{stamp.digest}",
                recorded_at=reading.recorded_at,
                arrived_at=arrived_at,
                centre=owner.centre,
                area=owner.area,
            )


def _columns(rows: Iterable[Row], names: Sequence[str]) -> list[list[Any]]:
    listed = list(rows)
    return [[getattr(row, name) for row in listed] for name in names]


_LATEST_COLUMNS = ("stream", "centre", "area", "at", "recorded_at", "arrived_at", "value", "quality", "derived")


def _latest_columns(rows: Iterable[Row]) -> list[list[Any]]:
    newest: dict[int, Row] = {}
    for row in rows:
        if row.stream not in newest or row.at >= newest[row.stream].at:
            newest[row.stream] = row
    # One order for all writers, so that two batches cannot wait for each other.
    return _columns((newest[stream] for stream in sorted(newest)), _LATEST_COLUMNS)
