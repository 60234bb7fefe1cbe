"""The page of charts in a real browser: what is drawn, its PNG and its CSV are what the database holds."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest
from playwright.async_api import Browser, Page, expect

from ioc import shipping
from ioc.access.scope import EVERYTHING
from ioc.store import rules
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre
from tests.fakes.incidents import alarm
from tests.fakes.pages import PHONE, page_in, sign_in
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "charts.html").is_file(), reason="the wall is not built: ./run builds it")

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AREA = "502@2024-09-01"
RULE = {
    "code": "gauged-rain-24h", "category": "rain", "profile": "rain-gauge", "property": "rain",
    "title": "Mưa lớn tại {name}", "title_en": "Heavy rain at {name}", "source": "test",
    "window": {"kind": "sum", "hours": 24}, "levels": {"moderate": 100.0, "severe": 200.0},
}  # fmt: skip


class Flood:
    """A day at a river: hourly levels with a silence and a doubtful value, rain, an alarm, incidents."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.hour = now().replace(minute=0, second=0, microsecond=0)
        self.incident = ""

    def at(self, hours_ago: int) -> dt.datetime:
        return self.hour - dt.timedelta(hours=hours_ago)

    async def happen(self) -> None:
        await self._levels()
        await self._rain()
        await self._incidents()

    async def _levels(self) -> None:
        """Each hour of the last 20 but 10 to 14 hours ago; 5 hours ago one of the implausible."""
        owner = self.centre.owner
        await owner.execute("delete from readings")
        for before in (0, 1):
            await owner.execute("select ensure_readings_day($1)", (now() - dt.timedelta(days=before)).date())
        for ago in (*range(20, 14, -1), *range(9, 0, -1)):
            await owner.execute(
                """insert into readings (at, stream, seq, value, quality, derived, run, arrived_at, owner, retention)
                   select $1, s.id, $2, $3, $4, false, 'r', $1, o.id, s.retention
                   from streams s join owners o using (centre) where s.device = 'gauge-one'""",
                self.at(ago), 100 - ago, 50.0 if ago == 5 else 5 + (20 - ago) / 10, 1 if ago == 5 else 0,
            )  # fmt: skip

    async def _rain(self) -> None:
        """A gauge beside the river: 12 mm in each of ten hours, 60 mm in the eleventh, half an hour of it missing."""
        owner = self.centre.owner
        await owner.execute(
            """insert into devices (code, centre, area, name, kind, profile, state, state_since, geom) values
               ('rain-one', 'quang-nam', $1, '=Mưa <b>Một</b>', 'rain-gauge', 'rain-gauge', 'fresh', now(),
                st_setsrid(st_makepoint(108.2, 15.6), 4326))""",
            AREA,
        )
        stream = await owner.fetchval(
            "insert into streams (centre, device, property, unit, retention) "
            "values ('quang-nam', 'rain-one', 'rain', 'mm', 2) returning id"
        )
        await owner.execute(
            "insert into latest select $1, 'quang-nam', $2, now(), null, now(), 0.2, 0, false", stream, AREA
        )
        of = await owner.fetchval("select id from owners where centre = 'quang-nam'")
        for ago in range(12, 1, -1):
            month = self.at(ago).replace(day=1, hour=0)
            past = (month + dt.timedelta(days=32)).replace(day=1)
            await owner.execute("select ensure_partition('rollups', 2, $1, $2)", month, past)
            covered = (1 << 60) - 1 if ago > 2 else (1 << 30) - 1
            await owner.execute(
                """insert into rollups (hour, total, low, high, covered, stream, owner, count, doubtful, retention)
                   values ($1, $2, 0, 9, $3, $4, $5, 6, 0, 2)""",
                self.at(ago), 12 if ago > 2 else 60, covered, stream, of,
            )  # fmt: skip

    async def _incidents(self) -> None:
        begun = self.at(4)
        self.incident = await self.centre.incident(severity="extreme", opened_at=begun, first_at=begun, lon=108.1)
        await alarm(self.centre, self.incident, severity="extreme", at=begun, raised_at=begun)
        for severity in ("minor", "minor", "severe"):
            await self.centre.incident(severity=severity, opened_at=self.at(4) + dt.timedelta(minutes=1))
        await self.centre.incident("hoi-an", severity="minor", opened_at=self.at(30))


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """A server with the built wall that expects rain each ten minutes and levels each hour."""
    more = {"wall": WALL, "interval": lambda device: 600.0 if device == "rain-one" else 3600.0}
    async with running_centre(migrated.url, tmp_path, more) as one:
        yield one


