"""Hourly rollups: what each hour of a stream comes to, right whatever the order in which values arrive.

Good values count, add up exactly as decimal numbers, and cover their minutes; others are only counted as doubtful.
Days are those of the centre's zone, made of the hours that begin in them.
"""

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping, Sequence
from typing import LiteralString

import msgspec

from ioc.retention import span_of
from ioc.store import partitions
from ioc.store.database import Row, Transaction

READER = "rollups"
"""The name of our cursor in the journal."""

_EXACT = decimal.Context(prec=2_000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[decimal.Inexact])
"""Digits enough for any sum of floating-point numbers: the order of adding does not matter."""

_NEXT: LiteralString = """
select id, kind, payload from (
  select id, kind, payload, sum(octet_length(payload)) over (order by id) - octet_length(payload) as before
  from (select id, kind, payload from journal where id > $1 order by id limit $2) page
) page where before < $3 order by id
"""

_STREAMS: LiteralString = """
select s.device, s.property, s.id, s.retention, o.id as owner
from streams s join latest l on l.stream = s.id join owners o on o.centre = l.centre and o.area = l.area
where s.device = any ($1::text[])
"""

_MERGE: LiteralString = """
insert into rollups (stream, retention, owner, hour, count, total, low, high, covered, doubtful)
select * from unnest($1::int[], $2::smallint[], $3::int[], $4::timestamptz[], $5::int[], $6::numeric[], $7::float8[],
                     $8::float8[], $9::bigint[], $10::int[])
on conflict (stream, hour, retention) do update set
  owner = excluded.owner, count = rollups.count + excluded.count, total = rollups.total + excluded.total,
  low = least(rollups.low, excluded.low), high = greatest(rollups.high, excluded.high),
  covered = rollups.covered | excluded.covered, doubtful = rollups.doubtful + excluded.doubtful
"""

_HOURS: LiteralString = """
select hour, count, total, low, high, covered, doubtful from rollups
where stream = $1 and retention = $2 and hour >= $3 order by hour
"""


class _Stamp(msgspec.Struct, gc=False):
    source: str
    at: dt.datetime


class _Value(msgspec.Struct, array_like=True, gc=False):
    property: str
    number: float
    quality: int = 0


class _Reading(msgspec.Struct, tag="reading", gc=False):
    """What a journaled reading has that matters here; the rest is passed over unread."""

    stamp: _Stamp
    values: tuple[_Value, ...]


class _Sighting(msgspec.Struct, tag="sighting"):
    pass


class _Report(msgspec.Struct, tag="report"):
    pass


class _Notice(msgspec.Struct, tag="notice"):
    pass


_Any = _Reading | _Sighting | _Report | _Notice


class _Page(msgspec.Struct, array_like=True):
    observations: list[_Any]


_PAGE = msgspec.msgpack.Decoder(_Page)
_OBSERVATIONS = msgspec.msgpack.Decoder(list[_Any])


class Cell(msgspec.Struct):
    """What one hour of one stream comes to, or a part of it. `covered` has bit n for minute n."""

    count: int = 0
    total: decimal.Decimal = decimal.Decimal()
    low: float | None = None
    high: float | None = None
    covered: int = 0
    doubtful: int = 0


Cells = dict[tuple[str, str, dt.datetime], Cell]
"""By device, property, and the hour in UTC."""


class Page(msgspec.Struct, frozen=True):
    """Rows of the journal as they are stored, and the place of the last."""

    through: int
    payloads: list[tuple[str, bytes]]


async def next_page(transaction: Transaction, after: int, entries: int, size: int) -> Page | None:
    """The next journal rows: at most `entries`, and no further once they have `size` bytes; None at the end."""
    rows = await transaction.connection.fetch(_NEXT, after, entries, size)
    return Page(rows[-1]["id"], [(row["kind"], row["payload"]) for row in rows]) if rows else None


def cells_of(payloads: Iterable[tuple[str, bytes]]) -> Cells:
    """What the readings of journal rows add to their hours."""
    cells: dict[tuple[str, str, int], Cell] = {}
    with decimal.localcontext(_EXACT):
        for kind, payload in payloads:
            found = _OBSERVATIONS.decode(payload) if kind == "observations" else _PAGE.decode(payload).observations
            for one in found:
                if type(one) is _Reading:
                    _add(cells, one)
    hours = {number: _hour(number) for number in {number for _, _, number in cells}}
    return {(device, name, hours[number]): cell for (device, name, number), cell in cells.items()}


