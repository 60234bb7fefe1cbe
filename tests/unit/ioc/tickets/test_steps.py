"""The life of a ticket: by example, and as a machine that no order of steps breaks."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ioc.tickets.steps import BOUNCES, MOVES, WAYS, Ask, Known, Lead, Taken, noted, offered, take
from ioc.tickets.ticket import LIVE, OPEN, STATES, SYSTEM, Line, Ticket
from ioc.tickets.words import Refused
from tests.fakes.things import NOW
from tests.fakes.tickets import ACCEPT, DONE, UNITS, known, ticket

MINUTE = dt.timedelta(minutes=1)
UP = {unit.code: unit.up for unit in UNITS}


def ask(step: str, minutes: int = 10, who: str = "lan", **more: Any) -> Ask:
    return Ask(step=step, who=who, at=NOW + minutes * MINUTE, **more)


def taken(before: Ticket, asked: Ask, beside: Known | None = None) -> Ticket:
    found = take(before, asked, beside or known())
    assert isinstance(found, Taken), found
    return found.after


def refused(before: Ticket, asked: Ask, beside: Known | None = None) -> Refused:
    found = take(before, asked, beside or known())
    assert isinstance(found, Refused), found
    return found


def test_a_whole_life() -> None:
    now = taken(ticket(), ask("accept", 10))
    assert (now.state, now.owner, now.accepted_at, now.due_at) == ("accepted", "lan", NOW + 10 * MINUTE, NOW + DONE)
    now = taken(now, ask("start", 20))
    now = taken(now, ask("wait", 30, why="chờ bơm"))
    assert (now.waiting_since, now.waiting_why, now.due_at) == (NOW + 30 * MINUTE, "chờ bơm", NOW + DONE)
    now = taken(now, ask("resume", 40))
    assert (now.waiting_since, now.waiting_why) == (None, "")
    now = taken(now, ask("resolve", 50, text=" đã bơm hết nước "))
    assert (now.result, now.resolved_by, now.resolved_at) == ("đã bơm hết nước", "lan", NOW + 50 * MINUTE)
    assert refused(now, ask("verify", 60)).code == "same-hands"
    assert refused(now, ask("close", 60)).code == "ticket-state"
    now = taken(now, ask("verify", 60, who="binh"))
    now = taken(now, ask("close", 70))
    assert (now.state, now.version, now.closed_at, now.verified_by) == ("closed", 8, NOW + 70 * MINUTE, "binh")
    again = taken(now, ask("reopen", 90, why="nước lại lên"))
    assert (again.state, again.reopens, again.generation, again.owner) == ("reopened", 1, 1, "lan")
    assert (again.accept_by, again.due_at) == (NOW + 90 * MINUTE + ACCEPT, NOW + 90 * MINUTE + DONE)
    assert (again.closed_at, again.resolved_at, again.verified_at, again.result) == (None, None, None, "")


def test_minor_things_need_no_verification_and_their_clock_stops_while_they_wait() -> None:
    now = taken(ticket(severity="minor"), ask("accept", 10))
    waiting = taken(now, ask("wait", 60, why="chờ vật tư"))
    assert (waiting.due_at, waiting.rest_s) == (None, 7 * 3600.0)
    assert not waiting.late(NOW + dt.timedelta(days=9))
    resumed = taken(waiting, ask("resume", 180))
    assert (resumed.due_at, resumed.rest_s, resumed.state) == (NOW + dt.timedelta(hours=10), None, "working")
    assert resumed.started_at == NOW + 180 * MINUTE
    done = taken(waiting, ask("resolve", 240, text="xong"))
    assert (done.due_at, done.waiting_since) == (NOW + dt.timedelta(hours=11), None)
    assert taken(done, ask("close", 250)).state == "closed"


def test_what_was_late_when_its_clock_stopped_is_late_again_when_it_goes_on() -> None:
    late = taken(ticket(severity="minor"), ask("accept", 10))
    waiting = taken(late, ask("wait", 540, why="chờ"))
    assert waiting.rest_s == -3600.0
    resumed = taken(waiting, ask("resume", 600))
    assert resumed.due_at == NOW + 540 * MINUTE
    assert resumed.late(NOW + 600 * MINUTE)


def test_a_refusal_goes_back_to_the_sender_and_else_up() -> None:
    up = taken(ticket(), ask("refuse", why="không thuộc địa bàn"))
    assert (up.unit, up.centre, up.sender, up.bounces, up.state) == ("quang-nam", "quang-nam", "hoi-an", 1, "new")
    assert (up.owner, up.accept_by, up.due_at) == ("", NOW + 10 * MINUTE + ACCEPT, NOW + DONE)
    back = taken(ticket(unit="roads", centre="quang-nam", sender="power"), ask("refuse", why="không phải đường tỉnh"))
    assert (back.unit, back.centre, back.sender) == ("power", "hoi-an", "roads")


def test_the_third_bounce_and_each_later_one_goes_up_and_the_log_says_so() -> None:
    first = taken(ticket(unit="power", sender="roads"), ask("forward", 1, unit="roads", why="x"))
    second = taken(first, ask("refuse", 2, why="x"))
    assert (second.unit, second.bounces) == ("power", 2)
    third = take(second, ask("forward", 3, unit="roads", why="x"), known())
    assert isinstance(third, Taken)
    assert (third.after.unit, third.after.bounces) == ("hoi-an", 3), "the unit above, whatever was asked"
    assert [(line.who, line.what, line.text, line.to) for line in third.lines] == [
        ("lan", "forwarded", "x", "hoi-an"), (SYSTEM, "bounced_up", "roads", "hoi-an"),
    ]  # fmt: skip
    fourth = taken(third.after, ask("refuse", 4, why="x"))
    assert (fourth.unit, fourth.bounces) == ("quang-nam", 4)
    assert refused(fourth, ask("refuse", 5, why="x")).code == "ticket-state"
    assert refused(fourth, ask("up", 5, who=SYSTEM)).code == "no-change"
    fifth = taken(fourth, ask("forward", 6, unit="power", why="của điện lực"))
    assert (fifth.unit, fifth.sender) == ("power", "quang-nam"), "the top decides"
    assert taken(fifth, ask("refuse", 7, why="x")).unit == "hoi-an"


def test_a_unit_that_the_policy_knows_no_more_is_below_the_top() -> None:
    lost = ticket(unit="dissolved", centre="hoi-an")
    assert taken(lost, ask("refuse", why="x")).unit == "quang-nam"
    assert taken(lost, ask("up", who=SYSTEM)).unit == "quang-nam"


def test_an_escalation_moves_it_up_and_is_no_bounce() -> None:
    up = take(ticket(unit="power", owner="an", team="t"), ask("up", who=SYSTEM), known())
    assert isinstance(up, Taken)
    assert (up.after.unit, up.after.bounces, up.after.generation, up.after.owner) == ("hoi-an", 0, 1, "")
    assert (up.lines[0].what, up.lines[0].from_unit, up.lines[0].unit) == ("escalated", "power", "hoi-an")


def test_of_one_incident_a_unit_has_one_live_lead_ticket() -> None:
    other = known(leads={"roads": Lead("other", 7), "quang-nam": Lead("top", 8)})
    assert "7" in refused(ticket(), ask("forward", unit="roads", why="x"), other).vi
    assert taken(ticket(parent="p"), ask("forward", unit="roads", why="x"), other).parent == "p"
    joined = take(ticket(), ask("refuse", why="x"), other)
    assert isinstance(joined, Taken)
    assert (joined.after.unit, joined.after.parent) == ("quang-nam", "top"), "it becomes a part of that one"
    assert joined.lines[-1].to == "#8"
    closed = ticket(state="closed", closed_at=NOW, resolved_at=NOW)
    assert refused(closed, ask("reopen", why="x"), known(leads={"hoi-an": Lead("o", 3)})).code == "unit-has-ticket"


def test_live_parts_bar_the_end_unless_somebody_says_why() -> None:
    done, parts = ticket(state="verified", resolved_at=NOW), known(live_subs=2)
    assert "2" in refused(done, ask("close"), parts).vi
    assert taken(done, ask("close", why="phần còn lại làm sau"), parts).state == "closed"


def test_who_commands_cancels_and_so_does_the_system() -> None:
    assert refused(ticket(), ask("cancel", why="x")).code == "not-allowed"
    assert taken(ticket(), ask("cancel", why="x"), known(commands=True)).state == "cancelled"
    assert taken(ticket(), ask("cancel", why="báo nhầm", who=SYSTEM)).closed_at == NOW + 10 * MINUTE


def test_a_worse_severity_brings_deadlines_nearer_and_a_lesser_one_moves_none() -> None:
    raised = ask(
        "severity", who=SYSTEM, severity="extreme", title="Trên báo động III", title_en="Above level III", text="sơ tán"
    )
    worse = taken(ticket(), raised)
    assert (worse.task, taken(ticket(task="xem"), ask("severity", who=SYSTEM, severity="extreme")).task) == (
        "sơ tán",
        "xem",
    )
    assert (worse.accept_by, worse.due_at) == (NOW + 15 * MINUTE, NOW + 70 * MINUTE), "counted from the raise"
    assert (worse.title, worse.title_en) == ("Trên báo động III", "Above level III")
    lesser = taken(worse, ask("severity", who=SYSTEM, severity="minor"))
    assert (lesser.accept_by, lesser.due_at, lesser.severity) == (worse.accept_by, worse.due_at, "minor")
    waiting = taken(taken(ticket(severity="minor"), ask("accept")), ask("wait", 20, why="x"))
    tightened = taken(waiting, ask("severity", 30, who=SYSTEM, severity="extreme"))
    assert (tightened.due_at, tightened.rest_s) == (None, 60 * 60.0)
    assert tightened.title == waiting.title
    assert refused(ticket(), ask("severity", severity="severe")).code == "no-change"


def test_assigning_changes_what_is_named_and_nothing_else() -> None:
    given = taken(ticket(), ask("assign", owner="an", team="bơm"))
    assert (given.owner, given.team, given.state) == ("an", "bơm", "new")
    assert (taken(given, ask("assign", owner="")).owner, taken(given, ask("assign", owner="")).team) == ("", "bơm")
    assert refused(given, ask("assign", owner="an")).code == "no-change"


@pytest.mark.parametrize("step", [step for step, way in WAYS.items() if way.why])
def test_some_steps_need_a_reason(step: str) -> None:
    before = ticket(state=WAYS[step].of[-1], resolved_at=NOW)
    found = refused(before, ask(step, who=SYSTEM, unit="roads", why="  "))
    assert found.code == "why-needed"


def test_sentences_say_in_both_languages_what_to_do() -> None:
    told = refused(ticket(), ask("resolve", text="xong"))
    assert "nhận phiếu trước" in told.vi
    assert "accept it first" in told.en
    told = refused(ticket(state="working"), ask("accept"))
    assert ("đang làm" in told.vi, "being worked on" in told.en) == (True, True)


def test_what_is_offered_depends_on_who_asks() -> None:
    done = ticket(state="resolved", resolved_by="lan", resolved_at=NOW)
    assert "verify" not in offered(done, "lan", known())
    assert "verify" in offered(done, "binh", known())
    assert "refuse" not in offered(ticket(unit="quang-nam"), "lan", known())
    assert "up" not in offered(ticket(), "lan", known())
    assert "cancel" in offered(ticket(), "lan", known(commands=True))


def test_a_note_leaves_the_version_as_it_is() -> None:
    line = noted(ticket(version=4), NOW, "reminded", to="an")
    assert (line.version, line.who, line.what, line.to) == (4, SYSTEM, "reminded", "an")


WORDS = st.sampled_from(["", "  ", "lý do"])
WHO = st.sampled_from(["lan", "binh", SYSTEM])


class Life(RuleBasedStateMachine):
    """Any steps in any order, by anybody, at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.ticket = ticket()
        self.log: list[Line] = []
        self.moves = 0

    @initialize(severity=st.sampled_from(["minor", "severe", "extreme"]), unit=st.sampled_from(list(UP)))
    def begin(self, severity: str, unit: str) -> None:
        centre = next(one.centre for one in UNITS if one.code == unit)
        self.ticket = ticket(severity=severity, unit=unit, centre=centre)

    @rule(minutes=st.integers(0, 600))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule(
        step=st.sampled_from(list(WAYS)),
        who=WHO,
        why=WORDS,
        text=WORDS,
        unit=st.sampled_from([*UP, "nowhere"]),
        owner=st.sampled_from([None, "", "an"]),
        severity=st.sampled_from(["minor", "extreme"]),
        beside=st.sampled_from([known(), known(commands=True), known(live_subs=1)]),
    )
    def step(self, step: str, beside: Known, **words: Any) -> None:
        before = self.ticket
        asked = Ask(step=step, at=self.now, **words)
        found = take(before, asked, beside)
        if isinstance(found, Refused):
            assert found.vi
            assert found.en
            return
        after = found.after
        assert before.state in WAYS[step].of
        assert after.version == before.version + 1
        assert found.lines[0].what == WAYS[step].what
        assert found.lines[0].who == asked.who
        for line in found.lines:
            assert (line.version, line.unit, line.state) == (after.version, after.unit, after.state)
            assert (line.accept_by, line.due_at, line.at) == (after.accept_by, after.due_at, self.now)
        self._moved(before, after, step)
        self.ticket = after
        self.log += found.lines

    def _moved(self, before: Ticket, after: Ticket, step: str) -> None:
        assert after.bounces == before.bounces + (step in BOUNCES)
        if step not in MOVES:
            assert (after.unit, after.centre) == (before.unit, before.centre)
            return
        assert after.unit != before.unit
        assert after.sender == before.unit
        assert after.generation == before.generation + 1
        if UP[before.unit] and (step == "up" or (step in BOUNCES and after.bounces >= 3)):
            assert after.unit == UP[before.unit]
        if not UP[before.unit]:
            assert step in ("forward", "reorganise"), "the top neither refuses nor is passed by"

    @precondition(lambda self: self.ticket.state in LIVE)
    @rule(who=WHO)
    def what_is_offered_is_taken(self, who: str) -> None:
        """With the right words nothing that is offered is refused, and nothing else is taken."""
        beside = known()
        words = {"why": "lý do", "text": "chữ", "owner": f"{self.ticket.owner}x", "severity": "x"}
        unit = next(code for code in UP if code != self.ticket.unit)
        steps = offered(self.ticket, who, beside)
        for step in WAYS:
            if not WAYS[step].system:
                found = take(self.ticket, Ask(step=step, who=who, at=self.now, unit=unit, **words), beside)
                assert isinstance(found, Taken) == (step in steps), step

    @invariant()
    def the_log_and_the_ticket_agree(self) -> None:
        versions = [line.version for line in self.log]
        assert versions == sorted(versions)
        assert set(versions) == set(range(2, self.ticket.version + 1)), "no step loses its line"
        assert self.ticket.bounces == sum(line.what in ("refused", "forwarded") for line in self.log)
        assert self.ticket.reopens == sum(line.what == "reopened" for line in self.log)

    @invariant()
    def it_is_one_thing_at_a_time(self) -> None:
        one = self.ticket
        assert one.state in STATES
        assert one.open == (one.state in OPEN)
        assert one.live == (one.state in LIVE)
        assert (one.closed_at is not None) == (one.state in ("closed", "cancelled"))
        assert (one.waiting_since is not None) == (one.state == "waiting")
        assert (one.state != "verified") or one.verified_by not in ("", one.resolved_by)
        assert one.rest_s is None or (one.state == "waiting" and one.due_at is None)
        assert not one.late(self.now) or one.open
        if one.state in ("resolved", "verified", "closed"):
            assert one.result
            assert one.resolved_at is not None


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase


def test_a_ticket_survives_its_way_over_the_wire() -> None:
    one = ticket(rest_s=1.5, parent="p", due_at=None)
    assert msgspec.json.decode(msgspec.json.encode(one), type=Ticket) == one
