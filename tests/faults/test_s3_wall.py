"""S3: the wall itself, in a real browser, shows what is provisional while PostgreSQL is away, and then the incident."""

import datetime as dt
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from ioc.access.passwords import hash_password
from ioc.access.policy import Person
from ioc.access.scope import EVERYTHING
from ioc.store import people
from ioc.store.database import Database
from tests.browser.conftest import ARGUMENTS, BROWSERS
from tests.faults.conftest import Open
from tests.faults.test_s3_provisional import address
from tests.faults.test_s14_desk import CALM, LEVEL, Rain, caught_up
from tests.instruments.processes import ROOT
from tests.instruments.world import World

pytestmark = [
    pytest.mark.promise("S3", seeds=1),
    pytest.mark.skipif(not Path(ROOT / "ioc/wall/dist").exists(), reason="not tried: the wall is not built"),
]

PASSWORD = "a long enough phrase"
SLOW_MS = 30_000


async def enrol(centre: World) -> None:
    """An operator with a password."""
    person = Person(login="watch", name="Watch", role="admin", centre=None, language="vi")
    async with (
        Database.open(centre.url("ioc_app"), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        kept = hash_password(PASSWORD)
        await people.create_account(transaction, uuid.uuid4(), person, kept, dt.datetime.now(dt.UTC))


@asynccontextmanager
async def page_of(url: str) -> AsyncIterator[Page]:
    """The wall, signed in, with its picture whole."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium is installed: ./run installs it.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        page = await browser.new_page(viewport={"width": 1280, "height": 720}, locale="vi-VN")
        await page.goto(url)
        await page.fill("input[name=user]", "watch")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
        yield page
        await browser.close()


async def test_the_wall_goes_on_without_postgresql(world: Open, tmp_path: Path) -> None:
    async with world(devices=3) as centre:
        await enrol(centre)
        await centre.intake()
        street = Rain(centre)
        async with page_of(await address(centre.start("serve"))) as page:
            section = page.get_by_test_id("provisional")
            await expect(section).to_be_hidden()
            await centre.postgres.stop()
            first, second, _ = centre.devices
            await street.falls([first, second], LEVEL)
            rows = page.locator("li[data-provisional]")
            await expect(rows).to_have_count(2, timeout=SLOW_MS)
            await expect(rows.first).to_contain_text("tạm thời")
            await expect(page.get_by_test_id("parts")).to_contain_text("2 cảnh báo tạm thời")
            await expect(page.locator("body")).to_have_attribute("data-live", "live")
            await page.screenshot(path=tmp_path / "provisional.png")
            await street.falls([second], CALM)
            await expect(rows).to_have_count(1, timeout=SLOW_MS)
            assert await page.locator("li[data-incident]").count() == 0
            await centre.postgres.start()
            await caught_up(centre, 3)
            await expect(section).to_be_hidden(timeout=SLOW_MS)
            await expect(page.locator("li[data-incident]")).not_to_have_count(0, timeout=SLOW_MS)
            await expect(page.locator("body")).to_have_attribute("data-live", "live")
