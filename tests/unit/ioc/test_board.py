"""The order in which changes are told, and to whom."""

import datetime as dt
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.scope import EVERYTHING, Scope
from ioc.board import ROOM, Board, FellBehindError, entry_of, frame, merged
from ioc.store.changes import Change

AT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def change(version: int, **values: str) -> Change:
    fields = {
        "subject": "incident",
        "subject_id": str(version),
        "op": "put",
        "centre": "a",
        "area": "x",
    } | values
    return Change(version=version, at=AT, value={"id": version}, **fields)


def test_an_event_is_made_once_and_by_scope() -> None:
    entry = entry_of(change(7, centre="b", centre_before="a"), "/ogc")
    put = entry.seen_by(EVERYTHING, AT)
    assert put is entry.seen_by(Scope(frozenset({"b"})), AT)
    left = entry.seen_by(Scope(frozenset({"a"})), AT)
    assert entry.seen_by(Scope(frozenset({"c"})), AT) is None
    assert put is not None
    assert left is not None
    assert put.startswith(b"id: 7\nevent: incident\ndata: {")
    event = orjson.loads(left.split(b"data: ")[1])
    assert event["type"] == "vn.ioc.incident.removed.v1"
    assert event["data"]["properties"] == {}


def test_a_frame_without_a_version_leaves_the_last_id() -> None:
    assert frame("ready", b"{}") == b"event: ready\ndata: {}\n\n"
    assert frame("reset", b"{}", "").startswith(b"id: \n")


def test_what_ended_before_a_readers_span_is_removed() -> None:
    """A reader who sees only what is open is told that an incident ended, and nothing more of it."""
    over = {"status": "closed", "updated_at": "2026-11-21T20:00:00.000Z"}
    closed = Change(
        version=8, subject="incident", subject_id="8", op="put", centre="a", area="x", at=AT, value={"properties": over}
    )
    entry = entry_of(closed, "/ogc")
    day, live = Scope(None, past=dt.timedelta(days=1)), Scope(None, past=dt.timedelta(0))
    assert entry.seen_by(day, AT) is entry.put
    assert entry.seen_by(live, AT) is entry.left
    assert b"removed" in entry.left
    assert b"closed" not in entry.left
    assert entry.seen_by(Scope(frozenset({"b"}), past=dt.timedelta(0)), AT) is None


def test_an_area_that_is_not_the_readers_is_not_told() -> None:
    entry = entry_of(change(9, area="y"), "/ogc")
    assert entry.seen_by(Scope(None, areas=frozenset({"x"})), AT) is None
    moved = entry_of(change(9, area="y", area_before="x"), "/ogc")
    assert moved.seen_by(Scope(None, areas=frozenset({"x"})), AT) is moved.left


def test_what_is_not_in_the_log_moves_no_cursor_and_can_always_be_taken_back() -> None:
    entry = entry_of(change(0), "/ogc")
    assert entry.seen_by(EVERYTHING, AT) is entry.put
    for event in (entry.put, entry.left):
        assert event.startswith(b"event: incident\ndata: ")
    marks = [orjson.loads(event.split(b"data: ")[1])["id"] for event in (entry.put, entry.left)]
    assert len(set(marks)) == 2
    assert entry_of(change(1), "/ogc").left == b""


def test_changes_are_heard_before_streams_wake_and_so_do_they_for_what_is_provisional() -> None:
    order: list[str] = []
    board = Board(cast(Any, None), heard=lambda told: order.append(f"heard {moved.is_set()}"))
    moved = board.moved()
    board._tell([change(1)])
    assert (order, moved.is_set()) == (["heard False"], True)
    moved = board.moved()
    entries = {"x": entry_of(change(0), "/ogc")}
    board.show(entries)
    assert moved.is_set()
    assert board.provisional is entries


def test_a_log_that_was_never_read_is_behind_for_ever() -> None:
    """Nothing that depends on hearing of changes may count on it before."""
    assert Board(cast("Any", None)).behind_s == float("inf")


def told_of(board: Board, *changes: Change) -> None:
    before, board._position = board.position, changes[-1].version
    board._tell(list(changes), before)


def ids(events: bytes) -> list[int]:
    return [int(line[4:]) for line in events.split(b"\n") if line.startswith(b"id: ")]


