"""The real demo, a centre with the built wall, and a real browser, for the tests of the pages."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser as LaterBrowser
from playwright.async_api import async_playwright
from playwright.async_api import expect as later_expect
from playwright.sync_api import Browser, expect, sync_playwright

from ioc.gallery import Gallery
from tests.conftest import Fresh
from tests.fakes import demo as real
from tests.fakes.demo import ROOT, Demo
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.watched import WALL

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


@pytest.fixture
async def chrome() -> AsyncIterator[LaterBrowser]:
    """The same for a test that awaits; it ends with the test."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield started
        await started.close()


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """A server that serves the built wall and keeps photographs."""
    gallery = Gallery(tmp_path / "media", make=False)
    async with running_centre(migrated.url, tmp_path, {"wall": WALL, "gallery": gallery}) as one:
        gallery.drafts.mkdir()
        yield one


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
