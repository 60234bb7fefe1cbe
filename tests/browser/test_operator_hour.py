"""An operator's hour on the wall, by keys alone, while the demo's flood rises. The tests build on each other."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as TimedOut

from tests.browser.conftest import Tell
from tests.browser.test_wall import SIZE, Seen, Wall, publish, sign_in
from tests.fakes.demo import ROOT, Demo, until

SLOW_MS = 30_000
GAUGE, FLOODED = "gauge-tam-ky", 2.8
"""Above alarm level III of that gauge."""
OTHER_GAUGE, OTHER_FLOODED = "gauge-nong-son", 16.5
SHOWN_S = 3.0
"""Key to the other page. One second is the goal; a loaded machine is allowed three."""
SIZES = {"laptop": (1600, 900), "small": (1280, 720), "wall": (3840, 2160)}

COUNT_TONES = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.tones += 1; return start.apply(this, at); };
"""
WHEN_TAKEN = """
id => { window.taken = new Promise(resolve => {
  const seen = () => document.querySelector(`li[data-incident="${id}"][data-status=acknowledged] .owner`);
  const look = () => { if (seen()) resolve([Date.now(), seen().textContent]); else requestAnimationFrame(look); };
  look();
}); }
"""
WHEN_PRESSED = "addEventListener('keydown', event => { if (event.key === 'a') window.pressed ??= Date.now(); }, true)"


UNTOUCHED = """
let touched = false;
for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => { touched = true; }, true);
Object.defineProperty(navigator, 'userActivation', { get: () => ({ hasBeenActive: touched }) });
"""
"""What a browser says of a page that nobody has touched; the driver's own questions count as touches otherwise."""


@contextmanager
def context_of(browser: Browser) -> Iterator[BrowserContext]:
    """Without flights of the map, which the processor draws that is measured."""
    context = browser.new_context(viewport=SIZE, locale="vi-VN", reduced_motion="reduce")
    context.add_init_script(COUNT_TONES)
    yield context
    context.close()


@pytest.fixture(scope="module")
def operator(demo: Demo, browser: Browser) -> Iterator[Wall]:
    """The operator's page; after the sign-in nobody touches its mouse."""
    with context_of(browser) as context:
        seen = Seen(context)
        page = context.new_page()
        sign_in(page, demo, "operator")
        page.wait_for_selector("body[data-live=live]", timeout=SLOW_MS)
        yield Wall(page, seen)


def shown(page: Page) -> str:
    """The id of the incident in the panel."""
    return page.locator("#detail").get_attribute("data-shows") or ""


def choose(page: Page, choice: str) -> None:
    """A box of the filter, by keys: opened, reached by Tab, ticked by the space bar, closed."""
    page.keyboard.press(";")
    expect(page.get_by_test_id("choices")).to_be_visible()
    until(lambda: _reached(page, choice), 20, f"the box {choice}")
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("choices")).to_be_hidden()


def _reached(page: Page, choice: str) -> bool:
    if page.evaluate("document.activeElement.dataset.choice") == choice:
        return True
    page.keyboard.press("Tab")
    return False


def test_a_flood_is_heard_until_somebody_takes_it_or_the_wall_is_mute(operator: Wall, demo: Demo) -> None:
    page = operator.page
    page.bring_to_front()
    page.keyboard.press("Shift")  # a browser lets a page sound once somebody has touched it
    expect(page.get_by_test_id("sound")).to_have_attribute("data-sound", "on")
    publish(demo, GAUGE, {"water_level": FLOODED})
    page.wait_for_selector("li[data-incident][data-severity=extreme][data-status=new]", timeout=SLOW_MS)
    before = until(lambda: page.evaluate("window.tones"), 10, "the sound")
    assert before % 2 == 0, "two notes each time"
    page.keyboard.press(",")
    expect(page.get_by_test_id("sound")).to_have_text(re.compile(r"Tắt âm đến \d\d:\d\d"))
    page.keyboard.press(",")
    expect(page.get_by_test_id("sound")).to_have_attribute("data-sound", "on")
    until(lambda: page.evaluate("window.tones") > before, 30, "the sound again, since nobody came")