@pytest.fixture
async def flood(centre: Centre) -> Flood:
    pack = {"pack": {"code": "rain", "name": "Mưa", "name_en": "Rain", "version": 1}, "rule": [RULE]}
    async with centre.database.transaction(EVERYTHING) as transaction:
        await rules.seeding(transaction)
        await shipping.enter(transaction, [pack], now())
    await centre.rulebook.read()
    one = Flood(centre)
    await one.happen()
    return one


async def opened(chrome: Browser, centre: Centre, hash_: str = "", who: str = "admin", **context: Any) -> Any:
    """The page, what broke in it, and every address outside the server that it asked for."""
    context = {"locale": "vi-VN", "viewport": {"width": 1280, "height": 900}} | context
    page, faults = await page_in(await chrome.new_context(**context))
    page.on("request", lambda one: None if one.url.startswith((centre.url, "blob:")) else faults.append(one.url))
    await page.goto(centre.url + "/signin")
    await sign_in(page, who)
    await page.wait_for_url(centre.url + "/")
    await page.goto(centre.url + "/charts" + hash_)
    await expect(page.get_by_test_id("counts").locator("svg")).to_be_visible()
    return page, faults


async def saved(page: Page, card: str, kind: str, folder: Path) -> Path:
    async with page.expect_download() as download:
        await page.get_by_test_id(f"{card}-{kind}").click()
    file = await download.value
    assert file.suggested_filename.endswith(f".{kind}")
    path = folder / file.suggested_filename
    await file.save_as(path)
    return path


