"""A district officer's hour on a phone: tickets, photographs, a network that comes and goes, somebody else's step."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from ioc.gallery import Gallery
from tests.browser.conftest import Tell
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.line import Line, line_to
from tests.fakes.phone import (
    agree,
    basemap,
    fits,
    go,
    kept,
    log_of,
    phone,
    photograph,
    readable_offline,
    sign_in,
    strange,
    tap,
    until,
)
from tests.fakes.ticket_hands import TicketHands, opened
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "inbox.html").is_file(), reason="the inbox is not built: ./run builds it")

MEANWHILE, HOLD = "Đội điện lực đã đến nơi", "Chờ nước rút ở ngã tư"
HOI_AN = {"lon": 108.33, "lat": 15.88}


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    gallery = Gallery(tmp_path / "media", make=False)
    more = {"wall": WALL, "gallery": gallery, "basemap": basemap}
    async with running_centre(migrated.url, tmp_path, more) as one:
        gallery.drafts.mkdir()
        yield one


@pytest.fixture
async def line(centre: Centre) -> AsyncIterator[Line]:
    async with line_to(centre.url) as one:
        yield one


async def begun(page: Page, centre: Centre, ticket: str, shots: Path) -> None:
    """Accepts and starts a ticket with the network there."""
    await go(page, ticket)
    await tap(page, "accept")
    await expect(page.get_by_test_id("state")).to_contain_text("Đã nhận")
    await until(lambda: _state(centre, ticket, "accepted"))
    await tap(page, "start")
    await until(lambda: _state(centre, ticket, "working"))
    await expect(page.get_by_test_id("queued")).to_have_count(0)
    await fits(page)
    await page.screenshot(path=str(shots / "2-ticket.png"), full_page=True)


async def resolved_offline(page: Page, shots: Path) -> None:
    """Resolves the ticket that is open, with two photographs that the camera takes."""
    await tap(page, "resolve")
    for number in (1, 2):
        await page.set_input_files("#camera", photograph(shots / f"{number}.jpg", number))
        await expect(page.locator(".thumbs img")).to_have_count(number)
    await page.get_by_role("button", name="Đã xử lý xong tại chỗ").click()
    await fits(page)
    await page.screenshot(path=str(shots / "3-sheet.png"))
    await page.locator("[data-act=send]").click()
    await expect(page.get_by_test_id("queued")).to_contain_text("Đã xử lý xong tại chỗ")
    await expect(page.get_by_test_id("state")).to_contain_text("Đã làm xong")


async def accepted_and_on_hold_offline(page: Page, ticket: str) -> None:
    """Two steps of another ticket, one upon the other."""
    await go(page, ticket)
    await tap(page, "accept")
    await tap(page, "wait")
    await page.fill("#words", HOLD)
    await page.locator("[data-act=send]").click()
    await expect(page.get_by_test_id("queued")).to_have_count(2)


async def read_offline(page: Page, ticket: str, shots: Path) -> None:
    """The page is opened anew where there is no network: everything is there, and says how old it is."""
    await page.reload()
    await page.locator("body[data-state=lost]").wait_for()
    await expect(page.get_by_test_id("age")).to_contain_text("mất kết nối")
    await expect(page.get_by_test_id("queued")).to_have_count(2)
    await go(page, ticket)
    await expect(page.locator("svg.ground path.g-pin")).to_have_count(1)
    await expect(page.get_by_test_id("queued")).to_contain_text("2 ảnh")
    await page.screenshot(path=str(shots / "4-offline.png"), full_page=True)
    assert len(await kept(page, "queue")) == 3


async def arrived_once(centre: Centre, ticket: str) -> None:
    """The database has each step and each photograph once, as small as the phone made them."""
    lines = await log_of(centre, ticket)
    assert [what for who, what in lines if who == "district"] == ["accepted", "started", "resolved"]
    select = "select photos from ticket_log where ticket = $1::uuid and what = 'resolved'"
    assert len(set(await centre.owner.fetchval(select, ticket))) == 2
    assert await centre.owner.fetchval("select count(*) from media") == 2
    assert await centre.owner.fetchval("select count(*) from uploads where taken_at is null") == 0
    shapes = [cv2.imread(str(file)).shape for file in centre.media.glob("*.jpg")]
    assert shapes == [(1200, 1600, 3)] * 2


async def decided(page: Page, centre: Centre, ticket: str, shots: Path) -> None:
    """The conflict shows both; nothing was written over; sent again, it goes through with what waits behind it."""
    await go(page, ticket)
    conflict = page.get_by_test_id("conflict")
    await expect(conflict).to_contain_text(MEANWHILE)
    await expect(conflict).to_contain_text("Nhận")
    assert [what for who, what in await log_of(centre, ticket) if who == "district"] == []
    await fits(page)
    await page.screenshot(path=str(shots / "5-conflict.png"), full_page=True)
    await conflict.locator("[data-act=resend]").click()
    await until(lambda: _state(centre, ticket, "waiting"))
    lines = await log_of(centre, ticket)
    assert [what for who, what in lines if who == "district"] == ["accepted", "waiting"]
    assert [what for who, what in lines if who == "admin"].count("comment") == 1
    assert await centre.owner.fetchval("select waiting_why from tickets where id = $1::uuid", ticket) == HOLD


async def cut_in_the_middle(context: BrowserContext, centre: Centre, line: Line) -> None:
    """The network returns, and goes again while a photograph is on its way."""
    cuts = line.cuts
    line.mend(cut_after=150_000)
    await context.set_offline(False)
    await until(lambda: _cut(line, cuts))
    halfway = await centre.owner.fetchrow("select size, received from uploads order by created_at limit 1")
    assert 0 < halfway["received"] < halfway["size"]


async def nothing_left(page: Page) -> bool:
    return not any([await kept(page, name) for name in ("queue", "drafts", "photos")])


async def test_an_officers_hour_with_the_network_cut_in_the_middle(
    chrome: Browser, centre: Centre, line: Line, tmp_path: Path, tell: Tell
) -> None:
    mine = (await opened(centre, **HOI_AN))["id"]
    other = TicketHands(centre, await opened(centre, **HOI_AN, severity="moderate"), "admin")
    theirs = other.ticket["id"]
    context, page, faults = await phone(chrome, line)
    await expect(page.locator("[data-testid=tickets] a")).to_have_count(2)
    await expect(page.locator("[data-testid=tickets] .due").first).to_have_text(re.compile("nhận trong|còn"))
    await readable_offline(page, mine, theirs)
    await fits(page)
    await page.screenshot(path=str(tmp_path / "1-list.png"))
    await begun(page, centre, mine, tmp_path)
    line.cut()
    await context.set_offline(True)
    await resolved_offline(page, tmp_path)
    await accepted_and_on_hold_offline(page, theirs)
    await read_offline(page, mine, tmp_path)

    await other.take("comment", text=MEANWHILE)
    before = line.sent
    await cut_in_the_middle(context, centre, line)
    assert await _state(centre, mine, "working")
    line.mend()
    await until(lambda: _state(centre, mine, "resolved"))
    sizes = await centre.owner.fetchval("select sum(size) from uploads")
    tell(f"two photographs of {sizes} bytes took {line.sent - before} bytes over a line that was cut once")
    assert line.sent - before < sizes + 120_000
    await arrived_once(centre, mine)
    await decided(page, centre, theirs, tmp_path)
    await until(lambda: nothing_left(page))
    assert faults == []


async def _state(centre: Centre, ticket: str, state: str) -> bool:
    return bool(await centre.owner.fetchval("select state = $2 from tickets where id = $1::uuid", ticket, state))


async def _cut(line: Line, before: int) -> bool:
    return line.cuts > before


async def test_what_was_written_outlives_the_sheet_the_page_and_the_session(
    chrome: Browser, centre: Centre, line: Line, tmp_path: Path
) -> None:
    ticket = (await opened(centre, **HOI_AN))["id"]
    context, page, faults = await phone(chrome, line)
    await readable_offline(page, ticket)
    await go(page, ticket)
    await tap(page, "comment")
    await page.fill("#words", "Cầu tạm đã trôi")
    await page.set_input_files("#camera", photograph(tmp_path / "1.jpg", 1))
    await expect(page.locator(".thumbs img")).to_have_count(1)
    await page.reload()
    await go(page, ticket)
    await tap(page, "comment")
    await expect(page.locator("#words")).to_have_value("Cầu tạm đã trôi")
    await expect(page.locator(".thumbs img")).to_have_count(1)
    line.cut()
    await page.locator("[data-act=send]").click()
    await expect(page.get_by_test_id("queued")).to_have_count(1)

    await centre.owner.execute("delete from sessions")
    await until(lambda: strange(centre, context))
    line.mend()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await page.get_by_test_id("locked").wait_for()
    assert await kept(page, "kept") == []
    assert len(await kept(page, "queue")) == len(await kept(page, "photos")) == 1
    await expect(page.locator("body")).not_to_contain_text("Nước sông")
    await page.screenshot(path=str(tmp_path / "6-locked.png"))
    await page.get_by_role("link", name="Đăng nhập").click()
    await sign_in(page)

    async def said() -> bool:
        return ("district", "comment") in await log_of(centre, ticket)

    await until(said)
    assert (await log_of(centre, ticket)).count(("district", "comment")) == 1
    assert faults == []


async def test_who_signs_out_leaves_nothing_but_what_was_not_sent(chrome: Browser, centre: Centre, line: Line) -> None:
    ticket = (await opened(centre, **HOI_AN))["id"]
    _, page, _ = await phone(chrome, line)
    await readable_offline(page, ticket)
    await go(page, ticket)
    line.cut()
    await tap(page, "accept")
    await expect(page.get_by_test_id("queued")).to_have_count(1)
    page.on("dialog", agree)
    await page.locator(".menu summary").click()
    await page.locator("[data-act=signout]").click()
    await page.get_by_test_id("locked").wait_for()
    await page.reload()
    await page.get_by_test_id("locked").wait_for()
    assert await kept(page, "kept") == []
    assert len(await kept(page, "queue")) == 1
    line.mend()
    await page.reload()
    await page.wait_for_url(re.compile("/signin"))

    async def ended() -> bool:
        return await centre.owner.fetchval("select count(*) from sessions") == 0

    await until(ended)
    assert not await _state(centre, ticket, "accepted")
    await sign_in(page)
    await until(lambda: _state(centre, ticket, "accepted"))


async def test_the_inbox_can_be_installed_and_speaks_english(chrome: Browser, centre: Centre, line: Line) -> None:
    await opened(centre, **HOI_AN)
    context, page, faults = await phone(chrome, line)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    devtools = await context.new_cdp_session(page)
    manifest = await devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    problems = (await devtools.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [one["errorId"] for one in problems if one["errorId"] != "in-incognito"] == []
    await page.locator(".menu summary").click()
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("h1")).to_have_text("My tickets")
    await expect(page.locator("[data-testid=tickets] .title")).to_have_text("River above alarm level II")
    await fits(page)
    assert faults == []


async def test_who_allows_it_sees_how_far_it_is(chrome: Browser, centre: Centre, line: Line) -> None:
    ticket = (await opened(centre, **HOI_AN))["id"]
    context, page, faults = await phone(chrome, line)
    await go(page, ticket)
    await expect(page.locator("a[href='geo:15.880000,108.330000?q=15.880000,108.330000']")).to_have_count(1)
    await page.locator("[data-act=locate]").click()
    await expect(page.locator("article")).to_contain_text("Máy không cho biết vị trí.")
    await context.grant_permissions(["geolocation"])
    await context.set_geolocation({"longitude": 108.32, "latitude": 15.88})
    await page.locator("[data-act=locate]").click()
    await expect(page.locator("article")).to_contain_text("Cách bạn 1,1 km")
    await expect(page.locator("circle.g-me")).to_have_count(1)
    assert faults == []


async def test_a_newer_page_arrives_without_breaking_a_draft(chrome: Browser, migrated: Fresh, tmp_path: Path) -> None:
    built = tmp_path / "built"
    shutil.copytree(WALL, built, ignore=shutil.ignore_patterns("*.gz", "*.br"))
    async with (
        running_centre(migrated.url, tmp_path, {"wall": built}) as centre,
        line_to(centre.url) as line,
    ):
        ticket = (await opened(centre, **HOI_AN))["id"]
        _, page, _ = await phone(chrome, line)
        await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        await go(page, ticket)
        await tap(page, "comment")
        await page.fill("#words", "Cầu tạm đã trôi")
        await until(lambda: _any(page, "drafts"))
        changes = {
            "inbox.html": ("<title>", "<title data-made=two>"),
            "inbox-worker.js": ("ioc-inbox-", "ioc-inbox-two-"),
        }
        for name, (old, new) in changes.items():
            text = (built / name).read_text()
            assert old in text
            (built / name).write_text(text.replace(old, new, 1))
        await page.reload()
        await until(lambda: page.evaluate("caches.keys().then((all) => all.some((one) => one.includes('two')))"))
        await until(lambda: page.evaluate("caches.keys().then((all) => all.length === 1)"))
        line.cut()
        await page.reload()
        await page.locator("title[data-made=two]").wait_for(state="attached")
        await go(page, ticket)
        await tap(page, "comment")
        await expect(page.locator("#words")).to_have_value("Cầu tạm đã trôi")


async def _any(page: Page, name: str) -> bool:
    return bool(await kept(page, name))
