"""The wall in a real browser, served by the real demo. The tests of this file build on each other, in order."""

import asyncio
import datetime as dt
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.browser.conftest import Tell
from tests.fakes.demo import ROOT, Demo, until

PICTURE = {"width": 1920, "height": 1080}
SIZE = {"width": 1280, "height": 720}
"""While the tests run: the processor draws the map, and pixels cost time."""
SLOW_MS = 30_000
GAUGE = "gauge-tam-ky"
TITLE = "Mực nước Tam Kỳ vượt báo động II"
LEVELS = {"moderate", "severe", "extreme"}
SHOWN_S = 3.0
"""Publish to page. One second is the goal; a loaded machine is allowed three."""


class Seen:
    """What the pages of one context asked for, and what their consoles complained about."""

    def __init__(self, context: BrowserContext) -> None:
        self.addresses: list[str] = []
        self.complaints: list[str] = []
        context.on("request", lambda request: self.addresses.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", lambda line: self._note(line.type, line.text))
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective))"
        )

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"{kind}: {text}")


class Wall:
    """A signed-in operator's page."""

    def __init__(self, page: Page, seen: Seen) -> None:
        self.page, self.seen = page, seen

    def row(self, title: str) -> Any:
        """The incident of that title in the list."""
        return self.page.locator("li[data-incident]", has_text=title).first


def context_of(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport=SIZE, locale="vi-VN")


def sign_in(page: Page, demo: Demo, role: str, password: str | None = None) -> None:
    """Through the form, as a person does."""
    person = demo.account["accounts"][role]
    page.goto(demo.account["url"])
    page.fill("input[name=user]", person["user"])
    page.fill("input[name=password]", password or person["password"])
    page.click("button[type=submit]")


async def _publish(demo: Demo, code: str, payload: bytes) -> None:
    centre = next(device["centre"] for device in demo.account["devices"] if device["code"] == code)
    mqtt = demo.account["mqtt"]
    login = Login(
        host=mqtt["host"], port=mqtt["port"], user=mqtt["user"], password=mqtt["password"], client_id="ioc-browser-test"
    )
    async with PahoPublisher.open(login) as wire:
        await wire.publish(f"ioc/v1/{centre}/{code}/readings", payload)


def publish(demo: Demo, code: str, values: dict[str, float]) -> None:
    """One reading of now. In a thread: the browser's driver holds this thread's event loop."""
    at = dt.datetime.now(dt.UTC)
    body = {"at": at.isoformat(timespec="milliseconds"), "run": "browser", "seq": at.microsecond, "values": values}
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, _publish(demo, code, orjson.dumps(body))).result(30)


def has_spoken(demo: Demo, code: str) -> bool:
    """Whether the replay has published a reading of the device; the next one is many minutes away."""
    return any("water_level" in (one["properties"]["latest"] or {}) for one in demo.items("devices", code=code))


@pytest.fixture(scope="module")
def wall(demo: Demo, browser: Browser) -> Iterator[Wall]:
    """One operator's page for the whole file; it is never reloaded."""
    context = context_of(browser)
    seen = Seen(context)
    page = context.new_page()
    sign_in(page, demo, "operator")
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    yield Wall(page, seen)
    context.close()


def test_a_wrong_password_is_refused_in_words(demo: Demo, browser: Browser) -> None:
    context = context_of(browser)
    page = context.new_page()
    sign_in(page, demo, "operator", password="certainly wrong")
    expect(page.get_by_text("Tên đăng nhập hoặc mật khẩu không đúng.")).to_be_visible()
    assert page.url.endswith("/signin")
    context.close()


def test_signing_in_shows_a_drawn_map_open_incidents_and_that_this_is_a_replay(wall: Wall) -> None:
    wall.page.wait_for_selector("body[data-map=idle]", timeout=SLOW_MS)
    wall.page.wait_for_selector("li[data-incident]", timeout=SLOW_MS)
    expect(wall.page.get_by_test_id("replay")).to_have_text(re.compile("PHÁT LẠI ×60"))
    expect(wall.page.locator("html")).to_have_attribute("lang", "vi")
    expect(wall.page.locator(".age")).to_have_text(re.compile("Kết nối máy chủ"))
    expect(wall.page.get_by_test_id("newest-reading")).to_have_text(re.compile("Số đo mới nhất: .+ trước"))
    expect(wall.page.get_by_test_id("parts")).to_be_hidden()


def test_an_incident_arrives_without_reloading(wall: Wall, demo: Demo, tell: Tell) -> None:
    """A gauge that was calm rises over its second level: the list has it within a second."""
    until(lambda: has_spoken(demo, GAUGE), 60, "the replay's own reading of the gauge, which would end ours")
    wall.page.evaluate("window.sameDocument = true")
    assert wall.row(TITLE).count() == 0
    begun = time.monotonic()
    publish(demo, GAUGE, {"water_level": 2.3})
    wall.row(TITLE).wait_for(timeout=10_000)
    took = time.monotonic() - begun
    tell(f"from before the publisher connects to the row on the page: {took:.3f} s")
    assert took < SHOWN_S
    assert wall.page.evaluate("window.sameDocument")


def test_an_incident_opens_with_its_chart_and_its_levels(wall: Wall) -> None:
    wall.row(TITLE).click()
    chart = wall.page.get_by_test_id("chart")
    chart.locator("svg circle.measured").first.wait_for()
    levels = chart.locator("svg .level").evaluate_all("all => all.map(one => one.dataset.level)")
    assert set(levels) == LEVELS
    expect(wall.page.locator(".alarmhead .value")).to_have_text("2,30 m")