def test_a_page_that_may_not_sound_says_so(demo: Demo, browser: Browser) -> None:
    """A session that was there already: nobody has touched this page."""
    with context_of(browser) as context:
        page = context.new_page()
        page.add_init_script(UNTOUCHED)
        sign_in(page, demo, "operator")
        page.wait_for_selector("li[data-incident][data-severity=extreme]", timeout=SLOW_MS)
        page.reload()
        page.wait_for_selector("li[data-incident][data-severity=extreme]", timeout=SLOW_MS)
        expect(page.get_by_test_id("sound")).to_have_text("Âm báo đang tắt: bấm để cho phép")
        assert page.evaluate("window.tones") == 0
        page.get_by_test_id("sound").click()
        expect(page.get_by_test_id("sound")).to_have_attribute("data-sound", "on")
        until(lambda: page.evaluate("window.tones"), 10, "the sound")


def test_the_worst_is_taken_by_keys_and_every_wall_shows_by_whom(
    operator: Wall, demo: Demo, browser: Browser, tell: Tell
) -> None:
    page = operator.page
    page.keyboard.press("!")
    page.wait_for_selector(".deeds button", timeout=SLOW_MS)
    incident = shown(page)
    expect(page.locator(f"li[data-incident='{incident}']")).to_have_attribute("data-severity", "extreme")
    with context_of(browser) as context:
        other = context.new_page()
        sign_in(other, demo, "admin")
        other.wait_for_selector(f"li[data-incident='{incident}'][data-status=new]", timeout=2 * SLOW_MS)
        for one in (page, other):  # a page that still draws its first map has no time for anything
            one.wait_for_selector("body[data-map=idle]", timeout=2 * SLOW_MS)
        other.evaluate(WHEN_TAKEN, incident)
        page.evaluate(WHEN_PRESSED)
        page.keyboard.press("a")
        taken, words = other.evaluate("window.taken")
    took = (taken - page.evaluate("window.pressed")) / 1000
    tell(f"from the key to the other wall: {took:.3f} s")
    assert took < SHOWN_S
    assert re.fullmatch(r"Phụ trách: operator \(\d\d:\d\d\)", words)
    expect(page.locator("#detail")).to_contain_text("operator ·")


def test_it_is_assigned_commented_and_resolved_by_keys(operator: Wall) -> None:
    page = operator.page
    incident = shown(page)
    page.keyboard.press("o")
    expect(page.locator("select[name=to] option").first).to_be_attached()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("sheet")).to_be_hidden()
    page.keyboard.press("c")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type("đã báo đội cứu hộ!")  # letters and signs of commands, typed into a form, are text
    page.keyboard.press("Control+Enter")
    expect(page.locator(".log .comment .said").last).to_have_text("đã báo đội cứu hộ!")
    page.keyboard.press("r")
    expect(page.get_by_test_id("sheet")).to_be_visible()
    page.keyboard.type("nước đã rút")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"li[data-incident='{incident}']")).to_have_count(0)
    expect(page.get_by_test_id("sheet")).to_be_hidden()  # the list may hear of it before the form has its answer
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def flooded(page: Page, demo: Demo) -> None:
    """Wait for an open extreme incident. Both gauges send, as the replay may lower either meanwhile."""
    extreme = page.locator("li[data-incident][data-severity=extreme]").first

    def seen() -> bool:
        publish(demo, OTHER_GAUGE, {"water_level": OTHER_FLOODED})
        publish(demo, GAUGE, {"water_level": FLOODED})
        with suppress(TimedOut):
            extreme.wait_for(timeout=2_000)
        return extreme.is_visible()

    until(seen, SLOW_MS / 1_000, "an extreme incident")


