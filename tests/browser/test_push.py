"""Messages that are pushed to a browser: signing up on the account page, showing them, following them, signing off.

The push service itself stands in: Chromium reaches none here. What it would give a page, and what it would hand to the
worker, are given and handed as it does.
"""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, CDPSession, Page, Worker, expect

from ioc.gallery import Gallery
from ioc.tell.channel import Message
from ioc.tell.pushing import payload
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.pages import page_in, sign_in
from tests.fakes.push_service import Browser as Subscribed
from tests.fakes.pushing import pushing_centre
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "account.html").is_file(), reason="the wall is not built: ./run builds it")

STAND_IN = """
const given = %s;
const held = { get now() { return sessionStorage.getItem('push') !== null; } };
const made = {
  endpoint: given.endpoint, options: { get applicationServerKey() {
    const text = sessionStorage.getItem('push').replaceAll('-', '+').replaceAll('_', '/');
    return Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer;
  } },
  toJSON: () => given, unsubscribe: async () => { sessionStorage.removeItem('push'); return true; },
};
PushManager.prototype.getSubscription = async () => held.now ? made : null;
PushManager.prototype.subscribe = async function (options) {
  const key = btoa(String.fromCharCode(...options.applicationServerKey));
  sessionStorage.setItem('push', key.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''));
  return made;
};
"""
"""What a push service makes a browser's PushManager answer; it outlives a page."""

MESSAGE = Message(
    id="0192f0aa-0000-7000-8000-000000000001", recipient="district", language="vi",
    subject="[KHẨN] Phiếu #7: Quá hạn 5 phút: <b>Nước</b> lên", text="Nơi: Tam Kỳ", link="/inbox#ticket=t1",
    items=(), thread="ticket/t1", severity="extreme", topic="escalation",
    created=dt.datetime(2026, 11, 26, tzinfo=dt.UTC),
)  # fmt: skip

SHOWN = """async () => (await self.registration.getNotifications()).map((one) => ({
  title: one.title, body: one.body, tag: one.tag, stays: one.requireInteraction, link: one.data.link,
}))"""


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    more = {"wall": WALL, "gallery": Gallery(tmp_path / "media", make=False)}
    async with pushing_centre(migrated.url, tmp_path, more, push_hosts="push.test") as one:
        yield one


def subscription() -> dict[str, Any]:
    one = Subscribed("https://push.test/browser").subscription
    return {
        "endpoint": one.endpoint,
        "expirationTime": None,
        "keys": {"p256dh": one.p256dh, "auth": one.auth},
    }


async def account(chrome: Browser, centre: Centre, who: str = "district") -> tuple[Page, list[str]]:
    """A person's account page, in a browser that may show notifications and has the stand-in."""
    context = await chrome.new_context(locale="vi-VN", permissions=["notifications"])
    page, faults = await page_in(context)
    await page.add_init_script(STAND_IN % json.dumps(subscription()))
    await page.goto(centre.url + "/signin")
    await sign_in(page, who)
    await page.wait_for_url(centre.url + "/")
    await page.goto(centre.url + "/account")
    return page, faults


async def kept(centre: Centre) -> list[str]:
    """Whose browsers the server sends to."""
    rows = await centre.owner.fetch("select login from push_subscriptions join accounts on accounts.id = account")
    return [row["login"] for row in rows]


async def test_a_browser_is_signed_up_and_signed_off_with_its_person(chrome: Browser, centre: Centre) -> None:
    page, faults = await account(chrome, centre)
    part = page.get_by_test_id("push")
    await expect(page.get_by_test_id("push-state")).to_contain_text("chưa nhận tin")
    await part.get_by_test_id("push-turn").click()
    await expect(page.get_by_test_id("push-message")).to_contain_text("nhận tin của bạn")
    await expect(page.get_by_test_id("push-state")).to_contain_text("đang nhận tin")
    assert await kept(centre) == ["district"]
    await page.reload()
    await expect(page.get_by_test_id("push-state")).to_contain_text("đang nhận tin")
    await part.get_by_test_id("push-turn").click()
    await expect(page.get_by_test_id("push-state")).to_contain_text("chưa nhận tin")
    assert await kept(centre) == []
    await part.get_by_test_id("push-turn").click()
    await expect(page.get_by_test_id("push-state")).to_contain_text("đang nhận tin")
    await page.get_by_role("button", name="Đăng xuất").click()
    await page.wait_for_url(centre.url + "/signin")
    assert await kept(centre) == []
    assert await page.evaluate("sessionStorage.getItem('push')") is None
    assert faults == []