def test_a_month_is_shown_by_the_means_of_its_hours(wall: Wall) -> None:
    spans, legend = wall.page.locator(".graph .spans"), wall.page.get_by_test_id("chart").locator("figcaption")
    spans.locator('[data-hours="720"]').click()
    expect(legend).to_contain_text("Trung bình", timeout=20_000)
    expect(spans.locator('[data-hours="720"]')).to_have_attribute("aria-pressed", "true")
    spans.locator('[data-hours="48"]').click()
    expect(legend).not_to_contain_text("Trung bình", timeout=20_000)


def test_a_station_s_value_on_the_page_follows_its_readings(wall: Wall, demo: Demo) -> None:
    """Though its state, and so the live stream, has nothing to tell."""
    publish(demo, GAUGE, {"water_level": 2.35})
    expect(wall.page.get_by_test_id("chart").locator(".charthead")).to_contain_text("2,35 m", timeout=15_000)


def test_a_camera_s_incident_opens_with_the_picture_of_what_was_seen(wall: Wall) -> None:
    incident = wall.page.locator("li[data-incident]", has_text="giám sát").first
    incident.wait_for(timeout=SLOW_MS)
    incident.click()
    picture = wall.page.locator("[data-testid=sighting] img").first
    picture.wait_for()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") > 0
    box = wall.page.locator("[data-testid=sighting] rect.box").first.bounding_box()
    frame = picture.bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] - 2 <= box["x"] < box["x"] + box["width"] <= frame["x"] + frame["width"] + 2
    assert frame["y"] - 2 <= box["y"] < box["y"] + box["height"] <= frame["y"] + frame["height"] + 2
    newest = wall.page.locator("[data-testid=newest] img").first
    newest.wait_for(timeout=10_000)
    assert newest.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_english_is_one_click_away_and_back(wall: Wall) -> None:
    wall.page.get_by_test_id("language").click()
    expect(wall.page.locator("#list > h2")).to_have_text(re.compile("Open incidents"))
    expect(wall.row("Water level at Tam Kỳ above alarm level II")).to_be_visible()
    expect(wall.page.locator("html")).to_have_attribute("lang", "en")
    wall.page.get_by_test_id("language").click()
    expect(wall.page.locator("#list > h2")).to_have_text(re.compile("Sự cố đang mở"))


def test_whoever_takes_an_incident_on_every_other_wall_sees_it(
    wall: Wall, demo: Demo, browser: Browser, tell: Tell
) -> None:
    context = context_of(browser)
    other = context.new_page()
    sign_in(other, demo, "admin")
    row = other.locator("li[data-incident]", has_text=TITLE)
    row.wait_for(timeout=SLOW_MS)
    assert row.get_attribute("data-status") == "new"
    wall.row(TITLE).click()
    wall.page.get_by_test_id("acknowledge").wait_for()
    begun = time.monotonic()
    wall.page.get_by_test_id("acknowledge").click()
    other.locator("li[data-incident][data-status=acknowledged]", has_text=TITLE).wait_for(timeout=10_000)
    took = time.monotonic() - begun
    tell(f"from the click to the other wall: {took:.3f} s")
    expect(wall.page.get_by_test_id("acknowledge")).to_be_hidden()
    expect(wall.page.locator(".log li").last).to_contain_text("Đã tiếp nhận")
    context.close()


def test_a_district_sees_its_own_incidents_and_no_others(demo: Demo, browser: Browser) -> None:
    context = context_of(browser)
    page = context.new_page()
    sign_in(page, demo, "district")
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    shown = set(page.locator("li[data-incident]").evaluate_all("all => all.map(one => one.dataset.incident)"))
    own = {str(one["id"]) for one in demo.items("incidents", "district")}
    foreign = {str(one["id"]) for one in demo.items("incidents")} - own
    assert foreign
    assert not shown & foreign
    page.get_by_text("Đăng xuất").click()
    page.wait_for_url("**/signin")
    page.goto(demo.account["url"])
    assert page.url.endswith("/signin")
    context.close()


def test_the_page_asks_no_other_host_and_breaks_no_rule(wall: Wall, demo: Demo) -> None:
    """Over everything that the page of this file has done; its picture is kept."""
    wall.page.set_viewport_size(PICTURE)
    wall.page.wait_for_selector("body[data-map=idle]", timeout=SLOW_MS)
    artefacts = ROOT / "artefacts"
    artefacts.mkdir(exist_ok=True)
    wall.page.screenshot(path=artefacts / "wall.png")
    wall.page.set_viewport_size(SIZE)
    ours = (demo.account["url"], "blob:" + demo.account["url"], "data:")
    assert [address for address in wall.seen.addresses if not address.startswith(ours)] == []
    assert any("/tiles/WebMercatorQuad/" in address for address in wall.seen.addresses)
    assert wall.seen.complaints == []


def test_a_dead_server_is_told_within_25_s_and_the_picture_comes_right_again(
    wall: Wall, demo: Demo, tell: Tell
) -> None:
    """Stopped, not killed: no connection breaks, there is only silence."""
    serve = demo.child("ioc serve")
    os.kill(serve, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        wall.page.wait_for_selector("body[data-live=lost]", timeout=25_000)
        tell(f"told after {time.monotonic() - begun:.1f} s")
        expect(wall.page.locator("#lost")).to_contain_text("MẤT KẾT NỐI")
        expect(wall.page.locator("#lost")).to_contain_text(re.compile(r"dữ liệu cách đây \d+ giây"))
        publish(demo, GAUGE, {"water_level": 2.8})
    finally:
        os.kill(serve, signal.SIGCONT)
    wall.page.wait_for_selector("body[data-live=live]", timeout=25_000)
    expect(wall.page.locator("#lost")).to_be_hidden()
    wall.page.locator("li[data-incident][data-severity=extreme]", has_text="Mực nước Tam Kỳ").wait_for(timeout=15_000)
