"""Layouts over a real server and PostgreSQL: one's own, in whatever browser, and no change lost unnoticed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.browser import Browser
from tests.fakes.http_centre import Centre, running_centre

PATH = "/api/v1/account/layout"
VIEW = {"centre": [108.1, 15.6], "zoom": 9.5}
FILTER = {"severity": ["extreme"], "source": [], "category": [], "centre": ["hoi-an"], "area": []}
NIGHT = {"name": "Ca đêm", "view": VIEW, "filter": FILTER, "heat": True, "list": "tickets"}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def body(version: int, *layouts: dict[str, Any], default: str | None = None) -> dict[str, Any]:
    return {"expected_version": version, "layout": {"default": default, "layouts": list(layouts)}}


async def test_a_layout_is_ones_own_in_every_browser_and_no_change_is_lost_unnoticed(centre: Centre) -> None:
    async with (
        Browser(centre.url) as here,
        Browser(centre.url, "127.0.0.2") as there,
        Browser(centre.url, "127.0.0.3") as other,
    ):
        for browser, who in ((here, "viewer"), (there, "viewer"), (other, "operator")):
            assert (await browser.sign_in(who))[0] < 300
        assert await here.ask("GET", PATH) == (200, {"version": 0, "layout": {"default": None, "layouts": []}})
        status, kept = await here.ask("PUT", PATH, body(0, NIGHT, default="Ca đêm"))
        assert (status, kept["version"]) == (200, 1)
        assert await there.ask("GET", PATH) == (200, kept)
        assert kept["layout"] == {"default": "Ca đêm", "layouts": [NIGHT]}
        assert (await other.ask("GET", PATH))[1]["version"] == 0
        status, refused = await there.ask("PUT", PATH, body(0))
        assert (status, refused["code"]) == (409, "stale-layout")
        assert (await there.ask("PUT", PATH, body(1)))[1]["version"] == 2
        assert (await here.ask("PUT", PATH, body(1, NIGHT)))[0] == 409
        assert (await here.ask("GET", PATH))[1] == {"version": 2, "layout": {"default": None, "layouts": []}}


async def test_what_is_no_layout_is_refused_and_so_is_a_program(centre: Centre) -> None:
    async with Browser(centre.url) as here:
        await here.sign_in("viewer")
        for wrong in (
            body(0, NIGHT, NIGHT),
            body(0, NIGHT, default="Lũ"),
            body(0, NIGHT | {"name": "\0"}),
            body(0, NIGHT | {"colour": "red"}),
            body(-1),
            {"layout": {}},
        ):
            assert (await here.ask("PUT", PATH, wrong))[0] in (400, 422), wrong
        refused = (await here.ask("PUT", PATH, body(0, NIGHT, default="Lũ")))[1]
        assert (refused["code"], "danh sách" in refused["detail"]) == ("bad-value", True)
        many = [NIGHT | {"name": str(n), "filter": FILTER | {"area": ["x" * 100] * 20}} for n in range(10)]
        assert (await here.ask("PUT", PATH, body(0, *many)))[0] == 413
        assert (await here.ask("GET", PATH))[1]["version"] == 0
    assert (await centre.get(PATH, "viewer"))[0] == 403
    assert (await centre.get(PATH, None))[0] == 401
