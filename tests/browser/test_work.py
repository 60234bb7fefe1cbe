"""What operators do with incidents, in a real browser: by key and by hand, two at once, and taken back."""

import datetime as dt
import time
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.async_api import Browser, expect

from ioc.access.scope import EVERYTHING
from ioc.store import reach
from tests.browser.conftest import Tell
from tests.fakes.http_centre import Centre, now
from tests.fakes.incidents import alarm, homes
from tests.fakes.pages import PHONE, opened, row, wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "rules.html").is_file(), reason="the wall is not built: ./run builds it")

SHOWN_S = 3.0
"""Key to the other page. One second is the goal; a loaded machine is allowed three."""


async def near(centre: Centre, lat: float, **changed: Any) -> str:
    """An incident with one alarm at a latitude, which others may join."""
    incident = await centre.incident(alarms=1, lon=108.1, lat=lat, **changed)
    await alarm(centre, incident, lat=lat)
    async with centre.database.transaction(EVERYTHING) as transaction:
        await reach.rebuild(transaction, [incident])
    return incident


async def test_acknowledged_by_key_on_every_other_wall_and_a_stale_step_is_explained(
    chrome: Browser, centre: Centre, tell: Tell
) -> None:
    incident = await near(centre, 15.6)
    one, faults = await wall(chrome, centre, "operator")
    two, _ = await wall(chrome, centre, "admin")
    await opened(two, incident)
    await two.keyboard.press("f")
    await two.locator("textarea[name=why]").fill("thử còi")
    await opened(one, incident)
    for page in (one, two):
        await page.wait_for_selector("body[data-map=idle]")
    begun = time.monotonic()
    await one.keyboard.press("a")
    await two.locator(f"li[data-incident='{incident}'][data-status=acknowledged]").wait_for()
    took = time.monotonic() - begun
    tell(f"from the key to the other wall: {took:.3f} s")
    assert took < SHOWN_S
    await expect(row(two, incident)).to_contain_text("Phụ trách: operator")
    await expect(one.locator(".log li").last).to_contain_text("Đã tiếp nhận")
    await expect(one.locator("#detail")).to_contain_text("operator ·")
    # What was being written is still there, and stands on the newest version once it is seen.
    await expect(two.locator("textarea[name=why]")).to_have_value("thử còi")
    assert faults == []


async def test_of_two_at_once_the_other_is_told_who_did_what(chrome: Browser, centre: Centre) -> None:
    incident = await near(centre, 15.6)
    page, faults = await wall(chrome, centre, "admin")
    await opened(page, incident)
    # The page hears nothing more, as over a line that hangs: it acts on what it saw.
    await page.route("**/api/v1/incidents/*", lambda route: route.abort())
    await page.route("**/acknowledge", first_by(centre, incident))
    await page.keyboard.press("a")
    message = page.get_by_test_id("deed-message")
    await expect(message).to_contain_text("operator đã thao tác: “Đã tiếp nhận”")
    await expect(message).to_contain_text("Bước của bạn chưa được ghi")
    await expect(page.locator("#detail")).to_contain_text("operator")
    await expect(page.get_by_test_id("acknowledge")).to_be_hidden()
    assert faults == []


def first_by(centre: Centre, incident: str) -> Any:
    """Lets the operator's step come before the one that is on its way."""

    async def handle(route: Any) -> None:
        path = f"/api/v1/incidents/{incident}/acknowledge"
        status, _ = await centre.post(path, {"expected_version": 1}, "operator")
        assert status == 200
        await route.continue_()

    return handle


async def test_what_ended_is_found_again_and_reopened(chrome: Browser, centre: Centre) -> None:
    incident = await near(centre, 15.6)
    path = f"/api/v1/incidents/{incident}/false-alarm"
    status, _ = await centre.post(path, {"expected_version": 1, "why": "thử còi"}, "operator")
    assert status == 200
    page, faults = await wall(chrome, centre, "operator")
    await expect(row(page, incident)).to_have_count(0)
    ended = page.get_by_test_id("ended")
    await ended.locator("summary").click()
    await ended.locator("button").click()
    await expect(page.locator("#detail")).to_contain_text("Báo động giả")
    await page.get_by_test_id("reopen").click()
    await page.locator("textarea[name=why]").fill("còi thật")
    await page.locator(".sheet button[type=submit]").click()
    await expect(row(page, incident)).to_contain_text("Mở lại")
    await expect(ended.locator("button")).to_have_count(0)
    assert faults == []


