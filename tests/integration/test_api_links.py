"""How centres are linked, asked of a real server by two whose scopes differ."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """Two centres with a device each: that of quang-nam is heard, that of hoi-an is lost."""
    async with running_centre(migrated.url, tmp_path) as it:
        yield it


async def test_each_reader_is_told_of_the_centres_of_their_scope(centre: Centre) -> None:
    path = "/api/v1/centres/state"
    status, body, _ = await centre.get(path)
    assert status == 200
    assert {one["code"]: (one["link"], one["devices"], one["fresh"]) for one in body["centres"]} == {
        "hoi-an": ("silent", 1, 0),
        "quang-nam": ("live", 1, 1),
    }
    status, body, _ = await centre.get(path, "district")
    assert status == 200
    assert [one["code"] for one in body["centres"]] == ["hoi-an"]
    assert (await centre.get(path + "?centre=hoi-an"))[0] == 400
    assert (await centre.get(path, None))[0] == 401
