"""Who leads: one at a time, and again after an error."""

import asyncio

import pytest

from ioc.leader import LOCK, Lead, lead
from ioc.store.database import Database


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ioc.leader.LOOK_S", 0.02)


async def test_work_that_fails_is_begun_again_and_the_lead_is_shown(database: Database) -> None:
    leading, began, shown = Lead(), asyncio.Event(), []

    async def work() -> None:
        shown.append(leading.held)
        if len(shown) == 1:
            raise RuntimeError("the desk stumbled")
        began.set()
        await asyncio.Event().wait()

    assert not leading.held
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(lead(database, leading, work), name="lead")
        await began.wait()
        assert leading.held
        task.cancel()
    assert shown == [True, True]
    assert not leading.held


async def test_work_of_many_tasks_is_begun_again_when_one_of_them_fails(database: Database) -> None:
    """As in `ioc serve`, where the one that leads only waits for its tasks."""
    began, again = 0, asyncio.Event()

    async def fails() -> None:
        await asyncio.sleep(0)
        raise RuntimeError("the freshness watch stumbled")

    async def work() -> None:
        nonlocal began
        began += 1
        async with asyncio.TaskGroup() as tasks:
            if began < 3:
                tasks.create_task(fails(), name="fails")
            else:
                again.set()
                tasks.create_task(asyncio.Event().wait(), name="works")

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(lead(database, Lead(), work), name="lead")
        await again.wait()
        task.cancel()


async def test_who_waits_for_the_lead_does_not_work_before_it_is_free(database: Database) -> None:
    leading, began = Lead(), asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        async with database.advisory_lock(LOCK, 0.02):
            task = tasks.create_task(lead(database, leading, work), name="lead")
            await asyncio.sleep(0.2)
            assert not began.is_set()
            assert not leading.held
        await began.wait()
        task.cancel()
