"""What history costs: tiles of 2,000 open incidents beside 20,000 stations, with 198,000 closed ones more and without.

Two databases of one PostgreSQL, the second a copy of the first with the closed incidents added; the store asks them in
turn, as the service's role and under an operator's scope.
"""

import datetime as dt
import random
import statistics
import time

from bench.ingest_site import connected
from bench.map_places import Place, places
from gis.layers import INCIDENTS
from ioc.access.policy import Person, scope_of
from ioc.access.scope import Scope
from ioc.embedded import Stack
from ioc.store import tiles
from ioc.store.database import Database

FEW, MANY = "history_few", "history_many"
TILES, ROUNDS = 60, 12

STATIONS = """
insert into devices (code, centre, area, name, kind, profile, state, state_since, geom)
  select 'station-' || i, 'c0', '', 'Trạm ' || i, 'river-gauge', 'river-gauge', 'fresh', now(),
    st_setsrid(st_makepoint(107.9 + 0.4 * random(), 15.5 + 0.28 * random()), 4326) from generate_series(1, 20000) i
"""

INCIDENTS_OF = """
insert into incidents (id, centre, area, version, key, title, title_en, category, severity, status, area_code,
    area_name, sources, alarms, count, cleared, opened_at, updated_at, first_at, last_at, geom)
  select gen_random_uuid(), 'c0', '', 1, '{status}' || i, 'Sự cố số ' || i, 'Incident number ' || i, 'flood',
    (array['minor', 'moderate', 'severe', 'extreme'])[1 + i % 4], '{status}', '', '', '{{sensor}}', 1, 1, false,
    at, at, at, at,
    st_setsrid(st_makepoint(107.9 + 0.4 * power(random(), 1.5), 15.5 + 0.28 * power(random(), 1.5)), 4326)
  from (select i, timestamptz '2026-11-22' - random() * interval '365 days' as at
        from generate_series(1, {number}) i) made
"""


async def prepare(stack: Stack) -> None:
    """Fill both; the database of the service is migrated, empty, and nobody uses it."""
    await _copy(stack, "ioc", FEW)
    await _fill(stack, FEW, "insert into centres values ('c0', '', '', 'province')", STATIONS)
    await _fill(stack, FEW, INCIDENTS_OF.format(status="new", number=2_000))
    await _copy(stack, FEW, MANY)
    await _fill(stack, MANY, INCIDENTS_OF.format(status="closed", number=198_000))


async def _copy(stack: Stack, source: str, name: str) -> None:
    async with connected(stack.postgres.url("postgres", database="template1")) as admin:
        await admin.execute(f"create database {name} template {source} owner ioc_owner")
        await admin.execute(f"grant connect on database {name} to ioc_app")


async def _fill(stack: Stack, name: str, *statements: str) -> None:
    async with connected(stack.postgres.url("postgres", database=name)) as owner:
        for statement in (*statements, "vacuum (analyze)"):
            await owner.execute(statement, timeout=300)


async def _taken(database: Database, scope: Scope, place: Place, day: dt.date) -> tuple[float, int]:
    begun = time.perf_counter()
    body = await tiles.tile(database, scope, INCIDENTS, place, day)
    return time.perf_counter() - begun, len(body)


async def history(stack: Stack, *, rounds: int = ROUNDS) -> dict[str, float]:
    """`history_cost_ratio`: the median over the tiles of each one's ratio."""
    scope = scope_of(Person(login="bench", name="", role="operator", centre="c0", language="vi"))
    day, found = dt.datetime.now(dt.UTC).date(), places(TILES)
    times: dict[tuple[str, Place], list[float]] = {(name, place): [] for name in (FEW, MANY) for place in found}
    async with (
        Database.open(stack.postgres.url("ioc_app", database=FEW), size=1) as few,
        Database.open(stack.postgres.url("ioc_app", database=MANY), size=1) as many,
    ):
        sides = [(FEW, few), (MANY, many)]
        for number in range(rounds + 1):
            for place in found:
                sizes = set()
                for name, database in random.sample(sides, 2):
                    taken, size = await _taken(database, scope, place, day)
                    sizes.add(size)
                    if number:
                        times[name, place].append(taken)
                assert len(sizes) == 1, f"tile {place} is not the same on both sides"
    medians = {key: statistics.median(some) for key, some in times.items()}
    return {
        "history_cost_ratio": statistics.median(medians[MANY, place] / medians[FEW, place] for place in found),
        "history_tile_ms": statistics.median(medians[MANY, place] for place in found) * 1e3,
    }
