"""An officer's phone: a small screen under a thumb, in a real browser, with what it keeps."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from playwright.async_api import Browser, BrowserContext, Dialog, Page

from ioc.data import places
from tests.fakes import pages
from tests.fakes.http_centre import Centre
from tests.fakes.line import Line
from tests.fakes.pages import page_in

PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
    "locale": "vi-VN",
    "timezone_id": "Asia/Ho_Chi_Minh",
    "reduced_motion": "reduce",
}

STORE = """(name) => new Promise((done, fail) => {
  const asked = indexedDB.open("ioc-inbox");
  asked.onerror = () => fail(asked.error);
  asked.onsuccess = () => {
    const all = asked.result.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result.map((row) => row.key ?? row.id)); };
  };
})"""


def basemap(name: str) -> bytes | None:
    return places.basemap(name) if name in places.BASEMAP else None


async def phone(chrome: Browser, line: Line) -> tuple[BrowserContext, Page, list[str]]:
    """A phone in which the officer has signed in and sees the list; and what broke the page's policy or failed."""
    context = await chrome.new_context(**PHONE)
    page, faults = await page_in(context)
    await page.goto(line.url + "/inbox")
    await sign_in(page)
    return context, page, faults


async def sign_in(page: Page) -> None:
    await pages.sign_in(page, "district")
    await page.wait_for_url(re.compile("/inbox$"))
    await page.locator("body[data-state=fresh]").wait_for()


async def kept(page: Page, name: str) -> list[str]:
    """The keys of what the phone keeps."""
    found: list[str] = await page.evaluate(STORE, name)
    return found


async def until(what: Callable[[], Any], seconds: float = 40.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(seconds):
        while not await what():
            await asyncio.sleep(0.05)


async def readable_offline(page: Page, *tickets: str) -> None:
    """Wait until the phone keeps the page itself, these tickets and their ground."""
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    async def there() -> bool:
        keys = await kept(page, "kept")
        return {f"ticket/{one}" for one in tickets} <= set(keys) and any(key.startswith("ground/") for key in keys)

    await until(there)


async def log_of(centre: Centre, ticket: str) -> list[tuple[str, str]]:
    rows = await centre.owner.fetch("select who, what from ticket_log where ticket = $1::uuid order by id", ticket)
    return [(row["who"], row["what"]) for row in rows]


def photograph(path: Path, seed: int) -> Path:
    """What a phone's camera makes: twelve megapixels that do not pack well."""
    small = np.random.default_rng(seed).integers(0, 255, (300, 400, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(small, (4000, 3000), interpolation=cv2.INTER_CUBIC))
    return path


async def fits(page: Page) -> None:
    """Nothing is wider than the screen, and what can be tapped is large enough for a thumb."""
    assert await page.evaluate("document.scrollingElement.scrollWidth") <= 360
    small = await page.evaluate(
        """() => [...document.querySelectorAll("a, button, summary, select, textarea, input:not([type=file])")]
          .filter((one) => one.offsetParent !== null)
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.height < 44 || box.width < 44).map(([text]) => text)"""
    )
    assert small == []


async def go(page: Page, ticket: str) -> None:
    await page.evaluate("location.hash = ''")
    await page.locator(f"a[data-ticket='{ticket}']").click()
    await page.locator(f"article[data-ticket='{ticket}']").wait_for()


async def tap(page: Page, step: str) -> None:
    """Takes a step by its button, also where it is behind the others."""
    button = page.locator(f".thumb button[data-step='{step}']")
    await button.first.wait_for(state="attached")
    if not await button.is_visible():
        await page.locator(".thumb summary").click()
    await button.click()


async def strange(centre: Centre, context: BrowserContext) -> bool:
    """Whether the server knows the phone's session no more; it believes one for two seconds."""
    mine = "; ".join(f"{one['name']}={one['value']}" for one in await context.cookies())
    return (await centre.get("/api/v1/session", None, Cookie=mine))[0] == 401


async def agree(dialog: Dialog) -> None:
    await dialog.accept()
