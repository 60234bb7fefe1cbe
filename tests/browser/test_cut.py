"""A page whose network is cut for a while ends with the same picture as one whose was not."""

import asyncio
import time
import uuid

import pytest
from playwright.async_api import Browser, Page

from gis.layers import INCIDENTS
from tests.browser.conftest import Tell
from tests.fakes.http_centre import Centre
from tests.fakes.incidents import heard, told
from tests.fakes.pages import PLAIN, page_in, sign_in, wall
from tests.fakes.watched import WALL
from tests.instruments.proxy import Proxy

pytestmark = pytest.mark.skipif(not (WALL / "index.html").is_file(), reason="the wall is not built: ./run builds it")

LIST = "all => all.map(one => [one.dataset.incident, one.dataset.status, one.dataset.severity]).sort()"


async def step(centre: Centre, incident: str, name: str, version: int) -> None:
    status, said = await centre.post(f"/api/v1/incidents/{incident}/{name}", {"expected_version": version})
    assert status == 200, said


async def rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = await page.locator("li[data-incident]").evaluate_all(LIST)
    return found


async def test_a_page_without_network_ends_with_the_same_picture(
    chrome: Browser, centre: Centre, long: bool, tell: Tell
) -> None:
    """What stood is acknowledged, worse or over, and new things came; 10 s, with --long two minutes.

    By a proxy: Chromium's own switch leaves open streams alone.
    """
    before = [await heard(centre, severity="moderate") for _ in range(6)]
    stays, _ = await wall(chrome, centre, "admin")
    with Proxy(int(centre.url.rpartition(":")[2])) as proxy:
        cut, _ = await page_in(await chrome.new_context(**PLAIN))
        await cut.goto(f"http://127.0.0.1:{proxy.port}/signin")
        await sign_in(cut, "operator")
        await cut.wait_for_selector("body[data-live=live]")
        await _cut_and_back(centre, stays, cut, proxy, 120 if long else 10, before, tell)


async def _happens(centre: Centre, before: list[str]) -> list[str]:
    """Two are acknowledged, one gets worse, one is over; the new ones."""
    await step(centre, before[0], "acknowledge", 1)
    await step(centre, before[1], "acknowledge", 1)
    fresh = [await heard(centre, severity=word) for word in ("extreme", "severe", "minor")]
    worse = "update incidents set severity = 'extreme', version = 2 where id = $1"
    await centre.owner.execute(worse, uuid.UUID(before[2]))
    gone = "update incidents set status = 'closed', version = 2, updated_at = now() where id = $1"
    await centre.owner.execute(gone, uuid.UUID(before[3]))
    for incident in before[2:4]:
        await told(centre, INCIDENTS, incident)
    return fresh


async def _cut_and_back(
    centre: Centre, stays: Page, cut: Page, proxy: Proxy, seconds: float, before: list[str], tell: Tell
) -> None:
    for page in (stays, cut):
        await page.locator(f"li[data-incident='{before[-1]}']").wait_for()
    assert await rows(stays) == await rows(cut)
    proxy.cut()
    over = time.monotonic() + seconds
    fresh = await _happens(centre, before)
    await cut.wait_for_selector("body[data-live=lost]", timeout=30_000)
    while time.monotonic() < over:
        fresh.append(await heard(centre, severity="severe"))
        await asyncio.sleep(1.0)
    for incident in fresh:
        await stays.locator(f"li[data-incident='{incident}']").wait_for()
    assert await rows(stays) != await rows(cut), "the cut page cannot know"
    proxy.through()
    begun = time.monotonic()
    await cut.wait_for_selector("body[data-live=live]", timeout=60_000)
    for incident in fresh:
        await cut.locator(f"li[data-incident='{incident}']").wait_for()
    tell(f"the same picture {time.monotonic() - begun:.1f} s after the network was back")
    await cut.locator(f"li[data-incident='{before[3]}']").wait_for(state="detached")
    assert await rows(cut) == await rows(stays)
    shown = {fid: (status, severity) for fid, status, severity in await rows(cut)}
    assert before[3] not in shown
    assert shown[before[0]][0] == "acknowledged"
    assert shown[before[2]][1] == "extreme"