async def test_merged_by_a_click_in_the_list_and_undone(chrome: Browser, centre: Centre) -> None:
    older, newer = await near(centre, 15.6, title="Sự cố A"), await near(centre, 15.63, title="Sự cố B")
    page, faults = await wall(chrome, centre, "operator")
    await opened(page, newer)
    await page.keyboard.press("m")
    await row(page, older).click()
    await expect(page.locator(".chosen")).to_contain_text("Sự cố A")
    await page.locator(".sheet button[type=submit]").click()
    await expect(page.locator("#detail")).to_have_attribute("data-shows", older)
    await expect(page.locator("#detail .facts").first).to_contain_text("2 còn hiệu lực / 2")
    await expect(row(page, newer)).to_have_count(0)
    await page.get_by_test_id("undo").wait_for()
    await page.keyboard.press("u")
    await page.locator(".sheet button[type=submit]").click()
    await expect(row(page, newer)).to_be_visible()
    await expect(page.locator("#detail .facts").first).to_contain_text("1 còn hiệu lực / 1")
    assert faults == []


async def test_a_doubtful_match_is_in_sight_and_decided_by_a_key(chrome: Browser, centre: Centre) -> None:
    north, south = await near(centre, 15.61, title="Bắc"), await near(centre, 15.595, title="Nam")
    told = {"source_kind": "citizen", "source": "hotline", "source_name": "Đường dây nóng"}
    await alarm(centre, None, lat=15.6, title="<b>Người dân</b> báo ngập", **told)
    page, faults = await wall(chrome, centre, "operator")
    tool = page.get_by_test_id("tool-doubts")
    await expect(tool.locator(".badge")).to_have_text("1")
    await expect(tool.locator(".shape-severe")).to_be_visible()
    await page.keyboard.press("q")
    await expect(page.locator(".doubttitle")).to_have_text("<b>Người dân</b> báo ngập")
    candidates = page.locator("[data-candidate]")
    assert await candidates.evaluate_all("all => all.map(one => one.dataset.candidate)") == [south, north]
    await expect(candidates.first).to_contain_text("cách 5")
    await page.keyboard.press("2")
    await expect(page.get_by_test_id("doubt-message")).to_contain_text("Đã ghép")
    await expect(tool.locator(".badge")).to_have_text("0")
    assert (await centre.get(f"/api/v1/incidents/{north}"))[1]["alarm_count"] == 2
    assert faults == []


async def test_a_silence_is_made_from_an_incident_marks_its_source_and_is_ended(
    chrome: Browser, centre: Centre
) -> None:
    incident = await near(centre, 15.6)
    page, faults = await wall(chrome, centre, "operator")
    await opened(page, incident)
    await page.keyboard.press("z")
    await page.locator("textarea[name=reason]").fill("Bảo trì trạm")
    await page.locator(".sheet button[type=submit]").click()
    await expect(page.get_by_test_id("deed-message")).to_contain_text("Đã tạm tắt đến")
    await expect(page.get_by_test_id("muted")).to_contain_text("Bảo trì trạm")
    hidden = await alarm(centre, None, match="silenced", title="Nước cao ở trạm")
    silence = await centre.owner.fetchval("select id from silences")
    await centre.owner.execute(
        "insert into silenced (silence, alarm, severity, at) values ($1, $2, 'severe', now())", silence, hidden
    )
    await page.keyboard.press("l")
    await page.get_by_test_id("hidden").click()
    await expect(page.get_by_test_id("hidden-list")).to_contain_text("Nước cao ở trạm")
    await page.get_by_test_id("end-silence").click()
    await page.locator(".silences button[type=submit]").click()
    await expect(page.get_by_test_id("silence-message")).to_contain_text("Đã kết thúc")
    await expect(page.locator(".silences [data-silence]")).to_have_count(0)
    assert await centre.owner.fetchval("select ended_by from silences") == "operator"
    assert faults == []


async def test_a_comment_a_tick_and_the_keys_that_are_listed(chrome: Browser, centre: Centre) -> None:
    incident = await near(centre, 15.6)
    page, faults = await wall(chrome, centre, "operator", viewport=PHONE)
    await opened(page, incident)
    await page.get_by_test_id("comment").click()
    await page.locator("textarea[name=text]").fill("<script>alert(1)</script> nước rút")
    picture = cv2.imencode(".jpg", np.full((60, 80, 3), 90, np.uint8))[1].tobytes()
    photo = {"name": "kè.jpg", "mimeType": "image/jpeg", "buffer": picture}
    await page.locator("input[name=photos]").set_input_files([photo])  # type: ignore[list-item]
    await expect(page.locator(".sheet .thumbs img")).to_have_count(1)
    await page.locator(".sheet button[type=submit]").click()
    said = page.locator(".log .comment .said").last
    await expect(said).to_have_text("<script>alert(1)</script> nước rút")
    shown = page.locator(".log .comment .thumbs img").last
    await shown.scroll_into_view_if_needed()  # it is loaded when somebody comes to it
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 80
    box = page.get_by_test_id("checklist").locator("input[type=checkbox]").first
    await box.click()
    await expect(page.get_by_test_id("checklist").locator("li.done").first).to_contain_text("operator")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("?")
    await expect(page.get_by_test_id("help")).to_contain_text("Tiếp nhận")
    await page.keyboard.press("a")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("help")).to_be_hidden()
    await expect(page.locator("#detail")).to_be_visible()
    assert (await centre.get(f"/api/v1/incidents/{incident}"))[1]["status"] == "new"
    assert faults == []


