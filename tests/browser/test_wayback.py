"""Who has to sign in first comes to the page, and the place in it, that was asked for, in a real browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.pages import page_in, sign_in
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "signin.html").is_file(), reason="the wall is not built: ./run builds it")


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path, more={"wall": WALL}) as one:
        yield one


@pytest.mark.parametrize(
    ("asked", "door", "reached"),
    [
        ("/registry#devices?q=gauge", "/signin?page=registry#devices?q=gauge", "/registry#devices?q=gauge"),
        ("/rules", "/signin?page=rules", "/rules"),
        ("/signin?page=//evil.example", "/signin?page=//evil.example", "/"),
    ],
)
async def test_a_stranger_comes_to_what_was_asked_for(
    chrome: Browser, centre: Centre, asked: str, door: str, reached: str
) -> None:
    context = await chrome.new_context(locale="vi-VN")
    page, _ = await page_in(context)
    await page.goto(centre.url + asked)
    assert page.url == centre.url + door
    await sign_in(page, "admin")
    await page.wait_for_url(centre.url + reached)
    await context.close()
