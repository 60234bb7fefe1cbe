"""The order in which changes are told, and to whom."""

import datetime as dt
from typing import Any, cast

import orjson

from ioc.access.scope import EVERYTHING, Scope
from ioc.board import Board, entry_of, frame
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