async def test_what_somebody_tells_by_telephone_is_entered_where_they_point(chrome: Browser, centre: Centre) -> None:
    page, faults = await wall(chrome, centre, "operator")
    await page.wait_for_selector("body[data-map=idle]")
    await page.keyboard.press("n")
    await page.locator("textarea[name=text]").fill("Nước ngập nhà tôi")
    await page.locator(".sheet button[type=submit]").click()
    await expect(page.locator(".sheet .message")).to_contain_text("Bấm vào bản đồ")
    map_box = await page.locator("#map").bounding_box()
    assert map_box is not None
    await page.mouse.click(map_box["x"] + map_box["width"] * 0.3, map_box["y"] + map_box["height"] * 0.45)
    await expect(page.locator(".mapmark.own")).to_be_visible()
    await page.locator(".sheet button[type=submit]").click()
    await expect(page.get_by_test_id("report-message")).to_contain_text("Đã ghi nhận")
    kept = (await centre.get("/api/v1/reports", "operator"))[1]["reports"]
    assert [(one["channel"], one["text"], one["category"]) for one in kept] == [("phone", "Nước ngập nhà tôi", "flood")]
    assert faults == []


async def flood(centre: Centre) -> None:
    """Two days of ten-minute values: the first gauge rises to 8 for an hour of each."""
    since = now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(days=2)
    for day in range(3):
        await centre.owner.execute("select ensure_readings_day($1)", (since + dt.timedelta(days=day)).date())
    await centre.owner.execute("delete from readings")
    await centre.owner.execute(
        """insert into readings (at, stream, seq, value, quality, derived, run, arrived_at, owner, retention)
           select $1::timestamptz + n * interval '10 min', s.id, n,
             case when s.device = 'gauge-one' and n / 6 % 24 = 5 then 8 else 5 end,
             0, false, 'r', $1::timestamptz + n * interval '10 min', o.id, s.retention
           from streams s join owners o using (centre), generate_series(0, 287) n""",
        since,
    )


async def test_a_rule_is_changed_and_tried_on_history(chrome: Browser, centre: Centre) -> None:
    await flood(centre)
    rule = {
        "pack": "own", "code": "river", "category": "flood", "profile": "river-gauge", "property": "water_level",
        "title": "Nước cao tại {name}", "title_en": "High water at {name}", "levels": {"moderate": 7.0},
        "clear_margin": 0.1, "source": "Quyết định 05/2020/QĐ-TTg",
    }  # fmt: skip
    status, _ = await centre.post("/api/v1/rules", {"rule": rule, "reason": "thử", "enabled": True})
    assert status == 201
    await centre.rulebook.read()  # as the process does when it is told of a new version
    page, faults = await wall(chrome, centre, "admin")
    await page.click("a[href='/rules']")
    await page.locator("[data-rule='own/river']").click()
    await expect(page.get_by_test_id("rule")).to_contain_text("Quyết định 05/2020/QĐ-TTg")
    await page.locator("input[name=limit-moderate]").fill("4,5")
    await page.get_by_test_id("trial-run").click()
    trial = page.get_by_test_id("trial")
    await expect(trial.locator(".verdict")).to_contain_text("sự cố từ")
    await expect(trial).to_contain_text("Phiên bản đang dùng: 2 sự cố")
    await expect(page.get_by_test_id("trial-after").locator("g.bar")).not_to_have_count(0)
    await expect(page.get_by_test_id("trial-list").locator("tbody tr").first).to_contain_text("Nước cao tại")
    await page.locator("input[name=limit-moderate]").fill("bảy")
    await page.locator(".sheet input[name=reason]").fill("theo mùa lũ")
    save = page.locator("[data-testid=sheet]", has=page.locator("input[name=limit-moderate]"))
    await save.locator("button[type=submit]").click()
    await expect(save.locator(".message")).to_contain_text("phải là số")
    await page.locator("input[name=limit-moderate]").fill("6,5")
    await save.locator("button[type=submit]").click()
    await expect(page.get_by_test_id("note")).to_contain_text("phiên bản 2")
    await expect(page.get_by_test_id("versions").locator("tbody tr").first).to_contain_text("theo mùa lũ")
    kept = (await centre.get("/api/v1/rules/own/river"))[1]
    assert (kept["version"], kept["rule"]["levels"]) == (2, {"moderate": 6.5})
    assert faults == []


