"""What the scope costs: items and tiles under row-level security beside the same statements without it.

200,000 incidents, 80,000 of them open, in 120 areas; asked by district staff of one centre, bound to the subtree
of an area with 21 areas in it. The statement without scope runs as the owner of the tables, whom row-level
security does not bind; both see the same rows, because the boxes and tiles lie within the person's areas.
`python -m bench.scope` runs this alone.
"""

import asyncio
import datetime as dt
import math
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from gis.layers import INCIDENTS
from gis.position import Box
from ioc.access.policy import Person, scope_of
from ioc.access.scope import EVERYTHING, Scope
from ioc.embedded import Stack
from ioc.store import layers, people, tiles
from ioc.store.database import SERVER_SETTINGS, Database, Transaction
from ioc.store.migrate import migrate

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
WEST, SOUTH = 107.9, 15.5
ROUNDS = 60

_FILL = """
insert into centres select 'c' || i, '', '', case when i = 0 then 'province' else 'district' end
  from generate_series(0, 5) i;
insert into areas (fid, code, name, kind, level, valid_from, label, geom)
  select c || '-' || n || '@2025-07-01', c || '-' || n, '', '', 2, '2025-07-01',
    st_setsrid(st_makepoint(107.9 + 0.08 * c + 0.02 * (n / 5) + 0.01, 15.5 + 0.056 * (n % 5) + 0.028), 4326),
    st_multi(st_setsrid(st_makeenvelope(107.9 + 0.08 * c + 0.02 * (n / 5), 15.5 + 0.056 * (n % 5),
      107.92 + 0.08 * c + 0.02 * (n / 5), 15.556 + 0.056 * (n % 5)), 4326))
  from generate_series(0, 5) c, generate_series(0, 19) n;
insert into areas (fid, code, name, kind, level, valid_from, label, geom)
  select 'd' || c || '@2024-09-01', 'd' || c, '', '', 2, '2024-09-01',
    st_setsrid(st_makepoint(107.94 + 0.08 * c, 15.64), 4326),
    st_multi(st_setsrid(st_makeenvelope(107.9 + 0.08 * c, 15.5, 107.98 + 0.08 * c, 15.78), 4326))
  from generate_series(0, 5) c;
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
    area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), 'c' || c, c || '-' || n || '@2025-07-01', 1, 'k' || i, 'Sự cố số ' || i,
    'Incident number ' || i, 'flood', (array['minor', 'moderate', 'severe', 'extreme'])[1 + i % 4],
    (array['new', 'acknowledged', 'closed', 'closed', 'closed'])[1 + i % 5], c || '-' || n, '', '{sensor}', 1, 1,
    false, at, at, at, at, st_setsrid(st_makepoint(107.9 + :spread * x, 15.5 + :spread * y), 4326)
  from (select i, x, y, floor(x / 0.08)::int c, floor((x - 0.08 * floor(x / 0.08)) / 0.02)::int * 5
          + floor(y / 0.056)::int n, timestamptz '2026-11-22' - random() * interval '365 days' as at
        from (select i, 0.399 * power(random(), 1.5) x, 0.2799 * power(random(), 1.5) y
              from generate_series(1, 200000) i) placed) celled;
"""


def fill(spread: float = 1.0) -> str:
    """Centres, areas and incidents; these over so many times the length and the width of the areas."""
    return _FILL.replace(":spread", str(spread))


Case = tuple[str, Callable[[Transaction], Any]]


def _items(limit: int, side: float) -> Case:
    """What `/items` asks: the number that matches, then a page; a box of `side` degrees at the dense corner."""
    box = Box(west=WEST + 0.005, south=SOUTH + 0.005, east=WEST + 0.005 + side, north=SOUTH + 0.005 + side)
    wanted = layers.Wanted(boxes=(box,))

    async def ask(transaction: Transaction) -> Any:
        number = await layers.number(transaction, INCIDENTS, wanted, now=NOW)
        return number, len(await layers.rows(transaction, INCIDENTS, wanted, now=NOW, limit=limit))

    return f"items {side} deg, limit {limit}", ask


