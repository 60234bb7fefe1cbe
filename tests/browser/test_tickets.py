"""Tickets on the wall in a real browser: opened by hand, worked on by key, refused when somebody was quicker, late."""

import base64
import datetime as dt
import uuid
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from ioc.store import ticket_policies
from tests.fakes.http_centre import Centre, now
from tests.fakes.pages import PHONE, complaints_of, opened, wall
from tests.fakes.ticket_hands import BASE, TicketHands
from tests.fakes.ticket_hands import opened as ticket_of
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "policy.html").is_file(), reason="the wall is not built: ./run builds it")

PAGES = ("policy", "duty", "messages", "figures", "account")
OLDER = ("cameras", "rules", "quality", "people", "audit")


def line(page: Page, ticket: str) -> Any:
    """A ticket in the queue beside the map."""
    return page.locator(f"li[data-ticket='{ticket}']")


async def state_is(page: Page, words: str) -> None:
    await expect(page.get_by_test_id("ticket-state")).to_contain_text(words)


async def filled(page: Page, **fields: str) -> None:
    """Fill in the sheet that is open, and send it."""
    for name, value in fields.items():
        await page.locator(f".sheet [name={name}]").fill(value)
    await page.locator(".sheet button[type=submit]").click()


async def test_from_an_incident_to_work_that_is_done(chrome: Browser, centre: Centre) -> None:
    incident = await centre.incident(title="<b>Nước</b> lên")
    page, faults = await wall(chrome, centre, "operator")
    await opened(page, incident)
    section = page.get_by_test_id("incident-tickets")
    await expect(section).to_contain_text("Chưa đơn vị nào được giao việc")
    await page.keyboard.press("g")
    await expect(page.get_by_test_id("proposal")).to_contain_text("Theo quy định: Trung tâm điều hành tỉnh")
    await expect(page.locator(".sheet [name=unit]")).to_have_value("quang-nam")
    await page.locator(".sheet [name=unit]").select_option("phong-thu-dan-su")
    await filled(page, task="Bơm nước đường Trần Phú")
    await expect(page.get_by_test_id("tickets-message")).to_contain_text("Đã mở phiếu việc #")
    await expect(section.locator("[data-ticketline]")).to_contain_text("phòng thủ dân sự")
    await expect(page.get_by_test_id("tool-tickets").locator(".badge").first).to_have_text("1")
    await section.locator("[data-ticketline]").click()
    await state_is(page, "Chờ nhận")
    await expect(page.get_by_test_id("due")).to_contain_text("để nhận")
    await page.keyboard.press("a")
    await state_is(page, "Đã nhận")
    await expect(page.get_by_test_id("due")).to_contain_text("để xong")
    await page.keyboard.press("s")
    await state_is(page, "Đang làm")
    await page.keyboard.press("r")
    await filled(page, result="Đã bơm hết nước")
    await state_is(page, "Đã làm xong")
    await expect(page.get_by_test_id("ticket-verify")).to_have_count(0)
    await page.keyboard.press("v")
    await expect(page.get_by_test_id("ticket-message")).to_contain_text("không tự xác nhận được")
    other, more = await wall(chrome, centre, "admin")
    await verified_and_closed(other, page)
    said = other.get_by_test_id("ticket-log")
    await expect(said).to_contain_text("Báo làm xong: Đã bơm hết nước")
    await expect(other.locator("#detail h2")).to_have_text("<b>Nước</b> lên")
    assert faults == []
    assert more == []


async def verified_and_closed(other: Page, page: Page) -> None:
    """Somebody else looks after the one ticket to its end, which the first one's page follows."""
    await other.keyboard.press("k")
    await other.locator("li[data-ticket]").click()
    await other.get_by_test_id("ticket-verify").click()
    await filled(other)
    await state_is(other, "Đã xác nhận")
    await state_is(page, "Đã xác nhận")
    await other.keyboard.press("x")
    await filled(other)
    await state_is(other, "Đã đóng")
    await expect(other.locator("li[data-ticket]")).to_have_count(0)


