"""Where a reader goes on."""

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.access.scope import EVERYTHING, Scope
from ioc.api.live import SNAPSHOTS, Stream, _last_event
from ioc.api.parts import PARTS
from ioc.api.query import Query
from ioc.board import Board, Entry, entry_of
from ioc.store.changes import Change


@pytest.mark.parametrize(
    ("header", "query", "last"),
    [
        (None, {}, None),
        ("", {}, None),
        ("7", {}, 7),
        ("7", {"last_event_id": "5"}, 7),
        (None, {"last_event_id": "5"}, 5),
        ("x", {}, 1 << 62),
        ("٣", {}, 1 << 62),
        ("-1", {}, 1 << 62),
        ("9" * 19, {}, 1 << 62),
    ],
)
def test_the_header_wins_and_nonsense_is_beyond_every_log(
    header: str | None, query: dict[str, str], last: int | None
) -> None:
    headers = {} if header is None else {"Last-Event-ID": header}
    request = make_mocked_request("GET", "/api/v1/live", headers=headers)
    assert _last_event(request, Query(query, {"last_event_id"})) == last


AT = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)


def provisional(name: str, **changed: Any) -> Entry:
    fields = {"centre": "a", "area": "x", "at": AT, "op": "put", "value": {"properties": {"at": str(changed)}}}
    return entry_of(Change(subject="alarm", subject_id=name, **fields | changed), "/ogc")


class Reader:
    """A stream over a board that the test fills, with no PostgreSQL at all."""

    def __init__(self, board: Board, scope: Scope = EVERYTHING) -> None:
        self.sent: list[bytes] = []
        parts = SimpleNamespace(board=board, now=lambda: AT)
        request = SimpleNamespace(app={PARTS: parts, SNAPSHOTS: None})
        self.stream = Stream(cast(Any, request), cast(Any, self), cast(Any, SimpleNamespace(scope=scope)))

    async def write(self, body: bytes) -> None:
        self.sent.append(body)

    def told(self) -> list[tuple[str, str]]:
        """Operation and subject of the events since the last call."""
        lines, self.sent = b"".join(self.sent).split(b"\n"), []
        events = [orjson.loads(line[6:]) for line in lines if line.startswith(b"data: ")]
        assert not [line for line in lines if line.startswith(b"id:")]
        return [(event["type"].split(".")[-2], event["subject"]) for event in events]


async def test_a_reader_is_told_what_differs_of_what_is_provisional() -> None:
    board = Board(cast(Any, None))
    reader = Reader(board)
    one, two = provisional("one"), provisional("two")
    for holding, events in (
        ({}, []),
        ({"one": one}, [("put", "one")]),
        ({"one": one, "two": two}, [("put", "two")]),
        ({"one": provisional("one", area="y"), "two": two}, [("put", "one")]),
        ({"two": two}, [("removed", "one")]),
        ({}, [("removed", "two")]),
    ):
        board.show(holding)
        await reader.stream._tell_provisional()
        assert reader.told() == events
        await reader.stream._tell_provisional()
        assert reader.told() == []


async def test_what_is_provisional_is_told_by_scope_and_leaves_it() -> None:
    board = Board(cast(Any, None))
    reader = Reader(board, Scope(frozenset({"a"}), past=dt.timedelta(0)))
    ended = {"properties": {"cleared_at": (AT - dt.timedelta(hours=1)).isoformat()}}
    for holding, events in (
        ({"mine": provisional("mine"), "other": provisional("other", centre="b")}, [("put", "mine")]),
        ({"mine": provisional("mine", value=ended)}, [("removed", "mine")]),
        ({}, []),
    ):
        board.show(holding)
        await reader.stream._tell_provisional()
        assert reader.told() == events


async def test_a_whole_picture_is_followed_by_what_is_provisional() -> None:
    board = Board(cast(Any, None))
    reader = Reader(board)
    board.show({"one": provisional("one")})
    await reader.stream._tell_provisional()
    assert reader.told() == [("put", "one")]
    await reader.stream._ready()
    reader.sent.clear()
    await reader.stream._tell_provisional()
    assert reader.told() == [("put", "one")]


async def test_an_open_stream_hears_at_once() -> None:
    board = Board(cast(Any, None))
    board._started.set()
    reader = Reader(board)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(reader.stream.run(None, snapshot=False), name="stream")
        while not reader.sent:
            await asyncio.sleep(0)
        reader.sent.clear()
        board.show({"one": provisional("one")})
        while not reader.sent:
            await asyncio.sleep(0)
        assert reader.told() == [("put", "one")]
        running.cancel()
