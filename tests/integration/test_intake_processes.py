"""`ioc intake` as processes: several of them with one killed lose nothing and keep nothing twice."""

import asyncio
import contextlib
import datetime as dt
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING as ALL_SEEN
from ioc.store import registry
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.mosquitto import Mosquitto, mosquitto_of, until
from tests.fakes.things import device

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def intake(
    fresh: Fresh, mosquitto: Mosquitto, state: Path, **settings: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that is killed at the end, if it still lives."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("IOC_")},
        "PYTHONPATH": str(ROOT),
        "IOC_DATABASE_URL": fresh.url(),
        "IOC_MQTT_URL": f"mqtt://u:hunter2@127.0.0.1:{mosquitto.port}",
        "IOC_STATE_DIR": str(state),
        **settings,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ioc", "intake", env=environment, cwd=state, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def ready(admin: asyncpg.Connection, name: str) -> None:
    """Wait until a process has said that it listens."""
    async with asyncio.timeout(30):
        while not await admin.fetchval("select ready from parts where name = $1", name):
            await asyncio.sleep(0.05)


@pytest.fixture
async def registered(database: Database) -> None:
    """The device that speaks."""
    now = dt.datetime.now(dt.UTC)
    async with database.transaction(ALL_SEEN) as transaction:
        await registry.put_device(transaction, device(), kind="k", approximate=False, note="", now=now)


@pytest.mark.parametrize("client", ["mqtt5", "paho"])
async def test_of_two_that_share_one_is_killed_and_the_other_keeps_everything_once(
    client: str, fresh: Fresh, admin: asyncpg.Connection, registered: None, tmp_path: Path
) -> None:
    """The survivor fetches what the broker had dealt to the dead one."""
    shared = {"IOC_INTAKE_SHARE": "true", "IOC_MQTT_CLIENT": client}
    number = 600

    async def kept() -> int:
        return int(await admin.fetchval("select count(distinct seq) from outside.kept"))

    async with (
        mosquitto_of() as mosquitto,
        intake(fresh, mosquitto, tmp_path, **shared),
        mosquitto.publishing() as publisher,
    ):
        await ready(admin, "intake")
        async with intake(fresh, mosquitto, tmp_path, **shared) as second:
            await ready(admin, "intake-2")
            for seq in range(number):
                at = dt.datetime.now(dt.UTC).isoformat()
                values = {"at": at, "run": "r", "seq": seq, "values": {"water_level": 1.0}}
                await publisher.publish(TOPIC, json.dumps(values).encode())
                if seq == number // 2:
                    second.kill()
        assert await kept() < number
        async with asyncio.timeout(60):
            while await kept() < number:
                await asyncio.sleep(0.1)
        assert await admin.fetchval("select count(*) from outside.kept") == number
        assert await admin.fetchval("select count(*) from outside.dead_letters") == 0


async def test_a_second_one_without_sharing_ends_with_a_sentence(
    fresh: Fresh, admin: asyncpg.Connection, registered: None, tmp_path: Path
) -> None:
    async with mosquitto_of() as mosquitto, intake(fresh, mosquitto, tmp_path) as first:
        await ready(admin, "intake")
        state = await admin.fetchval("select state from parts where name = 'intake'")
        assert "dropped" in state
        async with intake(fresh, mosquitto, tmp_path) as second, asyncio.timeout(30):
            _, said = await second.communicate()
        assert second.returncode == 1
        assert f"another intake runs on this state dir (process {first.pid})" in said.decode()
        assert "Traceback" not in said.decode()


async def test_a_session_taken_from_another_machine_ends_the_first_with_a_sentence(
    fresh: Fresh, admin: asyncpg.Connection, registered: None, tmp_path: Path
) -> None:
    """Another state dir stands for the other machine."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    async with mosquitto_of() as mosquitto, intake(fresh, mosquitto, tmp_path / "here") as here:
        await ready(admin, "intake")
        async with intake(fresh, mosquitto, tmp_path / "there") as there:
            async with asyncio.timeout(30):
                _, said = await here.communicate()
            assert here.returncode == 1
            assert "another process signed in at the broker" in said.decode()
            assert "hunter2" not in said.decode()
            assert "Traceback" not in said.decode()
            await until(lambda: there.returncode is None)
