"""The wall on a phone, in a real browser over a real centre: what an incident rests on is before the eyes at once."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from tests.fakes.http_centre import Centre
from tests.fakes.incidents import alarm
from tests.fakes.pages import PHONE, opened, wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "index.html").is_file(), reason="the wall is not built: ./run builds it")

HELD: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}


async def shown(chrome: Browser, centre: Centre, **options: Any) -> tuple[Page, list[str]]:
    """The panel of an incident with a graph to show, and what the page complains of."""
    incident = await centre.incident(alarms=1, lon=108.1, lat=15.6)
    await alarm(centre, incident)
    page, faults = await wall(chrome, centre, "operator", **options)
    await opened(page, incident)
    return page, faults


async def box(part: Locator) -> tuple[float, float]:
    """How far below the upper edge of the screen something begins and ends."""
    found = await part.bounding_box()
    assert found is not None
    return found["y"], found["y"] + found["height"]


async def above(upper: Locator, lower: Locator) -> None:
    """Wait until one thing stands above another: what is laid anew at a width is laid a moment after it."""
    async with asyncio.timeout(20):
        while not await box(upper) < await box(lower):
            await upper.page.wait_for_timeout(50)


async def test_evidence_stands_above_the_fold_and_seldom_steps_behind_one_button(
    chrome: Browser, centre: Centre
) -> None:
    page, faults = await shown(chrome, centre, **HELD)
    graph = page.locator("#detail .evidence .graph svg").first
    await expect(graph).to_be_visible()
    async with asyncio.timeout(20):  # what stands above it is still being filled in
        while sum(await box(graph)) / 2 >= PHONE["height"]:
            await page.wait_for_timeout(50)
    rare, more = page.get_by_test_id("severity"), page.get_by_test_id("more-deeds")
    await expect(page.get_by_test_id("acknowledge")).to_be_visible()
    await expect(rare).to_be_hidden()
    await expect(more).to_have_attribute("aria-expanded", "false")
    await more.press("Enter")
    await expect(more).to_have_attribute("aria-expanded", "true")
    await expect(rare).to_be_visible()
    await more.press("Enter")
    await expect(rare).to_be_hidden()
    # Its key works all the same, and the focus comes back to its button, which is there then.
    await page.keyboard.press("v")
    await page.locator("#detail form select").first.wait_for()
    await page.keyboard.press("Escape")
    await expect(rare).to_be_focused()
    assert faults == []


async def test_on_a_desk_every_step_has_its_button_and_evidence_its_place(chrome: Browser, centre: Centre) -> None:
    page, faults = await shown(chrome, centre)
    await expect(page.get_by_test_id("severity")).to_be_visible()
    await expect(page.get_by_test_id("more-deeds")).to_be_hidden()
    evidence, summary = page.locator("#detail .evidence"), page.locator("#detail article > div > dl.facts")
    await above(summary, evidence)
    await page.set_viewport_size(ViewportSize(PHONE))
    await expect(page.get_by_test_id("more-deeds")).to_be_visible()
    await above(evidence, summary)
    assert faults == []


async def test_a_turned_phone_leaves_the_focus_in_what_is_being_typed(chrome: Browser, centre: Centre) -> None:
    page, faults = await shown(chrome, centre)
    evidence_first = page.locator("#detail article > .evidence ~ div > dl.facts")
    await expect(evidence_first).to_have_count(0)
    await page.get_by_test_id("comment").click()
    words = page.locator("textarea[name=text]")
    await words.fill("nước ")
    await page.set_viewport_size(ViewportSize(PHONE))
    await expect(evidence_first).to_have_count(1)
    await page.keyboard.type("rút")
    await expect(words).to_have_value("nước rút")
    await page.set_viewport_size(ViewportSize(width=1280, height=800))
    await expect(evidence_first).to_have_count(0)
    await expect(words).to_be_focused()
    assert faults == []
