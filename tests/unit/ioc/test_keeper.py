"""The keeper's round on a real PostgreSQL, under a clock of the test's own."""

import asyncio
import datetime as dt
import logging

import asyncpg
import pytest

from gis.observation import Refusal
from gis.stamp import uuid7
from ioc.access.scope import EVERYTHING, Thing
from ioc.keeper import AHEAD, DEAD_LETTERS_KEPT, JOURNAL_KEPT, REPORTERS_KEPT, TOLD_KEPT, Keeper
from ioc.retention import classes
from ioc.store import changes, journal, registry, reports
from ioc.store.database import Database
from sensors.intake import Batch
from tests.fakes.scoped_messages import delivery_row, message_row, notification_row
from tests.fakes.scoped_rows import insert
from tests.fakes.store import batch, counted, store
from tests.fakes.tellers import report
from tests.fakes.things import NOW, device, reading
from tests.instruments.waiting import until

SECOND = dt.timedelta(seconds=1)


def keeper(database: Database, now: dt.datetime = NOW, *, believed: bool = True) -> Keeper:
    async def answer() -> bool:
        return believed

    return Keeper(database, classes(), lambda: now, answer)


async def test_no_intake_has_to_make_a_partition_for_days(database: Database, admin: asyncpg.Connection) -> None:
    await keeper(database).round()
    before = await admin.fetchval("select count(*) from pg_inherits")
    moments = [NOW, NOW + AHEAD]
    for at in moments:
        await store(database).keep(Batch(arrived_at=at, observations=(reading(at=at),)))
    assert await counted(admin, "readings") == 2
    assert await admin.fetchval("select count(*) from pg_inherits") == before


