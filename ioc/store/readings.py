"""Readings into the partition of their class and day, and the latest value of each stream."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import LiteralString

import asyncpg
import msgspec

from gis.observation import Reading
from gis.stamp import believed
from ioc.access.scope import EVERYTHING
from ioc.retention import STANDARD, Classes, Span, classes, span_of
from ioc.store import journal, partitions
from ioc.store.columns import Arranged, Columns, Key, new_of
from ioc.store.database import Database, Identity, ServerChangedError, Transaction
from ioc.store.statements import locking
from sensors.intake import Batch

StreamName = tuple[str, str]
"""(device, property)"""

LOCK = 7_235_005
"""Advisory lock that keeps two writers from numbering one stream, or making one partition, at the same time."""

REMEMBERED = dt.timedelta(days=7)
"""How old a partition may be whose presence is remembered: an older one may have been dropped meanwhile."""

_ALONE: LiteralString = "select pg_advisory_xact_lock($1)"

_ENSURE_STREAMS: LiteralString = """
insert into streams (centre, device, property, unit, retention)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[])
on conflict (device, property) do nothing
"""

_STREAMS: LiteralString = """
select id, device, property, retention from streams where device = any ($1::text[])
"""

_ENSURE_OWNERS: LiteralString = """
insert into owners (centre, area) select * from unnest($1::text[], $2::text[]) on conflict (centre, area) do nothing
"""

_OWNERS: LiteralString = """
select id, centre, area from owners
"""

_ROWS: LiteralString = """
unnest($1::timestamptz[], $2::int[], $3::bigint[], $4::float8[], $5::int[], $6::text[], $7::smallint[], $8::smallint[],
       $9::boolean[], $10::timestamptz[]
"""
_NAMES: LiteralString = "(at, stream, seq, value, owner, run, retention, quality, derived, recorded_at"

_INSERT: LiteralString = """
insert into readings (at, stream, seq, value, owner, run, retention, arrived_at, quality, derived, recorded_at)
select at, stream, seq, value, owner, coalesce(run, $12), coalesce(retention, $13::smallint), $11,
       coalesce(quality, 0::smallint), coalesce(derived, false), recorded_at
from """
"""A column of which nothing is said is empty and has its usual value, or the one that all have in common."""

_INSERT_ALL: LiteralString = f"{_INSERT} {_ROWS}) as row {_NAMES})"

_INSERT_TELLING: LiteralString = _INSERT_ALL + " on conflict do nothing returning stream, at, run, seq"
"""Costs half as much again: PostgreSQL looks for each row before, and confirms it afterwards."""

_INSERT_AND_RENEW: LiteralString = f"""
with row as materialized (select * from {_ROWS}, $14::boolean[]) as row {_NAMES}, passed)),
     added as ({_INSERT} row returning 1),
     held as materialized (select pg_advisory_xact_lock($15) from (select count(*) from added) as all_added),
     o as materialized (select id, centre, area from owners, held)
update latest set
  centre = o.centre, area = o.area, at = row.at, recorded_at = row.recorded_at, arrived_at = $11, value = row.value,
  quality = coalesce(row.quality, 0::smallint), derived = coalesce(row.derived, false)
from row join o on o.id = row.owner
where latest.stream = row.stream and row.passed is not true
  and (least(row.at, $11), row.at) >= (least(latest.at, latest.arrived_at), latest.at)
"""  # noqa: S608 - put together from what stands above, nothing else
"""Both in one exchange, so that each column travels once. Owners are read once: PostgreSQL would look each row's up in
an index; and behind the lock ($15), since two writers may bring values of the same streams. A moment ahead of its
arrival counts as of the arrival, so that a clock that once was fast blocks nothing."""

_RENEW: LiteralString = """
with o as materialized (select id, centre, area from owners)
update latest set
  centre = o.centre, area = o.area, at = row.at, recorded_at = row.recorded_at, arrived_at = $5, value = row.value,
  quality = coalesce(row.quality, 0::smallint), derived = coalesce(row.derived, false)
from unnest($1::int[], $2::timestamptz[], $3::float8[], $4::int[], $6::smallint[], $7::boolean[], $8::timestamptz[])
     as row (stream, at, value, owner, quality, derived, recorded_at) join o on o.id = row.owner
where latest.stream = row.stream
  and (least(row.at, $5), row.at) >= (least(latest.at, latest.arrived_at), latest.at)
"""

_BEGIN: LiteralString = """
insert into latest (stream, at, value, arrived_at, quality, derived, recorded_at, centre, area)
select row.stream, row.at, row.value, $5, coalesce(row.quality, 0::smallint), coalesce(row.derived, false),
       row.recorded_at, o.centre, o.area
from unnest($1::int[], $2::timestamptz[], $3::float8[], $4::int[], $6::smallint[], $7::boolean[], $8::timestamptz[])
     as row (stream, at, value, owner, quality, derived, recorded_at) join owners o on o.id = row.owner
