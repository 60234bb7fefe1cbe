"""Feeds by HTTP from a real server that fails, sends elsewhere, hangs and talks nonsense, into a real PostgreSQL."""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from aiohttp import web

from feeds import cap_feed
from feeds.cap_feed import CapFeed
from feeds.feed import Round
from feeds.schedule import Schedule
from ioc import catalogue
from ioc.feeding import Keeping, feeds, tables
from ioc.noticing import Intake
from ioc.outbound import Allowed, Outbound
from ioc.settings import Settings, SettingsError
from ioc.store import journal
from ioc.store.database import Database
from tests.conftest import Fresh

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def message(identifier: str, *, extra: str = "") -> str:
    head = f"<identifier>{identifier}</identifier><sender>dai@kttv.vn</sender><sent>2026-11-25T07:00:00+07:00</sent>"
    words = "<status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    return f'<alert xmlns="{SPACE}">{head}{words}{extra}</alert>'


class Agency:
    """A server of an agency: an index, its messages, and what goes wrong with them."""

    def __init__(self) -> None:
        self.messages: dict[str, str] = {}
        self.states: dict[str, str] = {}
        self.inside: set[str] = set()
        self.wrong: dict[str, str] = {}
        self.asked: list[str] = []
        self.url = ""

    def index(self) -> str:
        entries = "".join(
            f"<entry><id>{name}</id><updated>{self.states.get(name, '1')}</updated>"
            f'<link href="/cap/{name}"/>' + (f"<content>{text}</content>" if name in self.inside else "") + "</entry>"
            for name, text in self.messages.items()
        )
        return f'<feed xmlns="{ATOM}">{entries}</feed>'

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        match self.wrong.get(name, ""):
            case "500":
                return web.Response(status=500)
            case "elsewhere":
                return web.Response(status=302, headers={"Location": "http://169.254.169.254/latest"})
            case "hangs":
                await asyncio.sleep(60)
            case "nonsense":
                return web.Response(body=os.urandom(2000))
            case "giant":
                return web.Response(body=b" " * (20 * 2**20))
        text = self.index() if name == "index" else self.messages.get(name)
        if text is None:
            return web.Response(status=404)
        mark = f'"{hash(text)}"'
        if request.headers.get("If-None-Match") == mark:
            return web.Response(status=304)
        return web.Response(text=text, content_type="application/xml", headers={"ETag": mark})


