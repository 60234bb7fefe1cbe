"""Counts of sequence numbers in PostgreSQL, and what people ask about them.

A device stands in the summary while its newest gap is younger than a week: what could come late has come by then.
"""

import datetime as dt
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, LiteralString

import msgspec
import sqlalchemy as sa

from gis.layers import moment
from gis.observation import Mark
from ioc.store import journal
from ioc.store.database import Row, Transaction
from ioc.store.tables import DEVICES, JOURNAL
from ioc.store.tables_sequences import SEQUENCES
from sensors.sequences import Count, Counts, Gap, Range

RECENT = dt.timedelta(days=7)
"""How old a gap may be, by the device's own time, to count in the summary."""

MOST_SHOWN = 200
"""Missing ranges of one run in an answer; the newest are kept."""

MOST_COUNTED = 10**12
"""More missing numbers of one run are not told apart, so that sums fit into PostgreSQL's bigint."""

_SAVE: LiteralString = """
insert into sequences (device, run, centre, epoch, base, ranges, through, newest_at, arrived_at, missing, gap_at, told)
select device, run, centre, epoch, base, ranges::jsonb, through, newest_at, arrived_at, missing, gap_at, false
from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::bigint[],
            $8::timestamptz[], $9::timestamptz[], $10::bigint[], $11::timestamptz[])
  as given (device, run, centre, epoch, base, ranges, through, newest_at, arrived_at, missing, gap_at)
on conflict (device, run) do update set
  centre = excluded.centre, epoch = excluded.epoch, base = excluded.base, ranges = excluded.ranges,
  through = excluded.through, newest_at = excluded.newest_at, arrived_at = excluded.arrived_at,
  missing = excluded.missing, gap_at = excluded.gap_at, told = false
"""

_FORGET: LiteralString = """
delete from sequences s using unnest($1::text[], $2::text[]) as gone (device, run)
where s.device = gone.device and s.run = gone.run
"""

_TOLD: LiteralString = """
update sequences s set told = true from unnest($1::text[], $2::text[]) as said (device, run)
where s.device = said.device and s.run = said.run and not s.told
"""

_UNTOLD: LiteralString = """
update sequences set told = false where told
"""

_NOTE: LiteralString = """
insert into repeats (device, run, number, at)
select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[])
where (select count(*) from (select from repeats limit $5) waiting) < $5
"""

_REPEATS: LiteralString = """
delete from repeats where id in (select id from repeats order by id limit $1) returning device, run, number, at
"""

SERVER = "receipts-server"
"""The cursor under which the server is noted out of which receipts were told; it moves nowhere."""

MOST_NOTED = 100_000
"""Repeats that may wait in the database, where nobody may be taking them."""

Name = tuple[str, str]
"""(device, run)"""


class Numbered(msgspec.Struct, frozen=True, gc=False):
    """The stamp of an observation, as far as a count needs it; `sequence` None for a source that does not count."""

    centre: str
    source: str
    at: dt.datetime
    run: str = ""
    sequence: int | None = None


class Observed(msgspec.Struct, frozen=True, gc=False, tag="reading"):
    """A reading in the journal with its stamp alone: decoding the rest would cost several times as much."""

    stamp: Numbered


class Seen(msgspec.Struct, frozen=True, gc=False, tag="sighting"):
    """A sighting in the journal: nobody asks for a receipt of it."""


class Told(msgspec.Struct, frozen=True, gc=False, tag="report"):
    """A citizen's report in the journal: whoever sent it has had an answer."""


class Announced(msgspec.Struct, frozen=True, gc=False, tag="notice"):
    """An agency's notice in the journal: as a report."""


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A journal row as `journal.Page` writes it."""

    observations: list[Observed | Seen | Told | Announced]
    marks: list[Mark] = []


class Entry(msgspec.Struct, frozen=True):
    """A journal row in its place."""

    id: int
    arrived_at: dt.datetime
    page: Page


class Repeat(msgspec.Struct, frozen=True):
    """A message that was here already when it came."""

    device: str
    run: str
    number: int
    at: dt.datetime


_PAGE = msgspec.msgpack.Decoder(Page)
_RANGES = msgspec.json.Encoder()


@functools.cache
def _after() -> sa.Select[Any]:
    return (
        sa.select(JOURNAL.c.id, JOURNAL.c.arrived_at, JOURNAL.c.payload)
        .where(JOURNAL.c.id > sa.bindparam("through"), JOURNAL.c.kind == journal.KIND)
        .order_by(JOURNAL.c.id)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


async def entries(transaction: Transaction, through: int, limit: int) -> list[Entry]:
    """The journal's rows after a place, oldest first, with stamps and marks alone."""
    rows = await transaction.rows(_after(), through=through, most=limit)
    return [Entry(row["id"], row["arrived_at"], _PAGE.decode(row["payload"])) for row in rows]


async def load(transaction: Transaction) -> tuple[dict[str, Counts], list[Name]]:
    """The counts of all devices, and those whose receipt may not have been published."""
    found: dict[str, list[Count]] = {}
    untold: list[Name] = []
    for row in await transaction.rows(sa.select(SEQUENCES)):
        found.setdefault(row["device"], []).append(_count(row))
        if not row["told"]:
            untold.append((row["device"], row["run"]))
    return {device: Counts.of(counts) for device, counts in found.items()}, untold


def _count(row: Row) -> Count:
    return Count(
        run=row["run"],
        epoch=row["epoch"],
        base=row["base"],
        ranges=msgspec.convert(row["ranges"], list[Range]),
        newest_at=row["newest_at"],
        arrived_at=row["arrived_at"],
    )


