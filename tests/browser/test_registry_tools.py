"""The tools of the register in a real browser on the real demo: probe and calibration, enrolment, availability."""

import urllib.parse
from typing import Any

import orjson
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_registry import HERE, NARROW, fits, go, let_in, record, signed_in
from tests.fakes.demo import Demo, until
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "registry.html").is_file(), reason="the wall is not built: ./run builds it")

CAMERA = "cam-hoi-an"
CORNERS = ((0.25, 0.9), (0.75, 0.9), (0.65, 0.45), (0.35, 0.45))
"""Where is clicked in the picture, clockwise from the lower left; on the map the same places stand as wide again."""


def click_at(page: Page, testid: str, x: float, y: float) -> None:
    """At a part of a box, from its top left."""
    place = page.get_by_test_id(testid)
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def account_of(demo: Demo) -> tuple[str, str, str]:
    """The stream of the demo's own camera, its user and its password."""
    address = next(one["rtsp"] for one in demo.account["cameras"] if one["code"] == CAMERA)
    parts = urllib.parse.urlsplit(address)
    return f"rtsp://{parts.hostname}:{parts.port}{parts.path}", parts.username or "", parts.password or ""


def ask(page: Page, address: str, user: str, password: str) -> None:
    """A probe; the account is nowhere in the page afterwards."""
    form = page.get_by_test_id("probe").locator("form").first
    for name, value in {"address": address, "user": user, "password": password}.items():
        form.locator(f"[name={name}]").fill(value)
    form.locator("button[type=submit]").click()
    expect(page.get_by_test_id("probe-steps")).to_be_visible()
    assert form.locator("[name=password]").input_value() == ""
    assert password not in page.content()
    assert password not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")


def probe(page: Page, demo: Demo) -> None:
    """What failed is named with what to do; then what was found is taken over."""
    address, user, password = account_of(demo)
    page.locator("[data-tab=probe]").click()
    ask(page, address, user, "w-r-o-n-g")
    steps = page.get_by_test_id("probe-steps")
    expect(steps.locator("li.failed[data-step=describe]")).to_contain_text("mật khẩu")
    ask(page, address, user, password)
    expect(steps.locator("li.went[data-step=describe]")).to_be_visible()
    shown = page.get_by_test_id("probe-picture")
    until(lambda: shown.evaluate("image => image.naturalWidth") > 100, 10, "the test picture")
    taken = page.get_by_test_id("probe-take")
    expect(taken.locator("tbody")).to_contain_text("h264")
    taken.locator("button[type=submit]").click()
    expect(page.get_by_test_id("note")).to_contain_text("Đã ghi theo camera")
    assert record(demo, "cameras", CAMERA)["address"]["path"] == urllib.parse.urlsplit(address).path


def place_marks(page: Page) -> None:
    """Each first in the picture, then on the map."""
    for number in range(4, 0, -1):
        page.get_by_test_id(f"drop-{number}").click()
    for number, (x, y) in enumerate(CORNERS, 1):
        expect(page.get_by_test_id("aim-told")).to_contain_text(f"Điểm {number}: bấm")
        click_at(page, "aim-picture", x, y)
        click_at(page, "aim-map", 0.5 + (x - 0.5) * 0.4, y - 0.15)
    expect(page.get_by_test_id("aim-told")).to_contain_text("Đủ điểm")


def test_a_camera_is_probed_and_tied_to_the_ground_by_clicks(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "registrar", viewport={"width": 1400, "height": 1000}) as (page, faults):
        go(page, f"#cameras/{CAMERA}")
        probe(page, demo)
        page.locator("[data-tab=aim]").click()
        page.locator("[data-aimmap=idle]").wait_for()
        place_marks(page)
        mark = page.get_by_test_id("picture-1")
        before = float(mark.get_attribute("data-x") or 0)
        mark.press("Shift+ArrowRight")
        assert float(mark.get_attribute("data-x") or 0) == pytest.approx(before + 0.02, abs=1e-3)
        turn = page.get_by_test_id("handle-turn")
        bearing = float(page.locator("[name=bearing]").input_value())
        turn.press("ArrowRight")
        expect(page.locator("[name=bearing]")).to_have_value(f"{(bearing + 1) % 360:g}")
        page.get_by_test_id("aim").locator("form button[type=submit]").click()
        expect(page.get_by_test_id("verdict")).to_contain_text("lệch")
        kept = record(demo, "cameras", CAMERA)
        assert [(one["x"], one["y"]) for one in kept["calibration"][1:]] == [
            (pytest.approx(x, abs=0.01), pytest.approx(y, abs=0.01)) for x, y in CORNERS[1:]
        ]
        assert kept["bearing"] == pytest.approx((bearing + 1) % 360)
        assert len(kept["view"]) > 3
        assert faults == []


def test_who_calibrates_on_a_phone_has_the_picture_above_the_map(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "registrar", **NARROW) as (page, _):
        go(page, f"#cameras/{CAMERA}/aim")
        page.locator("[data-aimmap=idle]").wait_for()
        picture, ground = (page.get_by_test_id(one).bounding_box() for one in ("aim-picture", "aim-map"))
        assert picture is not None
        assert ground is not None
        assert picture["y"] + picture["height"] <= ground["y"]
        assert fits(page)


