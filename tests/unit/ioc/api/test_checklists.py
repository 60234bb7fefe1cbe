"""Procedures over HTTP: the shipped ones, changed ones, and the copy that an incident works on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.incidents import flood

ITEMS = [{"item": "warn", "vi": "Cảnh báo", "en": "Warn", "required": True}]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def put(centre: Centre, category: str, body: Any, who: str = "admin") -> tuple[int, Any]:
    url = f"{centre.url}/api/v1/checklists/{category}"
    async with aiohttp.ClientSession() as http, http.put(url, json=body, headers=centre.bearer(who)) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_every_category_has_a_procedure_that_an_administrator_changes(centre: Centre) -> None:
    _, found, _ = await centre.get("/api/v1/checklists", "viewer")
    first = next(one for one in found["checklists"] if one["category"] == "flood")
    assert (first["version"], first["changed_by"], first["items"][0]["item"]) == (0, "", "verify")
    status, changed = await put(centre, "flood", {"expected_version": 0, "items": ITEMS})
    assert (status, changed["version"], changed["changed_by"], changed["items"]) == (200, 1, "admin", ITEMS)
    status, late = await put(centre, "flood", {"expected_version": 0, "items": []})
    assert (status, late["code"], late["current"]["version"]) == (409, "stale-checklist", 1)
    assert "admin" in late["detail"]
    assert (await put(centre, "flood", {"expected_version": 1, "items": []}, "operator"))[0] == 403
    assert (await put(centre, "no-such", {"expected_version": 0, "items": []}))[0] == 404
    assert (await put(centre, "flood", {"expected_version": 1, "items": ITEMS * 2}))[0] == 400
    trail = await centre.owner.fetch("select who, thing from audit where act = 'checklist.change'")
    assert [tuple(row) for row in trail] == [("admin", "flood")]


async def test_an_incident_works_on_a_copy_that_a_change_of_the_procedure_leaves_alone(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path = f"/api/v1/incidents/{incident}"
    _, taken = await centre.post(f"{path}/acknowledge", {"expected_version": 1}, "operator")
    status, ticked = await centre.post(f"{path}/checklist", {"item": "warn", "done": True, "note": "còi"}, "operator")
    assert status == 200
    mine = next(one for one in ticked["checklist"] if one["item"] == "warn")
    assert (mine["done_by"], mine["note"]) == ("operator", "còi")
    assert ticked["version"] == taken["version"] + 1
    assert ticked["log"][-1]["text"].startswith("✓ Thông báo Ban chỉ huy")
    await put(centre, "flood", {"expected_version": 0, "items": ITEMS})
    _, again, _ = await centre.get(path)
    assert again["checklist"] == ticked["checklist"]
    status, twice = await centre.post(f"{path}/checklist", {"item": "warn", "done": True}, "admin")
    assert (status, twice["code"]) == (409, "no-change")
    assert twice["detail"].startswith("operator đã làm bước này lúc ")


async def test_steps_are_added_to_a_copy_and_dropped(centre: Centre) -> None:
    incident, _ = await flood(centre)
    path = f"/api/v1/incidents/{incident}/checklist"
    _, more = await centre.post(path, {"item": "pumps", "text": "Gọi máy bơm"}, "operator")
    assert more["checklist"][-1]["vi"] == "Gọi máy bơm"
    _, less = await centre.post(path, {"item": "pumps", "drop": True}, "operator")
    assert [one["item"] for one in less["checklist"]] == [one["item"] for one in more["checklist"]][:-1]
    assert (await centre.post(path, {"item": "pumps", "done": True}, "viewer"))[0] == 403
    assert (await centre.post(path, {"item": "pumps", "text": "x"}, "district"))[0] == 404
