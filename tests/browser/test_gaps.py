"""Missing messages on the wall, in a real browser, served by the real demo."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from playwright.sync_api import Browser, Page, expect

from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.fakes.demo import Demo, until

SLOW_MS = 30_000
CANVAS = ".maplibregl-canvas"


@pytest.fixture(scope="module")
def page(demo: Demo, browser: Browser) -> Iterator[Page]:
    """An operator's page."""
    page = signed_in(demo, browser, "operator", 1280, 720)
    yield page
    page.context.close()


def signed_in(demo: Demo, browser: Browser, role: str, width: int, height: int) -> Page:
    """A page of somebody, alive; its context is the caller's to close."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="vi-VN")
    page = context.new_page()
    person = demo.account["accounts"][role]
    page.goto(demo.account["url"])
    page.fill("input[name=user]", person["user"])
    page.fill("input[name=password]", person["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    return page


def open_any_station(page: Page) -> str:
    """Click on what looks as if it can be clicked until a station is open; its code."""
    asked: list[str] = []
    page.on("request", lambda request: asked.extend(re.findall(r"/devices/([a-z0-9-]+)/gaps", request.url)))
    page.wait_for_selector(CANVAS, timeout=SLOW_MS)
    box = page.locator(CANVAS).bounding_box()
    assert box is not None
    for y in range(60, int(box["height"]) - 20, 14):
        for x in range(40, int(box["width"]) - 20, 14):
            page.mouse.move(box["x"] + x, box["y"] + y)
            if page.evaluate(f"document.querySelector('{CANVAS}').style.cursor") == "pointer":
                page.mouse.click(box["x"] + x, box["y"] + y)
                page.wait_for_timeout(200)
                if asked:
                    return asked[-1]
    raise AssertionError("no station can be clicked on the map")


def publish(demo: Demo, code: str, seconds: dict[int, float], name: str = "") -> None:
    """Readings by number and second. In a thread: the browser's driver holds this thread's event loop."""
    centre = next(device["centre"] for device in demo.account["devices"] if device["code"] == code)
    mqtt = demo.account["mqtt"]
    login = Login(
        host=mqtt["host"], port=mqtt["port"], user=mqtt["user"], password=mqtt["password"], client_id="ioc-gaps-test"
    )
    name = name or next(device for device in demo.account["devices"] if device["code"] == code)["properties"][0]
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30)

    async def send() -> None:
        async with PahoPublisher.open(login) as wire:
            for seq, second in seconds.items():
                at = (begun + dt.timedelta(seconds=second)).isoformat()
                body = {"at": at, "run": f"gaps-{begun.timestamp()}", "seq": seq, "values": {name: 1.0}}
                await wire.publish(f"ioc/v1/{centre}/{code}/readings", orjson.dumps(body))

    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, send()).result(30)


def test_missing_messages_stand_in_the_panel_and_in_the_header(demo: Demo, page: Page) -> None:
    expect(page.get_by_test_id("gaps")).to_be_hidden(timeout=SLOW_MS)
    code = open_any_station(page)
    expect(page.get_by_test_id("missing")).to_be_hidden(timeout=SLOW_MS)
    publish(demo, code, {0: 0, 1: 1, 2: 2, 5: 5, 9: 9})
    until(lambda: demo.get("/api/v1/gaps")[1].count(code.encode()), 15, "the gap over the API")
    expect(page.get_by_test_id("missing")).to_contain_text("Thiếu 5 bản tin: 6–8 (", timeout=SLOW_MS)
    expect(page.get_by_test_id("missing")).to_contain_text("3–4 (")
    expect(page.get_by_test_id("gaps")).to_have_text("1 thiết bị thiếu bản tin", timeout=2 * SLOW_MS)


def test_a_page_that_is_loaded_again_is_whole(page: Page) -> None:
    """A browser puts the headers of "not modified" over those of the page that it kept, its policy too."""
    with page.expect_response(lambda answer: answer.url.endswith("/") and answer.request.is_navigation_request()):
        page.reload()
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    expect(page.get_by_test_id("newest-reading")).to_be_visible()


def test_refused_messages_are_counted_for_those_who_may_see_them(demo: Demo, browser: Browser, page: Page) -> None:
    code = demo.account["devices"][0]["code"]
    publish(demo, code, {0: 0}, name="no_such_property")
    until(lambda: b"no_such_property" in demo.get("/api/v1/dead-letters")[1], 15, "the dead letter")
    admin = signed_in(demo, browser, "admin", 390, 844)
    expect(admin.get_by_test_id("refused")).to_have_text("1 bản tin bị từ chối", timeout=2 * SLOW_MS)
    assert admin.evaluate("document.documentElement.scrollWidth") == 390  # a phone: nothing stands beside the screen
    assert admin.locator("#list").bounding_box()["width"] == 390  # type: ignore[index]
    page.reload()
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    expect(page.get_by_test_id("gaps")).to_be_visible(timeout=2 * SLOW_MS)
    expect(page.get_by_test_id("refused")).to_be_hidden()
    admin.context.close()
