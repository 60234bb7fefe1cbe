"""The search, the kiosk and the layouts of a person, in a real browser."""

import asyncio
import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.fakes.http_centre import Centre
from tests.fakes.incidents import heard
from tests.fakes.pages import row, wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "rules.html").is_file(), reason="the wall is not built: ./run builds it")


async def typed(page: Page, text: str) -> None:
    """What is looked for, with the server's answer."""
    await page.keyboard.press("/")
    await expect(page.get_by_test_id("find-input")).to_be_focused()
    await page.keyboard.press("Control+A")
    await page.keyboard.type(text)
    await expect(page.get_by_test_id("finder")).to_have_attribute("data-found", text)


async def test_everything_with_a_name_is_found_by_keys_alone(chrome: Browser, centre: Centre) -> None:
    flood = await heard(centre, title="Ngập ở Cửa Đại", title_en="Flood", severity="severe")
    await heard(centre, title="Cửa Đại cũ", status="closed")
    page, faults = await wall(chrome, centre, "operator")
    await expect(row(page, flood)).to_be_visible()
    await typed(page, "cua dai")
    options = page.get_by_test_id("found")
    await expect(options.first).to_contain_text("Ngập ở Cửa Đại")
    await expect(options.last).to_contain_text("Cửa Đại cũ")
    await expect(page.get_by_test_id("find-input")).to_have_attribute("aria-activedescendant", "find-0")
    await page.keyboard.press("ArrowDown")
    await expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowUp")
    await expect(options.first).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("detail")).to_contain_text("Ngập ở Cửa Đại")
    # The district that is no more: until when, and the map goes there.
    await typed(page, "TAM KY")
    await expect(page.locator("[data-kind=area]")).to_contain_text("đến hết 30/06/2025")
    await typed(page, "15.55, 108.2")
    await expect(options).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("finder")).to_be_hidden()
    # Without the server, what the page holds.
    await page.route("**/api/v1/search*", lambda route: route.abort())
    await typed(page, "tram mot")
    await expect(page.get_by_test_id("find-note")).to_contain_text("Máy chủ không trả lời")
    await expect(options.first).to_contain_text("Trạm Một")
    await shot(page, "search")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("detail")).to_contain_text("Trạm Một")
    assert faults == []


async def test_the_kiosk_goes_through_the_worst_and_a_new_extreme_breaks_in(chrome: Browser, centre: Centre) -> None:
    first = await heard(centre, title="Vỡ đê Ái Nghĩa", severity="extreme", lon=108.1, lat=15.6)
    second = await heard(centre, title="Sạt lở Trà My", severity="severe")
    page, faults = await wall(chrome, centre, "viewer", viewport={"width": 1600, "height": 900})
    await page.goto(centre.url + "/?kiosk=3")
    card = page.get_by_test_id("kiosk-card")
    await expect(card).to_have_attribute("data-incident", first)
    await expect(card).to_contain_text("CHƯA AI TIẾP NHẬN")
    for hidden in ("#header", "#list", ".mapbuttons"):
        await expect(page.locator(hidden)).to_be_hidden()
    await shot(page, "kiosk")
    await expect(card).to_have_attribute("data-incident", second)
    await expect(card).to_have_attribute("data-incident", first)
    later = await heard(centre, title="Cháy chợ Hội An", severity="extreme")
    await expect(card).to_have_attribute("data-incident", later)
    await expect(page.get_by_test_id("kiosk-breaks")).to_contain_text("MỚI")
    # A session that ends is said, and nothing pretends to go on.
    await centre.owner.execute("delete from sessions")
    await expect(page.get_by_test_id("kiosk-alert")).to_contain_text("PHIÊN ĐÃ KẾT THÚC")
    await shot(page, "ended")
    await page.keyboard.press("Escape")
    await page.wait_for_url("**/signin")
    assert faults == []


