"""Accounts over HTTP: administration within one's own part, one-time links, tokens and their scopes."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.browser import Browser
from tests.fakes.http_centre import PASSWORD, PEOPLE, Centre, running_centre

OTHER = "quite another phrase"
LAN = {"login": "lan", "name": "Lan", "role": "operator", "centre": "hoi-an"}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    PEOPLE["district-admin"] = ("admin", "hoi-an")
    try:
        async with running_centre(migrated.url, tmp_path) as started:
            yield started
    finally:
        del PEOPLE["district-admin"]


@pytest.fixture
async def admin(centre: Centre) -> AsyncIterator[Browser]:
    async with Browser(centre.url) as browser:
        assert (await browser.sign_in("admin"))[0] == 200
        yield browser


async def taken(browser: Browser, link: str, password: str = OTHER) -> tuple[int, Any]:
    secret = link.removeprefix("/invite#")
    return await browser.ask("POST", "/api/v1/invite", {"secret": secret, "password": password})


async def test_a_new_person_sets_the_password_once_through_the_link(centre: Centre, admin: Browser) -> None:
    status, made = await admin.ask("POST", "/api/v1/people", LAN)
    assert status == 201
    assert made["person"]["has_password"] is False
    link = made["invite"]["link"]
    async with Browser(centre.url) as lan:
        assert (await taken(lan, link, "short"))[1]["code"] == "password-short"
        assert await taken(lan, link) == (200, {"user": "lan"})
        assert (await taken(lan, link))[1]["code"] == "link-over"
        assert (await lan.sign_in("lan", OTHER))[1]["centre"] == "hoi-an"
        assert (await admin.ask("POST", "/api/v1/people", LAN))[1]["code"] == "login-taken"
        link = (await admin.ask("POST", "/api/v1/people/lan/invite"))[1]["link"]
        newer = (await admin.ask("POST", "/api/v1/people/lan/invite"))[1]["link"]
        assert (await taken(lan, link))[0] == 410
        await centre.owner.execute("update invites set expires_at = now()")
        assert (await taken(lan, newer))[0] == 410
    acts = [row["act"] for row in await centre.owner.fetch("select act from audit where thing = 'lan' order by id")]
    assert acts == ["account.create", "invite.create", "password.change", "invite.create", "invite.create"]


async def test_an_administrator_of_a_centre_keeps_to_its_people(centre: Centre) -> None:
    async with Browser(centre.url) as bao:
        await bao.sign_in("district-admin")
        logins = {one["login"] for one in (await bao.ask("GET", "/api/v1/people"))[1]}
        assert logins == {"district", "district-admin"}
        for login in ("admin", "operator", "viewer", "nobody"):
            address = f"/api/v1/people/{login}"
            for method, path, body in (
                ("GET", "", None),
                ("PATCH", "", {"disabled": True}),
                ("POST", "/invite", None),
                ("DELETE", "/factor", None),
                ("GET", "/sessions", None),
                ("DELETE", "/sessions", None),
                ("DELETE", f"/sessions/{uuid.uuid4()}", None),
                ("GET", "/tokens", None),
                ("POST", "/tokens", {"label": "x", "scopes": ["*:*"], "days": 1}),
                ("DELETE", f"/tokens/{uuid.uuid4()}", None),
            ):
                assert (await bao.ask(method, address + path, body))[0] == 404, (method, path, login)
        for centre_code in (None, "quang-nam"):
            assert (await bao.ask("POST", "/api/v1/people", LAN | {"centre": centre_code}))[0] == 403
            assert (await bao.ask("PATCH", "/api/v1/people/district", {"centre": centre_code}))[0] == 403
        assert (await bao.ask("POST", "/api/v1/people", LAN))[0] == 201


@pytest.mark.parametrize("who", ["operator", "district", "viewer"])
async def test_nobody_but_administrators_sees_people(centre: Centre, who: str) -> None:
    for path in ("", "/admin", "/admin/sessions", "/admin/tokens"):
        assert (await centre.get(f"/api/v1/people{path}", who))[0] == 403
    assert (await centre.post("/api/v1/people", LAN, who))[0] == 403


async def test_disabling_ends_everything_at_once(centre: Centre, admin: Browser) -> None:
    async with Browser(centre.url) as viewer:
        await viewer.sign_in("viewer")
        assert (await admin.ask("PATCH", "/api/v1/people/viewer", {"disabled": True}))[1]["disabled_at"]
        assert (await viewer.ask("GET", "/api/v1/session"))[0] == 401
        assert (await viewer.sign_in("viewer"))[1]["code"] == "sign-in-failed"
        await admin.ask("PATCH", "/api/v1/people/viewer", {"disabled": False})
        assert (await viewer.sign_in("viewer"))[0] == 200
        assert (await admin.ask("DELETE", "/api/v1/people/viewer/sessions"))[1] == {"ended": 1}
        assert (await viewer.ask("GET", "/api/v1/session"))[0] == 401
    for change in ({"disabled": True}, {"role": "viewer"}, {"centre": "hoi-an"}):
        assert (await admin.ask("PATCH", "/api/v1/people/admin", change))[1]["code"] == "not-yourself"


async def test_a_lost_phone_is_reset_by_an_administrator(centre: Centre, admin: Browser) -> None:
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        await lan.with_factor()
        assert (await admin.ask("DELETE", "/api/v1/people/operator/factor"))[0] in (200, 204)
        assert (await lan.ask("GET", "/api/v1/session"))[0] == 401
        assert (await lan.sign_in("operator"))[0] == 200
        app, _ = await lan.with_factor()
        wrong = {"password": PASSWORD, "code": app.code(9)}
        assert (await lan.ask("POST", "/api/v1/account/factor/remove", wrong))[1]["code"] == "proof-wrong"
        right = {"password": PASSWORD, "code": app.code(1)}
        assert (await lan.ask("POST", "/api/v1/account/factor/remove", right))[0] == 204
        assert (await lan.sign_in("operator"))[0] == 200


async def test_a_token_does_what_its_scopes_say_and_no_more(centre: Centre) -> None:
    one = await centre.incident()
    async with Browser(centre.url) as lan:
        await lan.sign_in("operator")
        wish = {"label": "board", "scopes": ["see:incident"], "days": 7}
        status, made = await lan.ask("POST", "/api/v1/account/tokens", wish)
        assert status == 201
        mine = {"Authorization": f"Bearer {made['token']}"}

        async def status_of(method: str, path: str, body: Any = None) -> int:
            async with centre.http.request(method, centre.url + path, json=body, headers=mine) as answer:
                return answer.status

        assert await status_of("GET", f"/api/v1/incidents/{one}") == 200
        assert await status_of("GET", "/ogc/collections/incidents/items") == 200
        assert await status_of("GET", "/ogc/collections/cameras/items") == 403
        assert await status_of("GET", "/api/v1/live") == 403
        assert await status_of("POST", f"/api/v1/incidents/{one}/acknowledge", {"expected_version": 1}) == 403
        assert await status_of("GET", "/api/v1/session") == 200
        assert await status_of("GET", "/api/v1/account") == 403
        assert await status_of("DELETE", "/api/v1/session") in (204, 403)
        listed = (await lan.ask("GET", "/api/v1/account/tokens"))[1]
        assert (listed[0]["label"], listed[0]["scopes"]) == ("board", ["see:incident"])
        assert "token" not in listed[0]
        async with Browser(centre.url) as other:
            await other.sign_in("district")
            assert (await other.ask("DELETE", f"/api/v1/account/tokens/{made['id']}"))[0] == 404
        assert (await lan.ask("DELETE", f"/api/v1/account/tokens/{made['id']}"))[0] == 204
        assert await status_of("GET", f"/api/v1/incidents/{one}") == 401
        for bad in (["everything"], ["see:"], ["see:incident "], []):
            assert (await lan.ask("POST", "/api/v1/account/tokens", wish | {"scopes": bad}))[0] == 400
        assert (await lan.ask("POST", "/api/v1/account/tokens", wish | {"days": 4000}))[0] == 400


async def test_a_program_has_tokens_and_no_password(centre: Centre, admin: Browser) -> None:
    status, made = await admin.ask("POST", "/api/v1/people", LAN | {"login": "gateway", "program": True})
    assert (status, made["invite"]) == (201, None)
    wish = {"label": "x", "scopes": ["see:*"], "days": 1}
    status, token = await admin.ask("POST", "/api/v1/people/gateway/tokens", wish)
    assert status == 201
    assert (await admin.ask("POST", "/api/v1/people/operator/tokens", wish))[0] == 403
    headers = {"Authorization": f"Bearer {token['token']}"}
    assert (await centre.get("/ogc/collections/incidents/items", None, **headers))[0] == 200
    await centre.owner.execute("update tokens set expires_at = now() where label = 'x'")
    assert (await admin.ask("GET", "/api/v1/people/gateway/tokens"))[1][0]["used_at"]
    async with Browser(centre.url) as anyone:
        assert (await anyone.sign_in("gateway", ""))[0] == 400
        assert (await anyone.sign_in("gateway", "x"))[0] == 401


async def test_a_program_cannot_touch_the_account_it_runs_under(centre: Centre) -> None:
    for path in ("", "/sessions", "/tokens"):
        status, problem, _ = await centre.get(f"/api/v1/account{path}", "operator")
        assert (status, problem["code"]) == (403, "session-needed")


async def test_another_site_cannot_act_in_a_persons_name(centre: Centre, admin: Browser) -> None:
    for path, body in (("/api/v1/people", LAN), ("/api/v1/invite", {"secret": "x", "password": OTHER})):
        status, problem = await admin.ask("POST", path, body, Origin="https://evil.example")
        assert (status, problem["code"]) == (403, "foreign-origin")


@pytest.mark.parametrize(
    "body",
    [{}, {"login": "A B"}, LAN | {"role": "king"}, LAN | {"centre": "atlantis"}, LAN | {"x": 1}, LAN | {"name": "\0"}],
)
async def test_what_makes_no_account_is_named(admin: Browser, body: Any) -> None:
    status, problem = await admin.ask("POST", "/api/v1/people", body)
    assert status == 400
    assert problem["code"] in ("bad-value", "missing-member", "unknown-member")
