"""Start and stop of processes as deeds, and the trail's figures."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from ioc.access.scope import EVERYTHING
from ioc.audit.chain import START
from ioc.settings import Settings
from ioc.store import audit
from ioc.store.audit import Search
from ioc.store.database import Database
from ioc.trail import Trail, noted, noted_soon


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def test_a_process_is_noted_when_it_starts_and_stops_and_the_last_word_is_sealed(
    database: Database, tmp_path: Path
) -> None:
    trail = Trail(Settings(state_dir=str(tmp_path)), database, now)
    async with trail.closing(), noted(database, now, "serve"):
        pass
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        found = await audit.search(transaction, Search(kind="process"), 10)
    assert [one.entry.act for one in found] == ["process.stop", "process.start"]
    report = await audit.verify(database)
    assert (report.fault, report.waiting.rows, report.last) == (None, 0, trail.known_head())
    assert trail.counters()["ioc_audit_sealed_total"] == 3


async def test_without_a_security_centre_nothing_is_sent_and_a_test_says_so(database: Database, tmp_path: Path) -> None:
    trail = Trail(Settings(state_dir=str(tmp_path)), database, now)
    assert set(trail.works()) == {"sealer"}
    assert (await trail.try_soc(START)).problem == "not-configured"
    assert trail.figures() == {"audit_sealed": 0}
    told = Trail(Settings(state_dir=str(tmp_path), soc_host="localhost", soc_port=1), database, now)
    assert set(told.works()) == {"sealer", "soc"}
    assert (await told.try_soc(START)).problem == "unreachable"
    assert "soc_lag" in told.figures()


async def test_a_process_that_starts_without_postgresql_is_noted_later_with_its_true_start(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ioc.trail.NOTE_EVERY_S", 0.01)
    real, tries, began = audit.record, [], now()

    async def away_at_first(*about: object) -> None:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionRefusedError
        await real(*about)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "record", away_at_first)
    moments = iter([began])

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        noting = tasks.create_task(noted_soon(database, lambda: next(moments, now()), "intake"), name="noted")
        found: list[object] = []
        while not found:
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                found = list(await audit.search(transaction, Search(kind="process"), 10))
        noting.cancel()
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        deeds = await audit.search(transaction, Search(kind="process"), 10)
    assert [one.entry.act for one in deeds] == ["process.stop", "process.start"]
    assert deeds[1].entry.at == began