def test_what_a_filter_hides_is_said_and_outlives_the_page(operator: Wall, demo: Demo) -> None:
    page = operator.page
    flooded(page, demo)
    choose(page, "source=camera")
    rows = page.locator("#list > .incidents > li")
    expect(rows.first).to_contain_text("Camera")
    expect(page.get_by_test_id("filtered")).to_have_text(
        re.compile(r"Hiện \d+/\d+ sự cố\.Đang ẩn: \d+ rất nghiêm trọng")
    )
    expect(page.locator(".filterbar")).to_have_attribute("data-hides", "extreme")
    assert page.locator(".filtered .shape-extreme").count() == 1, "a shape, not a colour alone"
    assert int(page.locator("[data-kpi=extreme] b").inner_text()) > 0, "the strip counts everything"
    page.reload()
    expect(page.locator(".filterbar")).to_have_attribute("data-hides", "extreme", timeout=SLOW_MS)


def test_the_camera_that_sees_an_incident_opens_with_one_key(operator: Wall) -> None:
    page = operator.page
    page.keyboard.press("j")
    page.wait_for_selector(".deeds button")
    page.keyboard.press("1")
    expect(page.get_by_test_id("seer").first).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".seen [data-testid=screen]")).to_have_attribute(
        "data-kind", re.compile("film|still"), timeout=SLOW_MS
    )
    first = shown(page)
    page.keyboard.press("Escape")
    expect(page.locator(".seen [data-testid=screen]")).to_have_count(0)
    page.keyboard.press("j")
    until(lambda: shown(page) not in ("", first), 10, "the next incident")
    page.keyboard.press("i")
    until(lambda: shown(page) == first, 10, "the one before")
    page.keyboard.press("Escape")
    page.keyboard.press("*")
    expect(page.get_by_test_id("filtered")).to_be_hidden()


def test_a_centre_shows_its_link_and_is_shown_alone(operator: Wall) -> None:
    page = operator.page
    cell = page.locator(".centrecell[data-centre=tam-ky]")
    expect(cell).to_have_attribute("data-link", "live", timeout=SLOW_MS)
    spoken = re.compile(r"Tam Kỳ, .*trạm có số liệu, .*tin mới nhất .* trước")
    expect(cell.locator(".spoken")).to_have_text(spoken)
    cell.focus()
    page.keyboard.press("Enter")
    expect(cell).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".filtered b")).to_be_visible()
    page.keyboard.press("*")
    expect(cell).to_have_attribute("aria-pressed", "false")


def test_letters_can_be_turned_off(operator: Wall) -> None:
    page = operator.page
    page.keyboard.press("?")
    expect(page.get_by_test_id("help")).to_contain_text("Sự cố nặng nhất chưa tiếp nhận")
    page.get_by_test_id("help").locator("input[type=checkbox]").press("Space")
    page.keyboard.press("Escape")
    page.keyboard.press(";")
    expect(page.get_by_test_id("choices")).to_be_hidden()
    page.keyboard.press("?")
    page.get_by_test_id("help").locator("input[type=checkbox]").press("Space")
    page.keyboard.press("Escape")


@pytest.mark.parametrize("name", SIZES)
def test_it_fits_on_a_laptop_and_on_a_wall(operator: Wall, name: str) -> None:
    page = operator.page
    width, height = SIZES[name]
    page.set_viewport_size({"width": width, "height": height})
    page.keyboard.press("!")
    page.wait_for_selector(".deeds button", timeout=SLOW_MS)
    artefacts = ROOT / "artefacts"
    artefacts.mkdir(exist_ok=True)
    page.screenshot(path=artefacts / f"operator-{name}.png", timeout=SLOW_MS)
    fits: Any = page.evaluate(
        """() => ({
          page: document.documentElement.scrollWidth <= innerWidth,
          centres: [...document.querySelectorAll('.centrecell')].every(
            one => one.getBoundingClientRect().right <= innerWidth + 1 && one.scrollWidth <= one.clientWidth + 1),
          map: document.getElementById('map').getBoundingClientRect().height / innerHeight,
        })"""
    )
    assert (fits["page"], fits["centres"]) == (True, True)
    assert fits["map"] > 0.6, "the strips leave the map its room"
    page.keyboard.press("Escape")


def test_the_hour_broke_no_rule(operator: Wall) -> None:
    assert operator.seen.complaints == []
