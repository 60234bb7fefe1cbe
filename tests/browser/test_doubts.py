"""Several doubtful matches linked at once, in a real browser: what stands behind the sheet decides nothing."""

from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect

from ioc.access.scope import EVERYTHING
from ioc.store import reach
from tests.fakes.http_centre import Centre
from tests.fakes.incidents import alarm, homes
from tests.fakes.pages import wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "index.html").is_file(), reason="the wall is not built: ./run builds it")

SOON_MS = 15_000
"""The page looks at the queue every five seconds."""

PRESS_AT_ONCE = """addEventListener("focusin", ({target}) => {
  if (!target.matches(".doubttitle")) return;
  target.dispatchEvent(new KeyboardEvent("keydown", {key: "1", bubbles: true, cancelable: true}));
})"""


async def doubtful(centre: Centre, count: int) -> tuple[str, list[str]]:
    """The nearer one of two incidents, and alarms that both would take."""
    north, south = [await centre.incident(alarms=1, lon=108.1, lat=lat, title=str(lat)) for lat in (15.61, 15.595)]
    for incident, lat in ((north, 15.61), (south, 15.595)):
        await alarm(centre, incident, lat=lat)
    async with centre.database.transaction(EVERYTHING) as transaction:
        await reach.rebuild(transaction, [north, south])
    return south, [await alarm(centre, None, lat=15.6, title=f"Ngập {number}") for number in range(count)]


async def sheet_of(page: Page) -> tuple[Locator, Locator]:
    """The sheet of all that waits for the nearest incident, and its button."""
    await page.locator("[data-all]").first.wait_for()
    await page.keyboard.press("a")
    sheet = page.get_by_test_id("together")
    submit = sheet.locator("button[type=submit]")
    await expect(submit).to_be_focused()
    return sheet, submit


def links_of(page: Page) -> list[str]:
    """The links that the page will ask for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/link") else None)
    return asked


async def test_the_key_that_links_all_does_not_link_the_next_alarm(chrome: Browser, centre: Centre) -> None:
    south, waiting = await doubtful(centre, 3)
    page, faults = await wall(chrome, centre, "operator")
    asked = links_of(page)
    await page.keyboard.press("q")
    sheet, submit = await sheet_of(page)
    await sheet.locator(f"input[value='{waiting[2]}']").uncheck()
    await page.evaluate(PRESS_AT_ONCE)
    await submit.press("Enter")
    await expect(page.get_by_test_id("doubt-message")).to_contain_text("Đã ghép 2 cảnh báo")
    await expect(page.locator(".doubttitle")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    # The next key goes to the first candidate: those before it have been taken, and have asked for nothing.
    await page.keyboard.press("Tab")
    await expect(page.locator("[data-candidate]").first).to_be_focused()
    assert [one.partition("/matches")[2] for one in asked] == ["/link"]
    at_home = await homes(centre)
    assert [at_home[one] for one in waiting] == [south, south, "None"]
    assert faults == []


async def test_the_sheet_keeps_the_map_and_the_words_while_the_queue_changes(chrome: Browser, centre: Centre) -> None:
    south, waiting = await doubtful(centre, 3)
    page, faults = await wall(chrome, centre, "operator")
    await page.wait_for_selector("body[data-map=idle]")
    await page.keyboard.press("q")
    title, message = page.locator(".doubttitle"), page.get_by_test_id("doubt-message")
    before = await title.inner_text()
    sheet, submit = await sheet_of(page)
    marks = page.locator(".mapmark")
    await expect(marks).to_have_text(["?", "?", "?", "A"])
    hidden = waiting[int(before.removeprefix("Ngập "))]
    assert (await centre.post(f"/api/v1/matches/{hidden}/link", {"incident": south}, "admin"))[0] == 200
    await expect(submit).to_have_text("Ghép các cảnh báo đã chọn (2)", timeout=SOON_MS)
    await expect(marks).to_have_text(["?", "?", "A"])
    await expect(message).to_be_empty()
    # Back at one at a time it is another one, and why is told.
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(message).to_contain_text("người khác đã quyết định")
    await expect(title).not_to_have_text(before)
    await expect(marks).to_have_text(["A", "B", "?"])
    assert faults == []


async def test_what_the_queue_hears_before_the_answer_does_not_close_the_sheet(chrome: Browser, centre: Centre) -> None:
    south, waiting = await doubtful(centre, 2)
    page, faults = await wall(chrome, centre, "operator")
    badge = page.get_by_test_id("tool-doubts").locator(".badge")
    await page.keyboard.press("q")
    sheet, submit = await sheet_of(page)
    stood: list[Any] = []

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await expect(badge).to_have_text("0", timeout=SOON_MS)
        stood.append((await sheet.count(), await page.get_by_test_id("doubt-message").inner_text()))
        await route.fulfill(response=answer)

    await page.route("**/api/v1/matches/link", late)
    await submit.press("Enter")
    await expect(page.get_by_test_id("doubt-message")).to_contain_text("Đã ghép 2 cảnh báo", timeout=2 * SOON_MS)
    await expect(sheet).to_have_count(0)
    assert stood == [(1, "")]
    at_home = await homes(centre)
    assert [at_home[one] for one in waiting] == [south, south]
    assert faults == []
