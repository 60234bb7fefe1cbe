"""The wall never shows a last picture as live: cameras whose server stands still, and a process that is away."""

import os
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Tell
from tests.fakes.demo import Demo, until

SLOW_MS = 60_000
SIZE = {"width": 1280, "height": 720}


@pytest.fixture(scope="module")
def panel(demo: Demo, browser: Browser) -> Iterator[Page]:
    """An operator's page on which a camera's incident is open, so that its newest picture shows."""
    context = browser.new_context(viewport=SIZE, locale="vi-VN")
    page = context.new_page()
    person = demo.account["accounts"]["operator"]
    page.goto(demo.account["url"])
    page.fill("input[name=user]", person["user"])
    page.fill("input[name=password]", person["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
    until(lambda: [one for one in demo.items("incidents") if one["properties"]["camera"]], 60, "a camera's incident")
    page.locator("li[data-incident]", has_text="camera").first.click()
    expect(page.get_by_test_id("newest").first.locator("img")).to_be_visible(timeout=SLOW_MS)
    yield page
    context.close()


def test_a_live_camera_s_picture_is_not_greyed(panel: Page) -> None:
    figure = panel.get_by_test_id("newest").first
    expect(figure.locator(".photo.past")).to_have_count(0, timeout=SLOW_MS)
    expect(figure.get_by_test_id("notlive")).to_be_hidden()
    expect(figure.locator("figcaption")).to_contain_text("cách đây")


def test_the_last_picture_of_a_camera_that_stands_still_is_greyed_and_says_so(
    panel: Page, demo: Demo, tell: Tell
) -> None:
    """The cameras' server is frozen: its kernel still takes connections."""
    server, figure = demo.child("rtsp_server"), panel.get_by_test_id("newest").first
    os.kill(server, signal.SIGSTOP)
    try:
        expect(figure.locator(".photo.past")).to_be_visible(timeout=25_000)
        banner = figure.get_by_test_id("notlive")
        expect(banner).to_contain_text("KHÔNG PHẢI HÌNH TRỰC TIẾP")
        expect(banner).to_contain_text("cách đây")
        grey = figure.locator("img").evaluate("image => getComputedStyle(image).filter")
        assert "grayscale(1)" in grey
        expect(banner).to_contain_text("Mất tín hiệu", timeout=25_000)
        until(
            lambda: {one["properties"]["state"] for one in demo.items("cameras")} <= {"silent", "unreachable", "ended"},
            30,
            "every camera's own state",
        )
        tell(banner.inner_text())
    finally:
        os.kill(server, signal.SIGCONT)
    expect(figure.locator(".photo.past")).to_have_count(0, timeout=SLOW_MS)


def test_while_nobody_watches_the_last_picture_is_not_live_either(panel: Page, demo: Demo) -> None:
    """The process of the cameras stands still: the server that is asked for pictures gets no answer."""
    process, figure = demo.child("ioc cameras"), panel.get_by_test_id("newest").first
    os.kill(process, signal.SIGSTOP)
    try:
        expect(figure.locator(".photo.past")).to_be_visible(timeout=25_000)
        until(lambda: {one["properties"]["state"] for one in demo.items("cameras")} == {"silent"}, 40, "silence")
    finally:
        os.kill(process, signal.SIGCONT)
    until(lambda: "live" in {one["properties"]["state"] for one in demo.items("cameras")}, 60, "a live camera")
    expect(figure.locator(".photo.past")).to_have_count(0, timeout=SLOW_MS)