async def test_after_its_time_a_day_is_gone_and_the_log_says_so(
    database: Database, admin: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await store(database).keep(batch(reading()))
    later = NOW + dt.timedelta(days=classes()["standard"].readings_days + 1)
    one = keeper(database, later)
    await one.round()
    assert await counted(admin, "readings") == 0
    assert one.dropped == 1
    assert "readings_c2_20261122" in caplog.text
    assert f"readings_c2_{later:%Y%m%d}" in {
        row["relname"] for row in await admin.fetch("select relname from pg_class where relispartition")
    }


async def test_the_journal_goes_when_all_have_read_it(database: Database, admin: asyncpg.Connection) -> None:
    arrived = NOW - JOURNAL_KEPT - SECOND
    for number in range(2):
        await store(database).keep(Batch(arrived_at=arrived, observations=(reading(seq=number, at=arrived),)))
    await keeper(database).round()
    assert await counted(admin, "journal") == 2, "nobody has read it yet"
    first = await admin.fetchval("select min(id) from journal")
    async with database.transaction(EVERYTHING) as transaction:
        for reader in journal.READERS:
            await journal.advance(transaction, reader, first)
    await keeper(database).round()
    assert await admin.fetchval("select min(id) from journal") > first


async def test_changes_that_no_kept_moment_needs_go(database: Database, admin: asyncpg.Connection) -> None:
    """Each round a day after the other; the log keeps what the picture of 31 days ago consists of."""
    place = {"type": "Point", "coordinates": [108.1, 15.6]}
    for name, age in (("a", 40), ("b", 40), ("a", 33), ("a", 30)):
        at = NOW - dt.timedelta(days=age)
        value = {"type": "Feature", "id": name, "geometry": place, "properties": {}}
        change = changes.Change(
            subject="device", subject_id=name, op="put", centre="quang-nam", area="x", at=at, value=value
        )
        async with database.transaction(EVERYTHING) as transaction:
            await changes.record(transaction, [change])
        await admin.execute("update changes set told_at = at")
        await keeper(database, at).picture()
    await keeper(database).round()
    kept = await admin.fetch("select subject_id, told_at from changes order by id")
    ages = [(row["subject_id"], round((NOW - row["told_at"]) / dt.timedelta(days=1))) for row in kept]
    assert ages == [("b", 40), ("a", 33), ("a", 30)]


async def test_a_leader_tells_the_log_once_what_it_does_not_know(database: Database, admin: asyncpg.Connection) -> None:
    await registry_of(database, "known")
    one = keeper(database)
    await one.round()
    await one.round()
    await keeper(database).round()
    assert [row["subject_id"] for row in await admin.fetch("select subject_id from changes")] == ["known"]
    assert await counted(admin, "past_pictures") == 1


async def test_what_the_log_did_not_know_is_told_as_it_is_when_its_turn_comes(
    database: Database, admin: asyncpg.Connection
) -> None:
    """Somebody changes the device, and tells of it, while the leader is about to."""
    await registry_of(database, "known")
    waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
    async with asyncio.TaskGroup() as tasks, database.transaction(EVERYTHING) as transaction:
        await changes.alone(transaction)
        await transaction.connection.execute("update devices set state = 'suspended'")
        tasks.create_task(keeper(database).picture(), name="picture")
        await until(lambda: admin.fetchval(waiting), 10, "the leader's turn")
    assert await admin.fetchval("select value->'properties'->>'state' from changes") == "suspended"


async def registry_of(database: Database, code: str) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_device(transaction, device(code), kind="k", approximate=False, note="", now=NOW)


async def test_dead_letters_go_by_their_own_time(database: Database, admin: asyncpg.Connection) -> None:
    letter = Refusal(topic="t", payload=b"x", code="c", reason="r")
    await store(database).keep(Batch(arrived_at=NOW - DEAD_LETTERS_KEPT - SECOND, refusals=(letter,)))
    await store(database).keep(batch(refusals=(letter,)))
    await keeper(database).round()
    assert await counted(admin, "dead_letters") == 1


async def test_who_told_a_report_is_forgotten_in_time_and_the_report_stays(
    database: Database, admin: asyncpg.Connection
) -> None:
    for number, age in enumerate((REPORTERS_KEPT + SECOND, REPORTERS_KEPT - SECOND)):
        async with database.transaction(EVERYTHING) as transaction:
            told = report(str(number), at=NOW - age)
            assert await reports.enter(transaction, told, NOW - age, "operator", reports.Reporter(phone=str(number)))
    await keeper(database).round()
    assert [row["phone"] for row in await admin.fetch("select phone from reporters")] == ["1"]
    assert await counted(admin, "reports") == 2


async def test_a_work_that_fails_keeps_no_other_from_its_own(
    database: Database, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = keeper(database)

    async def fails() -> None:
        raise ValueError("no")

    monkeypatch.setattr(one, "make_ahead", fails)
    await store(database).keep(Batch(arrived_at=NOW - DEAD_LETTERS_KEPT * 2, refusals=(
        Refusal(topic="t", payload=b"x", code="c", reason="r"),
    )))  # fmt: skip
    await one.round()
    assert await counted(admin, "dead_letters") == 0
    assert "trying again" in caplog.text


async def test_by_a_clock_that_is_not_believed_nothing_is_deleted(
    database: Database, admin: asyncpg.Connection
) -> None:
    await store(database).keep(batch(reading(), refusals=(Refusal(topic="t", payload=b"x", code="c", reason="r"),)))
    one = keeper(database, NOW + dt.timedelta(days=5000), believed=False)
    await one.round()
    assert one.dropped == 0
    assert await counted(admin, "readings") == 1
    assert await counted(admin, "dead_letters") == 1


async def test_what_people_were_told_goes_by_its_own_time(database: Database, admin: asyncpg.Connection) -> None:
    for age in (TOLD_KEPT + SECOND, TOLD_KEPT - SECOND):
        message, thing = uuid7(NOW - age, bytes(10)), Thing("message", "quang-nam", "x", None, NOW - age)
        await insert(admin, "notifications", notification_row(str(message), thing, NOW))
        number = await admin.fetchval("select max(id) from notifications")
        await insert(admin, "messages", message_row(message, NOW - age))
        await insert(admin, "message_items", {"message": message, "notification": number})
        await insert(admin, "deliveries", delivery_row(message, NOW - age))
    waits = notification_row("due", Thing("message", "quang-nam", "x"), NOW) | {
        "due_at": NOW,
        "at": NOW - 2 * TOLD_KEPT,
    }
    await insert(admin, "notifications", waits)
    await keeper(database).round()
    for table, left in {"messages": 1, "message_items": 1, "deliveries": 1, "notifications": 2}.items():
        assert await counted(admin, table) == left, table