def _hour(number: int) -> dt.datetime:
    """The hour that has a number among all hours: hashing numbers is much cheaper than hashing moments."""
    return dt.datetime.combine(dt.date.fromordinal(number // 24), dt.time(number % 24), dt.UTC)


def _add(cells: dict[tuple[str, str, int], Cell], reading: _Reading) -> None:
    at, source = reading.stamp.at, reading.stamp.source
    hour = at.toordinal() * 24 + at.hour
    for value in reading.values:
        key = (source, value.property, hour)
        cell = cells.get(key)
        if cell is None:
            cell = cells[key] = Cell()
        if value.quality:
            cell.doubtful += 1
            continue
        number = value.number
        cell.count += 1
        cell.total += decimal.Decimal(repr(number))
        cell.covered |= 1 << at.minute
        if cell.low is None or number < cell.low:
            cell.low = number
        if cell.high is None or number > cell.high:
            cell.high = number


async def merge(transaction: Transaction, cells: Cells) -> int:
    """Add cells to the rollups; how many of them belonged to no stream and were left out."""
    if not cells:
        return 0
    known = await transaction.connection.fetch(_STREAMS, sorted({device for device, _, _ in cells}))
    streams = {(row["device"], row["property"]): row for row in known}
    rows = [
        (stream["id"], stream["retention"], stream["owner"], hour, *msgspec.structs.astuple(cell))
        for (device, name, hour), cell in sorted(cells.items(), key=lambda one: one[0])
        if (stream := streams.get((device, name))) is not None
    ]
    if rows:
        hours = {(row[1], row[3]) for row in rows}
        for number, span in sorted({(number, span_of("month", hour)) for number, hour in hours}):
            await partitions.ensure(transaction, "rollups", number, span)
        await transaction.connection.execute(_MERGE, *map(list, zip(*rows, strict=True)))
    return len(cells) - len(rows)


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """An hour or a local day of one stream. `coverage`: the share of expected readings' times that have a good one."""

    at: dt.datetime
    count: int
    mean: float | None
    low: float | None
    high: float | None
    coverage: float
    doubtful: int


async def hours(transaction: Transaction, stream: int, retention: int, since: dt.datetime) -> list[Row]:
    """The rollups of a stream from an hour on, oldest first."""
    return list(await transaction.connection.fetch(_HOURS, stream, retention, since))


def by_hour(rows: Sequence[Row], interval_s: float) -> list[Bucket]:
    """Each hour by itself."""
    return [_bucket(row["hour"], [row], dt.timedelta(hours=1), interval_s) for row in rows]


def by_day(rows: Sequence[Row], interval_s: float, zone: dt.tzinfo) -> list[Bucket]:
    """The days of a zone, each with the hours that begin in it; 23 or 25 hours long where clocks change."""
    days: dict[dt.datetime, list[Row]] = {}
    for row in rows:
        midnight = row["hour"].astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        days.setdefault(midnight, []).append(row)
    found = []
    for midnight, mine in days.items():
        next_one = (midnight.replace(tzinfo=None) + dt.timedelta(days=1)).replace(tzinfo=zone)
        first, end = midnight.astimezone(dt.UTC), next_one.astimezone(dt.UTC)
        found.append(_bucket(first, mine, end - first, interval_s))
    return found


def _bucket(first: dt.datetime, rows: Sequence[Row], lasts: dt.timedelta, interval_s: float) -> Bucket:
    count = sum(row["count"] for row in rows)
    with decimal.localcontext(_EXACT):
        total = sum((row["total"] for row in rows), decimal.Decimal())
    return Bucket(
        at=first,
        count=count,
        mean=float(total) / count if count else None,
        low=min((row["low"] for row in rows if row["low"] is not None), default=None),
        high=max((row["high"] for row in rows if row["high"] is not None), default=None),
        coverage=coverage({row["hour"]: row["covered"] for row in rows}, first, lasts, interval_s),
        doubtful=sum(row["doubtful"] for row in rows),
    )


def coverage(covered: Mapping[dt.datetime, int], first: dt.datetime, lasts: dt.timedelta, interval_s: float) -> float:
    """The share of the slots of a time that have a good value. A slot is one expected interval, at least a minute."""
    slot = max(interval_s, 60.0)
    expected = max(1, int(lasts.total_seconds() // slot))
    if slot == 60.0:
        return min(1.0, sum(bits.bit_count() for bits in covered.values()) / expected)
    seen: set[int] = set()
    for hour, bits in covered.items():
        start = (hour - first).total_seconds()
        seen.update(int((start + 60 * minute) // slot) for minute in range(60) if bits >> minute & 1)
    return min(1.0, len(seen) / expected)