async def table(page: Page, card: str, folder: Path) -> list[dict[str, str]]:
    text = (await saved(page, card, "csv", folder)).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def moment_of(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    assert at.utcoffset() == dt.timedelta(hours=7)
    return at


async def rain_is_shown(page: Page, flood: Flood, folder: Path) -> None:
    rain = await table(page, "rain", folder)
    assert [float(row["rain_mm"]) for row in rain] == [12.0] * 10 + [60.0]
    assert [float(row["rain_24h_mm"]) for row in rain] == [12.0 * n for n in range(1, 11)] + [180.0]
    assert moment_of(rain[0]["hour"]) == flood.at(12)
    await expect(page.get_by_test_id("rain").locator("g.level")).to_have_count(2)  # one passed, and the next
    await expect(page.get_by_test_id("rain").locator("h2")).to_contain_text("=Mưa <b>Một</b>")


async def test_charts_show_what_is_stored(chrome: Browser, centre: Centre, flood: Flood, tmp_path: Path) -> None:
    page, faults = await opened(chrome, centre)
    # The worst river gauge now, by itself.
    await expect(page.get_by_test_id("reading").locator("h2")).to_contain_text("Trạm Một")
    assert "device=gauge-one&property=water_level" in page.url

    _, told, _ = await centre.get("/api/v1/devices/gauge-one/readings?property=water_level&hours=24")
    rows = await table(page, "reading", tmp_path)
    assert [(moment_of(row["at"]), float(row["water_level_m"]), row["quality"]) for row in rows] == [
        (dt.datetime.fromisoformat(one["at"]), one["value"], one["quality"]) for one in told["readings"]
    ]
    assert len(rows) == 15
    reading = page.get_by_test_id("reading")
    await expect(reading.locator("circle.measured")).to_have_count(14)
    await expect(reading.locator("path.doubtful")).to_have_count(1)
    line = await reading.locator("path.line").get_attribute("d") or ""
    assert line.count("M") == 2  # never joined over the silence
    assert line.count("L") == 14 - 2
    silences = await reading.locator("rect.silence").count()
    assert silences == 2  # before the first reading, and the five hours
    await expect(reading.locator("g.level")).to_have_count(1)
    mark = reading.locator("svg a.span")
    await expect(mark).to_have_attribute("href", f"/#incident={flood.incident}")

    await rain_is_shown(page, flood, tmp_path)

    counts = {moment_of(row["hour"]): row for row in await table(page, "counts", tmp_path)}
    assert len(counts) == 24 * 7
    assert sum(int(row["all"]) for row in counts.values()) == 5
    busy = counts[flood.at(4).astimezone(ZONE)]
    assert [busy[name] for name in ("extreme", "severe", "moderate", "minor")] == ["1", "1", "0", "2"]
    await page.get_by_test_id("count-1").click()
    await expect(page.get_by_test_id("counts").locator("g.column")).to_have_count(24)
    await page.get_by_test_id("centre").select_option("hoi-an")
    await expect(page.get_by_test_id("counts").locator("rect.of-minor")).to_have_count(0)
    assert faults == []


async def test_a_picture_is_one_and_says_what_it_shows(
    chrome: Browser, centre: Centre, flood: Flood, tmp_path: Path
) -> None:
    page, faults = await opened(chrome, centre, "#device=gauge-one&property=water_level&range=24h")
    for card in ("reading", "rain", "counts"):
        box = await page.get_by_test_id(card).locator(".drawing svg").first.get_attribute("viewBox") or ""
        _, _, width, height = map(float, box.split())
        picture = cv2.imread(str(await saved(page, card, "png", tmp_path)))
        assert picture is not None
        assert picture.shape[:2] == (round((height + 64 + 34) * 2), round(width * 2))
        ground = picture[2, 2].astype(int)
        drawn = (np.abs(picture.astype(int) - ground).sum(axis=2) > 90).sum(axis=1)
        assert drawn[:128].sum() > 800, "the title is in it"
        assert drawn[128:-68].sum() > 5_000, "the drawing is in it"
        assert drawn[-68:].sum() > 200, "so is when it was made"
    reading = cv2.imread(str(next(tmp_path.glob("gauge-one-water_level-*.png"))))
    assert reading is not None
    blue, green, red = (reading[..., channel].astype(int) for channel in range(3))
    assert ((red > 200) & (green < 140) & (blue < 140)).sum() > 100, "the extreme incident keeps its colour"
    assert faults == []


async def test_the_calendar_goes_by_keys_and_languages(
    chrome: Browser, centre: Centre, flood: Flood, tmp_path: Path
) -> None:
    page, faults = await opened(chrome, centre, "#device=rain-one&property=rain&range=7d")
    calendar = page.get_by_test_id("calendar")
    await expect(calendar.locator(".slot.full")).to_have_count(10)
    await expect(calendar.locator(".slot.some")).to_have_count(1)
    await expect(calendar.locator(".slot.none")).to_have_count(1)  # the hour that is over and brought nothing
    _, told, _ = await centre.get("/api/v1/devices/rain-one/readings?property=rain&hours=336&by=hour")
    rows = {moment_of(row["hour"]): float(row["coverage"]) for row in await table(page, "calendar", tmp_path)}
    assert len(rows) == 12
    assert all(rows[dt.datetime.fromisoformat(one["at"])] == one["coverage"] for one in told["rollups"])
    await calendar.locator(".slot[tabindex='0']").focus()
    before = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    await page.keyboard.press("ArrowRight")
    after = await page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert before != after
    await expect(calendar.locator(".readout")).to_have_text(after)
    await expect(calendar.locator("details table")).to_have_count(0)
    await calendar.locator("details summary").click()
    await expect(calendar.locator("details tbody tr")).to_have_count(12)
    await page.get_by_test_id("language").click()
    await expect(page.locator("h1")).to_have_text("Charts")
    text = await page.locator("body").inner_text()
    assert not [word for word in ("charts.", "undefined", "NaN", "Infinity") if word in text]
    axe = (WALL.parent / "node_modules/axe-core/axe.min.js").read_text()
    await page.evaluate(axe)
    found = await page.evaluate("axe.run().then(r => r.violations.map(v => [v.impact, v.id, v.nodes[0].html]))")
    assert [one for one in found if one[0] in ("serious", "critical")] == []
    await page.set_viewport_size(PHONE)
    await expect(page.get_by_test_id("rain").locator("svg")).to_be_visible()
    await page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []


async def test_a_district_sees_its_own(chrome: Browser, centre: Centre, flood: Flood, tmp_path: Path) -> None:
    page, _ = await opened(chrome, centre, "#device=gauge-one&property=water_level", "district")
    await expect(page.get_by_test_id("reading").locator("svg")).to_have_count(0)
    counts = await table(page, "counts", tmp_path)
    assert sum(int(row["all"]) for row in counts) == 1
