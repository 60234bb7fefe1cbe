"""The day on which units change, in the process that leads."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest

from gis.areas import AreaIndex
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store import releases
from ioc.store.database import Database
from ioc.turning import Turning
from tests.conftest import Fresh
from tests.fakes import squares

WHERE = Position(lon=100.5, lat=15.5)


@pytest.fixture
async def database(migrated: Fresh) -> AsyncIterator[Database]:
    async with Database.open(migrated.url(), size=3) as opened:
        await squares.settle(opened)
        yield opened


async def test_new_units_are_handed_out_and_things_move_on_the_day(database: Database) -> None:
    drawn: list[AreaIndex] = []
    clock = [squares.BEFORE]
    turning = Turning(database, squares.ZONE, lambda: clock[0], drawn.append)
    await turning.turn()
    await turning.turn()
    assert [len(index) for index in drawn] == [3]
    await squares.load(database, squares.JOINED, squares.BEFORE)
    await turning.turn()
    assert [len(index) for index in drawn] == [3, 4]
    found = [drawn[1].holding(WHERE, day) for day in (dt.date(2025, 6, 30), squares.DAY)]
    assert [area.code for area in found if area is not None] == ["A", "E"]
    clock[0] = squares.MIDNIGHT
    for _ in range(2):
        await turning.turn()
        async with database.transaction(EVERYTHING) as transaction:
            one = await releases.one(transaction, "joined")
        assert one is not None
        assert one.moved_at == squares.MIDNIGHT


async def test_what_fails_is_tried_again_and_does_not_end_the_leader(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = asyncio.Event()
    fails = [OSError("away"), RuntimeError("broken")]

    def redraw(index: AreaIndex) -> None:
        if fails:
            raise fails.pop(0)
        tried.set()

    monkeypatch.setattr("ioc.turning.LOOK_S", 0.01)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(
            Turning(database, squares.ZONE, lambda: squares.BEFORE, redraw).run(), name="turning"
        )
        async with asyncio.timeout(10):
            await tried.wait()
        running.cancel()
    assert "the database is away" in caplog.text
    assert "this is tried again" in caplog.text