def _line(device: str, centre: str, count: Count) -> tuple[Any, ...]:
    gaps = count.gaps() if len(count.ranges) > 1 or count.ranges[0].first > count.base else []
    return (
        device,
        count.run,
        centre,
        count.epoch,
        count.base,
        _RANGES.encode(count.ranges).decode(),
        count.ranges[-1].last,
        count.newest_at,
        count.arrived_at,
        min(sum(gap.count for gap in gaps), MOST_COUNTED),
        (gaps[-1].until or count.arrived_at) if gaps else None,
    )


async def save(transaction: Transaction, changed: Iterable[tuple[str, str, Count]], gone: Sequence[Name]) -> None:
    """Write counts (device, its centre, count) as not told, and drop those that were forgotten."""
    lines = [_line(*one) for one in changed]
    if lines:
        await transaction.connection.execute(_SAVE, *map(list, zip(*lines, strict=True)))
    if gone:
        await transaction.connection.execute(_FORGET, *map(list, zip(*gone, strict=True)))


async def told(transaction: Transaction, names: Sequence[Name]) -> None:
    """Note that the receipts of these were published."""
    await transaction.connection.execute(_TOLD, *map(list, zip(*names, strict=True)))


async def moved(transaction: Transaction) -> bool:
    """Whether receipts were told before out of another server or another state of this database, of which the
    broker then still holds some; from now on all count as not told."""
    server = int.from_bytes(hashlib.sha256(repr(transaction.identity).encode()).digest()[:7])
    before = await journal.cursor(transaction, SERVER)
    if before == server:
        return False
    await transaction.connection.execute(_UNTOLD)
    await journal.advance(transaction, SERVER, server)
    return before != 0


async def note(transaction: Transaction, repeats: Sequence[Repeat]) -> None:
    """Leave repeats for the one that writes receipts; none while MOST_NOTED wait, and the devices send again."""
    columns = [[getattr(one, name) for one in repeats] for name in Repeat.__struct_fields__]
    await transaction.connection.execute(_NOTE, *columns, MOST_NOTED)


async def take_repeats(transaction: Transaction, most: int) -> list[Repeat]:
    """Take the oldest repeats that were left, at most so many."""
    return [Repeat(*row.values()) for row in await transaction.connection.fetch(_REPEATS, most)]


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "from": gap.first,
        "to": gap.last,
        "count": gap.count,
        "since": None if gap.since is None else moment(gap.since),
        "until": None if gap.until is None else moment(gap.until),
    }


def _run(count: Count) -> dict[str, Any]:
    gaps = count.gaps()
    return {
        "run": count.run,
        "counted_anew": count.epoch,
        "through": count.ranges[-1].last,
        "newest_at": None if count.newest_at is None else moment(count.newest_at),
        "arrived_at": moment(count.arrived_at),
        "missing": sum(gap.count for gap in gaps),
        "gaps": [_gap(gap) for gap in gaps[: -MOST_SHOWN - 1 : -1]],
    }


def _lag(newest: Count | None) -> float | None:
    if newest is None or newest.newest_at is None:
        return None
    return round((newest.arrived_at - newest.newest_at).total_seconds(), 3)


async def of_device(transaction: Transaction, device: str) -> Mapping[str, Any] | None:
    """The missing numbers of a device by run, the newest first; None when the device is not visible."""
    about = await transaction.row(sa.select(DEVICES.c.name, DEVICES.c.centre).where(DEVICES.c.code == device))
    if about is None:
        return None
    rows = await transaction.rows(sa.select(SEQUENCES).where(SEQUENCES.c.device == device))
    counts = Counts.of(map(_count, rows))
    newest = counts.newest() if counts.runs else None
    runs = [_run(one) for one in counts.newest_first()]
    return {
        "device": device,
        "name": about["name"],
        "centre": about["centre"],
        "missing": sum(run["missing"] for run in runs),
        "lag_s": _lag(newest),
        "runs": runs,
    }


@functools.cache
def _worst() -> sa.Select[Any]:
    missing = sa.cast(sa.func.sum(SEQUENCES.c.missing), sa.BigInteger)
    return (
        sa.select(
            SEQUENCES.c.device,
            DEVICES.c.name,
            DEVICES.c.centre,
            missing.label("missing"),
            sa.func.max(SEQUENCES.c.gap_at).label("gap_at"),
            sa.func.count().over().label("devices"),
            sa.cast(sa.func.sum(missing).over(), sa.BigInteger).label("all_missing"),
        )
        .join_from(SEQUENCES, DEVICES, DEVICES.c.code == SEQUENCES.c.device)
        .where(SEQUENCES.c.missing > 0, SEQUENCES.c.gap_at > sa.bindparam("since"))
        .group_by(SEQUENCES.c.device, DEVICES.c.name, DEVICES.c.centre)
        .order_by(missing.desc(), SEQUENCES.c.device)
        .limit(sa.bindparam("most", type_=sa.BigInteger))
    )


async def worst(transaction: Transaction, now: dt.datetime, limit: int) -> Mapping[str, Any]:
    """The visible devices with missing numbers, worst first, and how many there are in all."""
    rows = await transaction.rows(_worst(), since=now - RECENT, most=limit)
    return {
        "devices": rows[0]["devices"] if rows else 0,
        "missing": rows[0]["all_missing"] if rows else 0,
        "items": [
            {name: row[name] for name in ("device", "name", "centre", "missing")} | {"newest_at": moment(row["gap_at"])}
            for row in rows
        ],
    }
