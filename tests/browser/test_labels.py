"""The labels of chosen things are printed together, in a real browser over a real centre."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.pages import PLAIN, page_in, sign_in
from tests.fakes.register import kept_register
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "registry.html").is_file(), reason="the wall is not built: ./run builds it")

MORE = """
insert into devices (code, centre, area, name, kind, profile, state, state_since, lifecycle, geom)
select 'rain-' || lpad(i::text, 3, '0'), 'quang-nam', '502@2024-09-01', 'Trạm mưa ' || i, 'rain-station',
       'rain-station', 'fresh', now(), case i when 81 then 'retired' else 'active' end,
       st_setsrid(st_makepoint(108.1, 15.6), 4326)
from generate_series(1, 81) i
"""
"""With the two gauges of the centre 82 that have a label, and one that has none any more."""

A4 = (595, 842)
"""In points."""


@pytest.fixture
async def kept(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """A centre with many things and the built wall."""
    async with kept_register(migrated.url, tmp_path, {"wall": WALL}) as one:
        await one.owner.execute(MORE)
        yield one


async def register(chrome: Browser, centre: Centre) -> tuple[Page, list[str]]:
    """The administrator at the register, without its map; and what failed in its code."""
    page, faults = await page_in(await chrome.new_context(**PLAIN))
    await page.route("**/assets/plan-*.js", lambda route: route.abort())
    await page.goto(centre.url + "/signin")
    await sign_in(page, "admin")
    await page.wait_for_selector("body[data-live=live]")
    await page.goto(centre.url + "/registry")
    await page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    return page, faults


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """The size of each page, in whole points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


async def test_all_that_is_chosen_is_on_sheets_of_a4_without_a_label_cut_in_two(chrome: Browser, kept: Centre) -> None:
    page, faults = await register(chrome, kept)
    await page.get_by_test_id("tick-all").press("Space")
    ask = page.get_by_test_id("bulk-labels")
    await expect(ask).to_have_text("Nhãn để in (82)")
    await ask.press("Enter")
    sheet = page.get_by_test_id("label-sheet")
    await expect(sheet.locator("img")).to_have_count(82)
    await expect(sheet.locator("img").first).to_have_attribute("alt", "Nhãn của gauge-one")
    printing = page.get_by_test_id("print")
    await expect(printing).to_be_focused()
    await expect(sheet.locator("select")).to_have_value("sheet")
    await page.keyboard.press("Enter")
    await page.locator("body[data-printed=yes]").wait_for()
    # 28 rows of 29 mm: three pages would do only if the tenth row of a page were cut by its end.
    assert pages_of(await page.pdf(prefer_css_page_size=True)) == [A4] * 4
    await page.evaluate("dispatchEvent(new Event('afterprint'))")
    await expect(page.locator("body > .labels")).to_have_count(0)
    assert faults == []


async def test_a_label_that_cannot_be_had_is_named_and_the_others_are_printed(chrome: Browser, kept: Centre) -> None:
    page, faults = await register(chrome, kept)
    await page.route("**/devices/rain-002/label", lambda route: route.abort())
    for code in ("rain-001", "rain-002", "rain-081"):
        await page.get_by_test_id(f"tick-{code}").check()
    await page.get_by_test_id("bulk-labels").click()
    sheet = page.get_by_test_id("label-sheet")
    await expect(sheet.locator("[role=alert]")).to_have_text("Không lấy được nhãn của: rain-002")
    await expect(sheet.locator("img")).to_have_count(1)
    assert faults == []
