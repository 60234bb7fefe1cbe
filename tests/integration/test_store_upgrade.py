"""A database that an earlier version filled is brought up to date with everything in it."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import asyncpg
import msgspec
import pytest

from ioc.access.scope import EVERYTHING, Scope
from ioc.rollups import Rollups
from ioc.store import journal
from ioc.store.database import Database
from ioc.store.migrate import _statements, head, migrate
from tests.fakes.store import batch, counted, store
from tests.fakes.things import NOW, reading

DAYS = (dt.timedelta(days=400), dt.timedelta(days=40), dt.timedelta(minutes=5), dt.timedelta(0))

_OLD = """
insert into streams (centre, device, property, unit) values
  ('quang-nam', 'gauge-ai-nghia', 'water_level', 'm'), ('thang-binh', 'gauge-b', 'water_level', 'm')
"""
_OLD_READING = """
insert into readings (at, stream, seq, value, quality, derived, run, recorded_at, arrived_at, centre, area)
select $1, s.id, 1, $2, $3, true, 'r', $1::timestamptz - interval '1 year', $1, s.centre, s.device || '-area'
from streams s
"""
_OLD_LATEST = """
insert into latest (stream, centre, area, at, arrived_at, value, quality, derived)
select id, centre, device || '-area', $1, $1, 4.0, 0, false from streams
"""


@pytest.fixture
async def owner(blank: Callable[[str], str]) -> AsyncIterator[asyncpg.Connection]:
    """A database as the first version made and filled it, open as its owner."""
    connection = await asyncpg.connect(blank("ioc_owner"))
    await connection.execute(_statements(None, "0001_pre_ground"))
    await connection.execute(_OLD)
    for number, ago in enumerate(DAYS, 1):
        await connection.execute("select ensure_readings_day($1)", (NOW - ago).date())
        await connection.execute(_OLD_READING, NOW - ago, float(number), int(number == 3))
    await connection.execute(_OLD_LATEST, NOW)
    page = msgspec.msgpack.encode([reading(4.0, at=NOW)])
    await connection.execute(
        "insert into journal (kind, payload, arrived_at) values ('observations', $1, $2)", page, NOW
    )
    yield connection
    await connection.close()


async def test_every_reading_is_still_there_and_seen_as_before(
    owner: asyncpg.Connection, blank: Callable[[str], str]
) -> None:
    told = "select * from outside.kept order by at, device"
    before = await owner.fetch(told)
    assert len(before) == 2 * len(DAYS)
    assert await migrate(blank("ioc_owner")) == head()
    assert await owner.fetch(told) == before
    rows = await owner.fetch(
        "select r.*, o.centre, o.area from readings r join owners o on o.id = r.owner order by at, stream"
    )
    assert [row["area"] for row in rows] == ["gauge-ai-nghia-area", "gauge-b-area"] * len(DAYS)
    assert all(row["derived"] and row["recorded_at"] < row["at"] for row in rows)
    assert await counted(owner, "readings_c2_20251018") == 2
    assert await owner.fetchval("select to_regclass('readings_0001')") is None


async def test_what_was_kept_before_is_in_the_rollups_once(
    owner: asyncpg.Connection, blank: Callable[[str], str]
) -> None:
    await migrate(blank("ioc_owner"))
    async with Database.open(blank("ioc_app"), size=2) as database:
        assert not await Rollups(database).turn(), "the journal of the earlier version is in them already"
        await store(database).keep(batch(reading(8.0, seq=9, at=NOW)))
        assert await Rollups(database).turn()
    rows = await owner.fetch(
        """select hour, count, total, doubtful, covered from rollups r join streams s on s.id = r.stream
           where s.device = 'gauge-ai-nghia' order by hour"""
    )
    hours = [NOW - DAYS[0], NOW - DAYS[1], NOW - dt.timedelta(hours=1), NOW]
    assert [tuple(row) for row in rows] == [
        (hours[0], 1, Decimal(1), 0, 1),
        (hours[1], 1, Decimal(2), 0, 1),
        (hours[2], 0, Decimal(0), 1, 0),
        (hours[3], 2, Decimal(12), 0, 1),
    ]


async def test_a_repeat_of_what_was_kept_before_changes_nothing(
    owner: asyncpg.Connection, blank: Callable[[str], str]
) -> None:
    await migrate(blank("ioc_owner"))
    async with Database.open(blank("ioc_app"), size=2) as database:
        keeps = store(database)
        await keeps.keep(batch(reading(4.0, seq=1, at=NOW)))
        assert (keeps.kept.observations, keeps.kept.repeated) == (0, 1)
        async with database.transaction(EVERYTHING) as transaction:
            assert len(await journal.after(transaction, 0, 10)) == 1
        async with database.transaction(Scope(frozenset({"thang-binh"})), read_only=True) as transaction:
            assert await transaction.connection.fetchval("select count(*) from readings") == len(DAYS)
            assert await transaction.connection.fetchval("select count(*) from rollups") == len(DAYS)


async def test_an_upgrade_of_an_empty_database_leaves_no_partition_and_no_cursor(
    blank: Callable[[str], str],
) -> None:
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        await connection.execute(_statements(None, "0001_pre_ground"))
        await migrate(blank("ioc_owner"))
        assert await counted(connection, "cursors") == 0
        assert await counted(connection, "pg_inherits i where i.inhparent = 'readings'::regclass") == 0
    finally:
        await connection.close()


async def test_an_upgrade_does_not_write_the_log_of_changes_anew(blank: Callable[[str], str]) -> None:
    """Nobody can read or write a table while it is rewritten, and the log is the longest that all walls wait for."""
    connection = await asyncpg.connect(blank("ioc_owner"))
    rows = "select xmin, ctid, id from changes order by id"
    try:
        await connection.execute(_statements(None, "0023_pre_tiles"))
        await connection.execute(
            """insert into changes (subject, subject_id, op, centre, area, at, value)
               select 'device', n, 'put', 'quang-nam', 'x', now() - interval '9 days', '{}'
               from generate_series(1, 3) n"""
        )
        before, file = await connection.fetch(rows), "select pg_relation_filenode('changes')"
        kept_in = await connection.fetchval(file)
        await migrate(blank("ioc_owner"))
        assert await connection.fetch(rows) == before
        assert await connection.fetchval(file) == kept_in
        assert await connection.fetchval("select bool_and(told_at > now() - interval '1 hour') from changes")
    finally:
        await connection.close()
