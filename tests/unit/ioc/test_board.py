"""The order in which changes are told, and to whom."""

import datetime as dt
import random

import orjson
from hypothesis import given
from hypothesis import strategies as st

from ioc.access.scope import EVERYTHING, Scope
from ioc.board import Entry, Order, frame
from ioc.store.changes import Change
from ioc.store.tail import Glimpse

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


class Log:
    """A model of the log: transactions get an id, take versions, and end, in any order."""

    def __init__(self) -> None:
        self.next_xid, self.next_version = 100, 1
        self.running: dict[int, list[int]] = {}
        self.visible: set[int] = set()
        self.kept: set[int] = set()

    def glimpse(self, position: int) -> Glimpse:
        rows = [change(version) for version in sorted(self.visible) if version > position]
        oldest = min(self.running, default=self.next_xid)
        return Glimpse(changes=rows, oldest_running=oldest, next_one=self.next_xid)

    def step(self, chance: random.Random) -> None:
        match chance.choice(["begin", "write", "write", "end"]):
            case "begin":
                self.running[self.next_xid] = []
                self.next_xid += 1
            case "write" if self.running:
                self.running[chance.choice(list(self.running))].append(self.next_version)
                self.next_version += 1
            case "end" if self.running:
                versions = self.running.pop(chance.choice(list(self.running)))
                if chance.random() < 0.8:
                    self.visible |= set(versions)


@given(st.randoms(use_true_random=False))
def test_every_committed_change_is_told_once_and_in_order(chance: random.Random) -> None:
    log, order, told = Log(), Order(0), []
    for _ in range(200):
        log.step(chance)
        if chance.random() < 0.5:
            told += [one.version for one in order.take(log.glimpse(order.position))]
    log.visible |= {version for versions in log.running.values() for version in versions}
    log.running.clear()
    for _ in range(3):
        told += [one.version for one in order.take(log.glimpse(order.position))]
    assert told == sorted(log.visible)
    assert not order.waits


def test_without_a_missing_version_nothing_waits_for_other_transactions() -> None:
    order = Order(0)
    glimpse = Glimpse(changes=[change(1), change(2)], oldest_running=5, next_one=900)
    assert [one.version for one in order.take(glimpse)] == [1, 2]


def test_an_event_is_made_once_and_by_scope() -> None:
    entry = Entry(change(7, centre="b", centre_before="a"), "/ogc")
    put = entry.seen_by(EVERYTHING)
    assert put is entry.seen_by(Scope(frozenset({"b"})))
    left = entry.seen_by(Scope(frozenset({"a"})))
    assert entry.seen_by(Scope(frozenset({"c"}))) is None
    assert put is not None
    assert left is not None
    assert put.startswith(b"id: 7\nevent: incident\ndata: {")
    event = orjson.loads(left.split(b"data: ")[1])
    assert event["type"] == "vn.ioc.incident.removed.v1"
    assert event["data"]["properties"] == {}


def test_a_frame_without_a_version_leaves_the_last_id() -> None:
    assert frame("ready", b"{}") == b"event: ready\ndata: {}\n\n"
    assert frame("reset", b"{}", "").startswith(b"id: \n")
