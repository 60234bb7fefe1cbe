"""A device's record tells which values it may send, and its key how to send one, in a real browser."""

import datetime as dt
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from sensors.codecs import ioc
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre
from tests.fakes.pages import page_in, sign_in
from tests.fakes.register import DEVICES, drafted, kept_register, stepped
from tests.fakes.things import device
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "registry.html").is_file(), reason="the wall is not built: ./run builds it")

TOLD = 'mosquitto_pub() { printf "%s\\n" "$@"; }\n'
"""In place of the program: each of its arguments on a line."""


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with kept_register(migrated.url, tmp_path, {"wall": WALL}) as one:
        yield one


def arguments(line: str, key: str) -> list[str]:
    """What a shell makes of the line."""
    variables = {"PATH": os.environ["PATH"], "KEY": key, "HOST": "127.0.0.1", "PORT": "1883"}
    done = subprocess.run(["bash", "-c", TOLD + line], env=variables, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


async def test_a_device_s_values_are_told_and_its_line_sends_one(chrome: Browser, centre: Centre) -> None:
    await stepped(centre, DEVICES, await drafted(centre, profile="rain-gauge"), "approve")
    page, faults = await page_in(await chrome.new_context(locale="vi-VN"))
    await page.goto(centre.url + "/registry#device=new-one")
    await sign_in(page, "admin")
    await expect(page.locator("[data-group=technique]")).to_contain_text("Lượng mưa từ lần đo trước: 0 … 300 mm")
    await page.locator("[data-tab=key]").click()
    await page.get_by_test_id("make-key").click()
    await page.get_by_test_id("key").locator("button[type=submit]").click()
    new = page.get_by_test_id("new-key")
    line = await new.get_by_test_id("try-out").locator("pre").inner_text()
    key = await new.get_by_test_id("secret").inner_text()
    assert len(key) >= 32
    assert key not in line
    *head, payload = arguments(line, key)
    assert head[:4] == ["-h", "127.0.0.1", "-p", "1883"]
    assert head[4:] == ["-u", "new-one", "-P", key, "-q", "1", "-t", "ioc/v1/quang-nam/new-one/readings", "-m"]
    decoded = ioc.decode(payload.encode(), device("new-one", profile="rain-gauge"), dt.datetime.now(dt.UTC))
    assert decoded.trouble is None
    assert [value.property for reading in decoded.readings for value in reading.values] == ["rain"]
    assert faults == []
