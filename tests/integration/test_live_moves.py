"""Readers of the live stream that go from server to server, stay away, or lose the network: nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from ioc.access.scope import EVERYTHING
from ioc.store.changes import Change, record
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, now, running_centre, serving
from tests.instruments.proxy import Proxy
from tests.instruments.waiting import until

KEEP = 60
"""Changes that a server of these tests remembers; the shipped one remembers 2,000."""


class Page:
    """A page that shows incidents by what the stream tells it, and comes back where it was torn off."""

    def __init__(self, centre: Centre, who: str = "admin") -> None:
        self._headers = centre.bearer(who)
        self.picture: dict[str, Any] = {}
        self.last = ""
        self.ids: list[int] = []
        self.resets = 0
        self.whole = asyncio.Event()

    @property
    def newest(self) -> int:
        """The number of the newest change that it shows."""
        return max((about["number"] for about in self.picture.values()), default=-1)

    async def read(self, url: str, enough: Callable[[], bool] = lambda: False) -> None:
        """Until the stream ends, or enough was seen."""
        more = {"Last-Event-ID": self.last} if self.last else {}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=2)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{url}/api/v1/live?snapshot=1", headers=self._headers | more) as answer,
        ):
            assert answer.status == 200
            name = data = ""
            async for raw in answer.content:
                field, _, value = raw.decode().rstrip("\n").partition(": ")
                if field == "id":
                    self.last = value
                elif field == "event":
                    name = value
                elif field == "data":
                    data = value
                elif not field and data:
                    self._show(name, orjson.loads(data))
                    name = data = ""
                    if enough():
                        return

    def _show(self, name: str, event: dict[str, Any]) -> None:
        if name == "reset":
            self.picture.clear()
            self.resets += 1
            self.whole.clear()
        elif name == "ready":
            self.whole.set()
        elif name == "incident":
            if event["id"].isdigit():
                self.ids.append(int(event["id"]))
            self.picture.pop(event["subject"], None)
            if event["type"].endswith(".put.v1"):
                self.picture[event["subject"]] = event["data"]["properties"]

    async def stay(self, url: str) -> None:
        """Come back again and again, until cancelled."""
        while True:
            try:
                await self.read(url)
            except (aiohttp.ClientError, OSError, TimeoutError):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def staying(*pages: tuple[Page, str]) -> AsyncIterator[None]:
    """The pages stay open inside."""
    async with asyncio.TaskGroup() as tasks:
        open_ = [tasks.create_task(page.stay(url), name="page") for page, url in pages]
        for page, _ in pages:
            await asyncio.wait_for(page.whole.wait(), 20)
        yield
        for one in open_:
            one.cancel()


async def tell(database: Database, first: int, number: int, things: int, centre: str = "quang-nam") -> None:
    """So many changes of a few things, ten a transaction; a thing whose number divides by seven moves to and fro."""
    for start in range(first, first + number, 10):
        async with database.transaction(EVERYTHING) as transaction:
            await record(transaction, [_change(one, things, centre) for one in range(start, start + 10)])


def _change(number: int, things: int, centre: str) -> Change:
    name, moves = f"i{number % things}", number % things % 7 == 0
    turn = number // things % 2
    homes = ("hoi-an", "quang-nam") if moves else (centre, centre)
    value = {"type": "Feature", "id": name, "geometry": None, "properties": {"number": number}}
    return Change(
        subject="incident", subject_id=name, op="put", centre=homes[turn], area="502@2024-09-01", at=now(), value=value,
        centre_before=homes[1 - turn] if moves and number >= things else None,
    )  # fmt: skip


async def test_a_reader_goes_from_server_to_server_without_a_gap_and_without_doubles(
    migrated: Fresh, tmp_path: Path
) -> None:
    """Three servers over one database, changes all the time; the page takes some events of each in turn."""
    async with (
        running_centre(migrated.url, tmp_path) as centre,
        Database.open(migrated.url("ioc_app")) as second,
        Database.open(migrated.url("ioc_app")) as third,
        serving(centre, second) as second_url,
        serving(centre, third, keep=KEEP) as third_url,
    ):
        page, wanted = Page(centre), 300
        await page.read(centre.url, page.whole.is_set)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(tell(centre.database, 0, wanted, things=10_000), name="changes")
            turn = 0
            async with asyncio.timeout(60):
                while len(page.ids) < wanted:
                    goal = min(wanted, len(page.ids) + 37)
                    url = (second_url, third_url, centre.url)[turn % 3]
                    await page.read(url, lambda goal=goal: len(page.ids) >= goal)  # type: ignore[misc]
                    turn += 1
        assert turn > 5
        assert page.ids == sorted(set(page.ids)), "rising, none twice"
        assert len(page.picture) == wanted
        assert page.resets == 0


async def test_a_page_that_was_cut_off_ends_with_the_same_picture(migrated: Fresh, tmp_path: Path) -> None:
    """More changes than the server remembers, with the network of two pages cut, frozen, and half gone."""
    async with running_centre(migrated.url, tmp_path, keep=KEEP) as centre:
        with Proxy(int(centre.url.rpartition(":")[2])) as proxy:
            through = f"http://127.0.0.1:{proxy.port}"
            pages = {
                who: (Page(centre, who), Page(centre, who)) for who in ("admin", "district")
            }  # the first was never cut
            ways = [
                (page, url) for both in pages.values() for page, url in zip(both, (centre.url, through), strict=True)
            ]
            number = 0
            async with staying(*ways):
                for harm in (proxy.cut, proxy.freeze, lambda: proxy.half_open("down")):
                    await tell(centre.database, number, 30, things=25)
                    harm()
                    await tell(centre.database, number + 30, 5 * KEEP, things=25)
                    proxy.reset()
                    proxy.through()
                    number += 30 + 5 * KEEP
                    await _shows(pages["admin"][0], number - 1)
                    await until(lambda: all(_same(*both) for both in pages.values()), 30, "the same picture on both")
            assert not [page.resets for page, _ in ways if page.resets], "resumed from the log, not anew"
            assert {len(page.picture) for page in pages["admin"]} == {25}
            assert {len(page.picture) for page in pages["district"]} <= {0, 1, 2, 3, 4}


async def _shows(page: Page, number: int) -> None:
    await until(lambda: page.newest == number, 30, "all changes on the page that stayed")


def _same(whole: Page, cut: Page) -> bool:
    return whole.picture == cut.picture


async def test_after_hours_of_absence_only_the_newest_state_of_each_thing_comes(
    migrated: Fresh, tmp_path: Path
) -> None:
    """Far more changes than the server remembers: read from the log in pages, merged in each."""
    async with running_centre(migrated.url, tmp_path, keep=KEEP) as centre:
        page = Page(centre)
        await page.read(centre.url, page.whole.is_set)
        await tell(centre.database, 0, 1_200, things=40)
        page.whole.clear()
        await page.read(centre.url, page.whole.is_set)
        assert {name: about["number"] for name, about in page.picture.items()} == {
            f"i{number % 40}": number for number in range(1_160, 1_200)
        }
        assert len(page.ids) <= 4 * 40, "of each page of the log once"
