"""Batches on a real PostgreSQL: kept once, whatever happens."""

import asyncio
import datetime as dt
import hashlib

import asyncpg
import msgspec
import pytest

from gis.observation import Reading, Refusal, Value
from ioc.access.scope import EVERYTHING
from ioc.store import journal
from ioc.store.database import Database
from ioc.store.observations import Parcel
from ioc.store.outcome import NotTakenError
from tests.conftest import Fresh
from tests.fakes import servers as real
from tests.fakes.servers import Servers
from tests.fakes.store import batch, counted, store
from tests.fakes.things import NOW, reading, sighting


async def test_a_batch_kept_twice_leaves_its_rows_and_its_journal_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    whole = batch(reading(1.0, seq=1), reading(2.0, seq=2), reading(3.0, seq=None), sighting(1))
    await keeps.keep(whole)
    await keeps.keep(whole)
    await store(database).keep(whole)
    assert await counted(admin, "readings") == 3
    assert await counted(admin, "sightings") == 1
    assert await counted(admin, "journal") == 1
    assert (keeps.kept.observations, keeps.kept.repeated) == (4, 4)


async def test_a_repeat_beside_something_new_journals_only_what_is_new(database: Database) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(1.0, seq=1)))
    await keeps.keep(batch(reading(1.0, seq=1), reading(2.0, seq=2)))
    async with database.transaction(EVERYTHING) as transaction:
        entries = await journal.after(transaction, 0, 10)
    assert [[one.stamp.sequence for one in entry.observations] for entry in entries] == [[1], [2]]


async def test_the_same_reading_twice_in_one_batch_is_one_row(database: Database, admin: asyncpg.Connection) -> None:
    await store(database).keep(batch(reading(1.0, seq=1), reading(1.0, seq=1)))
    assert await counted(admin, "readings") == 1


async def test_a_full_batch_is_kept_in_one_transaction(database: Database, admin: asyncpg.Connection) -> None:
    await store(database).keep(batch(*(reading(float(seq), seq=seq) for seq in range(1000))))
    assert await counted(admin, "readings") == 1000
    assert await admin.fetchval("select count(distinct xmin::text) from readings") == 1
    assert await counted(admin, "journal") == 1


@pytest.mark.parametrize("place", [0, 499, 999])
async def test_one_poisoned_row_is_buried_and_the_other_999_are_kept(
    database: Database, admin: asyncpg.Connection, place: int
) -> None:
    rows: list[Reading] = [reading(float(seq), seq=seq) for seq in range(1000)]
    rows[place] = reading(1.0, seq=place, run="smuggled\0past")
    await store(database).keep(batch(*rows))
    assert await counted(admin, "readings") == 999
    letters = await admin.fetch("select * from dead_letters")
    assert [letter["code"] for letter in letters] == ["poison"]
    assert b"smuggled" in letters[0]["head"]


async def test_a_value_that_bigint_cannot_hold_is_buried_not_tried_for_ever(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    async with asyncio.timeout(20):
        await keeps.keep(batch(reading(1.0, seq=2**63), reading(2.0, seq=1)))
    assert await counted(admin, "readings") == 1
    assert await counted(admin, "dead_letters") == 1
    assert keeps.kept.retries == 0


async def test_a_source_that_left_the_register_meanwhile_is_a_dead_letter(
    database: Database, admin: asyncpg.Connection
) -> None:
    await store(database).keep(batch(reading(source="gauge-gone"), sighting(source="cam-gone"), reading(seq=5)))
    assert await counted(admin, "readings") == 1
    assert await admin.fetchval("select array_agg(code order by id) from dead_letters") == ["unknown_device"] * 2


async def test_a_dead_letter_keeps_the_head_the_length_and_the_digest(
    database: Database, admin: asyncpg.Connection
) -> None:
    payload = bytes(range(256)) * 400
    refusal = Refusal(topic="ioc/v1/a\0b", payload=payload, code="too_big", reason="too\0big")
    await store(database).keep(batch(refusals=(refusal,)))
    letter = await admin.fetchrow("select * from outside.dead_letters")
    assert letter["head"] == payload[:4096]
    assert letter["bytes"] == len(payload)
    assert await admin.fetchval("select sha256 from dead_letters") == hashlib.sha256(payload).digest()
    assert "\0" not in letter["topic"] + letter["reason"]


async def test_a_late_reading_is_kept_and_never_moves_the_latest_back(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(2.0, seq=2)))
    await keeps.keep(batch(reading(1.0, seq=1, at=NOW - dt.timedelta(hours=1))))
    assert await counted(admin, "readings") == 2
    assert await admin.fetchval("select value from latest") == 2.0
    await keeps.keep(batch(reading(3.0, seq=3, at=NOW + dt.timedelta(seconds=1)), reading(0.5, seq=4, at=NOW)))
    assert await admin.fetchval("select value from latest") == 3.0


async def test_a_day_300_days_back_gets_its_partition(database: Database, admin: asyncpg.Connection) -> None:
    then = NOW - dt.timedelta(days=300)
    await store(database).keep(batch(reading(at=then), reading(at=NOW, seq=2)))
    assert await counted(admin, f"readings_c2_{then:%Y%m%d}") == 1
    assert await counted(admin, f"readings_c2_{NOW:%Y%m%d}") == 1