async def test_all_that_waits_for_one_incident_is_linked_by_one_deed(chrome: Browser, centre: Centre) -> None:
    north, south = await near(centre, 15.61, title="Bắc"), await near(centre, 15.595, title="Nam")
    told = {"source_kind": "citizen", "source": "hotline", "source_name": "Đường dây nóng"}
    waiting = [await alarm(centre, None, lat=15.6, title=f"Ngập {number}", **told) for number in range(6)]
    page, faults = await wall(chrome, centre, "operator")
    badge = page.get_by_test_id("tool-doubts").locator(".badge")
    await expect(badge).to_have_text("6")
    await page.keyboard.press("q")
    await expect(page.locator(f"[data-all='{south}']")).to_contain_text("Ghép cả 6 cảnh báo")
    await expect(page.locator(f"[data-all='{north}']")).to_contain_text("Ghép cả 6 cảnh báo")
    await page.keyboard.press("a")
    sheet = page.get_by_test_id("together")
    await expect(sheet).to_contain_text("Ghép nhiều cảnh báo vào: Nam")
    submit = sheet.locator("button[type=submit]")
    await expect(submit).to_be_focused()
    await expect(submit).to_have_text("Ghép các cảnh báo đã chọn (6)")
    await page.keyboard.press("2")  # would link one to the other incident, and must not from here
    await sheet.locator(f"input[value='{waiting[1]}']").uncheck()
    await expect(submit).to_have_text("Ghép các cảnh báo đã chọn (5)")
    # Somebody else decides of one while the request is on its way: that stands, and is told.
    await page.route("**/api/v1/matches/link", before_it(centre, f"/api/v1/matches/{waiting[0]}/link", north))
    await submit.focus()
    await page.keyboard.press("Enter")
    message = page.get_by_test_id("doubt-message")
    await expect(message).to_have_text(
        "Đã ghép 4 cảnh báo vào: Nam. Không ghép 1 cảnh báo: đã có quyết định trước đó và được giữ nguyên."
    )
    await expect(sheet).to_have_count(0)
    await expect(badge).to_have_text("1")
    await expect(page.locator(".doubttitle")).to_have_text("Ngập 1")
    await expect(page.locator("[data-all]")).to_have_count(0)
    at_home = await homes(centre)
    assert [at_home[one] for one in waiting] == [north, "None", south, south, south, south]
    assert (await centre.get(f"/api/v1/incidents/{south}"))[1]["alarm_count"] == 5
    assert faults == []


def before_it(centre: Centre, path: str, incident: str) -> Any:
    """Lets the admin's decision come before the request that is on its way."""

    async def handle(route: Any) -> None:
        status, _ = await centre.post(path, {"incident": incident}, "admin")
        assert status == 200
        await route.continue_()

    return handle


async def test_what_is_linked_together_follows_the_queue_and_is_given_up_by_esc(
    chrome: Browser, centre: Centre
) -> None:
    _, south = await near(centre, 15.61, title="Bắc"), await near(centre, 15.595, title="Nam")
    first, second = [await alarm(centre, None, lat=15.6, title=f"Ngập {number}") for number in range(2)]
    page, faults = await wall(chrome, centre, "operator")
    await page.keyboard.press("q")
    await page.locator(f"[data-all='{south}']").click()
    sheet = page.get_by_test_id("together")
    submit = sheet.locator("button[type=submit]")
    await expect(submit).to_have_text("Ghép các cảnh báo đã chọn (2)")
    late = await alarm(centre, None, lat=15.6, title="Ngập sau")
    await expect(sheet.locator(f"input[value='{late}']")).not_to_be_checked(timeout=15_000)
    await expect(submit).to_have_text("Ghép các cảnh báo đã chọn (2)")
    await page.get_by_test_id("language").evaluate("button => button.click()")
    await expect(submit).to_have_text("Link the chosen alarms (2)")
    await expect(sheet.locator(f"input[value='{late}']")).not_to_be_checked()
    assert (await centre.post(f"/api/v1/matches/{second}/link", {"incident": south}, "admin"))[0] == 200
    await expect(submit).to_have_text("Link the chosen alarms (1)", timeout=15_000)
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await expect(page.locator(".doubttitle")).to_have_text("High water")
    assert (await homes(centre))[first] == "None"
    assert faults == []
