"""Web push over HTTP: a browser subscribes for who is signed in, and nobody else's is touched."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.push_service import Browser
from tests.fakes.pushing import pushing_centre

BASE = "/api/v1/push"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with pushing_centre(migrated.url, tmp_path, push_hosts="push.test, .notify.test") as one:
        yield one


def asked(browser: Browser, **changed: Any) -> dict[str, Any]:
    one = browser.subscription
    keys = {"p256dh": one.p256dh, "auth": one.auth}
    return {"endpoint": one.endpoint, "expirationTime": None, "keys": keys} | changed


async def test_a_browser_subscribes_and_unsubscribes(centre: Centre) -> None:
    browser = Browser("https://push.test/1")
    _, before, _ = await centre.get(BASE, "operator")
    assert before["enabled"]
    assert len(before["public_key"]) == 87
    assert before["subscriptions"] == 0
    for _ in range(2):
        status, answer = await centre.post(BASE, asked(browser), "operator")
        assert (status, answer["subscriptions"]) == (201, 1)
    assert (await centre.get(BASE, "viewer"))[1]["subscriptions"] == 0
    endpoint = {"endpoint": browser.subscription.endpoint}
    assert (await centre.post(f"{BASE}/unsubscribe", endpoint, "viewer"))[0] == 404
    assert (await centre.post(f"{BASE}/unsubscribe", endpoint, "operator"))[1]["subscriptions"] == 0
    assert (await centre.post(f"{BASE}/unsubscribe", endpoint, "operator"))[0] == 404


async def test_what_is_as_good_as_a_key_is_not_in_the_audit_trail(centre: Centre) -> None:
    browser = Browser("https://push.test/a-word-that-nobody-guesses")
    await centre.post(BASE, asked(browser), "operator")
    rows = str([tuple(row) for row in await centre.owner.fetch("select * from audit")])
    assert "push.subscribe" in rows
    assert "a-word-that-nobody-guesses" not in rows
    assert browser.subscription.auth not in rows


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        ("http://push.test/1", "push-wrong"), ("https://evil.test/1", "push-host"), ("https://10.20.0.7/", "push-host"),
        ("https://push.test:8443/", "push-wrong"), ("https://push.test@evil.test/", "push-wrong"),
        ("https://a.notify.test/1", ""),
    ],
)  # fmt: skip
async def test_only_known_services_are_subscribed_to(centre: Centre, endpoint: str, code: str) -> None:
    """Whoever is signed in may subscribe, and must not have this server call into its networks."""
    status, answer = await centre.post(BASE, asked(Browser("https://push.test/1"), endpoint=endpoint), "viewer")
    assert (status, answer.get("code", "")) == ((422, code) if code else (201, ""))


async def test_keys_that_cannot_be_used_are_refused(centre: Centre) -> None:
    body = asked(Browser("https://push.test/1"), keys={"p256dh": "AAAA", "auth": "AAAA"})
    status, answer = await centre.post(BASE, body, "viewer")
    assert (status, answer["code"]) == (422, "push-wrong")


async def test_a_stranger_learns_and_subscribes_nothing(centre: Centre) -> None:
    assert (await centre.get(BASE, None))[0] == 401
    assert (await centre.post(BASE, asked(Browser("https://push.test/1")), None))[0] == 401


async def test_it_is_off_unless_somebody_switches_it_on(migrated: Fresh, tmp_path: Path) -> None:
    async with pushing_centre(migrated.url, tmp_path) as centre:
        assert (await centre.get(BASE))[1] == {"enabled": False, "public_key": "", "subscriptions": 0}
        status, answer = await centre.post(BASE, asked(Browser("https://push.test/1")))
        assert (status, answer["code"]) == (409, "push-off")
    assert not (tmp_path / "state" / "vapid.pem").exists()