async def test_the_last_moment_of_a_day_and_the_first_of_the_next_lie_apart(
    database: Database, admin: asyncpg.Connection
) -> None:
    midnight = NOW.replace(hour=0)
    moments = [midnight - dt.timedelta(microseconds=1), midnight]
    await store(database).keep(batch(*(reading(at=at, seq=number) for number, at in enumerate(moments))))
    for at in moments:
        assert await counted(admin, f"readings_c2_{at:%Y%m%d}") == 1


async def test_two_writers_who_need_the_same_new_day_and_stream_lose_nothing(
    database: Database, admin: asyncpg.Connection
) -> None:
    for day in range(8):
        at = NOW - dt.timedelta(days=day)
        async with asyncio.timeout(30):
            await asyncio.gather(
                *(store(database).keep(batch(reading(at=at, seq=writer, prop=f"p{day}"))) for writer in range(4))
            )
    assert await counted(admin, "dead_letters") == 0
    assert await counted(admin, "readings") == 32


async def test_a_database_that_ends_every_connection_is_tried_again_harmlessly(
    fresh: Fresh, database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)

    async def kills() -> None:
        for _ in range(8):
            await asyncio.sleep(0.11)
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1",
                fresh.name,
            )

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(kills(), name="kills")
        for number in range(5):
            await keeps.keep(batch(*(reading(float(seq), seq=1000 * number + seq) for seq in range(1000))))
    assert await counted(admin, "readings") == 5000
    assert await counted(admin, "dead_letters") == 0
    assert await admin.fetchval("select value from latest") == 999.0


async def test_a_batch_waits_for_a_database_that_is_locked_and_is_kept_once(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(seq=0)))
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        async with admin.transaction():
            await admin.execute("lock table journal in exclusive mode")
            waiting = tasks.create_task(keeps.keep(batch(reading(seq=1))), name="keep")
            await asyncio.sleep(0.05)
            assert not waiting.done()
        await waiting
    assert await counted(admin, "journal") == 2


async def test_outside_sees_what_was_kept_under_the_names_of_the_contract(fresh: Fresh, database: Database) -> None:
    await store(database).keep(batch(reading(2.5, seq=7, more=(Value("battery", 3.7),)), reading(1.0, seq=None)))
    outside = await asyncpg.connect(fresh.url("ioc_outside"))
    try:
        rows = [dict(row) for row in await outside.fetch("select * from outside.kept order by seq, property")]
        assert {
            "centre": "quang-nam", "device": "gauge-ai-nghia", "run": "r", "seq": 7, "at": NOW,
            "property": "water_level", "value": 2.5, "quality": "good", "arrived_at": NOW,
        } in rows  # fmt: skip
        assert [row["seq"] for row in rows] == [7, 7, None]
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await outside.fetch("select * from accounts")
        with pytest.raises(asyncpg.PostgresError):
            await outside.execute("insert into dead_letters default values")
    finally:
        await outside.close()


def test_a_batch_is_a_value() -> None:
    with pytest.raises(AttributeError):
        batch().arrived_at = NOW  # type: ignore[misc]
    assert msgspec.structs.asdict(batch())["refusals"] == ()


async def test_numbers_that_were_rolled_back_are_not_remembered(database: Database, admin: asyncpg.Connection) -> None:
    await admin.execute(
        """create function fail() returns trigger language plpgsql as
           $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;
           create constraint trigger fails after insert on streams deferrable initially deferred
           for each row execute function fail();
           create constraint trigger fails after insert on owners deferrable initially deferred
           for each row execute function fail()"""
    )
    keeps = store(database)
    whole = Parcel(batch(reading(1.0), reading(2.0, source="gauge-b", centre="thang-binh")))
    with pytest.raises(NotTakenError):
        await keeps.attempt([whole])
    await admin.execute("drop function fail cascade")
    await keeps.attempt([whole], again=True)
    assert await counted(admin, "dead_letters") == 0
    assert await counted(admin, "readings join streams s on s.id = stream join owners o on o.id = owner") == 2
    assert await counted(admin, "latest") == 2


async def test_a_partition_that_was_dropped_under_us_is_made_again(
    database: Database, admin: asyncpg.Connection
) -> None:
    keeps = store(database)
    await keeps.keep(batch(reading(1.0)))
    await admin.execute("drop table readings_c2_20261122")
    async with asyncio.timeout(20):
        await keeps.keep(batch(reading(2.0, seq=2)))
    assert await counted(admin, "readings") == 1


async def test_a_database_that_was_put_back_numbers_everything_anew(servers: Servers, template: str) -> None:
    """The streams of another device must not get our values because a backup knows them under our numbers."""
    name = "put_back"
    await real.create(servers, name, template=template)
    try:
        async with Database.later(servers.url("ioc_app", name)) as database:
            keeps = store(database)
            await keeps.keep(batch(reading(1.0)))
            await real.drop(servers, name)
            await real.create(servers, name, template=template)
            async with Database.open(servers.url("ioc_app", name)) as another:
                await store(another).keep(batch(reading(1.0, source="gauge-b", centre="thang-binh")))
            async with asyncio.timeout(20):
                await keeps.keep(batch(reading(7.0, seq=2)))
            async with database.transaction(EVERYTHING) as transaction:
                found = await transaction.connection.fetch(
                    "select s.device, r.value from readings r join streams s on s.id = r.stream order by 1"
                )
        assert [tuple(row) for row in found] == [("gauge-ai-nghia", 7.0), ("gauge-b", 1.0)]
    finally:
        await real.drop(servers, name)