async def test_who_signs_in_after_an_ended_session_gets_nobody_elses_messages(chrome: Browser, centre: Centre) -> None:
    page, faults = await account(chrome, centre)
    await page.get_by_test_id("push-turn").click()
    await expect(page.get_by_test_id("push-state")).to_contain_text("đang nhận tin")
    await page.context.clear_cookies()
    await page.goto(centre.url + "/signin")
    await sign_in(page, "operator")
    await page.wait_for_url(centre.url + "/")
    assert await page.evaluate("sessionStorage.getItem('push')") is None
    await page.goto(centre.url + "/account")
    await expect(page.get_by_test_id("push-state")).to_contain_text("chưa nhận tin")
    assert faults == []


async def worker_of(page: Page) -> tuple[Worker, CDPSession, str]:
    """The worker of a browser that is signed up, the line by which Chromium hands it messages, and its number."""
    await page.get_by_test_id("push-turn").click()
    await expect(page.get_by_test_id("push-state")).to_contain_text("đang nhận tin")
    line = await page.context.new_cdp_session(page)
    found: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"]),
    )
    await line.send("ServiceWorker.enable")
    async with asyncio.timeout(20):
        while not found:
            await page.wait_for_timeout(20)
    return page.context.service_workers[0], line, found[0]


async def test_what_is_pushed_is_shown_once_and_leads_to_its_ticket(chrome: Browser, centre: Centre) -> None:
    page, faults = await account(chrome, centre)
    worker, line, number = await worker_of(page)

    async def push(data: str) -> None:
        handed = {"origin": centre.url, "registrationId": number, "data": data}
        await line.send("ServiceWorker.deliverPushMessage", handed)

    async def shown(count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(20):
            while len(found := await worker.evaluate(SHOWN)) != count:
                await page.wait_for_timeout(20)
        return list(found)

    for _ in range(2):
        await push(payload(MESSAGE).decode())
    (one,) = await shown(1)
    assert one == {
        "title": MESSAGE.subject, "body": "Nơi: Tam Kỳ", "tag": "ticket/t1", "stays": True, "link": "/inbox#ticket=t1",
    }  # fmt: skip
    await push(payload(msgspec.structs.replace(MESSAGE, id="2", thread="ticket/t2", severity="minor")).decode())
    await shown(2)
    await push("not what was agreed")
    stays = {one["tag"]: one["stays"] for one in await shown(3)}
    assert stays == {"ticket/t1": True, "ticket/t2": False, "IOC": False}
    opened = await worker.evaluate(
        """async () => {
          const opened = [];
          Object.defineProperty(self.clients, 'openWindow', { value: async (url) => { opened.push(url); } });
          const [notification] = await self.registration.getNotifications({ tag: 'ticket/t1' });
          self.dispatchEvent(new NotificationEvent('notificationclick', { notification }));
          while (opened.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
          return opened;
        }"""
    )
    assert opened == [centre.url + "/inbox#ticket=t1"]
    assert len(await shown(2)) == 2
    assert faults == []


async def test_the_page_has_no_such_part_where_push_is_off(chrome: Browser, migrated: Fresh, tmp_path: Path) -> None:
    async with pushing_centre(migrated.url, tmp_path, {"wall": WALL}) as centre:
        page, faults = await account(chrome, centre)
        await expect(page.get_by_test_id("add-way")).to_be_visible()
        await page.wait_for_function("performance.getEntriesByName(location.origin + '/api/v1/push').length === 1")
        await expect(page.get_by_test_id("push-state")).to_have_count(0)
        assert faults == []
