"""The page of the quality of alarms in a real browser, over kept figures of a flood."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from tests.fakes.http_centre import Centre, now
from tests.fakes.pages import PHONE, complaints_of, sign_in
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "quality.html").is_file(), reason="the wall is not built: ./run builds it")

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AREA = "502@2024-09-01"


def day(before: int) -> dt.date:
    return now().astimezone(ZONE).date() - dt.timedelta(days=before)


async def keep(centre: Centre, before: int, peak: int) -> None:
    """An hour of a day: `peak` alarms within ten minutes, and three sources that raised them."""
    hour = dt.datetime.combine(day(before), dt.time(10), ZONE)
    await centre.owner.execute("insert into alarm_hours values ($1, '{\"\": 1}', now())", hour)
    await centre.owner.execute(
        "insert into alarm_quality values ($1, 'quang-nam', $2, $3, '{1,0,0,0,0,0}', $4, 2, $5, 0, 1, 7, 0)",
        hour, AREA, [peak, 1, 0, 0, 0, 0], [peak, 1, 0, 0], peak // 2,
    )  # fmt: skip
    for source, name, alarms in (("g1", "Trạm Ái Nghĩa", peak), ("g2", "<b>Trạm</b> Câu Lâu", 1)):
        await centre.owner.execute(
            "insert into alarm_sources values ($1, 'quang-nam', $2, 'sensor', $3, $4, $5, 0, 1)",
            hour, AREA, source, name, alarms,
        )  # fmt: skip


async def opened(chrome: Browser, centre: Centre, who: str, **context: Any) -> tuple[Page, list[str]]:
    """The page as a person reaches it: from the wall, by the link in its head."""
    page = await (await chrome.new_context(locale="vi-VN", **context)).new_page()
    complaints = complaints_of(page)
    await page.goto(centre.url + "/signin")
    await sign_in(page, who)
    await page.click("a[href='/quality']")
    await page.wait_for_url(centre.url + "/quality")
    complaints.clear()  # what the wall itself has to say is its own tests' business
    return page, complaints


async def test_figures_charts_and_the_worst_sources_in_both_languages(chrome: Browser, centre: Centre) -> None:
    await keep(centre, 2, 4)
    await keep(centre, 1, 30)
    await keep(centre, 20, 5)
    page, complaints = await opened(chrome, centre, "admin")
    await expect(page.locator("h1")).to_have_text("Chất lượng cảnh báo")
    peak = page.get_by_test_id("card-peak")
    await expect(peak.locator("dd").first).to_have_text("30")
    await expect(peak).to_have_class("card bad")
    await expect(page.get_by_test_id("card-chattering")).to_have_class("card good")
    await expect(page.get_by_test_id("card-standing").locator("dd").first).to_have_text("7")
    await expect(page.get_by_test_id("card-alarms").locator("dd").first).to_have_text("36")
    bars = page.get_by_test_id("chart-peak").locator("g.bar")
    await expect(bars).to_have_count(2)
    await expect(page.get_by_test_id("chart-peak").locator("g.marked")).to_have_count(1)
    await expect(page.get_by_test_id("chart-peak").locator("g.limit")).to_have_count(1)
    rows = page.get_by_test_id("worst").locator("tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Trạm Ái Nghĩa")
    await expect(rows.nth(1)).to_contain_text("<b>Trạm</b> Câu Lâu")
    days = page.get_by_test_id("byday").locator("tbody tr")
    await expect(days.first).to_contain_text(f"{day(1):%d/%m/%Y}")
    await page.get_by_test_id("language").click()
    await expect(page.locator("h1")).to_have_text("Quality of alarms")
    await expect(page.get_by_test_id("worst").locator("th").first).to_have_text("Source")
    text = await page.locator("body").inner_text()
    assert "quality." not in text
    assert "undefined" not in text
    assert "NaN" not in text
    await page.get_by_test_id("span-30").click()
    await expect(bars).to_have_count(3)
    await expect(page.get_by_test_id("span-30")).to_have_attribute("aria-pressed", "true")
    await expect(page.get_by_test_id("span-30")).to_be_focused()
    await page.get_by_test_id("to").fill(f"{day(10):%Y-%m-%d}")
    await expect(bars).to_have_count(1)
    async with page.expect_download() as saved:
        await page.get_by_test_id("export-days").click()
    assert (await saved.value).suggested_filename.startswith("alarm-quality-days-")
    assert complaints == []


async def test_it_fits_on_a_phone_and_says_when_there_is_nothing(chrome: Browser, centre: Centre) -> None:
    page, complaints = await opened(chrome, centre, "district", viewport=PHONE)
    await expect(page.get_by_test_id("note")).to_contain_text("Chưa có số liệu")
    await keep(centre, 1, 30)
    await centre.owner.execute("update alarm_quality set centre = 'hoi-an'")
    await centre.owner.execute("update alarm_sources set centre = 'hoi-an'")
    await page.reload()
    await expect(page.get_by_test_id("card-peak").locator("dd").first).to_have_text("30")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = await page.get_by_test_id("chart-alarms").locator("svg").bounding_box()
    assert box is not None
    assert box["width"] > 250
    assert complaints == []


async def test_who_may_not_export_is_told_so(chrome: Browser, centre: Centre) -> None:
    page, _ = await opened(chrome, centre, "viewer")
    await page.get_by_test_id("export-days").click()
    await expect(page.get_by_test_id("note")).to_contain_text("không được")
