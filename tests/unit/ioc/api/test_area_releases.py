"""Releases over HTTP: everybody sees that they were; what moved only who sees everything and registers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store import registry
from tests.conftest import Fresh
from tests.fakes import squares, things
from tests.fakes.http_centre import Centre, running_centre

BASE = "/api/v1/areas/releases"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        await one.owner.execute("delete from centre_areas; delete from areas")
        await one.owner.execute("insert into centres values ('tam-ky', 'Tam Kỳ', 'Tam Ky', 'district')")
        await squares.load(one.database, squares.FIRST_RELEASE, squares.BEFORE)
        async with one.database.transaction(EVERYTHING) as transaction:
            at = Position(lon=100.5, lat=15.5)
            gauge = things.device("gauge-a", centre="hoi-an", area="A@2024-09-01", position=at)
            await registry.put_device(transaction, gauge, kind="x", approximate=False, note="", now=squares.BEFORE)
        await squares.load(one.database, squares.JOINED)
        yield one


async def test_what_moved_is_told_to_who_sees_everything_and_registers(centre: Centre) -> None:
    status, body, _ = await centre.get(BASE)
    assert status == 200
    first, second = body["releases"]
    assert (first["name"], first["entered"], first["closed"], first["counts"]) == (
        "joined",
        1,
        2,
        {"device": 1, "undecided": 0},
    )
    assert (first["moved"], second["name"]) == (None, "first")
    assert first["shares"][0]["new"] == "E@2025-07-01"
    status, body, _ = await centre.get(f"{BASE}?release=joined")
    [moved] = body["releases"][0]["moved"]
    assert (moved["code"], moved["area_before"], moved["area"]) == ("gauge-a", "A@2024-09-01", "E@2025-07-01")
    assert body["releases"][0]["undecided"] == []
    for who in ("district", "operator"):
        status, body, _ = await centre.get(f"{BASE}?release=joined", who)
        assert (status, body["releases"][0]["moved"]) == (200, None), who
    assert (await centre.get(f"{BASE}?release=none"))[0] == 404
    assert (await centre.get(BASE, None))[0] == 401
