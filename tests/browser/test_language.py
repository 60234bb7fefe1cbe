"""Switching the language loses nothing that is being filled in, in a real browser over a real centre."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, expect

from ioc import shipping
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now
from tests.fakes.pages import PLAIN, page_in, sign_in
from tests.fakes.register import kept_register
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "registry.html").is_file(), reason="the wall is not built: ./run builds it")

ENGLISH = "en"


@pytest.fixture
async def kept(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """A centre with its register and the built wall."""
    async with kept_register(migrated.url, tmp_path, {"wall": WALL}) as one:
        yield one


async def at(chrome: Browser, centre: Centre, place: str) -> tuple[Page, list[str]]:
    """The administrator at a page; and what failed in its code."""
    page, faults = await page_in(await chrome.new_context(**PLAIN))
    await page.route("**/assets/plan-*.js", lambda route: route.abort())
    await page.goto(centre.url + "/signin")
    await sign_in(page, "admin")
    await page.wait_for_selector("body[data-live=live]")
    await page.goto(centre.url + place)
    return page, faults


async def switch(page: Page) -> None:
    """The other language, by the button of the page."""
    before = await page.locator("html").get_attribute("lang")
    await page.get_by_test_id("language").click()
    await expect(page.locator("html")).not_to_have_attribute("lang", before or "")


async def test_the_form_of_a_record_stays_filled_in(chrome: Browser, kept: Centre) -> None:
    page, faults = await at(chrome, kept, "/registry#devices/gauge-one")
    await page.get_by_test_id("edit").click()
    form = page.get_by_test_id("sheet")
    await form.locator("[name=serial]").fill("SN-7")
    await form.locator("[name=note]").fill("nửa chừng")
    await page.get_by_test_id("position").fill("15,61 108,2")
    await expect(form.locator("[type=submit]")).to_have_text("Lưu")
    await switch(page)
    await expect(form.locator("[type=submit]")).to_have_text("Save")
    await expect(form.locator("[name=serial]")).to_have_value("SN-7")
    await expect(form.locator("[name=note]")).to_have_value("nửa chừng")
    await expect(page.get_by_test_id("position-told")).to_contain_text("15.61")
    await form.locator("[type=submit]").click()
    await expect(page.get_by_test_id("note")).not_to_be_empty()
    status, record, _ = await kept.get("/api/v1/devices/gauge-one")
    assert (status, record["serial"], record["note"], record["position"]) == (200, "SN-7", "nửa chừng", [108.2, 15.61])
    assert record["name"] == "Trạm Một"
    assert faults == []


async def test_a_new_draft_stays_filled_in(chrome: Browser, kept: Centre) -> None:
    page, faults = await at(chrome, kept, "/registry#new/devices")
    form = page.get_by_test_id("drafting").locator("form")
    await form.locator("[name=name]").fill("Cầu Câu Lâu")
    await expect(form.locator("[name=code]")).to_have_value("cau-cau-lau")
    await switch(page)
    await expect(form.locator("[name=name]")).to_have_value("Cầu Câu Lâu")
    await expect(form.locator("[name=code]")).to_have_value("cau-cau-lau")
    await form.locator("[name=name]").fill("Cầu Câu Lâu 2")
    await expect(form.locator("[name=code]")).to_have_value("cau-cau-lau-2")
    assert faults == []


async def test_what_cannot_stay_is_asked_about(chrome: Browser, kept: Centre) -> None:
    """A room of the register is drawn anew; who says no keeps it, and the language."""
    page, faults = await at(chrome, kept, "/registry#do/codes")
    asked: list[str] = []
    answers = [False, True]

    async def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        await (dialog.accept() if answers.pop(0) else dialog.dismiss())

    page.on("dialog", answer)
    note = page.get_by_test_id("codes").locator("[name=note]")
    await expect(note).to_be_visible()
    await switch(page)
    await switch(page)
    assert asked == []
    await note.fill("đợt 1")
    await page.get_by_test_id("language").click()
    await expect(page.locator("html")).to_have_attribute("lang", "vi")
    await expect(note).to_have_value("đợt 1")
    await switch(page)
    assert len(asked) == 2
    assert "Vẫn chuyển?" in asked[0]
    assert faults == []


async def test_the_reason_of_a_step_is_not_lost_without_asking(chrome: Browser, kept: Centre) -> None:
    page, faults = await at(chrome, kept, "/registry#devices/gauge-one")
    answers = [False, True]

    async def answer(dialog: Dialog) -> None:
        await (dialog.accept() if answers.pop(0) else dialog.dismiss())

    page.on("dialog", answer)
    await page.get_by_test_id("step-suspend").click()
    reason = page.get_by_test_id("life").locator("[name=reason]")
    await switch(page)
    await page.get_by_test_id("step-suspend").click()
    assert answers == [False, True], "nothing was typed, and so nothing had to be asked"
    await reason.fill("bảo trì")
    await page.get_by_test_id("language").click()
    await expect(reason).to_have_value("bảo trì")
    await expect(page.locator("html")).to_have_attribute("lang", ENGLISH)
    await switch(page)
    await expect(page.get_by_test_id("step-suspend")).to_be_visible()
    assert answers == []
    assert faults == []


async def test_a_new_account_a_policy_and_its_trial_stay_filled_in(chrome: Browser, kept: Centre) -> None:
    page, faults = await at(chrome, kept, "/people")
    fields = page.locator("form .field input")
    await fields.first.fill("lan")
    await fields.nth(1).fill("Lan")
    await page.locator("form select").first.select_option("operator")
    await switch(page)
    await expect(page.locator("form [type=submit]")).to_have_text("Make, and get the link")
    await expect(fields.first).to_have_value("lan")
    await expect(fields.nth(1)).to_have_value("Lan")
    await expect(page.locator("form select").first).to_have_value("operator")
    await page.goto(kept.url + "/policy")
    await page.get_by_test_id("edit-whole").click()
    why = page.locator("[name=why]")
    await why.fill("đổi ca")
    await page.locator("[name=lon]").fill("108,1")
    heading = await page.get_by_test_id("sheet").locator("h3").inner_text()
    await switch(page)
    await expect(page.get_by_test_id("sheet").locator("h3")).not_to_have_text(heading)
    await expect(why).to_have_value("đổi ca")
    await expect(page.locator("[name=lon]")).to_have_value("108,1")
    assert faults == []


async def test_a_rule_stays_filled_in(chrome: Browser, kept: Centre) -> None:
    await shipping.seed(kept.database, now)
    page, faults = await at(chrome, kept, "/rules")
    await page.locator(".packs a").first.click()
    source = page.locator("[name=source]")
    await source.fill("Quyết định 05")
    rest = page.locator("details [name=rest]")
    before = await rest.input_value()
    await switch(page)
    await expect(source).to_have_value("Quyết định 05")
    await expect(rest).to_have_value(before)
    page.on("dialog", lambda dialog: dialog.dismiss())
    await page.get_by_test_id("switch").click()
    reason = page.locator("[data-asks] [name=reason]")
    await reason.fill("thử")
    await page.get_by_test_id("language").click()
    await expect(reason).to_have_value("thử")
    await expect(page.locator("html")).to_have_attribute("lang", ENGLISH)
    assert faults == []
