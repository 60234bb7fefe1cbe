"""What history costs: the latest values of 20,000 streams, and one stream's day, at few and at many readings.

`python -m bench.history [millions …]` fills databases of a private PostgreSQL with readings of 2,000 devices with ten
properties each, a million a day, and asks them in turn what the wall asks, as the service's role under row-level
security. The last filling is told as a ratio to the first.
"""

import asyncio
import datetime as dt
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from importlib import resources
from pathlib import Path

import asyncpg

from gis.layers import LAYERS
from ioc.access.scope import EVERYTHING
from ioc.embedded import Stack
from ioc.store import evidence, layers
from ioc.store.database import Database, Transaction
from ioc.store.migrate import migrate

Ask = Callable[[Transaction], Awaitable[int]]

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


async def fill(owner: asyncpg.Connection, millions: int) -> None:
    """The newest days, oldest first, with a million readings each."""
    for number in reversed(range(millions)):
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


def _day(number: int) -> Ask:
    async def ask(transaction: Transaction) -> int:
        """The last day of one stream, as a chart reads it."""
        stream = await evidence.stream(transaction, f"dev-{1 + number * 37 % DEVICES}", f"p{1 + number % PROPERTIES}")
        assert stream is not None
        return len(await evidence.readings(transaction, stream, END - dt.timedelta(days=1)))

    return ask


async def _both(databases: Sequence[Database], ask_of: Callable[[int], Ask]) -> list[list[float]]:
    """Milliseconds of one question in each database, asked in turn, so that other load meets both."""
    taken: list[list[float]] = [[] for _ in databases]
    for number in range(ROUNDS + 5):
        for place, database in enumerate(databases):
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                begun = time.perf_counter()
                await ask_of(number)(transaction)
                taken[place].append((time.perf_counter() - begun) * 1e3)
    return [sorted(one[5:]) for one in taken]


async def measure(url_of: Callable[[str, str], str], names: Sequence[str]) -> dict[str, float]:
    """Milliseconds of both questions in each database, the last by the first, and bytes a reading with its index."""
    figures: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(Database.open(url_of("ioc_app", name), size=1)) for name in names]
        for database in databases:
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                assert await _latest(transaction) == STREAMS
                assert await _day(0)(transaction) == EACH
        for question, ask_of in (("latest", lambda number: _latest), ("day", _day)):
            times = await _both(databases, ask_of)
            for name, one in zip(names, times, strict=True):
                figures[f"{question}_p50_ms_{name}"] = round(statistics.median(one), 3)
                figures[f"{question}_p95_ms_{name}"] = round(one[int(len(one) * 0.95)], 3)
            figures[f"{question}_ratio"] = round(statistics.median(times[-1]) / statistics.median(times[0]), 3)
    for name in names:
        owner = await asyncpg.connect(url_of("ioc_owner", name))
        size, count = await owner.fetchval(_BYTES), await owner.fetchval("select count(*) from readings", timeout=900)
        figures[f"bytes_per_reading_{name}"] = round(float(size) / count, 1)
        await owner.close()
    return {f"history_{key}": figure for key, figure in figures.items()}


async def history(url_of: Callable[[str, str], str], millions: Sequence[int] = (1, 50)) -> dict[str, float]:
    """Figures of databases with so many million readings each. `url_of` gives an address by role and database."""
    names = [f"{number}m" for number in millions]
    for number, name in zip(millions, names, strict=True):
        await _make(url_of, name)
        owner = await asyncpg.connect(url_of("ioc_owner", name))
        await owner.execute(_REGISTER.replace("$END$", f"'{END.isoformat()}'"))
        await fill(owner, number)
        await owner.close()
        print(f"  {number} million readings are there", flush=True)
    return await measure(url_of, names)


async def _make(url_of: Callable[[str, str], str], name: str) -> None:
    """A migrated, empty database."""
    admin = await asyncpg.connect(url_of("postgres", "postgres"))
    await admin.execute(f'drop database if exists "{name}" with (force)')
    await admin.execute(f'create database "{name}"')
    await admin.close()
    prepared = await asyncpg.connect(url_of("postgres", name))
    await prepared.execute(resources.files("ioc.store").joinpath("bootstrap.sql").read_text())
    await prepared.close()
    await migrate(url_of("ioc_owner", name))


async def run(*millions: int) -> dict[str, float]:
    """Measure on a private PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="ioc-") as folder:
        async with Stack(Path(folder), report=lambda _: None) as stack:

            def url_of(role: str, database: str) -> str:
                return stack.postgres.url(role, tcp=True, database=database)

            return await history(url_of, millions or (1, 50))


if __name__ == "__main__":
    for key, value in asyncio.run(run(*map(int, sys.argv[1:]))).items():
        print(f"history {key} {value}")
