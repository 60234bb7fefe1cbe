"""A CAP feed with a server that answers as the test says; over a real one see tests/integration/test_feeds.py."""

from collections.abc import Mapping

import msgspec
import pytest

from feeds.cap import Alert
from feeds.cap_feed import MOST_CALLS, CapFeed
from feeds.feed import FeedError

HEAD = "<sender>s</sender><sent>2026-11-25T07:00:00+07:00</sent><status>Actual</status><msgType>Alert</msgType>"


class Answer(msgspec.Struct):
    status: int
    body: bytes
    headers: Mapping[str, str] = {}


def message(name: str) -> bytes:
    space = "urn:oasis:names:tc:emergency:cap:1.2"
    return f'<alert xmlns="{space}"><identifier>{name}</identifier>{HEAD}<scope>Public</scope></alert>'.encode()


class Server:
    """Answers by address; every request is written down with its condition."""

    def __init__(self, number: int) -> None:
        items = "".join(f"<item><link>http://a.vn/{one}</link></item>" for one in range(number))
        index = Answer(200, f"<rss><channel>{items}</channel></rss>".encode(), {"etag": '"1"'})
        self.answers = {"http://a.vn/": index} | {
            f"http://a.vn/{one}": Answer(200, message(str(one))) for one in range(number)
        }
        self.asked: list[tuple[str, str]] = []

    async def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, most_bytes: int, within_s: float
    ) -> Answer:
        self.asked.append((url, (headers or {}).get("If-None-Match", "")))
        return self.answers[url]


class Shelf:
    def __init__(self) -> None:
        self.kept: list[str] = []
        self.refused: list[str] = []

    async def keep(self, alert: Alert) -> bool:
        self.kept.append(alert.identifier)
        return True

    async def refuse(self, address: str, payload: bytes, code: str, reason: str) -> None:
        self.refused.append(code)


async def test_more_than_is_fetched_in_one_look_comes_at_the_next_and_the_mark_waits_for_it() -> None:
    server, shelf = Server(MOST_CALLS + 3), Shelf()
    feed = CapFeed("a", "http://a.vn/", server)
    first = await feed.look(shelf)
    assert (first.kept, first.missing, first.listed) == (MOST_CALLS, 3, MOST_CALLS + 3)
    second = await feed.look(shelf)
    assert (second.kept, second.missing) == (3, 0)
    assert sorted(map(int, shelf.kept)) == list(range(MOST_CALLS + 3))
    await feed.look(shelf)
    assert [mark for url, mark in server.asked if url == "http://a.vn/"] == ["", "", '"1"']


async def test_one_that_always_fails_stands_in_nobody_s_way() -> None:
    server, shelf = Server(MOST_CALLS + 10), Shelf()
    for one in range(10):
        server.answers[f"http://a.vn/{one}"] = Answer(503, b"")
    feed = CapFeed("a", "http://a.vn/", server)
    for _ in range(2):
        await feed.look(shelf)
    assert sorted(map(int, shelf.kept)) == list(range(10, MOST_CALLS + 10))


class Picky(Shelf):
    """Cannot keep one of the messages."""

    async def keep(self, alert: Alert) -> bool:
        if alert.identifier == "3":
            raise ArithmeticError("3")
        return await super().keep(alert)


async def test_one_that_can_never_be_kept_stands_in_nobody_s_way() -> None:
    server, shelf = Server(6), Picky()
    feed = CapFeed("a", "http://a.vn/", server)
    for _ in range(2):
        with pytest.raises(ArithmeticError):
            await feed.look(shelf)
    assert sorted(shelf.kept) == ["0", "1", "2", "4", "5"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [(Answer(500, b""), "status_500"), (Answer(200, b"<html/>"), "not_cap"), (Answer(304, b""), "status_304")],
)
async def test_what_is_no_feed_is_an_error(answer: Answer, code: str) -> None:
    server = Server(0)
    server.answers["http://a.vn/"] = answer
    with pytest.raises(FeedError) as told:
        await CapFeed("a", "http://a.vn/", server).look(Shelf())
    assert told.value.code == code