def _tile(z: int, lon: float, lat: float) -> Case:
    """One vector tile, as the map asks for it."""
    width = 2**z
    x = int((lon + 180) / 360 * width)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * width)
    drawn = tiles.statement(INCIDENTS, clustered=False, binds=False)

    async def ask(transaction: Transaction) -> Any:
        values = tiles.values((z, x, y), NOW.date(), tiles.drawing(INCIDENTS, z).full)
        return len((await transaction.fetch(drawn, **values))[0]["body"])

    return f"tile z{z}", ask


def cases() -> tuple[Sequence[Case], Sequence[Case]]:
    """Requests for items and for tiles, all within the person's areas."""
    items = (_items(100, 0.01), _items(100, 0.03), _items(1000, 0.06))
    return items, (_tile(15, WEST + 0.02, SOUTH + 0.02), _tile(14, WEST + 0.02, SOUTH + 0.03), _tile(13, 107.94, 15.54))


async def _once(database: Database, scope: Scope, ask: Callable[[Transaction], Any]) -> tuple[float, Any]:
    async with database.transaction(scope, read_only=True) as transaction:
        begun = time.perf_counter()
        found = await ask(transaction)
        return time.perf_counter() - begun, found


async def _compare(bound: Database, free: Database, scope: Scope, case: Case, rounds: int) -> float:
    """The median time under the scope by the median time without; both in turn, in changing order."""
    name, ask = case
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(rounds + 3):
        answers = {}
        for under in random.sample((True, False), 2):
            taken, answers[under] = await _once(bound if under else free, scope, ask)
            if number >= 3:
                times[under].append(taken)
        assert answers[True] == answers[False], f"{name}: both must answer the same, else the ratio means nothing"
    with_scope, without = statistics.median(times[True]), statistics.median(times[False])
    print(
        f"  {name}: {with_scope * 1e3:.2f} ms under the scope, {without * 1e3:.2f} ms without, answer {answers[True]}"
    )
    return with_scope / without


async def _person(database: Database) -> Person:
    """District staff of the densest centre, bound to the district that has 20 units in it."""
    person = Person(
        login="bench", name="", role="district", centre="c0", language="vi", areas=("d0@2024-09-01",), span="all"
    )
    async with database.transaction(EVERYTHING) as transaction:
        await people.create_account(transaction, uuid.uuid4(), person, "", NOW)
        found = await people.by_login(transaction, "bench")
    assert found is not None
    assert len(found.person.subtree) == 21
    return found.person


async def scope_cost(url_of: Callable[[str], str], *, rounds: int = ROUNDS) -> dict[str, float]:
    """`scope_cost_ratio` (the worst of items and tiles) and both alone, over a migrated, empty database.

    `url_of` gives its address by role; the data stay in it.
    """
    owner = await asyncpg.connect(url_of("ioc_owner"))
    try:
        await owner.execute(fill(), timeout=300)
        await owner.execute("vacuum (analyze) incidents", timeout=300)
    finally:
        await owner.close()
    async with Database.open(url_of("ioc_app"), size=1) as bound, _unbound(url_of("ioc_owner")) as free:
        scope = scope_of(await _person(bound))
        ratios = [[await _compare(bound, free, scope, case, rounds) for case in part] for part in cases()]
    items, tiles = (statistics.geometric_mean(part) for part in ratios)
    return {
        "scope_cost_ratio": round(max(items, tiles), 3),
        "scope_cost_items": round(items, 3),
        "scope_cost_tiles": round(tiles, 3),
        "scope_cost_worst": round(max(map(max, ratios)), 3),
    }


def _unbound(url: str) -> AbstractAsyncContextManager[Database]:
    """The database as the tables' owner sees it, without the check that refuses owners."""

    @asynccontextmanager
    async def opened() -> Any:
        async with asyncpg.create_pool(url, min_size=1, max_size=1, server_settings=SERVER_SETTINGS) as pool:
            yield Database(pool)

    return opened()


async def run(*, long: bool = False) -> dict[str, float]:
    """Measure on a private PostgreSQL of its own."""
    with tempfile.TemporaryDirectory(prefix="ioc-") as folder:
        async with Stack(Path(folder), report=lambda _: None) as stack:
            await migrate(stack.database_url("ioc_owner", tcp=True))
            return await scope_cost(
                lambda role: stack.database_url(role, tcp=True), rounds=ROUNDS * 4 if long else ROUNDS
            )


if __name__ == "__main__":
    for key, value in asyncio.run(run()).items():
        print(f"scope {key} {value}")
