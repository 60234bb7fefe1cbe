"""Columns of readings, and which of them are the latest; what is written is tried on a real PostgreSQL."""

import asyncio
import datetime as dt
from collections import Counter

import asyncpg
import pytest

from gis.observation import Quality, Reading, Value
from ioc.access.scope import EVERYTHING
from ioc.store import journal
from ioc.store.columns import Columns
from ioc.store.database import Database
from ioc.store.observations import ObservationStore, Parcel
from ioc.store.readings import Owner, Readings, Stream
from sensors.intake import Batch
from tests.fakes.store import OWNERS, batch, counted, store
from tests.fakes.things import NOW, reading

OWNER = Owner("quang-nam", "x@2025-07-01")
SECOND = dt.timedelta(seconds=1)


def columns(*readings: Reading) -> Columns:
    writer = Readings(lambda device, name: "m")
    writer._streams = {("gauge-ai-nghia", "water_level"): Stream(1, 2), ("gauge-ai-nghia", "battery"): Stream(2, 1)}
    writer._owners = {OWNER: 7}
    return writer._columns(readings, {"gauge-ai-nghia": OWNER})


def test_each_value_is_a_row_of_its_stream_under_the_owner_of_today() -> None:
    found = columns(reading(2.5, more=(Value("battery", 3.7),)))
    assert (found.stream, found.value, found.seq, found.run) == ([1, 2], [2.5, 3.7], [1, 1], ["r", "r"])
    assert (found.owner, found.retention, found.at) == ([7, 7], [2, 1], [NOW, NOW])
    assert found.quality == found.derived == found.recorded_at == []


def test_a_batch_with_anything_unusual_says_all_of_it() -> None:
    found = columns(reading(1.0), reading(2.0, quality=Quality.FAULT))
    assert (found.quality, found.derived, found.recorded_at) == ([0, 3], [False, False], [None, None])


def test_a_source_that_does_not_count_is_told_apart_by_its_digest() -> None:
    found = columns(reading(seq=None))
    assert found.keys() == [(1, NOW, "#0123456789abcdef", -1)]


async def journaled(database: Database) -> list[list[tuple[int | None, tuple[str, ...]]]]:
    async with database.transaction(EVERYTHING) as transaction:
        entries = await journal.after(transaction, 0, 100)
    return [
        [
            (one.stamp.sequence, tuple(value.property for value in one.values))
            for one in entry.observations
            if isinstance(one, Reading)
        ]
        for entry in entries
    ]


async def test_the_journal_has_of_a_reading_the_values_alone_that_were_new(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(1.0, seq=1), reading(1.0, seq=1)))
    await keeps.keep(batch(reading(1.0, seq=1, more=(Value("battery", 3.7),)), reading(2.0, seq=2)))
    await keeps.keep(batch(reading(2.0, seq=2)))
    await keeps.keep(batch(reading(3.0, seq=3)))
    assert await journaled(database) == [
        [(1, ("water_level",))],
        [(1, ("battery",)), (2, ("water_level",))],
        [(3, ("water_level",))],
    ]
    assert await counted(admin, "readings") == 4


async def test_a_late_value_and_one_of_a_clock_that_was_fast_block_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)

    async def keep(value: float, seq: int, at: dt.datetime, arrived: dt.datetime) -> float:
        one = Batch(arrived_at=arrived, observations=(reading(value, seq=seq, at=at),))
        await keeps.keep(one)
        return float(await admin.fetchval("select value from latest"))

    assert await keep(1.0, 1, NOW + 300 * SECOND, NOW) == 1.0, "five minutes ahead: counts as of its arrival"
    assert await keep(2.0, 2, NOW + SECOND, NOW + SECOND) == 2.0
    assert await keep(3.0, 3, NOW - 60 * SECOND, NOW + 2 * SECOND) == 2.0, "late"
    assert await keep(4.0, 4, NOW + 3 * SECOND, NOW + 4 * SECOND) == 4.0
    assert await counted(admin, "readings") == 4


async def test_of_several_values_of_a_stream_the_newest_is_present_and_all_are_kept(
    database: Database, admin: asyncpg.Connection
) -> None:
    """Also where all streams have a present value already, so that readings and present values go together."""
    keeps = store(database)
    await keeps.keep(batch(reading(0.0, seq=0, at=NOW - 60 * SECOND)))
    several = [reading(float(n), seq=n, at=NOW + (7 * n % 10) * SECOND, run="ab"[n % 2]) for n in range(1, 10)]
    await keeps.keep(batch(*several))
    newest = max(several, key=lambda one: one.stamp.at)
    assert await admin.fetchval("select value from latest") == newest.values[0].number
    kept = await admin.fetch("select run, seq, value from readings where seq > 0 order by seq")
    assert [(row["run"], row["seq"], row["value"]) for row in kept] == [
        (one.stamp.run, one.stamp.sequence, one.values[0].number) for one in several
    ]


