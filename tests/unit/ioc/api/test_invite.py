"""One-time links over HTTP, on a real server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

PHRASE = "a long enough phrase"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def test_a_link_that_nobody_made_is_over(centre: Centre) -> None:
    status, problem = await centre.post("/api/v1/invite", {"secret": "x" * 43, "password": PHRASE}, who=None)
    assert (status, problem["code"]) == (410, "link-over")


async def test_another_site_cannot_use_a_link(centre: Centre) -> None:
    body = {"secret": "x" * 43, "password": PHRASE}
    status, problem = await centre.post("/api/v1/invite", body, who=None, Origin="http://evil.example")
    assert (status, problem["code"]) == (403, "foreign-origin")
