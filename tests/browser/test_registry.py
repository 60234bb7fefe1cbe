"""The page of the register in a real browser on the real demo: the registrar's way, and the technician's on a phone."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
import orjson
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.fakes.demo import Demo, until
from tests.fakes.guarded_broker import Speaker
from tests.fakes.pages import PHONE
from tests.fakes.watched import WALL

pytestmark = pytest.mark.skipif(not (WALL / "registry.html").is_file(), reason="the wall is not built: ./run builds it")

HEADINGS = ("Mã", "Tên", "Mẫu cấu hình", "Kinh độ", "Vĩ độ", "Hãng sản xuất", "Hạn bảo hành")
NARROW: dict[str, Any] = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
HERE = {"longitude": 108.33, "latitude": 15.88}


def station(number: int) -> list[str]:
    """A row of the sheet, as a registrar types it."""
    name = [f"ho-{number:02}", f"Hồ chứa thử {number:02}", "rain-station"]
    return [*name, f"108,{3000 + number}", f"15,{8000 + number}", "Vaisala", "31/12/2028"]


def sheet(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def twenty() -> list[list[str]]:
    """Of which two can be mended by an offer, and two only by a person."""
    rows = [station(number) for number in range(1, 21)]
    rows[2][3:5] = reversed(rows[2][3:5])
    rows[5][2] = "rain-statoin"
    rows[9][6] = "31/02/2028"
    rows[14][1] = ""
    return rows


@contextmanager
def signed_in(
    demo: Demo, browser: Browser, who: str, *, mapped: bool = False, **context: Any
) -> Iterator[tuple[Page, list[str]]]:
    """A person at the page of the register; and what broke its policy or failed in its code.

    The map is drawn by the processor that serves the page, so that it is left out unless `mapped`: all but the map
    has to work without it.
    """
    here = browser.new_context(locale="vi-VN", reduced_motion="reduce", **context)
    page, faults = here.new_page(), []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    person, base = demo.account["accounts"][who], demo.account["url"].rstrip("/")
    door = here.request.post(
        f"{base}/api/v1/session",
        data={"user": person["user"], "password": person["password"]},
        headers={"Origin": base},
    )
    assert door.ok, door.text()
    if not mapped:
        page.route("**/assets/plan-*.js", lambda route: route.abort())
    page.goto(f"{base}/registry")
    yield page, faults
    here.close()


def go(page: Page, place: str) -> None:
    """Where an address of the page leads, without loading it anew."""
    page.evaluate("place => { location.hash = place; }", place)


def record(demo: Demo, family: str, code: str) -> dict[str, Any]:
    status, body = demo.get(f"/api/v1/{family}/{code}", "registrar")
    assert status == 200, body
    found: dict[str, Any] = orjson.loads(body)
    return found


def give_sheet(page: Page, content: bytes, counts: tuple[str, str]) -> None:
    """Chosen, and looked at: how many are refused, how many new."""
    page.get_by_test_id("sheet-file").set_input_files(
        {"name": "thiết bị.csv", "mimeType": "text/csv", "buffer": content}
    )
    expect(page.get_by_test_id("outcome-refused")).to_have_text(f"bị từ chối: {counts[0]}")
    expect(page.get_by_test_id("outcome-new")).to_have_text(f"mới: {counts[1]}")


def import_twenty(page: Page) -> None:
    """What is refused comes back as a file, is mended there, and comes in again."""
    give_sheet(page, sheet(twenty()), ("4", "16"))
    rows = page.get_by_test_id("dry-run").locator("tbody tr")
    expect(rows).to_have_count(20)
    expect(rows.first).to_contain_text("ho-03")
    expect(rows.first.locator(".offer")).to_contain_text("15.8003")
    page.get_by_test_id("accept-offers").check()
    page.get_by_test_id("apply").click()
    done = page.get_by_test_id("import-done")
    expect(done).to_contain_text("18 mới, 0 sửa, 0 như cũ, 2 bị từ chối")
    with page.expect_download() as saved:
        page.get_by_test_id("refused-csv").click()
    refused = saved.value.path().read_text("utf-8-sig")
    assert "Không có ngày 31/02/2028" in refused
    give_sheet(page, sheet([station(1)]), ("0", "0"))
    expect(page.get_by_test_id("outcome-same")).to_have_text("như cũ: 1")
    expect(page.get_by_test_id("apply")).to_have_count(0)
    mended = refused.replace("31/02/2028", "28/02/2028").replace("ho-15,,", "ho-15,Hồ chứa thử 15,")
    give_sheet(page, mended.encode(), ("0", "2"))
    page.get_by_test_id("apply").click()
    expect(done).to_contain_text("2 mới, 0 sửa, 0 như cũ, 0 bị từ chối")


def step_all(page: Page, step: str) -> None:
    """A step for all that is listed, with the answer for each."""
    page.get_by_test_id("tick-all").check()
    page.get_by_test_id(f"bulk-{step}").click()
    bulk = page.get_by_test_id("bulk")
    bulk.locator("input[name=reason]").fill("lắp theo đợt 1")
    bulk.locator("button[type=submit]").click()
    expect(page.get_by_test_id("bulk-answer")).to_contain_text("20 đã ghi, 0 không")


def take_step(page: Page, step: str, reason: str) -> None:
    page.get_by_test_id(f"step-{step}").click()
    life = page.get_by_test_id("life")
    life.locator("input[name=reason]").fill(reason)
    life.locator("button[type=submit]").click()


def let_in(demo: Demo, port: int, user: str, key: str, wanted: bool) -> Speaker:
    """A device that the broker answers as wanted, within seconds; tried again and again."""

    def tried() -> Speaker | None:
        one = Speaker(port, user, key)
        until(lambda: one.connected is not None, 10, "the broker's answer")
        if one.connected is wanted:
            return one
        one.leave()
        return None

    speaker: Speaker = until(tried, 15, f"a broker that says {wanted} to {user}")
    return speaker


def a_key(page: Page) -> tuple[int, str, str]:
    """Made, shown once, and nowhere any more once the page is loaded again: port, user and key."""
    page.locator("[data-tab=key]").click()
    page.get_by_test_id("make-key").click()
    page.get_by_test_id("key").locator("button[type=submit]").click()
    key = page.get_by_test_id("secret").inner_text()
    said = page.get_by_test_id("new-key").locator("dd").all_inner_texts()
    page.reload()
    expect(page.get_by_test_id("key").locator("dd").first).to_have_text(said[-1])
    assert key not in page.content()
    return int(said[1]), said[-1], key


def test_a_registrar_takes_twenty_devices_from_a_sheet_to_the_broker_and_back_out(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "registrar", viewport={"width": 1440, "height": 900}) as (page, faults):
        go(page, "#do/import")
        import_twenty(page)
        page.get_by_test_id("see-drafts").click()
        things = page.get_by_test_id("things").locator("li")
        expect(things).to_have_count(20)
        step_all(page, "approve")
        expect(things).to_have_count(0)
        go(page, "#devices?q=chứa thử")
        expect(things).to_have_count(20)
        step_all(page, "activate")
        page.get_by_test_id("search").fill("chứa thử 07")
        expect(things).to_have_count(1)
        things.locator("a").click()
        expect(page.get_by_test_id("record").locator("h2")).to_have_text("Hồ chứa thử 07")
        port, user, key = a_key(page)
        device = let_in(demo, port, user, key, wanted=True)
        say_rain(device, record(demo, "devices", "ho-07"))
        until(lambda: rain_of(demo, "ho-07") == [12.5], 15, "the reading")
        page.locator("[data-tab=record]").click()
        take_step(page, "suspend", "gửi số liệu lạ")
        expect(page.get_by_test_id("step-resume")).to_be_visible()
        until(lambda: device.connected is False, 10, "being cut off")
        device.leave()
        let_in(demo, port, user, key, wanted=False).leave()
        page.locator("[data-tab=history]").click()
        acts = page.get_by_test_id("history").locator("li[data-act] > p:first-child > b")
        expect(acts).to_have_text(["Tạm ngừng", "Đưa vào hoạt động", "Duyệt", "Nhập từ bảng"])
        assert faults == []


def say_rain(device: Speaker, thing: dict[str, Any]) -> None:
    """A reading under its own name."""
    at = dt.datetime.now(dt.UTC).isoformat()
    reading = {"at": at, "run": "r1", "seq": 0, "values": {"rain_sum": 12.5}}
    device.client.publish(f"ioc/v1/{thing['centre']}/{thing['code']}/readings", json.dumps(reading), qos=1)


def rain_of(demo: Demo, code: str) -> list[float]:
    """The sums of rain that the centre has of a device."""
    status, body = demo.get(f"/api/v1/devices/{code}/readings?property=rain_sum&hours=1")
    return [] if status != 200 else [one["value"] for one in orjson.loads(body)["readings"]]


def test_two_who_change_one_record_overwrite_nothing(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "registrar") as (page, _):
        go(page, "#devices/gauge-nong-son")
        page.get_by_test_id("edit").click()
        with signed_in(demo, browser, "admin") as (other, _):
            go(other, "#devices/gauge-nong-son")
            other.get_by_test_id("edit").click()
            other.fill("[name=maker]", "OTT")
            other.fill("[name=model]", "RLS")
            other.get_by_test_id("sheet").locator("button[type=submit]").click()
            expect(other.get_by_test_id("note")).to_contain_text("phiên bản 2")
        page.fill("[name=maker]", "Vega")
        page.get_by_test_id("sheet").locator("button[type=submit]").click()
        told = page.get_by_test_id("overtaken").locator("tbody tr")
        expect(told).to_have_text(["Hãng sản xuất–OTTVega", "Kiểu máy–RLSkhông sửa"])
        assert record(demo, "devices", "gauge-nong-son")["maker"] == "OTT"
        page.get_by_test_id("keep-mine").click()
        expect(page.get_by_test_id("note")).to_contain_text("phiên bản 3")
        kept = record(demo, "devices", "gauge-nong-son")
        assert (kept["maker"], kept["model"]) == ("Vega", "RLS")


def photograph() -> FilePayload:
    """A picture as a phone hands it over."""
    picture = np.full((600, 800, 3), (90, 140, 60), np.uint8)
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": encoded.tobytes()}


def fits(page: Page) -> bool:
    wide: bool = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return wide


LAWFUL = {
    "conformity": "CBHQ 12/2026", "password_changed_on": "2026-11-20", "notice_posted_on": "2026-11-21",
    "purpose": "Giám sát giao thông", "retention": "clip",
}  # fmt: skip


def fill_in(page: Page, values: dict[str, str]) -> None:
    """Members of the record, in its form."""
    page.get_by_test_id("edit").click()
    sent = page.get_by_test_id("sheet")
    for name, value in values.items():
        field = sent.locator(f"[name={name}]")
        if name == "retention":
            field.select_option(value)
        else:
            field.fill(value)
    sent.locator("button[type=submit]").click()
    expect(page.get_by_test_id("edit")).to_be_visible()


def test_a_technician_on_a_pole_enrols_a_camera_with_a_phone(demo: Demo, browser: Browser) -> None:
    allowed: dict[str, Any] = {"permissions": ["geolocation"], "geolocation": HERE}
    with signed_in(demo, browser, "registrar", mapped=True, **NARROW, **allowed) as (page, faults):
        page.get_by_test_id("nearest").click()
        far = page.get_by_test_id("things").locator(".far")
        expect(far.first).to_have_text("218 m")
        assert fits(page)
        go(page, "#new/cameras")
        page.locator("[name=name]").fill("Camera cầu Cửa Đại")
        expect(page.locator("[name=code]")).to_have_value("camera-cau-cua-dai")
        page.get_by_test_id("phone").click()
        expect(page.get_by_test_id("position")).to_have_value("15.88, 108.33")
        page.get_by_test_id("point").click()
        page.locator("body[data-map=idle]").wait_for()
        page.get_by_test_id("take-middle").click()
        expect(page.get_by_test_id("take-middle")).to_have_count(0)
        assert fits(page)
        page.get_by_test_id("sheet").locator("button[type=submit]").click()
        expect(page.get_by_test_id("record").locator("h2")).to_have_text("Camera cầu Cửa Đại")
        page.get_by_test_id("photo").set_input_files(photograph())
        shown = page.get_by_test_id("photo-card").locator("img")
        expect(shown).to_be_visible()
        until(lambda: shown.evaluate("image => image.naturalWidth") == 800, 10, "the photograph")
        take_step(page, "approve", "đã lắp xong")
        expect(page.get_by_test_id("misses")).to_contain_text("QCVN 135")
        take_step(page, "activate", "thử")
        expect(page.get_by_test_id("life").locator("[role=alert]")).to_contain_text("giấy hợp quy")
        fill_in(page, LAWFUL)
        expect(page.get_by_test_id("misses")).to_have_count(0)
        take_step(page, "activate", "đủ điều kiện")
        expect(page.get_by_test_id("step-suspend")).to_be_visible()
        assert fits(page)
        made = record(demo, "cameras", "camera-cau-cua-dai")
        assert made["lifecycle"] == "active"
        assert np.allclose(made["position"], [HERE["longitude"], HERE["latitude"]], atol=1e-4)
        assert faults == []


@pytest.mark.parametrize(
    ("typed", "told", "at"),
    [
        ("15,8801 108,3380", "15,8801° N, 108,3380° E", (108.338, 15.8801)),
        ("108,3380 15,8801", "đã đổi lại", (108.338, 15.8801)),
        ("X=1757000,5 Y=562123", "VN-2000", (108.3319, 15.8855)),
    ],
)
def test_a_place_is_taken_as_people_write_it(
    demo: Demo, places: Callable[[str], tuple[str, list[float]]], typed: str, told: str, at: tuple[float, float]
) -> None:
    said, position = places(typed)
    assert told in said
    assert np.allclose(position, at, atol=1e-4)


@pytest.fixture(scope="module")
def places(demo: Demo, browser: Browser) -> Iterator[Callable[[str], tuple[str, list[float]]]]:
    """A device moved to what is typed: what the form says of it, and where the record has it then."""
    with signed_in(demo, browser, "registrar") as (page, _):
        go(page, "#devices/gauge-giao-thuy")

        def moved(typed: str) -> tuple[str, list[float]]:
            page.get_by_test_id("edit").click()
            page.get_by_test_id("position").fill(typed)
            told = page.get_by_test_id("position-told").inner_text()
            before = record(demo, "devices", "gauge-giao-thuy")["version"]
            page.fill("[name=reason]", "đo lại")
            page.fill("[name=note]", typed)
            page.get_by_test_id("sheet").locator("button[type=submit]").click()
            expect(page.get_by_test_id("note")).to_contain_text(f"phiên bản {before + 1}")
            return told, record(demo, "devices", "gauge-giao-thuy")["position"]

        yield moved


def test_who_may_only_look_is_offered_nothing_else(demo: Demo, browser: Browser) -> None:
    with signed_in(demo, browser, "operator") as (page, faults):
        go(page, "#devices/gauge-nong-son")
        expect(page.get_by_test_id("record").locator("h2")).to_have_text("Nông Sơn")
        for what in ("edit", "tick-all", "step-suspend"):
            expect(page.get_by_test_id(what)).to_have_count(0)
        expect(page.locator("[data-tab=history]")).to_be_visible()
        expect(page.locator("[data-tab=key]")).to_have_count(0)
        go(page, "#new/devices")
        expect(page.get_by_test_id("drafting")).to_have_count(0)
        assert faults == []


def test_the_keys_reach_everything_and_keep_their_place(demo: Demo, browser: Browser) -> None:
    """What is drawn anew has the focus where it was."""
    with signed_in(demo, browser, "operator") as (page, faults):
        things = page.get_by_test_id("things").locator("a")
        expect(things).not_to_have_count(0)
        before = things.count()
        fault = page.locator("select[name=fault]")
        fault.focus()
        fault.select_option("silent")
        expect(things).not_to_have_count(before)
        expect(fault).to_be_focused()
        things.first.focus()
        page.keyboard.press("ArrowDown")
        expect(things.nth(1)).to_be_focused()
        page.keyboard.press("Enter")
        history = page.locator("[data-tab=history]")
        history.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("history")).to_be_visible()
        expect(history).to_be_focused()
        assert faults == []
