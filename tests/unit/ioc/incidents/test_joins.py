"""Merge, duplicate, split and their undo: no alarm is lost, nothing open is hidden, every step leaves its lines."""

import datetime as dt
import uuid

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ioc.incidents import joins
from ioc.incidents.alarm import Alarm
from ioc.incidents.incident import Entry, Incident, Place, Titles, opened
from ioc.incidents.joins import Joined, Move
from ioc.incidents.steps import STATES, Ask, Known, Refused, Taken, take
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)


def incident(number: int, **changed: object) -> Incident:
    at = NOW + dt.timedelta(minutes=number)
    made, _ = opened(alarm(number), Titles(f"t{number}", f"t{number}"), PLACE, str(uuid.UUID(int=number)), at)
    return msgspec.structs.replace(made, **changed)


def ask(step: str, who: str = "lan", why: str = "same place") -> Ask:
    return Ask(step=step, who=who, at=NOW + dt.timedelta(hours=1), why=why)


def joined(target: Incident, source: Incident) -> Joined:
    found = joins.join(target, source, ask("merge"))
    assert isinstance(found, Joined), found
    return found


def refused(found: Joined | Refused) -> Refused:
    assert isinstance(found, Refused), found
    return found


def test_the_older_takes_the_younger_whichever_is_named_first() -> None:
    one, two = incident(1), incident(2)
    assert joins.older_first(two, one) == joins.older_first(one, two) == (one, two)


def test_what_is_merged_becomes_a_duplicate_that_leads_to_the_other() -> None:
    found = joined(incident(1), incident(2))
    assert (found.source.status, found.source.duplicate_of) == ("duplicate", str(uuid.UUID(int=1)))
    assert (found.source.version, found.target.version) == (2, 2)
    assert [one.what for one in (*found.source_entries, *found.target_entries)] == ["duplicate", "merged"]
    assert found.source_entries[0].text == "→ t1: same place"
    assert found.alarms is None


@pytest.mark.parametrize("status", ["closed", "false_alarm", "duplicate"])
def test_what_is_over_neither_takes_nor_is_taken(status: str) -> None:
    assert refused(joins.join(incident(1, status=status), incident(2), ask("merge"))).code == "wrong-state"
    assert refused(joins.join(incident(1), incident(2, status=status), ask("merge"))).code == "wrong-state"


def test_an_incident_does_not_go_into_itself() -> None:
    assert "itself" in refused(joins.join(incident(1), incident(1), ask("merge"))).en


@pytest.mark.parametrize(
    ("target", "source", "after"),
    [
        ("resolved", "new", "reopened"),
        ("resolved", "in_progress", "in_progress"),
        ("resolved", "resolved", "resolved"),
        ("new", "new", "new"),
        ("new", "acknowledged", "acknowledged"),
        ("in_progress", "new", "in_progress"),
    ],
)
def test_nothing_open_is_hidden_in_what_is_resolved(target: str, source: str, after: str) -> None:
    owner = None if source == "new" else "minh"
    found = joined(incident(1, status=target), incident(2, status=source, owner=owner))
    assert (found.target.status, found.target.owner) == (after, owner)


def test_what_is_split_off_belongs_to_whoever_split_it() -> None:
    chosen = [alarm(3, title="a", cleared_at=NOW), alarm(4, title="b", severity="severe")]
    found = joins.split(incident(1), chosen, 2, PLACE, str(uuid.UUID(int=9)), ask("split"))
    assert isinstance(found, Joined)
    assert (found.target.title, found.target.status, found.target.owner) == ("b", "acknowledged", "lan")
    assert found.alarms == tuple(one.id for one in chosen)
    assert [one.what for one in found.target_entries] == ["opened", "split_from"]
    assert found.source.version == 2


@pytest.mark.parametrize(("chosen", "rest"), [([], 3), ([alarm(3)], 0)])
def test_a_split_leaves_something_on_both_sides(chosen: list[Alarm], rest: int) -> None:
    found = joins.split(incident(1), chosen, rest, PLACE, str(uuid.UUID(int=9)), ask("split"))
    assert refused(found).code == "wrong-state"


def test_a_merge_is_undone_with_the_state_that_was_there_before() -> None:
    old, young = incident(1), incident(2, status="in_progress", owner="minh")
    found = joined(old, young)
    move = joins.moved(found, "merge", young, old, ask("merge"))
    back = joins.undo(move, found.source, found.target, None, ask("undo"))
    assert isinstance(back, Joined)
    assert (back.target.id, back.target.status, back.target.owner, back.target.duplicate_of) == (
        *(young.id, "in_progress", "minh"), None,
    )  # fmt: skip
    assert (back.source.id, back.source.status, back.source.owner) == (old.id, "new", None)
    assert (back.source.version, back.target.version) == (3, 3)


def test_a_severity_that_a_person_gave_goes_with_the_alarms_and_comes_back_with_them() -> None:
    target, source = incident(1), incident(2, severity="extreme", judged="extreme", judged_over="severe")
    merged = joined(target, source)
    assert (merged.target.judged, merged.target.judged_over) == ("extreme", "severe")
    move = joins.moved(merged, "merge", source, target, ask("merge"))
    back = joins.undo(move, merged.source, merged.target, None, ask("undo"))
    assert isinstance(back, Joined)
    assert {back.source.judged, back.target.judged} == {"", "extreme"}
    milder = incident(3, severity="minor", judged="minor", judged_over="severe")
    assert joined(target, milder).target.judged == ""


