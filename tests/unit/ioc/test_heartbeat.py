"""What the processes say of themselves, and what becomes of one that says nothing."""

import asyncio
import datetime as dt
from pathlib import Path

import msgspec
import pytest

from ioc.access.scope import EVERYTHING
from ioc.heartbeat import EXPECTED, SILENT_AFTER, Pulse, beat, readiness
from ioc.intake_state import ONLY, IntakeState, path_of
from ioc.store import parts
from ioc.store.database import Database
from ioc.store.spool import State
from tests.fakes.things import NOW


async def say(database: Database, name: str, *, ready: bool = True, at: dt.datetime = NOW) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        await parts.enter(transaction, parts.Part(name=name, ready=ready, state={"kept": 3}, seen_at=at))


async def test_all_parts_must_have_spoken(database: Database) -> None:
    for name in EXPECTED:
        assert (await readiness(database, lambda: NOW))[0] is False
        await say(database, name)
    ready, states = await readiness(database, lambda: NOW)
    assert ready is True
    assert states["intake"] == {"ready": True, "seen_at": NOW, "kept": 3}


async def test_parts_that_are_set_are_expected_too(database: Database) -> None:
    for name in EXPECTED:
        await say(database, name)
    assert (await readiness(database, lambda: NOW, None, ("feeds",)))[0] is False
    await say(database, "feeds")
    assert (await readiness(database, lambda: NOW, None, ("feeds",)))[0] is True


async def test_a_part_that_is_silent_is_not_ready_whatever_it_said_last(database: Database) -> None:
    for name in EXPECTED:
        await say(database, name)
    assert (await readiness(database, lambda: NOW + SILENT_AFTER))[0] is True
    late = NOW + SILENT_AFTER + dt.timedelta(milliseconds=1)
    for name in ("serve", "cameras"):
        await say(database, name, at=late)
    ready, states = await readiness(database, lambda: late)
    assert ready is False
    assert {name: state["ready"] for name, state in states.items()} == {"serve": True, "intake": False, "cameras": True}


async def test_a_part_that_says_it_is_not_ready_is_not(database: Database) -> None:
    for name in EXPECTED:
        await say(database, name, ready=name != "intake")
    assert (await readiness(database, lambda: NOW))[0] is False


async def test_a_process_speaks_until_it_is_ready_and_goes_on_when_it_is_not_heard(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("ioc.heartbeat.FIRST_S", 0.0)
    real, said, settled = parts.enter, [], asyncio.Event()

    async def deaf_at_first(transaction: object, part: parts.Part) -> None:
        said.append(part.ready)
        if len(said) <= 2:
            raise ConnectionResetError
        await real(transaction, part)  # type: ignore[arg-type]
        if part.ready:
            settled.set()

    monkeypatch.setattr(parts, "enter", deaf_at_first)
    pulses = iter([Pulse(False, {}), Pulse(False, {}), Pulse(False, {}), Pulse(True, {"n": 1})])
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        beating = tasks.create_task(beat(database, "intake", lambda: next(pulses), lambda: NOW), name="beat")
        await settled.wait()
        await asyncio.sleep(0.05)
        beating.cancel()
    assert said == [False, False, False, True]
    assert caplog.text.count("ConnectionResetError") == 1
    _, states = await readiness(database, lambda: NOW)
    assert states["intake"] == {"ready": True, "seen_at": NOW, "n": 1}


async def test_what_the_intake_says_in_the_state_dir_is_newer_and_all_that_is_known_without_postgresql(
    database: Database, tmp_path: Path
) -> None:
    for name in EXPECTED:
        await say(database, name)
    stopped = State(stopped="disk_full", messages=7)
    told = IntakeState(at=NOW, pid=1, listening=True, acknowledging=False, why="disk_full", spool=stopped)
    path_of(tmp_path, ONLY).write_bytes(msgspec.json.encode(told))
    ready, states = await readiness(database, lambda: NOW, tmp_path)
    assert (ready, states["intake"]["why"], states["intake"]["kept"]) == (False, "disk_full", 3)
    async with Database.later("postgresql://ioc_app:x@127.0.0.1:1/ioc") as nowhere:
        ready, states = await readiness(nowhere, lambda: NOW, tmp_path)
    assert (ready, set(states), states["database"]) == (False, {"database", "serve", "intake"}, {"ready": False})
    assert states["intake"]["spool_messages"] == 7
