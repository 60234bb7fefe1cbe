"""Where a reader goes on."""

import asyncio
import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.access.scope import EVERYTHING, Scope
from ioc.api.live import SNAPSHOTS, Stream, Wire, _last_event
from ioc.api.parts import PARTS
from ioc.api.query import Query
from ioc.board import ROOM, Board, Entry, entry_of
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
        self.clear = True
        app = {PARTS: parts, SNAPSHOTS: None}
        self.stream = Stream(cast(Any, app), cast(Any, self), cast(Any, SimpleNamespace(scope=scope)))

    async def send(self, body: bytes) -> None:
        if body:
            self.sent.append(body)

    def put(self, body: bytes) -> None:
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
        while not reader.stream._idle:
            await asyncio.sleep(0)
        reader.sent.clear()
        board.show({"one": provisional("one")})
        while not reader.sent:
            await asyncio.sleep(0)
        assert reader.told() == [("put", "one")]
        running.cancel()


def logged(version: int, name: str, **changed: Any) -> Change:
    fields = {"centre": "a", "area": "x", "at": AT, "op": "put", "value": {"properties": {}}}
    return Change(subject="alarm", subject_id=name, version=version, **fields | changed)


def tell(board: Board, *told: Change) -> None:
    before, board._position = board.position, told[-1].version
    board._tell(list(told), before)


def versions(reader: Reader) -> list[str]:
    lines, reader.sent = b"".join(reader.sent).split(b"\n"), []
    return [line[4:].decode() for line in lines if line.startswith(b"id: ")]


async def test_changes_are_sent_at_once_and_those_that_a_slow_reader_missed_are_merged() -> None:
    board = Board(cast(Any, None))
    board._started.set()
    quick, slow = Reader(board), Reader(board)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(one.stream.run(None, snapshot=False), name=name)
            for name, one in (("quick", quick), ("slow", slow))
        ]
        while not (quick.stream._idle and slow.stream._idle):
            await asyncio.sleep(0)
        quick.sent.clear()
        slow.sent.clear()
        slow.clear = False
        for version, name in ((1, "one"), (2, "two"), (3, "one")):
            tell(board, logged(version, name))
        assert versions(quick) == ["1", "2", "3"]
        assert not slow.sent
        slow.clear = True
        while not slow.sent:
            await asyncio.sleep(0)
        assert versions(slow) == ["2", "3"]
        tell(board, logged(4, "two"))
        while not slow.sent:
            await asyncio.sleep(0)
        assert versions(slow) == versions(quick) == ["4"]
        for one in running:
            one.cancel()


async def test_a_change_waits_for_what_is_taken_back_provisionally() -> None:
    """An alarm that held provisionally is taken back before the log's own event of it comes."""
    board = Board(cast(Any, None), heard=lambda told: board.show({}))
    board._started.set()
    reader = Reader(board)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(reader.stream.run(None, snapshot=False), name="stream")
        while not reader.stream._idle:
            await asyncio.sleep(0)
        board.show({"one": provisional("one")})
        while not (reader.stream._idle and reader.stream._shown):
            await asyncio.sleep(0)
        reader.sent.clear()
        tell(board, logged(1, "one"))
        while b"\nid: 1\n" not in b"\n" + b"".join(reader.sent):
            await asyncio.sleep(0)
        lines = b"".join(reader.sent).split(b"\n")
        kinds = [orjson.loads(line[6:])["type"] for line in lines if line.startswith(b"data: ")]
        assert kinds == ["vn.ioc.alarm.removed.v1", "vn.ioc.alarm.put.v1"]
        running.cancel()


class Line(asyncio.Transport):
    """A connection whose other side reads when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.held = bytearray()
        self.limits: list[int | None] = []

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self.limits.append(high)

    def get_write_buffer_size(self) -> int:
        return len(self.held)

    def is_closing(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        self.held += data


class Writer:
    """Writes on a line, and waits until it is read."""

    def __init__(self, line: Line, read: bool) -> None:
        self.line, self.read, self.most = line, read, 0

    async def write(self, body: Any) -> None:
        self.line.write(body)
        self.most = max(self.most, len(self.line.held))

    async def drain(self) -> None:
        while self.line.held:
            if self.read:
                self.line.held.clear()
            await asyncio.sleep(0)


async def test_a_reader_that_takes_nothing_is_cut_and_holds_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    writer = Writer(line, read=False)
    wire = Wire(line, cast(Any, writer), chunked=False)
    monkeypatch.setattr("ioc.api.live.STALLED_S", 0.05)
    assert line.limits == [0]
    assert wire.clear
    with pytest.raises(TimeoutError):
        await wire.send(b"x" * (5 * ROOM))
    assert writer.most == ROOM
    assert not wire.clear
    writer.read = True
    await wire.send(b"")
    assert wire.clear


@pytest.mark.parametrize(("chunked", "sent"), [(True, b"3\r\nabc\r\n"), (False, b"abc")])
def test_what_is_sent_at_once_is_framed_as_the_protocol_wants(chunked: bool, sent: bytes) -> None:
    line = Line()
    Wire(line, cast(Any, Writer(line, read=True)), chunked=chunked).put(b"abc")
    assert bytes(line.held) == sent
