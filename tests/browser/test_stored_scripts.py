"""Two hundred stored scripts stay text on every page, in a real browser under the real policy (promise A3).

Counted are calls of the payloads' function, dialogs, requests for the payloads' addresses, and what broke the policy:
a script that the policy alone held back has become an element all the same.
"""

import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
import orjson
import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, expect

from ioc.access.scope import Thing
from tests.browser.conftest import Tell
from tests.fakes import attack_duty, attack_endpoints, attack_quality, attack_silences, attack_tickets, attack_told
from tests.fakes.http_centre import Centre, now
from tests.fakes.incidents import alarm
from tests.fakes.pages import PLAIN, opened, sign_in
from tests.fakes.payloads import FAMILIES, PAYLOADS
from tests.fakes.scoped_messages import delivery_row, message_row, notification_row
from tests.fakes.scoped_rows import insert
from tests.fakes.watched import WALL

pytestmark = [
    pytest.mark.promise("A3"),
    pytest.mark.skipif(not (WALL / "index.html").is_file(), reason="the wall is not built: ./run builds it"),
]

PAGES = (
    "account",
    "people",
    "audit",
    "cameras",
    "quality",
    "rules",
    "policy",
    "duty",
    "messages",
    "figures",
    "inbox",
    "charts",
)
SETTLED_MS = 400
UNSAFE = "http://127.0.0.1:9/unsafe"
AREA = "502@2024-09-01"
PEOPLE = ("admin", "operator")


class Watch(msgspec.Struct):
    """What the payloads came to do."""

    ran: list[str]

    async def over(self, context: BrowserContext) -> None:
        """Notes what happens on every page of a context."""

        def asked(request: Request) -> None:
            if "ran-" in request.url:
                self.ran.append(f"request {request.url}")

        def listened(page: Page) -> None:
            page.on("console", lambda told: self.ran.append(told.text) if told.text.startswith("policy") else None)
            page.on("dialog", lambda dialog: self.ran.append(f"dialog {dialog.message}"))

        await context.expose_binding("ran", lambda source, number=None: self.ran.append(f"call {number}"))
        await context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('policy', e.effectiveDirective))"
        )
        context.on("request", asked)
        context.on("page", listened)


