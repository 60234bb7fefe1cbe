"""The real demo and a real browser, for the tests of the wall. Both end with the module that asked for them."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.async_api import expect as later_expect
from playwright.sync_api import Browser, expect, sync_playwright

from tests.fakes import demo as real
from tests.fakes.demo import ROOT, Demo

EXPECT_MS = 20_000
"""How long is waited for what a page must come to show. The map is drawn by the processor that serves it."""

for one in (expect, later_expect):
    one.set_options(timeout=EXPECT_MS)

Tell = Callable[[str], None]
"""Writes a measured figure where the person who runs the tests sees it."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium() -> str:
    """The path of the machine's Chromium; without one the test is skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed: ./run installs it.")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium of the machine, drawing with its own processor."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture(scope="module")
def demo(browser: Browser) -> Iterator[Demo]:
    """A demo of its own that serves the built wall."""
    if not (ROOT / "ioc/wall/dist/index.html").is_file():
        pytest.skip("ioc/wall/dist is missing, the wall is not built: ./run builds it.")
    with real.running(IOC_HTTP_PORT="18180") as started:
        yield started


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """A line on the terminal, captured by nobody."""

    def line(text: str) -> None:
        with capsys.disabled():
            request.config.get_terminal_writer().line(f"\n  {text}")

    return line