@asynccontextmanager
async def served(agency: Agency) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_get("/cap/{name}", agency.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    agency.url = f"http://127.0.0.1:{runner.addresses[0][1]}/cap/index"
    try:
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
async def agency() -> AsyncIterator[Agency]:
    one = Agency()
    async with served(one):
        yield one


@pytest.fixture
async def outbound() -> AsyncIterator[Outbound]:
    async with Outbound.open(Allowed.parse("127.0.0.1")) as one:
        yield one


@pytest.fixture
def keeping(database: Database) -> Keeping:
    intake = Intake("quang-nam", ZoneInfo("Asia/Ho_Chi_Minh"), now, os.urandom)
    return Keeping(database, "kttv", intake, catalogue.wording())


async def names(admin: asyncpg.Connection) -> list[str]:
    return [row["identifier"] for row in await admin.fetch("select identifier from notices order by identifier")]


def came(done: Round) -> tuple[int, int, int, int]:
    return done.kept, done.repeated, done.refused, done.missing


async def test_what_an_index_names_comes_once(
    agency: Agency, outbound: Outbound, keeping: Keeping, admin: asyncpg.Connection
) -> None:
    agency.messages = {"a": message("a"), "b": message("b"), "c": message("c")}
    agency.inside = {"c"}
    feed = CapFeed("kttv", agency.url, outbound)
    assert came(await feed.look(keeping)) == (3, 0, 0, 0)
    assert agency.asked == ["index", "a", "b"]
    assert came(await feed.look(keeping)) == (0, 0, 0, 0)
    assert agency.asked[3:] == ["index"]
    agency.messages["d"] = message("d")
    agency.states["a"] = "2"
    assert came(await feed.look(keeping)) == (1, 1, 0, 0)
    assert agency.asked[4:] == ["index", "a", "d"]
    assert came(await CapFeed("kttv", agency.url, outbound).look(keeping)) == (0, 4, 0, 0)
    assert await names(admin) == ["a", "b", "c", "d"]
    assert await admin.fetchval("select count(*) from journal") == 4
    assert await admin.fetchval("select count(distinct feed) from notices where feed = 'kttv'") == 1


async def test_an_address_may_be_a_message_itself(agency: Agency, outbound: Outbound, keeping: Keeping) -> None:
    agency.messages = {"a": message("a")}
    feed = CapFeed("kttv", agency.url.replace("index", "a"), outbound)
    assert came(await feed.look(keeping)) == (1, 0, 0, 0)
    assert came(await feed.look(keeping)) == (0, 0, 0, 0)


@pytest.mark.parametrize("wrong", ["500", "elsewhere", "hangs", "giant", "404"])
async def test_a_message_that_fails_comes_as_soon_as_it_can(
    agency: Agency,
    outbound: Outbound,
    keeping: Keeping,
    admin: asyncpg.Connection,
    wrong: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cap_feed, "WITHIN_S", 0.5)
    agency.messages = {"a": message("a"), "b": message("b")}
    agency.wrong = {"a": wrong}
    text = agency.messages.pop("a") if wrong == "404" else ""
    if wrong == "404":
        agency.messages = {"a": "", **agency.messages}
    feed = CapFeed("kttv", agency.url, outbound)
    if wrong == "404":
        index = agency.index()
        agency.messages.pop("a")
        agency.index = lambda: index  # type: ignore[method-assign]
    for looks in range(2):
        done = await feed.look(keeping)
        assert (done.missing, done.kept) == (1, 1 - looks)
        assert done.why
        assert await names(admin) == ["b"]
    agency.wrong = {}
    if text:
        agency.messages["a"] = text
    assert came(await feed.look(keeping)) == (1, 0, 0, 0)
    assert await names(admin) == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("500", "status_500"),
        ("elsewhere", "redirect"),
        ("hangs", "timeout"),
        ("nonsense", "not_xml"),
        ("giant", "too_big"),
    ],
)
async def test_an_index_that_fails_is_told_and_tried_again(
    agency: Agency, outbound: Outbound, keeping: Keeping, wrong: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cap_feed, "WITHIN_S", 0.5)
    agency.messages = {"a": message("a")}
    agency.wrong = {"index": wrong}
    feed = CapFeed("kttv", agency.url, outbound)
    schedule = Schedule([feed], lambda code: keeping, now=now, chance=lambda: 0.5)
    await schedule.look(feed)
    standing = schedule.standings["kttv"]
    assert (standing.error, standing.failures, standing.freshness(now())) == (code, 1, "lost")
    assert standing.reason
    agency.wrong = {}
    await schedule.look(feed)
    assert (standing.error, standing.failures, standing.kept) == ("", 0, 1)
    assert standing.freshness(now()) == "fresh"


async def test_what_is_no_message_is_buried_once_with_its_reason(
    agency: Agency, outbound: Outbound, keeping: Keeping, admin: asyncpg.Connection
) -> None:
    agency.messages = {"a": message("a"), "b": "<alert/>", "c": message("two words"), "d": message("d")}
    agency.inside = {"c"}
    agency.wrong = {"d": "nonsense"}
    for _ in range(2):
        assert (await CapFeed("kttv", agency.url, outbound).look(keeping)).refused == 3
    rows = await admin.fetch("select topic, code, reason from dead_letters order by code")
    codes = [row["code"] for row in rows]
    assert codes.count("cap_not_cap") == codes.count("cap_wrong") == 1
    assert {row["topic"] for row in rows} == {"feed/kttv"}
    assert all("/cap/" in row["reason"] for row in rows)


