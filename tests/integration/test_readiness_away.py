"""Who has a page open hears how the parts are while PostgreSQL is frozen; who is not known hears nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ioc.heartbeat import readiness
from ioc.intake_state import ONLY, IntakeState, path_of
from ioc.store.spool import State
from tests.conftest import Fresh
from tests.fakes import http_centre
from tests.fakes.frozen import frozen
from tests.fakes.http_centre import Centre, now, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Centre]:
    """A server whose readiness is the real one, with an intake that has told that it spools."""
    opened: list[Centre] = []

    async def ready() -> tuple[bool, Any]:
        return await readiness(opened[0].database, now, tmp_path)

    monkeypatch.setattr(http_centre, "_ready", ready)
    monkeypatch.setattr("ioc.api.caller.ASK_S", 1.0)
    monkeypatch.setattr("ioc.api.caller.BELIEVED_S", 0.2)
    waits = State(away="store_away", away_since=now(), batches=3, messages=1234, bytes=10, oldest_at=now())
    told = IntakeState(at=now(), pid=1, listening=True, acknowledging=True, why="store_away", spool=waits)
    path_of(tmp_path, ONLY).write_bytes(msgspec.json.encode(told))
    async with running_centre(migrated.url, tmp_path) as it:
        opened.append(it)
        yield it


async def test_what_waits_is_told_to_those_who_were_known_before(centre: Centre, migrated: Fresh) -> None:
    status, body, _ = await centre.get("/readyz")
    assert (status, body["parts"]["intake"]["spool_messages"]) == (503, 1234)
    async with asyncio.timeout(60):
        with frozen(migrated.servers):
            for _ in range(2):
                await asyncio.sleep(0.3)  # what is known of a session is believed for a moment
                began = time.monotonic()
                status, body, _ = await centre.get("/readyz")
                assert time.monotonic() - began < 5
                assert (status, body["ready"]) == (503, False)
                assert body["parts"]["database"] == {"ready": False}
                assert set(body["parts"]) == {"database", "serve", "intake"}
                assert body["parts"]["intake"]["why"] == "store_away"
            for path, who in (("/readyz", "viewer"), ("/readyz", None), ("/api/v1/session", "admin")):
                status, body, _ = await centre.get(path, who)
                assert status == (401 if who is None else 503)
                assert "parts" not in body
        while (await centre.get("/api/v1/session"))[0] != 200:
            await asyncio.sleep(0.1)