async def _things(centre: Centre, number: int, text: str) -> None:
    """What people name and write, a device, a camera, an area and an incident each."""
    owner, place = centre.owner, (108.0 + number % 20 * 0.01, 15.5 + number // 20 * 0.01)
    point = f"st_setsrid(st_makepoint({place[0]}, {place[1]}), 4326)"
    await owner.execute(
        "insert into devices (code, centre, area, name, note, kind, profile, state, state_since, geom) values "
        f"($1, 'quang-nam', $2, $3, $3, 'river-gauge', 'river-gauge', 'fresh', now(), {point})",
        f"device-{number}", AREA, text,
    )  # fmt: skip
    await owner.execute(
        "insert into cameras (code, centre, area, name, note, kind, settings, state, state_since, geom) values "
        f"($1, 'quang-nam', $2, $3, $3, 'street', '{{}}', 'silent', now(), {point})",
        f"camera-{number}", AREA, text,
    )  # fmt: skip
    await owner.execute(
        "insert into areas (fid, code, name, kind, level, valid_from, label, geom) values "
        f"($1, $2, $3, 'commune', 3, '2025-07-01', {point}, st_multi(st_expand({point}, 0.004)))",
        f"9{number:04}@2025-07-01", f"9{number:04}", text,
    )  # fmt: skip
    more = {"title": text, "title_en": text, "area_name": text, "owner": text, "lon": place[0], "lat": place[1]}
    incident = await centre.incident(**more)
    await attack_tickets.ticket(owner, "quang-nam", text, incident)


async def _said(centre: Centre, text: str, incident: str, ticket: str) -> None:
    """What is said about one incident and one ticket, silenced, reported and told to people."""
    owner = centre.owner
    await owner.execute(
        "insert into incident_log (incident, centre, area, at, who, what, text) "
        "values ($1, 'quang-nam', $2, now(), 'operator', 'comment', $3)", uuid.UUID(incident), AREA, text,
    )  # fmt: skip
    texts = dict.fromkeys(("source_name", "title", "title_en"), text)
    evidence = orjson.dumps({"value": 7.1, "text": text}).decode()
    known = await alarm(centre, incident, key=text, evidence=evidence, **texts)
    await attack_silences.silenced(owner, "quang-nam", text, known)
    report = await attack_told.report(owner, "quang-nam", text)
    await owner.execute("update reports set number = id::text where id = $1", uuid.UUID(report))
    notice = await attack_told.notice(owner, "quang-nam", text)
    await owner.execute("update notices set identifier = id::text where id = $1", uuid.UUID(notice))
    await owner.execute(
        "insert into alarm_sources values (date_trunc('hour', now() - interval '1 hour', 'UTC'), 'quang-nam', $1, "
        "'sensor', $2, $2, 7, 0, 0)", AREA, text,
    )  # fmt: skip
    await _told(owner, text, ticket)


async def _told(owner: asyncpg.Connection, text: str, ticket: str) -> None:
    """A message that could not be sent, in the log and in the inbox of those who look."""
    thing, words = (
        Thing("message", "quang-nam", AREA),
        dict.fromkeys(("thread", "title", "title_en", "body", "body_en"), text),
    )
    for person in PEOPLE:
        message, key = uuid.uuid4(), f"{person} {text}"
        row = notification_row(key, thing, now()) | words | {"recipient": person, "ticket": uuid.UUID(ticket)}
        await insert(owner, "notifications", row)
        number = await owner.fetchval("select id from notifications where key = $1", key)
        await insert(owner, "messages", message_row(message, now()) | {"recipient": person, "reason": text})
        await insert(owner, "message_items", {"message": message, "notification": number})
        sent = delivery_row(message, now()) | {"reason": text, "reference": text, "address": text}
        await insert(owner, "deliveries", sent)


async def _fill(centre: Centre) -> str:
    """All payloads as all things; the incident that has all of them in its log."""
    incident = await centre.incident(title="all of them", severity="extreme")
    ticket = await attack_tickets.ticket(centre.owner, "quang-nam", PAYLOADS[0], incident)
    await attack_quality.counted(centre.owner, "quang-nam", PAYLOADS[0] + " once more")
    async with centre.owner.transaction():
        for number, text in enumerate(PAYLOADS):
            await _things(centre, number, text)
            await _said(centre, text, incident, ticket)
    await centre.owner.execute("update accounts set name = $1", PAYLOADS[5])
    joined = " ".join(PAYLOADS)
    await attack_duty.rostered(centre.owner, "quang-nam", joined)
    await attack_endpoints.endpoint(centre.owner, "quang-nam", PAYLOADS[5])
    return incident


def _shown(texts: Sequence[str], page_text: str) -> int:
    """How many of the payloads stand on a page as text."""
    plain = " ".join(page_text.split())
    return sum(" ".join(text.split()) in plain for text in texts)


async def _settled(page: Page) -> str:
    """The text of a page once it has stopped to change."""
    before, text = "", await page.locator("body").evaluate("node => node.textContent")
    while before != text:
        await page.wait_for_timeout(SETTLED_MS)
        before, text = text, await page.locator("body").evaluate("node => node.textContent")
    return str(text)


async def _walk(page: Page, centre: Centre) -> Counter[str]:
    """Each page beside the wall, loaded to its end; how many payloads each showed."""
    shown: Counter[str] = Counter()
    for name in PAGES:
        await page.goto(f"{centre.url}/{name}", wait_until="load")
        shown[name] = _shown(PAYLOADS, await _settled(page))
    return shown


async def test_stored_scripts_stay_text(chrome: Browser, centre: Centre, tell: Tell) -> None:
    incident, watch = await _fill(centre), Watch([])
    context = await chrome.new_context(**PLAIN)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(centre.url + "/signin")
    await sign_in(page, "admin")
    await page.wait_for_selector("body[data-live=live]")
    await expect(page.locator("li[data-incident]").first).to_be_visible()
    listed = _shown(PAYLOADS, await _settled(page))
    await opened(page, incident)
    said = _shown(PAYLOADS, await page.locator("#detail").evaluate("node => node.textContent"))
    await page.get_by_test_id("tool-tickets").click()
    tickets = _shown(PAYLOADS, await _settled(page))
    shown = await _walk(page, centre)
    tell(f"A3: {len(PAYLOADS)} payloads, {len(watch.ran)} ran; list {listed}, {said=}, {tickets=}, {shown}")
    assert watch.ran == []
    assert (listed, tickets, shown["duty"]) == (200, 200, 200)
    assert min(said, shown["inbox"], shown["messages"], shown["charts"]) > 20


async def test_the_watch_sees_what_runs(chrome: Browser) -> None:
    """A page that takes texts for HTML runs them; under a policy that holds them back they are seen too."""
    body = "".join(f"<p>{text}</p>" for text in PAYLOADS if "plaintext" not in text)
    for headers in ({}, {"Content-Security-Policy": "default-src 'none'"}):
        watch, context = Watch([]), await chrome.new_context(**PLAIN)
        await watch.over(context)
        page = await context.new_page()
        await page.route(UNSAFE, lambda route, request, told=headers: _answered(route, body, told))
        await page.goto(UNSAFE, wait_until="commit")
        for _ in range(50):
            if watch.ran:
                break
            await page.wait_for_timeout(100)
        assert watch.ran
        await context.close()


async def _answered(route: Any, body: str, headers: dict[str, str]) -> None:
    await route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)


def test_there_are_two_hundred_of_ten_families() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) == 200
    assert {len(forms) for forms in FAMILIES.values()} == {20}
