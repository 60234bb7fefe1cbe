"""How centres are linked, asked of a real server by two whose scopes differ."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """Two centres, each with a device that was never heard."""
    async with running_centre(migrated.url, tmp_path) as it:
        yield it


async def test_each_reader_is_told_of_the_centres_of_their_scope(centre: Centre) -> None:
    path = "/api/v1/centres/state"
    status, body, _ = await centre.get(path)
    assert status == 200
    every = {one["code"]: one for one in body["centres"]}
    assert every
    assert all(one["link"] in ("live", "late", "silent", "none") for one in every.values())
    status, body, _ = await centre.get(path, "district")
    assert status == 200
    assert {one["code"] for one in body["centres"]} == set(every) & {"hoi-an"}
    assert (await centre.get(path + "?centre=hoi-an"))[0] == 400
    assert (await centre.get(path, None))[0] == 401
