"""Contacts over HTTP, by requests to a real server over a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

BASE = "/api/v1/contacts"
MAIL = {"channel": "mail", "address": "lan.nguyen@example.vn", "least": "minor"}
SMS = {"channel": "sms", "address": "+84905000111", "least": "severe"}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


def asked(*channels: dict[str, Any], version: int = 0, **more: Any) -> dict[str, Any]:
    return {"expected_version": version, "channels": list(channels)} | more


async def test_one_keeps_one_s_own_in_order_with_quiet_hours(centre: Centre) -> None:
    _, empty, _ = await centre.get(f"{BASE}/me", "viewer")
    assert (empty["login"], empty["version"], empty["channels"], empty["quiet_from"]) == ("viewer", 0, [], None)
    body = asked(SMS, MAIL, {"channel": "push"}, quiet_from="22:00", quiet_until="06:00")
    status, kept = await centre.ask("PUT", f"{BASE}/me", body, "viewer")
    assert status == 200, kept
    assert [one["channel"] for one in kept["channels"]] == ["sms", "mail", "push"]
    assert (kept["version"], kept["quiet_from"], kept["quiet_until"]) == (1, "22:00", "06:00")
    assert (await centre.get(f"{BASE}/viewer", "viewer"))[1] == kept


async def test_a_stale_change_is_refused(centre: Centre) -> None:
    await centre.ask("PUT", f"{BASE}/me", asked(MAIL), "viewer")
    status, problem = await centre.ask("PUT", f"{BASE}/me", asked(SMS), "viewer")
    assert (status, problem["code"]) == (409, "stale-contacts")


@pytest.mark.parametrize(
    "body",
    [
        asked(MAIL | {"address": "lan"}),
        asked(SMS | {"address": "0905000111"}),
        asked({"channel": "push", "address": "x"}),
        asked({"channel": "webhook", "address": "x"}),
        asked(MAIL, MAIL),
        asked(quiet_from="22:00"),
        asked(quiet_from="22:00", quiet_until="22:00"),
        asked(quiet_from="25:00", quiet_until="06:00"),
    ],
)
async def test_what_cannot_be_used_is_refused(centre: Centre, body: dict[str, Any]) -> None:
    status, problem = await centre.ask("PUT", f"{BASE}/me", body, "viewer")
    assert (status, problem["code"]) == (400, "bad-value")


async def test_administrators_keep_those_of_others_and_nobody_else_does(centre: Centre) -> None:
    status, kept = await centre.ask("PUT", f"{BASE}/district", asked(MAIL), "admin")
    assert (status, kept["changed_by"]) == (200, "admin")
    for who in ("operator", "viewer"):
        assert (await centre.get(f"{BASE}/district", who))[0] == 404
        assert (await centre.ask("PUT", f"{BASE}/district", asked(MAIL, version=1), who))[0] == 404
    assert (await centre.get(f"{BASE}/nobody", "admin"))[0] == 404


async def test_the_trail_has_no_whole_address(centre: Centre) -> None:
    await centre.ask("PUT", f"{BASE}/me", asked(MAIL, SMS), "viewer")
    row = await centre.owner.fetchrow("select thing, after::text from audit where act = 'contacts.change'")
    assert row["thing"] == "viewer"
    assert "lan.nguyen" not in row["after"]
    assert "0905000111" not in row["after"]
