"""Rollups of a real store: right in any order, with any repetition, whatever is interrupted."""

import asyncio
import datetime as dt
import itertools
import random
from collections.abc import Sequence
from decimal import Decimal

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis.observation import Quality, Reading
from ioc import rollups as module
from ioc.access.scope import EVERYTHING
from ioc.rollups import Rollups
from ioc.store import journal, rollups
from ioc.store.database import Database
from sensors.intake import Batch
from tests.fakes.store import batch, store
from tests.fakes.things import NOW, reading

DAY = dt.timedelta(days=1)
SOURCES = {"gauge-ai-nghia": "quang-nam", "gauge-b": "thang-binh"}

_numbers = itertools.count(1)


@st.composite
def a_reading(draw: st.DrawFn) -> Reading:
    """A reading of one of two devices within a day, of any quality, the number being its own."""
    source = draw(st.sampled_from(sorted(SOURCES)))
    return reading(
        draw(st.floats(-1e6, 1e6)),
        seq=draw(st.integers(0, 30)),
        at=NOW - dt.timedelta(seconds=draw(st.integers(0, 86_400))),
        source=source,
        centre=SOURCES[source],
        quality=draw(st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.IMPLAUSIBLE, Quality.FAULT])),
    )


async def add_up(database: Database) -> Rollups:
    worker = Rollups(database)
    while await worker.turn():
        pass
    return worker


async def kept(admin: asyncpg.Connection, run: str) -> dict[tuple[str, dt.datetime], tuple[object, ...]]:
    """What the readings themselves come to, computed by PostgreSQL."""
    rows = await admin.fetch(
        """select s.device, date_trunc('hour', at) as hour, count(*) filter (where quality = 0) as count,
             coalesce(sum(value::text::numeric) filter (where quality = 0), 0) as total,
             min(value) filter (where quality = 0) as low, max(value) filter (where quality = 0) as high,
             coalesce(bit_or(1::bigint << extract(minute from at)::int) filter (where quality = 0), 0) as covered,
             count(*) filter (where quality <> 0) as doubtful
           from readings r join streams s on s.id = r.stream where s.property = $1 group by 1, 2""",
        run,
    )
    return {(row["device"], row["hour"]): tuple(row)[2:] for row in rows}


async def rolled(admin: asyncpg.Connection, prop: str) -> dict[tuple[str, dt.datetime], tuple[object, ...]]:
    rows = await admin.fetch(
        """select s.device, hour, count, total, low, high, covered, doubtful
           from rollups r join streams s on s.id = r.stream where s.property = $1""",
        prop,
    )
    return {(row["device"], row["hour"]): tuple(row)[2:] for row in rows}


def of(prop: str, readings: Sequence[Reading]) -> list[Reading]:
    """The same readings of a property that no other example has."""
    return [
        reading(
            one.values[0].number, seq=one.stamp.sequence, at=one.stamp.at, source=one.stamp.source,
            centre=one.stamp.centre, quality=one.values[0].quality, prop=prop,
        )
        for one in readings
    ]  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(a_reading(), min_size=1, max_size=40), st.integers(0, 2**32), st.integers(1, 7))
async def test_any_order_and_any_repetition_up_to_seven_days_late_come_to_the_same(
    database: Database, admin: asyncpg.Connection, made: list[Reading], seed: int, late: int
) -> None:
    """Two traffics of the same readings: once in order, and three times over, shuffled and late."""
    dice, keeps = random.Random(seed), store(database)
    first, again = f"p{next(_numbers)}", f"p{next(_numbers)}"
    unique = {one.stamp.key: one for one in reversed(made)}
    await keeps.keep(batch(*of(first, sorted(unique.values(), key=lambda one: one.stamp.at))))
    await add_up(database)
    crowd = [*unique.values()] * 3
    dice.shuffle(crowd)
    for number in range(0, len(crowd), 7):
        part = tuple(of(again, crowd[number : number + 7]))
        await keeps.keep(Batch(arrived_at=NOW + dice.randrange(late + 1) * DAY, observations=part))
        if dice.random() < 0.3:
            await add_up(database)
    await add_up(database)
    assert await rolled(admin, again) == await kept(admin, again) == await rolled(admin, first)
    rows = "select count(*) from readings r join streams s on s.id = r.stream where s.property = $1"
    assert await admin.fetchval(rows, again) == await admin.fetchval(rows, first) == len(unique)


async def test_what_is_interrupted_between_its_merge_and_its_cursor_counts_once(
    database: Database, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database).keep(batch(reading(2.5, seq=1), reading(0.5, seq=2)))
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):

        async def killed(*about: object) -> None:
            raise KeyboardInterrupt

        patched.setattr(journal, "advance", killed)
        await Rollups(database).turn()
    assert await admin.fetchval("select count(*) from rollups") == 0
    worker = await add_up(database)
    assert await admin.fetchrow("select count, total from rollups") == (2, Decimal(3))
    assert worker.cells == 1
    assert not await worker.turn()


async def test_only_behind_a_full_page_the_next_one_is_read_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database).keep(batch(reading(1.0, seq=1)))
    await store(database).keep(batch(reading(1.0, seq=2)))
    monkeypatch.setattr(module, "ENTRIES", 1)
    worker = Rollups(database)
    assert (await worker.turn(), worker._behind) == (True, True)
    monkeypatch.setattr(module, "ENTRIES", 2)
    assert (await worker.turn(), worker._behind) == (True, False)


async def test_two_who_both_believe_to_lead_count_once(database: Database, admin: asyncpg.Connection) -> None:
    for number in range(4):
        await store(database).keep(batch(reading(1.0, seq=number)))
    async with database.transaction(EVERYTHING) as transaction:
        await journal.advance(transaction, rollups.READER, 0)
    one, other = Rollups(database), Rollups(database)
    await asyncio.gather(one.turn(), other.turn())
    assert await admin.fetchval("select count from rollups") == 4


async def test_a_stream_that_is_gone_is_passed_over(database: Database, admin: asyncpg.Connection) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await journal.append(transaction, [reading(source="nobody")], NOW)
    worker = await add_up(database)
    assert worker.cells == 0
    assert await admin.fetchval("select through from cursors where name = 'rollups'") > 0
