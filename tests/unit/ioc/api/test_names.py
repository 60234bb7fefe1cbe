"""The centres' names are read once in a while."""

from pathlib import Path

from ioc.api.names import Names
from tests.conftest import Fresh
from tests.fakes.http_centre import running_centre


async def test_the_list_is_remembered(migrated: Fresh, tmp_path: Path) -> None:
    async with running_centre(migrated.url, tmp_path) as centre:
        status, who, _ = await centre.get("/api/v1/session")
        assert status == 200
        await centre.owner.execute("update centres set name = 'other'")
        assert (await centre.get("/api/v1/session"))[1]["centres"] == who["centres"]
        assert [one["code"] for one in who["centres"]] == ["hoi-an", "quang-nam"]
    assert not Names()._centres