on conflict (stream) do nothing
"""


class RepeatedError(Exception):
    """Some of the readings were here already: insert again, and tell which."""


class Owner(msgspec.Struct, frozen=True):
    """Whose a source is: its centre, and the feature id of its area."""

    centre: str
    area: str


class Stream(msgspec.Struct, frozen=True):
    """What the database calls one property of one device, and the number of its retention class."""

    id: int
    retention: int


class Readings:
    """Writes readings. Remembers which partitions there are and which streams and owners have a number, but only
    what was committed, and only of one server: another, or a database that was put back, numbers anew."""

    def __init__(
        self,
        unit_of: Callable[[str, str], str],
        retention_of: Callable[[str], str] = lambda device: STANDARD,
        kept: Classes | None = None,
    ) -> None:
        self._unit_of = unit_of
        self._retention_of = retention_of
        self._classes = classes() if kept is None else kept
        self._steps = {one.number: one.step for one in self._classes.values()}
        self._made: set[tuple[int, Span]] = set()
        self._streams: dict[StreamName, Stream] = {}
        self._owners: dict[Owner, int] = {}
        self._begun: set[int] = set()
        self._begins = False
        self._generation = 0
        self._identity: Identity | None = None

    def forget(self) -> None:
        """Ask the database for everything again: what is remembered may not be true any more."""
        self._generation += 1
        self._made.clear()
        self._streams.clear()
        self._owners.clear()
        self._begun.clear()

    def knows(self, identity: Identity) -> bool:
        """Whether what is remembered is of this database; if it is not, it is forgotten and must be prepared again."""
        known, self._identity = self._identity in (None, identity), identity
        if not known:
            self.forget()
        return known

    async def prepare(
        self, database: Database, readings: Sequence[Reading], owners: Mapping[str, Owner], arrived_at: dt.datetime
    ) -> None:
        """Make the partitions and numbers that these readings need, outside their transaction."""
        self._begins = False
        names = {
            (reading.stamp.source, value.property): reading.stamp.centre
            for reading in readings
            for value in reading.values
            if (reading.stamp.source, value.property) not in self._streams
        }
        strangers = {owners[source] for source in {one.stamp.source for one in readings}} - self._owners.keys()
        if names or strangers:
            streams, found = {}, {}
            async with database.transaction(EVERYTHING) as transaction:
                await transaction.connection.execute(_ALONE, LOCK)
                known = self.knows(transaction.identity)
                if names and known:
                    streams = await self._number(transaction, names)
                if strangers and known:
                    found = await self._number_owners(transaction, strangers)
            if not known:
                raise ServerChangedError
            self._streams |= streams
            self._owners |= found
        missing = self._missing(readings, arrived_at)
        if missing:
            async with database.transaction(EVERYTHING) as transaction:
                for number, span in sorted(missing):
                    await partitions.ensure(transaction, "readings", number, span)
        self._made |= {(number, span) for number, span in missing if span.end > arrived_at - REMEMBERED}

    def arranged(self, batch: Batch, readings: Sequence[Reading], owners: Mapping[str, Owner]) -> Arranged | None:
        """A batch of readings in the order in which it will be inserted; None when it needs to be prepared."""
        try:
            columns = self._columns(readings, owners).ordered()
        except KeyError:
            return None
        if not self._begun.issuperset(columns.stream) or self._missing(readings, batch.arrived_at):
            return None
        return Arranged(batch, owners, self._generation, columns, columns.passed())

    def holds(self, arranged: Arranged) -> bool:
        """Whether what it was made of is still true, so that nothing needs to be prepared for it."""
        return arranged.generation == self._generation

    def _missing(self, readings: Sequence[Reading], arrived_at: dt.datetime) -> set[tuple[int, Span]]:
        """The partitions that may not be there; none for a date that nobody believes."""
        streams = self._streams
        days = {
            (streams[reading.stamp.source, value.property].retention, reading.stamp.at.toordinal())
            for reading in readings
            for value in reading.values
        }
        found = set()
        for number, day in days:
            midnight = dt.datetime.combine(dt.date.fromordinal(day), dt.time(), dt.UTC)
            span = span_of(self._steps.get(number, "day"), midnight)
            if (number, span) not in self._made and (
                believed(midnight, arrived_at) or believed(midnight + dt.timedelta(days=1), arrived_at)
            ):
                found.add((number, span))
        return found

    async def _number(self, transaction: Transaction, names: Mapping[StreamName, str]) -> dict[StreamName, Stream]:
        rows = [
            (centre, *name, self._unit_of(*name), self._class_of(name[0])) for name, centre in sorted(names.items())
        ]
        await transaction.connection.execute(_ENSURE_STREAMS, *map(list, zip(*rows, strict=True)))
        found = await transaction.connection.fetch(_STREAMS, sorted({device for device, _ in names}))
        return {(row["device"], row["property"]): Stream(row["id"], row["retention"]) for row in found}

    def _class_of(self, device: str) -> int:
        named = self._classes.get(self._retention_of(device))
        return (named or self._classes[STANDARD]).number

    async def _number_owners(self, transaction: Transaction, strangers: set[Owner]) -> dict[Owner, int]:
        rows = sorted((owner.centre, owner.area) for owner in strangers)
        await transaction.connection.execute(_ENSURE_OWNERS, *map(list, zip(*rows, strict=True)))
        found = await transaction.connection.fetch(_OWNERS)
        return {Owner(row["centre"], row["area"]): row["id"] for row in found}

    async def insert(
        self,
        transaction: Transaction,
        readings: Sequence[Reading],
        owners: Mapping[str, Owner],
        arrived_at: dt.datetime,
        *,
        telling: bool = True,
        arranged: Arranged | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> list[Reading]:
        """Insert what is new and return it: the readings with those of their values that were new.

        Not `telling`, it is believed that all are new, which costs less, and RepeatedError ends the transaction when
        they are not; what was `arranged` is then not made again. `meanwhile` is called while the server works. Other
        writers of readings or of the journal wait from here until the transaction ends.
        """
        if not readings:
            return []
        if arranged is not None and not telling:
            asyncio.get_running_loop().call_soon(meanwhile)  # its turn comes when the statement is sent
            await self._insert_all(transaction, arranged.columns, arrived_at, arranged.passed)
            return list(readings)
        columns = self._columns(readings, owners)
        # In one order for all writers, so that two who bring the same readings seldom wait for each other.
        ordered = columns.ordered()
        if not telling:
            asyncio.get_running_loop().call_soon(meanwhile)
            await self._insert_all(transaction, ordered, arrived_at, ordered.passed())
            return list(readings)
        places = columns.places(await self._insert_new(transaction, ordered, arrived_at))
        await self._renew(transaction, columns.taken(places), arrived_at)
        return new_of(readings, set(places))

    async def _insert_all(
        self, transaction: Transaction, columns: Columns, arrived_at: dt.datetime, passed: Sequence[bool]
    ) -> None:
        """Insert without asking which were new. Raises RepeatedError, and the transaction is over, unless all were."""
        try:
            if self._begun.issuperset(columns.stream):
                arguments = [*columns.arguments(arrived_at), passed, journal.LOCK]
                await transaction.connection.execute(_INSERT_AND_RENEW, *arguments)
            else:
                await transaction.connection.execute(_INSERT_ALL, *columns.arguments(arrived_at))
                await self._renew(transaction, columns, arrived_at)
        except asyncpg.UniqueViolationError as error:
            raise RepeatedError from error

    async def _insert_new(self, transaction: Transaction, columns: Columns, arrived_at: dt.datetime) -> list[Key]:
        """Insert, and the keys of what was new."""
        found = await transaction.connection.fetch(_INSERT_TELLING, *columns.arguments(arrived_at))
        return [(row["stream"], row["at"], row["run"], row["seq"]) for row in found]

    async def _renew(self, transaction: Transaction, columns: Columns, arrived_at: dt.datetime) -> None:
        """The latest values: those of streams that have one are changed in place, others begin."""
        # What follows is locked in no order, so one writer at a time.
        await transaction.run(locking(journal.LOCK))
        newest = columns.newest()
        if len(newest) < len(columns.at):
            columns = columns.taken(newest)
        if not columns.at:
            return
        if not self._begun.issuperset(columns.stream):
            self._begins = True
            await transaction.connection.execute(_BEGIN, *columns.latest_arguments(arrived_at))
        await transaction.connection.execute(_RENEW, *columns.latest_arguments(arrived_at))

    def committed(self, readings: Sequence[Reading]) -> None:
        """The transaction of these readings has been committed: their streams have a latest value from now on."""
        if self._begins:
            names = {(one.stamp.source, value.property) for one in readings for value in one.values}
            self._begun.update(self._streams[name].id for name in names & self._streams.keys())

    def _columns(self, readings: Sequence[Reading], owners: Mapping[str, Owner]) -> Columns:
        columns = Columns([], [], [], [], [], [], [], [], [], [])
        streams, numbers = self._streams, self._owners
        at, stream, seq, values, run, owner, retention = (
            columns.at,
            columns.stream,
            columns.seq,
            columns.value,
            columns.run,
            columns.owner,
            columns.retention,
        )
        plain = True
        for reading in readings:
            stamp = reading.stamp
            counted = stamp.sequence
            plain = plain and not reading.derived and reading.recorded_at is None
            for value in reading.values:
                known = streams[stamp.source, value.property]
                at.append(stamp.at)
                stream.append(known.id)
                retention.append(known.retention)
                seq.append(-1 if counted is None else counted)
                run.append(f"#{stamp.digest}" if counted is None else stamp.run)
                values.append(value.number)
                owner.append(numbers[owners[stamp.source]])
                plain = plain and value.quality == 0
        if not plain:
            columns.tell(readings)
        return columns