async def test_who_was_quicker_is_told_and_what_was_typed_stays(chrome: Browser, centre: Centre) -> None:
    hands = TicketHands(centre, await ticket_of(centre, "quang-nam"), "admin")
    page, faults = await wall(chrome, centre, "operator")
    await page.get_by_test_id("tool-tickets").click()
    await line(page, hands.ticket["id"]).click()
    await page.get_by_test_id("ticket-forward").click()
    await page.locator(".sheet [name=why]").fill("không thuộc địa bàn")
    await page.locator(".sheet [name=unit]").select_option("hoi-an")
    # The page hears nothing of what the other does, as over a line that hangs.
    await page.route(f"**{BASE}/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    await hands.take("accept")
    await hands.take("comment", text="đường vào bị ngập")
    await page.locator(".sheet button[type=submit]").click()
    message = page.locator(".sheet .message")
    await expect(message).to_contain_text("admin: “Đã nhận”")
    await expect(message).to_contain_text("đường vào bị ngập")
    await expect(message).to_contain_text("Bước của bạn chưa được ghi")
    await expect(page.locator(".sheet [name=why]")).to_have_value("không thuộc địa bàn")
    await state_is(page, "Đã nhận")
    assert (await centre.get(f"{BASE}/{hands.ticket['id']}"))[1]["unit"] == "quang-nam"
    await page.locator(".sheet button[type=submit]").click()
    await state_is(page, "Hội An")
    assert (await centre.get(f"{BASE}/{hands.ticket['id']}"))[1]["unit"] == "hoi-an"
    assert faults == []


async def test_the_queue_has_the_longest_late_first_and_is_filtered(chrome: Browser, centre: Centre) -> None:
    late, later, fine = [await ticket_of(centre, "quang-nam") for _ in range(3)]
    await past(centre, late["id"], 10)
    await past(centre, later["id"], 200)
    page, faults = await wall(chrome, centre, "operator")
    await expect(page.get_by_test_id("late")).to_have_text("2 quá hạn")
    await page.keyboard.press("k")
    rows = page.locator("li[data-ticket]")
    await expect(rows).to_have_count(3)
    assert await rows.evaluate_all("all => all.map(one => one.dataset.ticket)") == [later["id"], late["id"], fine["id"]]
    await expect(line(page, later["id"])).to_contain_text("QUÁ HẠN NHẬN 3 giờ 20 phút")
    await page.get_by_test_id("filter-late").check()
    await expect(rows).to_have_count(2)
    await page.get_by_test_id("filter-mine").check()
    await expect(page.locator(".ticketqueue .empty")).to_contain_text("bộ lọc")
    await page.get_by_test_id("filter-mine").uncheck()
    await line(page, late["id"]).focus()
    await page.keyboard.press("a")
    await state_is(page, "Đã nhận")
    await expect(rows).to_have_count(1)
    assert faults == []


async def past(centre: Centre, ticket: str, minutes: int) -> None:
    """A ticket whose deadline of accepting has passed, before anybody looks."""
    await centre.owner.execute(
        "update tickets set accept_by = $2 where id = $1", ticket, now() - dt.timedelta(minutes=minutes)
    )


async def test_a_chosen_ticket_is_shown_on_the_map_where_its_incident_is(chrome: Browser, centre: Centre) -> None:
    ticket = await ticket_of(centre, "quang-nam")
    incident = ticket["incident"]["id"]
    page, faults = await wall(chrome, centre, "operator")
    await page.wait_for_selector("body[data-map=idle]")
    await page.keyboard.press("k")
    await line(page, ticket["id"]).click()
    await state_is(page, "Chờ nhận")
    await in_the_middle(page, incident)
    assert faults == []


async def in_the_middle(page: Page, incident: str) -> None:
    """The incident's symbol is in the middle of what the panel leaves of the map: a click there opens it."""
    await page.wait_for_selector("body[data-map=idle]")
    ground = await page.locator("#map").bounding_box()
    panel = await page.locator("#detail").bounding_box()
    assert ground is not None
    assert panel is not None
    await page.mouse.click((ground["x"] + panel["x"]) / 2, ground["y"] + ground["height"] / 2)
    await page.locator(f"#detail[data-shows='{incident}']").wait_for()


async def test_a_ticket_that_a_link_names_is_shown_on_the_map(chrome: Browser, centre: Centre) -> None:
    ticket = await ticket_of(centre, "quang-nam")
    await TicketHands(centre, ticket, "operator").take("cancel", why="mở nhầm")
    page, faults = await wall(chrome, centre, "operator")
    await page.goto(centre.url + "/figures")
    await page.goto(f"{centre.url}/#ticket={ticket['id']}")
    await state_is(page, "Đã hủy")
    await in_the_middle(page, ticket["incident"]["id"])
    assert faults == []


async def test_forwarded_it_vanishes_for_who_has_it_no_more(chrome: Browser, centre: Centre) -> None:
    hands = TicketHands(centre, await ticket_of(centre, "hoi-an", "admin"), "admin")
    page, faults = await wall(chrome, centre, "district")
    await page.keyboard.press("k")
    await line(page, hands.ticket["id"]).click()
    await state_is(page, "Chờ nhận")
    await hands.take("forward", unit="quang-nam", why="quá sức huyện")
    await expect(line(page, hands.ticket["id"])).to_have_count(0)
    await expect(page.locator("#detail")).to_contain_text("không còn thuộc đơn vị của bạn")
    await expect(page.locator(".ticketqueue .empty")).to_contain_text("Chưa có phiếu việc nào")
    assert faults == []


async def test_a_part_for_another_unit_must_be_done_or_explained_before_it_is_closed(
    chrome: Browser, centre: Centre
) -> None:
    hands = TicketHands(centre, await ticket_of(centre, "quang-nam"), "admin")
    page, faults = await wall(chrome, centre, "operator", viewport=PHONE)
    await page.get_by_test_id("tool-tickets").click()
    await line(page, hands.ticket["id"]).click()
    await page.get_by_test_id("ticket-sub").click()
    await page.locator(".sheet [name=unit]").select_option("dien-luc")
    await filled(page, task="Cắt điện khu vực ngập")
    await expect(page.locator("[data-ticketline]")).to_contain_text("Cắt điện khu vực ngập")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    hands.ticket = (await centre.get(f"{BASE}/{hands.ticket['id']}"))[1]
    for step, body in (("accept", {}), ("resolve", {"result": "xong"})):
        await hands.take(step, **body)
    await hands.take("verify", "operator")
    await page.get_by_test_id("ticket-close").click()
    await expect(page.locator(".sheet")).to_contain_text("Còn 1 phiếu của đơn vị cùng làm chưa xong")
    await filled(page, why="điện lực làm tiếp")
    await state_is(page, "Đã đóng")
    assert faults == []


async def page_of(chrome: Browser, centre: Centre, path: str, who: str = "admin") -> tuple[Page, list[str]]:
    """A page beside the wall, for who has signed in."""
    page, faults = await wall(chrome, centre, who)
    await page.goto(centre.url + path)
    return page, faults


async def test_a_roster_is_laid_out_for_weeks_and_one_time_taken_off(chrome: Browser, centre: Centre) -> None:
    page, faults = await page_of(chrome, centre, "/duty#hoi-an")
    page.on("dialog", lambda dialog: dialog.accept())
    await expect(page.get_by_test_id("now")).to_contain_text("chưa có tổ nào")
    await page.get_by_test_id("add-team").click()
    await page.locator(".sheet [name=name]").fill("Xuồng cứu hộ")
    await page.locator(".sheet [name=code]").fill("xuong")
    await page.locator(".sheet [name=member][value=district]").check()
    await page.locator(".sheet button[type=submit]").click()
    await expect(page.get_by_test_id("teams")).to_contain_text("Xuồng cứu hộ")
    await expect(page.get_by_test_id("now")).to_contain_text("mọi thành viên các tổ")
    await page.get_by_test_id("lay-out").click()
    await page.locator(".sheet [name=who]").select_option("@xuong")
    for box in await page.locator(".sheet [name=day]").all():
        await box.check()
    await filled(page, hourfrom="00:00", hourto="00:00", weeks="2")
    await expect(page.get_by_test_id("note")).to_have_text("Đã xếp 14 ca.")
    await expect(page.get_by_test_id("now")).not_to_contain_text("mọi thành viên các tổ")
    assert await centre.owner.fetchval("select count(*) from duties") == 14
    await page.get_by_test_id("week-after").click()
    await expect(page.locator("[data-duty]")).to_have_count(7)
    await page.get_by_test_id("take-off").nth(1).click()
    await expect(page.locator("[data-duty]")).to_have_count(1)
    assert await centre.owner.fetchval("select count(*) from duties") < 14
    assert faults == []


async def test_the_policy_is_tried_edited_and_refused_in_words(chrome: Browser, centre: Centre) -> None:
    await centre.owner.execute(
        "insert into centres select c, c, c, 'district' from unnest($1::text[]) c on conflict do nothing",
        sorted({one.centre for one in ticket_policies.shipped().units}),
    )
    page, faults = await page_of(chrome, centre, "/policy")
    await page.locator("#trial [name=lon]").fill("108,2")
    await page.locator("#trial [name=lat]").fill("15,6")
    await page.locator("#trial button[type=submit]").click()
    found = page.get_by_test_id("trial-result")
    await expect(found).to_contain_text("Giao cho: Trung tâm điều hành tỉnh")
    await expect(found.locator("tbody tr").first).to_contain_text("Operator")
    await page.get_by_test_id("clocks").get_by_test_id("edit-0").click()
    await filled(page, accept_min="7", why="thử trong bão")
    await expect(page.get_by_test_id("note")).to_contain_text("Đã lưu thành bản mới")
    await expect(page.get_by_test_id("clocks").locator("tbody tr").first).to_contain_text("7 phút")
    await expect(page.get_by_test_id("versions").locator("tbody tr").first).to_contain_text("thử trong bão")
    await page.get_by_test_id("edit-whole").click()
    area = page.locator(".sheet [name=document]")
    typed = (await area.input_value()).replace('"unit": "dien-luc"', '"unit": "khong-co"')
    await area.fill(typed)
    await filled(page, why="sai")
    await expect(page.locator(".sheet .message")).to_contain_text("khong-co")
    assert await area.input_value() == typed
    assert await centre.owner.fetchval("select max(version) from ticket_policies") == 2
    assert faults == []


async def test_the_bell_leads_to_the_ticket_and_counts_what_was_not_read(chrome: Browser, centre: Centre) -> None:
    ticket = await ticket_of(centre, "quang-nam")
    await centre.owner.execute(
        "insert into notifications (key, recipient, topic, thread, severity, title, title_en, body, body_en, link,"
        " ticket, incident, centre, area, at) select k, 'operator', 'ticket', k, 'severe', '<b>Phiếu</b> mới', 'New',"
        " '', '', '', $1, $2, 'quang-nam', '', now() from unnest(array['a', 'b']) k",
        uuid.UUID(ticket["id"]), uuid.UUID(ticket["incident"]["id"]),
    )  # fmt: skip
    page, faults = await wall(chrome, centre, "operator")
    await expect(page.get_by_test_id("unread")).to_be_visible()
    before = int(await page.get_by_test_id("unread").inner_text() or "0")
    assert before >= 2
    await page.get_by_test_id("bell").click()
    await page.get_by_test_id("bell-box").get_by_role("link", name="<b>Phiếu</b> mới").first.click()
    await state_is(page, "Chờ nhận")
    await expect(page.get_by_test_id("unread")).to_have_text(str(before - 1))
    await page.goto(centre.url + "/figures")
    await page.get_by_test_id("bell").click()
    await page.get_by_test_id("read-all").click()
    await expect(page.get_by_test_id("unread")).to_be_hidden()
    assert (
        await centre.owner.fetchval(
            "select count(*) from notifications where read_at is null and recipient = 'operator'"
        )
        == 0
    )
    assert faults == []


async def test_a_contact_is_kept_and_an_endpoint_never_shows_its_secret(chrome: Browser, centre: Centre) -> None:
    page, faults = await page_of(chrome, centre, "/account")
    await page.get_by_test_id("add-way").click()
    await page.get_by_test_id("address").fill("lan@example.vn")
    await page.get_by_test_id("quietFrom").fill("22:00")
    await page.get_by_test_id("save-contacts").click()
    await expect(page.get_by_test_id("contacts-message")).to_contain_text("cả hai giờ")
    await page.get_by_test_id("quietUntil").fill("05:30")
    await page.get_by_test_id("save-contacts").click()
    await expect(page.get_by_test_id("contacts-message")).to_contain_text("Đã lưu")
    assert (await centre.get("/api/v1/contacts/me"))[1]["quiet_until"] == "05:30"
    await page.goto(centre.url + "/messages")
    await page.get_by_test_id("add-endpoint").click()
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    await filled(page, code="soxd", name="Sở Xây dựng", address="https://example.vn/hook", secret=secret)
    await expect(page.get_by_test_id("endpoints").locator("tbody tr")).to_contain_text("https://example.vn/hook")
    await page.get_by_test_id("edit-soxd").click()
    await expect(page.locator(".sheet [name=secret]")).to_have_value("")
    assert secret not in await page.content()
    await filled(page, name="Sở Xây dựng (mới)")
    await expect(page.get_by_test_id("endpoints").locator("tbody tr")).to_contain_text("(mới)")
    assert await centre.owner.fetchval("select secret <> '' from endpoints where code = 'soxd'")
    assert faults == []


async def test_a_page_without_a_live_stream_waits_for_news_and_does_not_ask_for_it(
    chrome: Browser, centre: Centre
) -> None:
    page, faults = await page_of(chrome, centre, "/figures")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/notifications" in one.url else None)
    await page.reload()
    await expect(page.get_by_test_id("bell")).to_be_visible()
    await expect(page.get_by_test_id("unread")).to_be_hidden()
    async with page.expect_request("**/notifications?limit=50&mark=*&wait=25"):
        pass
    await centre.owner.execute(
        "insert into notifications (key, recipient, topic, thread, severity, title, title_en, body, body_en, link,"
        " centre, area, at) values ('n', 'admin', 'ticket', 'n', 'severe', 'Mới', 'New', '', '', '', 'quang-nam', '',"
        " now())"
    )
    await expect(page.get_by_test_id("unread")).to_have_text("1", timeout=5_000)
    assert len(asked) <= 4
    assert faults == []


async def test_from_each_page_the_others_are_reached(chrome: Browser, centre: Centre) -> None:
    page, _ = await wall(chrome, centre, "admin")
    complaints = complaints_of(page)
    await page.goto(centre.url + "/account")
    for name in OLDER:
        await page.set_viewport_size({"width": 1600, "height": 900})
        await page.get_by_test_id("menu").locator("summary").click()
        await page.locator(f".menu a[href='/{name}']").click()
        await page.wait_for_url(centre.url + f"/{name}")
        await expect(page.get_by_test_id("menu")).to_be_visible()
        for width in (1600, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.get_by_test_id("menu").locator("summary").click()
            box = await page.locator(".menu ul").bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, f"the menu of {name} leaves the screen"
            await page.keyboard.press("Escape")
            await expect(page.locator(".menu ul")).to_be_hidden()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    assert complaints == []


@pytest.mark.parametrize("name", PAGES)
async def test_each_page_opens_in_both_languages_without_a_complaint(
    chrome: Browser, centre: Centre, name: str
) -> None:
    await ticket_of(centre, "hoi-an")
    page, _ = await wall(chrome, centre, "admin")
    complaints = complaints_of(page)
    await page.get_by_test_id("menu").locator("summary").click()
    await page.locator(f".menu a[href='/{name}']").click()
    await page.wait_for_url(centre.url + f"/{name}")
    await page.locator(".block h2, .card h2").first.wait_for()
    for width in (1600, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
    await page.get_by_role("button", name="English").first.click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    text = await page.locator("body").inner_text()
    assert f"{name}." not in text
    assert "undefined" not in text
    assert "NaN" not in text
    assert complaints == []
