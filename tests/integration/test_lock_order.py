"""Whoever changes something takes what is locked in one order, so that no two wait for each other."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from ioc.store import changes, reach
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

WAITS_S = 20.0


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path, {}) as one:
        yield one


@pytest.fixture
async def other(centre: Centre, migrated: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else at work, in a transaction that gives up before its neighbours do."""
    connection = await asyncpg.connect(migrated.url("postgres"))
    await connection.execute("set deadlock_timeout = '100ms'")
    yield connection
    await connection.close()


async def held(connection: asyncpg.Connection, number: int) -> None:
    async with asyncio.timeout(WAITS_S):
        await connection.execute("select pg_advisory_xact_lock($1)", number)


async def somebody_waits(centre: Centre, number: int) -> None:
    """Returns when somebody waits for an advisory lock."""
    asked = "select exists (select from pg_locks where locktype = 'advisory' and objid = $1 and not granted)"
    async with asyncio.timeout(WAITS_S):
        while not await centre.owner.fetchval(asked, number):
            await asyncio.sleep(0.01)


async def test_the_desk_may_want_an_incident_after_the_change_log(centre: Centre, other: asyncpg.Connection) -> None:
    incident = await centre.incident()
    async with asyncio.TaskGroup() as tasks, other.transaction():
        await held(other, reach.LOCK)
        await held(other, changes.LOCK)
        path, body = f"/api/v1/incidents/{incident}/acknowledge", {"expected_version": 1}
        step = tasks.create_task(centre.post(path, body, "operator"), name="step")
        await somebody_waits(centre, reach.LOCK)
        async with asyncio.timeout(WAITS_S):
            await other.execute("select from incidents where id = $1 for update", uuid.UUID(incident))
    assert step.result()[0] == 200