async def test_what_is_unusual_of_some_values_is_kept_of_those_alone(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(0.0, seq=0, at=NOW - 60 * SECOND)))
    await keeps.keep(batch(reading(1.0, seq=1), reading(2.0, seq=2, at=NOW + SECOND, quality=Quality.FAULT)))
    assert [row["quality"] for row in await admin.fetch("select quality from readings order by seq")] == [0, 0, 3]
    assert await admin.fetchval("select quality from latest") == 3


async def test_each_class_has_partitions_of_its_own(database: Database, admin: asyncpg.Connection) -> None:
    kept_as = {"gauge-ai-nghia": "long", "gauge-b": "no such class"}
    keeps = ObservationStore(database, lambda: OWNERS, lambda device, name: "m", kept_as.__getitem__)
    await keeps.keep(batch(reading(), reading(source="gauge-b", centre="thang-binh")))
    assert await counted(admin, "readings_c3_20261101") == 1
    assert await counted(admin, "readings_c2_20261122") == 1


@pytest.mark.parametrize("retention", ["standard", "long"])
async def test_a_partition_that_was_made_is_not_asked_for_again(database: Database, retention: str) -> None:
    writer = Readings(lambda device, name: "m", lambda device: retention)
    two = [reading(seq=1), reading(seq=2, at=NOW - dt.timedelta(days=3))]
    await writer.prepare(database, two, OWNERS, NOW)
    assert not writer._missing(two, NOW)
    old = [reading(seq=3, at=NOW - dt.timedelta(days=100))]
    await writer.prepare(database, old, OWNERS, NOW)
    assert writer._missing(old, NOW), "it may have been dropped since"


async def test_a_foolish_date_leaves_no_partition(database: Database, admin: asyncpg.Connection) -> None:
    dates = [NOW.replace(year=1970), NOW.replace(year=2100), NOW - dt.timedelta(days=368), NOW + dt.timedelta(days=2)]
    await store(database).keep(batch(*(reading(seq=n, at=at) for n, at in enumerate([*dates, NOW]))))
    assert await counted(admin, "readings") == 1
    assert await counted(admin, "dead_letters") == len(dates)
    assert await admin.fetchval("select count(*) from pg_inherits where inhparent = 'readings'::regclass") == 1


async def test_an_old_partition_that_was_dropped_meanwhile_is_made_again(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    old = NOW - dt.timedelta(days=40)
    await keeps.keep(batch(reading(seq=1, at=old)))
    await admin.execute("drop table readings_c2_20261013")
    await keeps.keep(batch(reading(seq=2, at=old)))
    assert await counted(admin, "readings") == 1
    assert await counted(admin, "dead_letters") == 0


async def test_a_stream_whose_first_batch_failed_still_gets_its_latest_value(
    database: Database, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps = store(database)
    with monkeypatch.context() as patched:

        async def fails(*about: object) -> None:
            raise asyncpg.DeadlockDetectedError

        patched.setattr(journal, "append_sealed", fails)
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await keeps._commit(database, [Parcel(batch(reading(5.0)))], Counter())
    assert await counted(admin, "latest") == 0
    await keeps.keep(batch(reading(5.0)))
    assert await admin.fetchval("select value from latest") == 5.0


async def test_present_values_change_in_place(database: Database, admin: asyncpg.Connection) -> None:
    """No index entry and no new page a change: what 'latest' costs does not grow with history."""
    keeps = store(database)
    for number in range(300):
        await keeps.keep(batch(reading(float(number), seq=number, at=NOW + number * SECOND)))
    async with database.transaction(EVERYTHING) as transaction:
        await transaction.connection.execute("select pg_stat_force_next_flush()")
    hot = await admin.fetchrow("select n_tup_upd, n_tup_hot_upd from pg_stat_user_tables where relname = 'latest'")
    assert hot["n_tup_upd"] >= 299
    assert hot["n_tup_hot_upd"] > 0.9 * hot["n_tup_upd"]
    assert await admin.fetchval("select pg_relation_size('latest')") <= 5 * 8192


async def test_writers_who_bring_the_same_readings_in_opposite_orders_keep_each_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    """As after a redelivery to several intakes: nobody waits for somebody who waits for them."""
    names = [f"p{number}" for number in range(40)]
    stores = [store(database) for _ in range(4)]
    for second in range(12):
        at = NOW + second * SECOND
        forth = [reading(1.0, seq=second, at=at, prop=name) for name in names]
        async with asyncio.timeout(30):
            await asyncio.gather(*(one.keep(batch(*(forth if n % 2 else forth[::-1]))) for n, one in enumerate(stores)))
    assert await counted(admin, "readings") == 40 * 12
    assert sum(one.kept.observations for one in stores) == 40 * 12
    assert sum(one.kept.retries for one in stores) == 0
    assert sum(len(entry) for entry in await journaled(database)) == 40 * 12
    assert await admin.fetchval("select count(*) from latest where at = $1", NOW + 11 * SECOND) == 40
