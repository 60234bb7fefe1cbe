"""The inbox's first useful picture on a weak link: 64 kbit/s each way and 500 ms to every answer.

Useful is the list with titles and due times. Cold is a browser that was never here but is signed in; warm is one that
was: the page comes from the phone, and the clock stops when the centre has confirmed the list. The link is Chromium's
own emulation, the centre a real server over a real PostgreSQL with sixty tickets of one unit.
"""

import datetime as dt
import statistics
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.centre import state_dir
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.data import places
from ioc.embedded import Stack
from ioc.store import tickets
from ioc.store.migrate import migrate
from ioc.tickets.ticket import Ticket
from tests.browser.conftest import ARGUMENTS, chromium
from tests.fakes.http_centre import PASSWORD, Centre, now, running_centre
from tests.fakes.watched import WALL

GOALS = {"inbox_first_s": ("at most", 8.0), "inbox_warm_s": ("at most", 2.0)}

BYTES_S, LATENCY_MS = 8_000, 500
TICKETS, COLD, WARM = 60, 5, 7
SEVERITIES = ("minor", "moderate", "severe", "extreme")
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "locale": "vi-VN",
}  # fmt: skip
WATCH = """
new MutationObserver(() => {
  const shown = document.querySelectorAll("[data-testid=tickets] .title").length > 0;
  const due = document.querySelector("[data-testid=tickets] .due")?.textContent;
  if (shown && due) window.pictureAt ??= performance.now();
  if (window.pictureAt && document.body.dataset.state === "fresh") window.freshAt ??= performance.now();
  if (window.freshAt) document.documentElement.dataset.measured ??= "yes";
}).observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
"""


def _basemap(name: str) -> bytes | None:
    return places.basemap(name) if name in places.BASEMAP else None


def _ticket(number: int, at: dt.datetime) -> Ticket:
    """One of many tickets of a night of flood, each with words and a place of its own."""
    due = at + dt.timedelta(minutes=37 * number)
    return Ticket(
        id=str(uuid.uuid4()), number=number, version=1 + number % 5, incident=str(uuid.uuid4()), unit="hoi-an",
        centre="hoi-an", sender="quang-nam", area="502@2024-09-01", area_code="502", area_name="Tam Kỳ",
        position=Position(lon=108.3 + number / 1_000, lat=15.85 + (number * 7 % 60) / 1_000),
        title=f"Nước sông Thu Bồn tại trạm {number} vượt báo động {'I' * (1 + number % 3)}",
        title_en=f"Thu Bon river above alarm level {1 + number % 3} at gauge {number}",
        task=f"Kiểm tra đường thôn {number}, sơ tán {number * 3} hộ nếu cần", category="flood",
        severity=SEVERITIES[number % 4], state="new" if number % 2 else "accepted",
        owner="" if number % 2 else "district", accepted_at=None if number % 2 else at, policy=1, opened_at=at,
        received_at=at, updated_at=at, accept_by=due, due_at=due + dt.timedelta(hours=2),
    )  # fmt: skip


@asynccontextmanager
async def _centre() -> AsyncIterator[Centre]:
    async with AsyncExitStack() as exits:
        state = await exits.enter_async_context(state_dir())
        stack = await exits.enter_async_context(Stack(state, report=lambda step: None))
        await migrate(stack.database_url("ioc_owner"))
        folder = state / "bench"
        folder.mkdir()
        more = {"wall": WALL, "basemap": _basemap}
        centre = await exits.enter_async_context(running_centre(stack.database_url, folder, more))
        async with centre.database.transaction(EVERYTHING) as transaction:
            await tickets.add(transaction, [_ticket(number, now()) for number in range(1, TICKETS + 1)])
        yield centre


async def _session(centre: Centre) -> str:
    """The secret of a session of the district's officer."""
    body = {"user": "district", "password": PASSWORD}
    async with centre.http.post(f"{centre.url}/api/v1/session", json=body) as answer:
        answer.raise_for_status()
        return answer.cookies["ioc_session"].value


async def _weak(context: BrowserContext) -> tuple[Page, list[float]]:
    """A page on the weak link, and the bytes of each answer that it got."""
    page = await context.new_page()
    await page.add_init_script(WATCH)
    devtools = await context.new_cdp_session(page)
    await devtools.send("Network.enable")
    await devtools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": BYTES_S, "uploadThroughput": BYTES_S},
    )
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    return page, sizes


async def _opened(page: Page, url: str) -> tuple[float, float]:
    """Seconds from the navigation to the first picture, and until it was confirmed."""
    await page.goto(f"{url}/inbox", wait_until="commit")
    await page.locator("html[data-measured]").wait_for(timeout=60_000)
    found: list[float] = await page.evaluate("[pictureAt, freshAt]")
    return found[0] / 1e3, found[1] / 1e3


async def _fresh(browser: Browser, url: str, secret: str) -> BrowserContext:
    context = await browser.new_context(**PHONE)
    await context.add_cookies([{"name": "ioc_session", "value": secret, "url": url}])
    return context


async def _cold(browser: Browser, url: str, secret: str) -> tuple[list[float], list[float]]:
    times, sizes = [], []
    for _ in range(COLD):
        context = await _fresh(browser, url, secret)
        page, got = await _weak(context)
        times.append((await _opened(page, url))[0])
        sizes.append(sum(got[:2]))
        await context.close()
    return times, sizes


async def _again(browser: Browser, url: str, secret: str) -> tuple[list[float], list[float]]:
    """A phone that was here: seconds until the list stood there, and until the centre had confirmed it."""
    context = await _fresh(browser, url, secret)
    page = await context.new_page()
    await page.goto(f"{url}/inbox")
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await page.close()
    kept, confirmed = [], []
    for _ in range(WARM):
        page, _sizes = await _weak(context)
        picture, fresh = await _opened(page, url)
        kept.append(picture)
        confirmed.append(fresh)
        await page.close()
    await context.close()
    return kept, confirmed


async def measure() -> Mapping[str, float]:
    """Medians, seconds and bytes: `inbox_first_s` and `inbox_first_bytes` (the page and the list) cold,
    `inbox_kept_s` until the kept list stands there and `inbox_warm_s` until it is confirmed."""
    async with _centre() as centre, async_playwright() as playwright:
        secret = await _session(centre)
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        cold, sizes = await _cold(browser, centre.url, secret)
        kept, confirmed = await _again(browser, centre.url, secret)
        await browser.close()
    return {
        "inbox_first_s": round(statistics.median(cold), 2),
        "inbox_first_worst_s": round(max(cold), 2),
        "inbox_first_bytes": round(statistics.median(sizes)),
        "inbox_kept_s": round(statistics.median(kept), 2),
        "inbox_warm_s": round(statistics.median(confirmed), 2),
    }


async def run(*, long: bool) -> dict[str, float]:
    """As a benchmark of its own."""
    return dict(await measure())
