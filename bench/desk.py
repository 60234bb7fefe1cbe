"""The desk alone: microseconds a reading in its process, from the journal's row to the committed cursor.

Batches of 1,000 readings of 2,000 river gauges, none over a level, then one in a hundred over it for the first
time. CPU of this process, so that PostgreSQL's share and waiting are left out; the elapsed time stands beside it.
`python -m bench.desk` runs this alone.
"""

import asyncio
import datetime as dt
import os
import statistics
import time
from contextlib import AsyncExitStack
from zoneinfo import ZoneInfo

from bench.centre import state_dir
from gis.areas import AreaIndex
from gis.observation import Observation, Reading, Value
from gis.position import Position
from gis.stamp import Stamp
from ioc import catalogue
from ioc.access.scope import EVERYTHING
from ioc.desk import Desk
from ioc.docket import Docket
from ioc.embedded import Stack
from ioc.incidents.alarm import Source
from ioc.incidents.rules import Rule
from ioc.store import journal
from ioc.store.database import Database
from ioc.store.migrate import migrate

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
GAUGES = 2_000
READINGS = 1_000
BATCHES = 200
CROSSINGS = 1_000
RULE = Rule(
    code="level",
    pack="bench",
    version=1,
    category="flood",
    title="{name}",
    title_en="{name}",
    profile="river-gauge",
    measured="water_level",
    levels={"moderate": 2.0, "severe": 4.0, "extreme": 6.0},
    clear_margin=0.1,
)
CODES = [f"gauge-{number}" for number in range(GAUGES)]
PLACE = Position(lon=108.1, lat=15.8)
SOURCES = {
    code: Source(code=code, name=code, centre="quang-nam", area="a@2025-07-01", position=PLACE) for code in CODES
}


def _batch(number: int, over: bool) -> list[Observation]:
    """A batch of half of the gauges, each at its own second; every hundredth is over the level when asked."""
    readings: list[Observation] = []
    for place in range(READINGS):
        count = number * READINGS + place
        high = over and place % 100 == 0
        stamp = Stamp(
            centre="quang-nam",
            source=CODES[count % GAUGES],
            at=NOW + dt.timedelta(milliseconds=count),
            run="b7",
            sequence=count,
        )
        readings.append(Reading(stamp=stamp, values=(Value("water_level", 5.0 if high else 1.0),)))
    return readings


async def _fill(database: Database, over: bool, first: int) -> None:
    for number in range(first, first + BATCHES):
        async with database.transaction(EVERYTHING) as transaction:
            arrived = NOW + dt.timedelta(milliseconds=(number + 1) * READINGS)
            await journal.append(transaction, _batch(number, over), arrived)


async def _work(desk: Desk) -> tuple[float, float]:
    """Microseconds a reading: CPU of this process, and elapsed."""
    cpu, begun = time.process_time(), time.perf_counter()
    while await desk.turn():
        pass
    scale = 1e6 / (BATCHES * READINGS)
    return (time.process_time() - cpu) * scale, (time.perf_counter() - begun) * scale


async def run(*, long: bool) -> dict[str, float]:
    """Figures in microseconds a reading."""
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        database = await exits.enter_async_context(Database.open(stack.database_url("ioc_app")))
        rules = (RULE, *catalogue.rules(demo=True))
        desk = Desk(
            database,
            rules,
            lambda: SOURCES,
            Docket(rules, AreaIndex(()), ZoneInfo("UTC"), os.urandom),
            profile_of=lambda code: "river-gauge",
            now=lambda: NOW,
            entropy=os.urandom,
        )
        figures = {}
        for number, (name, over) in enumerate((("quiet", False), ("one_in_a_hundred_over", True))):
            await _fill(database, over, number * BATCHES)
            cpu, elapsed = await _work(desk)
            figures |= {f"{name}_cpu_us": round(cpu, 2), f"{name}_elapsed_us": round(elapsed, 2)}
        return figures | await _crossings(database, desk)


async def _crossings(database: Database, desk: Desk) -> dict[str, float]:
    """Milliseconds of a page of one reading that crosses a level upwards or downwards, a second after the last."""
    cpu, elapsed = 0.0, list[float]()
    for number in range(CROSSINGS):
        at = NOW + dt.timedelta(hours=1, seconds=number)
        source, high = CODES[number % 27], (number // 27) % 2 == 0
        stamp = Stamp(centre="quang-nam", source=source, at=at, run="c", sequence=number)
        reading = Reading(stamp=stamp, values=(Value("water_level", 5.0 if high else 1.0),))
        async with database.transaction(EVERYTHING) as transaction:
            await journal.append(transaction, [reading], at)
        begun, before = time.perf_counter(), time.process_time()
        await desk.turn()
        cpu += time.process_time() - before
        elapsed.append((time.perf_counter() - begun) * 1e3)
    return {
        "crossing_cpu_ms": round(cpu * 1e3 / CROSSINGS, 2),
        "crossing_p50_ms": round(statistics.median(elapsed), 2),
    }


if __name__ == "__main__":
    for key, figure in asyncio.run(run(long=False)).items():
        print(f"desk {key} {figure}")
