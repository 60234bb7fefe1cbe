"""What has been kept long enough goes, and nothing else."""

import datetime as dt

import asyncpg

from gis.observation import Refusal
from ioc.access.scope import EVERYTHING
from ioc.retention import RetentionClass, classes
from ioc.store import answers, expiry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from sensors.intake import Batch
from tests.fakes.store import OWNERS, counted, store
from tests.fakes.things import NOW, reading

DAY = dt.timedelta(days=1)
SHORT, STANDARD, LONG = (classes()[code] for code in ("short", "standard", "long"))


async def keep(database: Database, *moments: dt.datetime, retention: str = "standard") -> None:
    """A reading of each moment that arrived in time, of streams of one class."""
    keeps = ObservationStore(database, lambda: OWNERS, lambda device, name: "m", lambda device: retention)
    for at in moments:
        await keeps.keep(Batch(arrived_at=at, observations=(reading(at=at, prop=retention),)))


async def drop(database: Database, one: RetentionClass, now: dt.datetime) -> list[str]:
    gone, all_of_it = await expiry.drop_partitions(database, one, now)
    assert all_of_it
    return gone


async def test_each_class_loses_its_own_days_whole_and_in_order(database: Database, admin: asyncpg.Connection) -> None:
    moments = [NOW - 50 * DAY, NOW - 31 * DAY, NOW - 30 * DAY, NOW]
    await keep(database, *moments, retention="short")
    await keep(database, *moments)
    assert await drop(database, SHORT, NOW) == ["readings_c1_20261003", "readings_c1_20261022"]
    assert await drop(database, STANDARD, NOW) == []
    assert await drop(database, LONG, NOW) == []
    assert await counted(admin, "readings") == 2 + 4
    assert await admin.fetchval("select count(*) from latest") == 2, "the present values stay"


async def test_the_last_moment_of_a_day_is_kept_as_long_as_its_class_says(database: Database) -> None:
    """A day goes when its last moment may, never while a part of it must be kept."""
    last = NOW.replace(hour=0) - dt.timedelta(microseconds=1)
    await keep(database, last, retention="short")
    assert await drop(database, SHORT, last + 30 * DAY) == []
    assert await drop(database, SHORT, last + 30 * DAY + dt.timedelta(microseconds=1)) == ["readings_c1_20261121"]


async def test_the_current_partition_never_goes(database: Database, admin: asyncpg.Connection) -> None:
    for code in ("short", "long"):
        await keep(database, NOW, retention=code)
        await drop(database, classes()[code], NOW)
    assert await counted(admin, "readings") == 2


async def test_what_is_in_use_waits_for_the_next_time(database: Database) -> None:
    await keep(database, NOW, retention="short")
    later = NOW + 60 * DAY
    async with database.transaction(EVERYTHING) as reader:
        await reader.connection.fetch("select * from readings")
        assert await expiry.drop_partitions(database, SHORT, later) == ([], False)
    assert await drop(database, SHORT, later) == ["readings_c1_20261122"]


async def test_dead_letters_go_by_their_arrival(database: Database, admin: asyncpg.Connection) -> None:
    letter = Refusal(topic="t", payload=b"x", code="c", reason="r")
    for days in (91, 90, 89):
        await store(database).keep(Batch(arrived_at=NOW - days * DAY, refusals=(letter,)))
    async with database.transaction(EVERYTHING) as transaction:
        assert await expiry.prune_dead_letters(transaction, NOW - 90 * DAY) == 1
    assert await counted(admin, "dead_letters") == 2


async def test_answers_go_by_their_time(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await answers.claim(transaction, "one", "old", b"r", NOW - DAY)
        await answers.claim(transaction, "other", "new", b"r", NOW)
        assert await expiry.prune_answers(transaction, NOW - DAY / 2) == 1
        assert await answers.claim(transaction, "other", "new", b"r", NOW) is not None