async def test_the_kiosk_s_map_is_as_much_larger_as_its_words_and_fills_its_room(
    chrome: Browser, centre: Centre
) -> None:
    page, faults = await wall(chrome, centre, "viewer", viewport={"width": 3800, "height": 600})
    await page.goto(centre.url + "/?kiosk=600")
    await page.wait_for_selector("body[data-kiosk][data-map=idle]", timeout=60_000)
    room, drawn, points, width = await page.evaluate("""() => {
      const canvas = document.querySelector("#map canvas");
      const wide = (one) => Math.round(one.getBoundingClientRect().width);
      return [wide(document.getElementById("map")), wide(canvas), canvas.width, canvas.clientWidth];
    }""")
    assert room == drawn == points, "as many points as the screen has there"
    assert width == room / 2
    assert faults == []


async def test_a_layout_is_there_in_another_browser_and_opens_by_itself(chrome: Browser, centre: Centre) -> None:
    severe = await heard(centre, title="Sạt lở Trà My", severity="severe")
    minor = await heard(centre, title="Cây đổ", severity="minor")
    page, faults = await wall(chrome, centre, "operator")
    await page.wait_for_selector("body[data-map=idle]")
    await page.keyboard.press("h")
    await page.keyboard.press(";")
    await page.locator("[data-choice='severity=severe']").check()
    await page.keyboard.press("Escape")
    await expect(row(page, minor)).to_be_hidden()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("$")
    await page.keyboard.type("Lũ")
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("layout-note")).to_contain_text("Đã lưu “Lũ”")
    await page.get_by_test_id("layout-default").press("Enter")
    await expect(page.get_by_test_id("layout-default")).to_have_attribute("aria-pressed", "true")
    await page.get_by_test_id("layout-rename").press("Enter")
    await page.keyboard.type("Đêm lũ")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-layout='Đêm lũ']")).to_be_visible()
    await shot(page, "layouts")
    other, more = await wall(chrome, centre, "operator")
    await expect(row(other, severe)).to_be_visible()
    await expect(row(other, minor)).to_be_hidden()
    await expect(other.get_by_test_id("heat")).to_have_attribute("aria-pressed", "true")
    await other.keyboard.press("$")
    await other.get_by_test_id("layout-drop").press("Enter")
    await expect(other.get_by_test_id("layouts")).to_contain_text("chưa lưu")
    # The first browser does not know that yet: it is told, and nothing is lost unnoticed.
    await page.get_by_test_id("layout-default").press("Enter")
    await expect(page.get_by_test_id("layout-note")).to_contain_text("được sửa ở nơi khác")
    assert faults == more == []


async def test_a_layout_that_is_saved_while_the_sheet_still_reads_stays(chrome: Browser, centre: Centre) -> None:
    """The answer of before the saving comes late, as over a slow line: it is not taken for what is kept since."""
    page, faults = await wall(chrome, centre, "operator")
    await page.wait_for_selector("body[data-map=idle]")
    typed_all, told = asyncio.Event(), asyncio.Event()
    early: list[bool] = []

    async def slow(route: Route) -> None:
        if route.request.method == "PUT":
            early.append(not told.is_set())
            await route.continue_()
            return
        answer = await route.fetch()
        await typed_all.wait()
        told.set()
        await route.fulfill(response=answer)

    await page.route("**/api/v1/account/layout", slow)
    await page.keyboard.press("$")
    for name in ("Lũ", "Bão"):
        await page.keyboard.type(name)
        await page.keyboard.press("Enter")
        await page.get_by_test_id("layout-name").fill("")
    typed_all.set()
    for name in ("Lũ", "Bão"):
        await expect(page.locator(f"[data-layout='{name}']")).to_be_visible()
    await expect(page.get_by_test_id("layout-note")).to_contain_text("Đã lưu “Bão”")
    assert early == [False, False]
    assert faults == []


async def shot(page: Page, name: str) -> None:
    """A picture for people, where a folder is named for them."""
    folder = os.environ.get("IOC_SHOTS")
    if folder:
        await page.screenshot(path=Path(folder) / f"find-{name}.png")