def make_code(page: Page) -> str:
    """For one rain station, shown with its label, which the printer has on a page of its size."""
    go(page, "#do/codes")
    form = page.get_by_test_id("codes").locator("form")
    form.locator("[name=profile]").fill("rain-station")
    form.locator("[name=centre]").select_option("hoi-an")
    form.locator("button[type=submit]").click()
    made = page.get_by_test_id("made-codes")
    shown = made.locator("img")
    until(lambda: shown.evaluate("image => image.naturalWidth") > 0, 10, "the label")
    page.evaluate("window.print = () => { document.body.dataset.printed = 'yes'; }")
    page.get_by_test_id("print").click()
    page.locator("body[data-printed=yes]").wait_for()
    assert b"/MediaBox [0 0 175.92 82.08" in page.pdf(prefer_css_page_size=True)  # 62 mm in points
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("body > .labels")).to_have_count(0)
    made.locator("summary").click()
    return made.get_by_test_id("made-code").inner_text()


def come_with(demo: Demo, page: Page, code: str) -> None:
    """A technician without an account scans the label, says what it is, and waits."""
    page.goto(f"{demo.account['url']}registry#enrol={code}")
    expect(page.get_by_test_id("enrol-code")).to_have_value(code)
    for name, value in {"serial": "SN-7", "maker": "Vaisala", "model": "RG13"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_test_id("enrol-phone").click()
    expect(page.get_by_test_id("enrol-position")).to_have_value("15.88, 108.33")
    assert fits(page)
    page.get_by_test_id("enrolling").locator("form button[type=submit]").click()
    expect(page.get_by_test_id("enrol-told")).to_contain_text("Chưa duyệt")
    page.reload()
    expect(page.get_by_test_id("enrol-told")).to_contain_text("Chưa duyệt")


def approve(page: Page) -> None:
    go(page, "#do/queue")
    waiting = page.get_by_test_id("enrolment")
    expect(waiting).to_contain_text("Vaisala RG13 SN-7")
    waiting.get_by_test_id("approve").click()
    form = page.get_by_test_id("queue").locator("form")
    expect(form.locator("[name=code]")).to_have_value("rain-station-sn-7")
    form.locator("[name=name]").fill("Trạm mưa Cẩm Châu")
    form.locator("button[type=submit]").click()
    expect(page.get_by_test_id("queue-told")).to_contain_text("rain-station-sn-7")
    expect(waiting).to_have_count(0)


def test_a_device_comes_with_a_code_and_leaves_with_a_key(demo: Demo, browser: Browser) -> None:
    allowed: dict[str, Any] = {"permissions": ["geolocation"], "geolocation": HERE, "locale": "vi-VN"}
    phone = browser.new_context(**NARROW, **allowed)
    with signed_in(demo, browser, "registrar") as (page, faults):
        code = make_code(page)
        technician = phone.new_page()
        technician.on("pageerror", lambda error: faults.append(str(error)))
        come_with(demo, technician, code)
        approve(page)
        technician.get_by_test_id("enrol-ask").click()
        key = technician.get_by_test_id("secret").inner_text()
        said = technician.get_by_test_id("enrolling").locator("dd").all_inner_texts()
        let_in(demo, int(said[1]), said[-1], key, wanted=True).leave()
        technician.reload()
        expect(technician.get_by_test_id("enrol-code")).to_be_visible()
        assert key not in technician.content()
        made = record(demo, "devices", "rain-station-sn-7")
        assert (made["lifecycle"], made["serial"], made["position"]) == ("approved", "SN-7", [108.33, 15.88])
        go(page, "#device=rain-station-sn-7")
        expect(page.get_by_test_id("record").locator("h2")).to_have_text("Trạm mưa Cẩm Châu")
        assert faults == []
    phone.close()


def test_availability_stands_worst_first_and_leads_to_each_thing(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "registrar") as (page, faults):
        go(page, "#do/availability")
        rows = page.get_by_test_id("availability").locator("tbody tr")
        status, body = demo.get("/api/v1/availability?by=unit", "registrar")
        assert status == 200
        told = orjson.loads(body)
        expect(rows).to_have_count(len(told["units"]) + 1)
        expect(rows.first.locator("button")).to_have_text(told["units"][0]["name"])
        page.locator("[name=by]").select_option("device")
        silent = rows.filter(has=page.locator(".silent")).first
        expect(silent).to_contain_text("từ ")
        with page.expect_download() as saved:
            page.get_by_test_id("avail-csv").click()
        heads = saved.value.path().read_text("utf-8-sig").splitlines()[0]
        assert "subject,code,name" in heads
        name = silent.locator("a").inner_text()
        silent.locator("a").click()
        expect(page.get_by_test_id("record").locator("h2")).to_have_text(name)
        cards = page.get_by_test_id("avail-tab").locator(".card")
        expect(cards).to_have_count(2)
        expect(cards.first).to_contain_text("từ ")
        expect(cards.last).to_contain_text("Chưa hoạt động")
        assert faults == []
