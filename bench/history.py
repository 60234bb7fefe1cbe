"""What history costs: the latest values of 20,000 streams, and one stream's day, at few and at many readings.

`python -m bench.history [rows in millions …]` fills a private PostgreSQL with readings of 2,000 devices with ten
properties each, a million a day, and asks what the wall asks, as the service's role under row-level security.
The larger filling is told as a ratio to the smaller one, which was measured in the same run.
"""

import asyncio
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from gis.layers import LAYERS
from ioc.access.scope import EVERYTHING
from ioc.embedded import Stack
from ioc.store import evidence, layers
from ioc.store.database import Database, Transaction
from ioc.store.migrate import migrate

DEVICES, PROPERTIES = 2_000, 10
STREAMS = DEVICES * PROPERTIES
EACH = 50
"""Readings of a stream in a day: a million of all."""
END = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
ROUNDS = 60
PAGE = 10_000

_REGISTER = """
insert into centres values ('quang-nam', 'Quảng Nam', 'Quang Nam', 'province') on conflict do nothing;
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
  select 'dev-' || n, 'quang-nam', 'a@2025-07-01', 'Thiết bị ' || n, 'k', 'traffic-loop', 'fresh', now(),
         st_setsrid(st_makepoint(107.5 + random(), 15.2 + random()), 4326)
  from generate_series(1, 2000) n;
insert into streams (centre, device, property, unit)
  select 'quang-nam', 'dev-' || n, 'p' || p, 'u' from generate_series(1, 2000) n, generate_series(1, 10) p;
insert into owners (centre, area) values ('quang-nam', 'a@2025-07-01');
insert into latest (stream, centre, area, at, arrived_at, value, quality, derived)
  select id, centre, 'a@2025-07-01', $END$, $END$, 1.5, 0, false from streams;
"""

_DAY = """
insert into readings (at, seq, value, arrived_at, stream, owner, retention, quality, derived, run)
select $1::timestamptz + make_interval(secs => 86400.0 * n / $2::int + s.id * 0.001), n, random() * 100,
       $1::timestamptz + make_interval(secs => 86400.0 * n / $2::int + 1), s.id, 1, 2, 0, false, 'b7'
from generate_series(0, $2::int - 1) n, streams s
"""
"""Each stream in turn, as readings arrive: the index is filled in the order of time, not of streams."""

_BYTES = """
select sum(pg_total_relation_size(inhrelid)) from pg_inherits where inhparent = 'readings'::regclass
"""


async def fill(owner: asyncpg.Connection, first: int, last: int) -> None:
    """Days number `first` to before `last`, counted back from the newest: a million readings each."""
    for number in range(first, last):
        midnight = END - dt.timedelta(days=number + 1)
        await owner.execute("select ensure_readings_day($1)", midnight.date())
        await owner.execute(_DAY, midnight, EACH, timeout=3600)
    await owner.execute("vacuum (analyze) readings", timeout=3600)
    await owner.execute("vacuum (analyze) latest", timeout=3600)


async def _latest(transaction: Transaction) -> int:
    """All present values, page by page, as the map's layer `observations_latest` reads them."""
    layer, seen, after = LAYERS["observations_latest"], 0, None
    while True:
        wanted = layers.Wanted(after=after)
        rows = await layers.rows(transaction, layer, wanted, now=END, limit=PAGE)
        seen += len(rows)
        if len(rows) < PAGE:
            return seen
        after = tuple(rows[-1][name] for name in layer.key)


def _day(number: int) -> Callable[[Transaction], Awaitable[int]]:
    async def ask(transaction: Transaction) -> int:
        """The last day of one stream, as a chart reads it."""
        stream = await evidence.stream(transaction, f"dev-{1 + number * 37 % DEVICES}", f"p{1 + number % PROPERTIES}")
        assert stream is not None
        return len(await evidence.readings(transaction, stream, END - dt.timedelta(days=1)))

    return ask


async def _times(database: Database, ask: Callable[[int], Callable[[Transaction], Awaitable[int]]]) -> list[float]:
    taken = []
    for number in range(ROUNDS + 5):
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            begun = time.perf_counter()
            await ask(number)(transaction)
            taken.append((time.perf_counter() - begun) * 1e3)
    return sorted(taken[5:])


async def measure(owner: asyncpg.Connection, database: Database) -> dict[str, float]:
    """Milliseconds of both questions, rows of the day, and bytes a reading with its index."""
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await _latest(transaction) == STREAMS
        rows = await _day(0)(transaction)
    latest = await _times(database, lambda number: _latest)
    day = await _times(database, _day)
    count = await owner.fetchval("select count(*) from readings", timeout=600)
    return {
        "latest_p50_ms": round(statistics.median(latest), 3),
        "latest_p95_ms": round(latest[int(len(latest) * 0.95)], 3),
        "day_p50_ms": round(statistics.median(day), 3),
        "day_p95_ms": round(day[int(len(day) * 0.95)], 3),
        "day_rows": rows,
        "bytes_per_reading": round(float(await owner.fetchval(_BYTES)) / count, 1),
        "rows_m": round(count / 1e6, 1),
    }


async def history(url_of: Callable[[str], str], fillings: tuple[int, ...] = (1, 50)) -> dict[str, float]:
    """Figures at each filling (in millions of readings), and the last by the first: `history_latest_ratio`,
    `history_day_ratio`. Over a migrated, empty database whose address `url_of` gives by role."""
    figures: dict[str, float] = {}
    found: list[dict[str, float]] = []
    owner = await asyncpg.connect(url_of("ioc_owner"))
    try:
        await owner.execute(_REGISTER.replace("$END$", f"'{END.isoformat()}'"))
        done = 0
        async with Database.open(url_of("ioc_app"), size=1) as database:
            for millions in fillings:
                await fill(owner, done, millions)
                done = millions
                found.append(await measure(owner, database))
                print(f"  {millions} M: {found[-1]}", flush=True)
                figures |= {f"history_{millions}m_{name}": figure for name, figure in found[-1].items()}
    finally:
        await owner.close()
    for name in ("latest", "day"):
        figures[f"history_{name}_ratio"] = round(found[-1][f"{name}_p50_ms"] / found[0][f"{name}_p50_ms"], 3)
    return figures


async def run(*fillings: int) -> dict[str, float]:
    """Measure on a private PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="ioc-") as folder:
        async with Stack(Path(folder), report=lambda _: None) as stack:
            await migrate(stack.database_url("ioc_owner", tcp=True))
            return await history(lambda role: stack.database_url(role, tcp=True), fillings or (1, 50))


if __name__ == "__main__":
    for key, value in asyncio.run(run(*map(int, sys.argv[1:]))).items():
        print(f"history {key} {value}")