async def test_nothing_is_taken_for_seen_before_it_is_durable(
    agency: Agency, outbound: Outbound, keeping: Keeping, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    agency.messages = {"a": message("a"), "b": message("b")}
    feed = CapFeed("kttv", agency.url, outbound)
    schedule = Schedule([feed], lambda code: keeping, now=now, chance=lambda: 0.5)

    async def dies(*_: object, **__: object) -> None:
        raise ConnectionResetError("killed before the commit")

    with monkeypatch.context() as patched:
        patched.setattr(journal, "append", dies)
        await schedule.look(feed)
    assert schedule.standings["kttv"].error == "not_kept"
    assert await names(admin) == []
    await schedule.look(feed)
    assert await names(admin) == ["a", "b"]
    assert await admin.fetchval("select count(*) from journal") == 2


async def test_an_address_that_may_not_be_called_is_not(agency: Agency, keeping: Keeping) -> None:
    async with Outbound.open(Allowed.parse("10.0.0.0/8")) as outbound:
        feed = CapFeed("kttv", agency.url, outbound)
        schedule = Schedule([feed], lambda code: keeping, now=now, chance=lambda: 0.5)
        await schedule.look(feed)
    assert schedule.standings["kttv"].error == "not_allowed"
    assert agency.asked == []


async def test_links_of_an_index_lead_nowhere_else(agency: Agency, outbound: Outbound, keeping: Keeping) -> None:
    links = (
        "file:///etc/passwd",
        "http://169.254.169.254/",
        "http://localhost:1/",
        "ftp://127.0.0.1/",
        "http://[::1]/",
    )
    entries = "".join(f'<entry><id>{link}</id><link href="{link}"/></entry>' for link in links)
    agency.messages = {"index": ""}
    agency.index = lambda: f'<feed xmlns="{ATOM}">{entries}</feed>'  # type: ignore[method-assign]
    done = await CapFeed("kttv", agency.url, outbound).look(keeping)
    assert came(done) == (0, 0, 0, len(links))
    assert agency.asked == ["index"]


async def test_the_process_looks_keeps_and_tells_how_the_feeds_stand(
    agency: Agency, fresh: Fresh, admin: asyncpg.Connection, tmp_path: Path
) -> None:
    agency.messages = {"a": message("a")}
    file = tmp_path / "feeds.toml"
    file.write_text(f'[feed.kttv]\nurl = "{agency.url}"\ninterval_s = 5\n[feed.gone]\nurl = "http://127.0.0.1:1/x"\n')
    settings = Settings(
        state_dir=str(tmp_path), database_url=fresh.url(), feeds=str(file), outbound="127.0.0.1", centre="quang-nam"
    )
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        work = tasks.create_task(feeds(settings), name="feeds")
        while True:
            state = await admin.fetchval("select state::text from parts where name = 'feeds'") or ""
            if '"kept": 1' in state and "gone is lost" in state:
                break
            await asyncio.sleep(0.1)
        work.cancel()
    assert await names(admin) == ["a"]
    assert '"fresh": 1' in state


@pytest.mark.parametrize(
    "text",
    ["", "[feed]\n", "[feed.A]\nurl = 'http://x.vn'\n", "[feed.kttv]\nurl = 'x'\n", "[other]\n", "[feed.kttv]\n",
     "[feed.kttv]\nurl = 'http://x.vn/'\nkind = 'rss'\n", "[feed.kttv]\nurl = 'http://x.vn/'\ninterval_s = 1\n", "odd"],
)  # fmt: skip
async def test_a_file_of_feeds_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "feeds.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"(?i)feed"):
        await feeds(Settings(feeds=str(file)))
    with pytest.raises(SettingsError, match="IOC_FEEDS"):
        tables(Settings(feeds=str(tmp_path / "missing.toml")))
    with pytest.raises(SettingsError, match="no feed is set"):
        await feeds(Settings())
