"""What row-level security costs items and tiles: the same statement by the service and by a role it does not bind."""

import asyncio
import datetime as dt
import statistics
import time
from collections.abc import Awaitable, Callable

import asyncpg

from gis.layers import INCIDENTS
from gis.position import Box
from ioc.access.scope import EVERYTHING, Scope
from ioc.embedded import Stack
from ioc.store import layers
from ioc.store.database import SERVER_SETTINGS, Database, Transaction

ROWS = 20_000
TIMES = 60
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
CENTRE = "quang-nam"

_FILL = f"""
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
  area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
select gen_random_uuid(), '{CENTRE}', '502@2024-09-01', 1, i::text, 'Mưa lớn', 'Heavy rain', 'rain', 'minor', 'new',
  '502', 'Tam Kỳ', '{{sensor}}', 1, 1, false, now(), now(), now(), now(),
  st_setsrid(st_makepoint(107.2 + random() * 1.5, 14.9 + random() * 1.1), 4326)
from generate_series(1, {ROWS}) i
"""
"""All of one centre, so that both roles see the same rows and differ in the check alone."""

Work = Callable[[Transaction], Awaitable[object]]


async def _items(transaction: Transaction) -> object:
    wanted = layers.Wanted(boxes=(Box(west=108.0, south=15.3, east=108.2, north=15.5),))
    return await layers.rows(transaction, INCIDENTS, wanted, now=NOW, limit=1_000)


async def _tile(transaction: Transaction) -> object:
    return await layers.tile(transaction, INCIDENTS, (10, 819, 468), NOW.date())


async def _seconds(database: Database, scope: Scope, work: Work) -> float:
    async with database.transaction(scope, read_only=True) as transaction:
        begun = time.perf_counter()
        await work(transaction)
        return time.perf_counter() - begun


async def _ratio(bound: Database, free: Database, work: Work) -> float:
    scope, pairs = Scope(frozenset({CENTRE})), []
    for number in range(TIMES):
        pairs.append((await _seconds(bound, scope, work), await _seconds(free, EVERYTHING, work)))
        if number % 20 == 0:
            await asyncio.sleep(0)
    return statistics.median(one for one, _ in pairs) / statistics.median(other for _, other in pairs)


async def scope_cost(stack: Stack) -> dict[str, float]:
    """Figures: the dearer of items and tiles, and each."""
    owner = await asyncpg.connect(stack.database_url("postgres"))
    try:
        await owner.execute(_FILL)
        await owner.execute("analyze incidents")
    finally:
        await owner.close()
    pool = asyncpg.create_pool(stack.database_url("postgres"), min_size=1, max_size=1, server_settings=SERVER_SETTINGS)
    async with Database.open(stack.database_url("ioc_app"), size=1) as bound, pool:
        free = Database(pool)
        items, tile = await _ratio(bound, free, _items), await _ratio(bound, free, _tile)
    return {
        "scope_cost_ratio": round(max(items, tile), 3),
        "scope_cost_items": round(items, 3),
        "scope_cost_tile": round(tile, 3),
    }
