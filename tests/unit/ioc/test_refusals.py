"""What is counted and what is written; with a real broker in tests/integration/test_refusals.py."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest

from ioc.log_following import CHUNK
from ioc.refusals import ACT, AGAIN_S, ANSWER_S, CLIENTS, TEXT, TOPICS, Refusals, Tally
from ioc.store.database import Database
from sensors.denials import Denied
from tests.fakes.mosquitto import until
from tests.fakes.things import NOW

LINE = "1795700452: Denied PUBLISH from {} (d0, q1, r0, m17, '{}', ... (2 bytes))\n"


def found(*pairs: tuple[str, str]) -> list[Denied]:
    return [Denied(*pair) for pair in pairs]


def test_each_pair_is_counted_once_for_each_publish() -> None:
    tally = Tally(found(("a", "x"), ("a", "y"), ("b", "x"), ("a", "x")), NOW)
    assert tally.publishes == 4
    deeds = {deed.thing: deed.after for deed in tally.deeds()}
    assert deeds == {
        "a": {"since": NOW.isoformat(), "publishes": 3, "topics": {"x": 2, "y": 1}, "beyond": 0},
        "b": {"since": NOW.isoformat(), "publishes": 1, "topics": {"x": 1}, "beyond": 0},
    }
    assert {(deed.act, deed.who, deed.kind, deed.outcome) for deed in tally.deeds()} == {(ACT, "", "device", "refused")}


def test_a_flood_of_topics_or_clients_folds_into_a_number_and_none_is_lost() -> None:
    tally = Tally((Denied("a", f"t{number}") for number in range(5_000)), NOW)
    tally.take(Tally((Denied(f"c{number}", "x") for number in range(5_000)), NOW))
    tally.take(Tally(found(("a", "t0"), ("a", "t4999"), ("c4999", "x"))))
    deeds = list(tally.deeds())
    assert len(deeds) == CLIENTS + 1
    first, last = deeds[0].after or {}, deeds[-1].after or {}
    assert (first["publishes"], len(first["topics"]), first["beyond"]) == (5_002, TOPICS, 5_000 - TOPICS + 1)
    assert first["topics"]["t0"] == 2
    assert (deeds[-1].thing, last["publishes"]) == ("", 5_000 - (CLIENTS - 1) + 1)
    assert tally.publishes == 10_003 == sum((deed.after or {})["publishes"] for deed in deeds)


def test_long_topics_fill_the_minute_and_each_client_has_its_first() -> None:
    tally = Tally((Denied(f"c{n // 50}", f"{n:0200}") for n in range(50 * CLIENTS)), NOW)
    tally.take(Tally(found(("c0", f"{0:0200}"), ("c0", "short"))))
    named = [(deed.after or {})["topics"] for deed in tally.deeds()]
    assert sum(len(topic) for topics in named for topic in topics) <= TEXT + 200 * CLIENTS
    assert [len(topics) for topics in (named[0], named[1], named[-1])] == [50, 50, 1]
    assert named[0][f"{0:0200}"] == 2
    assert tally.publishes == 50 * CLIENTS + 2 == sum((deed.after or {})["publishes"] for deed in tally.deeds())


async def test_a_row_tells_at_once_and_the_next_comes_with_its_minute(
    database: Database, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "log"
    refusals = Refusals(database, file, lambda: NOW)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(refusals.run(), name="refusals")
        file.write_text(LINE.format("gauge-a", "x") * 3 + "1: Received PUBLISH from gauge-a\n")
        async with asyncio.timeout(10):
            while not await rows(admin):
                await asyncio.sleep(0.05)
        with file.open("a") as more:
            more.write(LINE.format("gauge-a", "it's\u200b") + LINE.format("gauge-b", "y"))
        await until(lambda: refusals.seen == 5)
        assert len(await rows(admin)) == 1
        running.cancel()
    assert [(thing, after["topics"]) for thing, after in await rows(admin)] == [
        ("gauge-a", {"x": 3}), ("gauge-a", {"it's\ufffd": 1}), ("gauge-b", {"y": 1}),
    ]  # fmt: skip


async def rows(admin: asyncpg.Connection) -> list[tuple[str, dict[str, dict[str, int]]]]:
    found = await admin.fetch("select thing, after::text as after from audit where act = $1 order by id", ACT)
    return [(row["thing"], json.loads(row["after"])) for row in found]


async def test_while_postgresql_refuses_the_numbers_wait_and_grow(
    database: Database, admin: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "log"
    await admin.execute("alter table audit rename to audit_away")
    refusals = Refusals(database, file, lambda: NOW, every_s=0)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(refusals.run(), name="refusals")
        file.write_text(LINE.format("gauge-a", "x"))
        await until(lambda: "not in the audit trail yet" in caplog.text)
        with file.open("a") as more:
            more.write(LINE.format("gauge-a", "x") * (CHUNK // 50))
        await until(lambda: refusals.seen == 1 + CHUNK // 50)
        await admin.execute("alter table audit_away rename to audit")
        async with asyncio.timeout(10):
            while not await rows(admin):
                await asyncio.sleep(0.05)
        running.cancel()
    assert [(thing, after["topics"]) for thing, after in await rows(admin)] == [("gauge-a", {"x": 1 + CHUNK // 50})]
    assert len(caplog.records) == 1


async def test_reading_goes_on_while_postgresql_hangs(
    database: Database, admin: asyncpg.Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """All that is there is read before a row is tried, and a while after it failed the log alone is looked at."""
    file = tmp_path / "log"
    refusals = Refusals(database, file, lambda: NOW)
    line = LINE.format("gauge-a", "x")
    many = 3 * CHUNK // len(line)
    async with asyncio.TaskGroup() as tasks:
        async with admin.transaction():
            await admin.execute("lock table audit")
            file.write_text(line * many)
            running = tasks.create_task(refusals.run(), name="refusals")
            await until(lambda: refusals.seen == many, ANSWER_S - 1)
            await until(lambda: "not in the audit trail yet" in caplog.text)
            for more in (1, 2):
                with file.open("a") as out:
                    out.write(line)
                await until(lambda more=more: refusals.seen == many + more, AGAIN_S - 1)
        async with asyncio.timeout(20):
            while not await rows(admin):
                await asyncio.sleep(0.05)
        running.cancel()
    assert [after["topics"] for _, after in await rows(admin)] == [{"x": many + 2}]


async def test_a_log_that_is_away_is_told_once_until_it_is_back(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "log"
    refusals = Refusals(database, file, lambda: NOW, late_s=0)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(refusals.run(), name="refusals")
        await until(lambda: "check IOC_BROKER_LOG" in caplog.text)
        assert not refusals.following
        file.write_text("")
        await until(lambda: refusals.following)
        running.cancel()
    assert [str(file) in record.getMessage() for record in caplog.records] == [True]