def test_who_is_behind_gets_the_newest_state_of_each_thing_in_the_order_of_the_log() -> None:
    board = Board(cast(Any, None))
    told_of(board, *(change(version, subject_id=name) for version, name in enumerate("abcab", 1)))
    assert [(at, ids(events)) for at, events in (board.since(0, EVERYTHING, AT), board.since(4, EVERYTHING, AT))] == [
        (5, [3, 4, 5]),
        (5, [5]),
    ]
    assert board.since(0, EVERYTHING, AT)[1] is board.since(0, EVERYTHING, AT)[1], "made once for all who ask the same"
    assert board.since(0, Scope(frozenset()), AT) == (5, b"")
    told_of(board, change(6, subject_id="c"))
    assert ids(board.since(0, EVERYTHING, AT)[1]) == [4, 5, 6]


def test_much_comes_in_portions_that_lose_nothing() -> None:
    board = Board(cast(Any, None), keep=500)
    told_of(board, *(change(version, subject_id=f"{version % 300}" + "x" * 600) for version in range(1, 451)))
    at, found, portions = 0, list[int](), 0
    while at < board.position:
        at, events = board.since(at, EVERYTHING, AT)
        assert len(events) < 2 * ROOM
        found += ids(events)
        portions += 1
    assert portions > 2
    assert found == list(range(151, 451))
    told_of(board, *(change(version) for version in range(451, 520)))
    with pytest.raises(FellBehindError):
        board.since(0, EVERYTHING, AT)


class Taker:
    """Takes what it is handed."""

    def __init__(self) -> None:
        self.taken: list[tuple[int, int, bytes]] = []
        self.woken = 0

    def now(self) -> dt.datetime:
        return AT

    def take(self, before: int, through: int, events: bytes) -> None:
        self.taken.append((before, through, events))

    def wake(self) -> None:
        self.woken += 1


def test_readers_of_a_scope_are_handed_the_same_bytes() -> None:
    board, one, two, other = Board(cast(Any, None)), Taker(), Taker(), Taker()
    mine, theirs = Scope(frozenset({"a"})), Scope(frozenset({"b"}))
    with board.reading(mine, one), board.reading(Scope(frozenset({"a"})), two), board.reading(theirs, other):
        told_of(board, change(1))
        told_of(board, change(2, subject_id="moved", centre="b", centre_before="a"))
        assert one.taken[0][2] is two.taken[0][2]
        assert [taken[:2] for taken in one.taken] == [taken[:2] for taken in other.taken] == [(0, 1), (1, 2)]
        assert other.taken[0][2] == b""
        assert (b"removed" in one.taken[1][2], b"removed" in other.taken[1][2]) == (True, False)
        told_of(board, *(change(version, subject_id="x" * 900 + str(version)) for version in range(3, 100)))
        assert (one.woken, len(one.taken)) == (1, 2), "a burst is fetched"
    assert not board._readers


STEPS = st.lists(
    st.tuples(st.sampled_from("pq"), st.sampled_from("abc"), st.sampled_from(("put", "removed"))), max_size=14
)


def shown(events: list[bytes], picture: dict[str, str]) -> dict[str, str]:
    """What a page shows after events."""
    picture = dict(picture)
    for event in events:
        said = orjson.loads(event.split(b"data: ")[1])
        picture.pop(said["subject"], None)
        if said["type"].endswith("put.v1"):
            picture[said["subject"]] = said["id"]
    return picture


@given(STEPS, st.integers(0, 14), st.integers(0, 14), st.sampled_from(("a", "b", "ab", "")))
def test_however_a_reader_is_torn_off_its_picture_comes_out_the_same(
    steps: list[tuple[str, str, str]], began: int, torn: int, centres: str
) -> None:
    """All changes one by one, or merged, torn off after any event and resumed from the last one seen."""
    where: dict[str, str] = {}
    entries = []
    for version, (name, centre, op) in enumerate(steps, 1):
        moved = {"centre_before": where[name]} if where.get(name, centre) != centre else {}
        where[name] = centre
        value = {"properties": {}}
        entries.append(
            entry_of(
                Change(version=version, subject="incident", subject_id=name, op=op, centre=centre, area="x", at=AT,
                       value=value, **moved),
                "/ogc",
            )
        )  # fmt: skip
    scope = Scope(frozenset(centres))
    one_by_one = [event for entry in entries if (event := entry.seen_by(scope, AT)) is not None]
    wanted = shown(one_by_one, {})
    before = [event for entry in entries[:began] if (event := entry.seen_by(scope, AT)) is not None]
    first = merged(entries[began:], scope, AT)
    part = first[:torn]
    assert [version for version, _ in first] == sorted(version for version, _ in first)
    last = part[-1][0] if part else began
    rest = merged([entry for entry in entries if entry.version > last], scope, AT)
    events = [event for _, event in (*part, *rest)]
    assert shown(events, shown(before, {})) == wanted