def test_what_the_centre_found_since_stays_when_a_merge_is_undone() -> None:
    old, young = incident(1), incident(2)
    found = joined(old, young)
    move = joins.moved(found, "merge", young, old, ask("merge"))
    settled = msgspec.structs.replace(found.target, status="resolved", version=5)
    back = joins.undo(move, found.source, settled, None, ask("undo"))
    assert isinstance(back, Joined)
    assert (back.source.status, back.source.version) == ("resolved", 6)


def test_an_undo_is_refused_with_who_did_what_when() -> None:
    old, young = incident(1), incident(2)
    found = joined(old, young)
    move = joins.moved(found, "merge", young, old, ask("merge"))
    since = Entry(NOW, "minh", "assigned", "hoa")
    told = refused(joins.undo(move, found.source, found.target, since, ask("undo")))
    assert told.code == "not-undoable"
    assert "minh did “assigned” after it, at 01:00:00 UTC 22/11/2026" in told.en


class Province(RuleBasedStateMachine):
    """Incidents and alarms under any order of steps by anybody, as the store would carry them out."""

    @initialize()
    def begin(self) -> None:
        self.incidents = {one.id: one for one in (incident(number) for number in range(1, 5))}
        self.home = {str(uuid.UUID(int=100 + number)): str(uuid.UUID(int=1 + number % 4)) for number in range(12)}
        self.alarms = {name: alarm(uuid.UUID(name).int, title=name) for name in self.home}
        self.lines = dict.fromkeys(self.incidents, 1)
        self.moves: list[tuple[Move, tuple[str, ...]]] = []
        self.since: dict[str, list[Entry]] = {name: [] for name in self.incidents}

    def of(self, incident_id: str) -> list[str]:
        return [name for name, home in self.home.items() if home == incident_id]

    def put(self, after: Incident, entries: tuple[Entry, ...]) -> None:
        before = self.incidents.get(after.id)
        assert after.version == (before.version + 1 if before is not None else 1)
        assert entries
        self.incidents[after.id] = after
        self.lines[after.id] = self.lines.get(after.id, 0) + len(entries)
        self.since.setdefault(after.id, []).extend(entries)

    def carry_out(self, found: Joined) -> tuple[str, ...]:
        gone = tuple(self.of(found.source.id)) if found.alarms is None else found.alarms
        self.put(found.source, found.source_entries)
        self.put(found.target, found.target_entries)
        for name in gone:
            self.home[name] = found.target.id
        return gone

    @rule(one=st.integers(1, 4), other=st.integers(1, 4), kind=st.sampled_from(["merge", "duplicate"]))
    def join(self, one: int, other: int, kind: joins.Kind) -> None:
        target, source = (self.incidents[str(uuid.UUID(int=number))] for number in (one, other))
        found = joins.join(target, source, ask(kind))
        if isinstance(found, Joined):
            self.remember(joins.moved(found, kind, source, target, ask(kind)), self.carry_out(found))

    @rule(data=st.data(), number=st.integers(1, 4))
    def split(self, data: st.DataObject, number: int) -> None:
        source = self.incidents[str(uuid.UUID(int=number))]
        there = self.of(source.id)
        chosen = data.draw(st.lists(st.sampled_from(there), unique=True)) if there else []
        new_id = str(uuid.UUID(int=1000 + len(self.incidents)))
        found = joins.split(
            source, [self.alarms[name] for name in chosen], len(there) - len(chosen), PLACE, new_id, ask("split")
        )
        if isinstance(found, Joined):
            self.remember(joins.moved(found, "split", source, None, ask("split")), self.carry_out(found))

    def remember(self, move: Move, gone: tuple[str, ...]) -> None:
        self.moves.append((move, gone))
        for name in (move.source, move.target):
            self.since[name] = []

    @rule(step=st.sampled_from(["acknowledge", "start", "resolve", "close", "reopen", "false-alarm", "comment"]),
          number=st.integers(1, 4))  # fmt: skip
    def step(self, step: str, number: int) -> None:
        found = take(self.incidents[str(uuid.UUID(int=number))], ask(step, "minh"), Known())
        if isinstance(found, Taken):
            self.put(found.after, found.entries)

    @rule()
    def undo(self) -> None:
        if not self.moves:
            return
        move, gone = self.moves[-1]
        source, target = self.incidents[move.source], self.incidents[move.target]
        since = next(iter(self.since[move.source] + self.since[move.target]), None)
        found = joins.undo(move, source, target, since, ask("undo"))
        if isinstance(found, Refused):
            assert since is not None
            return
        self.moves.pop()
        before = self.of(move.target)
        assert set(gone) <= set(before)
        if move.kind == "split":
            assert set(self.carry_out(found)) == set(before)
        else:
            self.carry_out(msgspec.structs.replace(found, alarms=gone))
            assert self.incidents[move.source].status == move.source_before.status

    @invariant()
    def no_alarm_is_lost(self) -> None:
        if not hasattr(self, "home"):
            return
        assert self.home.keys() == self.alarms.keys()
        for name in self.home.values():
            assert self.incidents[name].status != "duplicate"
        assert all(self.lines[name] >= one.version for name, one in self.incidents.items())

    @invariant()
    def every_duplicate_leads_somewhere(self) -> None:
        for one in getattr(self, "incidents", {}).values():
            seen, at = set(), one
            assert (one.status == "duplicate") == (one.duplicate_of is not None)
            assert one.status in STATES
            while at.duplicate_of is not None:
                assert at.id not in seen
                seen.add(at.id)
                at = self.incidents[at.duplicate_of]


TestProvince = Province.TestCase
TestProvince.settings = settings(max_examples=60, stateful_step_count=30)
