"""The wall as it was, in a real browser: looked at, played, and left for the living picture."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from gis.layer import Layer
from gis.layers import DEVICES, INCIDENTS
from ioc.keeper import Keeper
from ioc.retention import classes
from tests.fakes.http_centre import Centre, now
from tests.fakes.incidents import AREA, told
from tests.fakes.pages import row, wall
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "rules.html").is_file(), reason="the wall is not built: ./run builds it")

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def ago(minutes: float) -> dt.datetime:
    return now() - dt.timedelta(minutes=minutes)


class Night:
    """What happened in the last three hours: an extreme incident came and went, another one is open."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.flood = self.later = ""

    async def tell(self, layer: Layer, name: str, minutes: float) -> None:
        """The log tells what a thing is, as if it had been so many minutes ago."""
        owner = self.centre.owner
        before = await owner.fetchval("select max(id) from changes")
        await told(self.centre, layer, name, ago(minutes))
        await owner.execute("update changes set told_at = $1 where id > $2", ago(minutes), before)

    async def log(self, minutes: float, what: str, text: str) -> None:
        await self.centre.owner.execute(
            "insert into incident_log (incident, centre, area, at, who, what, text) values ($1, 'quang-nam', $2, $3, "
            "'lan', $4, $5)",
            uuid.UUID(self.flood), AREA, ago(minutes), what, text,
        )  # fmt: skip

    async def pass_by(self) -> None:
        centre, owner = self.centre, self.centre.owner

        async def believed() -> bool:
            return True

        await Keeper(centre.database, classes(), now, believed).picture()
        await owner.execute("update past_pictures set told_at = $1", ago(180))
        await owner.execute("update changes set told_at = $1", ago(180))
        flood = {"severity": "extreme", "title": "Vỡ đê Ái Nghĩa", "title_en": "Dyke of Ái Nghĩa broke"}
        self.flood = await centre.incident(opened_at=ago(90), **flood)
        await self.tell(INCIDENTS, self.flood, 90)
        await self.log(90, "opened", "")
        await owner.execute("update devices set state = 'lost' where code = 'gauge-one'")
        await self.tell(DEVICES, "gauge-one", 80)
        await owner.execute("update incidents set status = 'acknowledged', owner = 'lan', version = 2")
        await self.tell(INCIDENTS, self.flood, 70)
        await self.log(70, "comment", "Đội cứu hộ đang đến")
        await owner.execute("update incidents set status = 'closed', version = 3")
        await self.tell(INCIDENTS, self.flood, 30)
        await self.log(30, "comment", "Nước đã rút")
        await owner.execute("update devices set state = 'fresh' where code = 'gauge-one'")
        await self.tell(DEVICES, "gauge-one", 29)
        self.later = await centre.incident(severity="moderate", opened_at=ago(10), title="Cây đổ", title_en="Tree")
        await self.tell(INCIDENTS, self.later, 10)


@pytest.fixture
async def night(centre: Centre) -> Night:
    one = Night(centre)
    await one.pass_by()
    return one


async def go(page: Page, at: dt.datetime) -> None:
    """To a moment that is typed."""
    await page.get_by_test_id("past-when").fill(f"{at.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("body[data-past=shown]")


async def test_the_wall_is_shown_as_it_was_and_never_taken_for_now(chrome: Browser, night: Night) -> None:
    page, faults = await wall(chrome, night.centre, "operator")
    await expect(row(page, night.later)).to_be_visible()
    await expect(row(page, night.flood)).to_be_hidden()
    await page.keyboard.press("<")
    await page.wait_for_selector("body[data-past=shown]")
    await expect(page.get_by_test_id("past-band")).to_contain_text("XEM LẠI LÚC")
    await expect(row(page, night.flood)).to_have_attribute("data-status", "acknowledged")
    await expect(row(page, night.later)).to_be_hidden()
    await expect(row(page, night.flood).locator(".since")).to_contain_text("30 phút")
    await expect(page.locator("#kpi [data-kpi=extreme] b")).to_have_text("1")
    await go(page, ago(75))
    await expect(row(page, night.flood)).to_have_attribute("data-status", "new")
    await expect(row(page, night.flood).locator(".since")).to_contain_text("15 phút")
    # An hour on by key, and a minute back.
    await page.get_by_test_id("past-slider").focus()
    await page.keyboard.press("PageUp")
    await expect(row(page, night.flood)).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("past-band")).to_be_hidden()
    await expect(row(page, night.later)).to_be_visible()
    await expect(page.locator("#kpi [data-kpi=extreme] b")).to_have_text("0")
    assert faults == []


async def test_nothing_of_what_came_later_is_told_and_nothing_can_be_changed(chrome: Browser, night: Night) -> None:
    page, faults = await wall(chrome, night.centre, "operator")
    await page.keyboard.press("<")
    await page.wait_for_selector("body[data-past=shown]")
    await row(page, night.flood).click()
    panel = page.get_by_test_id("detail")
    await expect(panel.get_by_test_id("as-it-was")).to_contain_text("Như đã hiện lúc")
    await expect(panel).to_contain_text("Đội cứu hộ đang đến")
    await expect(panel).not_to_contain_text("Nước đã rút")
    await expect(page.get_by_test_id("acknowledge")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method))
    for key in ("s", "r", "n"):
        await page.keyboard.press(key)
    await expect(page.locator(".pastsaid")).to_contain_text("hãy về hiện tại trước")
    assert "POST" not in asked
    await go(page, ago(20))
    await expect(panel).to_contain_text("chưa có hoặc không còn")
    assert faults == []


async def test_play_goes_from_moment_to_moment_and_arrives_at_now(chrome: Browser, night: Night) -> None:
    page, faults = await wall(chrome, night.centre, "operator")
    await page.keyboard.press("<")
    await page.wait_for_selector("body[data-past=shown]")
    await page.locator("[data-speed='600']").click()
    await page.get_by_test_id("past-play").click()
    await expect(row(page, night.flood)).to_be_hidden()
    await expect(row(page, night.later)).to_be_visible()
    await expect(page.get_by_test_id("past-band")).to_be_hidden()
    await expect(page.get_by_test_id("past-bar")).to_be_hidden()
    assert faults == []


async def test_what_is_new_and_extreme_now_is_told_while_looking_back(chrome: Browser, night: Night) -> None:
    page, faults = await wall(chrome, night.centre, "operator")
    await page.keyboard.press("<")
    await page.wait_for_selector("body[data-past=shown]")
    await expect(page.get_by_test_id("past-extreme")).to_be_hidden()
    fresh = await night.centre.incident(severity="extreme")
    await night.tell(INCIDENTS, fresh, 0)
    await expect(page.get_by_test_id("past-extreme")).to_contain_text("1 sự cố rất nghiêm trọng mới")
    await expect(row(page, fresh)).to_be_hidden()
    await page.get_by_test_id("past-extreme").click()
    await expect(row(page, fresh)).to_be_visible()
    await expect(row(page, night.later)).to_be_visible()
    assert faults == []


async def test_a_reader_who_may_not_look_back_is_told_why(chrome: Browser, night: Night) -> None:
    await night.centre.owner.execute("update accounts set span = 'live' where login = 'viewer'")
    page, faults = await wall(chrome, night.centre, "viewer")
    await page.keyboard.press("<")
    await expect(page.locator(".pastsaid")).to_contain_text("không được xem lại")
    await page.keyboard.press("Escape")
    await expect(row(page, night.later)).to_be_visible()
    assert faults == []
