"""The life of an incident as a machine: every state is reached, no step without a line, refusals say why."""

import datetime as dt
import itertools

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gis.layers import STATUSES
from ioc.api.problems import TABLE
from ioc.incidents.incident import OPEN, Incident, Place, Tally, Titles, absorb, opened
from ioc.incidents.steps import STATES, WAYS, WORKABLE, Ask, Known, Refused, Taken, offered, take
from tests.fakes.things import AI_NGHIA, NOW, alarm

PLACE = Place(centre="quang-nam", area="20335@2025-07-01", area_code="20335", area_name="n", position=AI_NGHIA)
ONE = [step for step in WAYS if step not in ("duplicate", "merge", "split")]


def incident(**changed: object) -> Incident:
    made, _ = opened(alarm(), Titles("t", "t"), PLACE, "00000000-0000-0000-0000-000000000009", NOW)
    return msgspec.structs.replace(made, **changed)


def ask(step: str, **changed: object) -> Ask:
    plain = {"step": step, "who": "lan", "at": NOW + dt.timedelta(minutes=1), "why": "seen", "to": TO.get(step, "")}
    return msgspec.convert(plain | changed, Ask)


TO = {"assign": "minh", "severity": "extreme", "title": "another", "comment": "words", "checklist": "✓ pumps"}


def taken(one: Incident, step: str, known: Known | None = None, **changed: object) -> Taken:
    found = take(one, ask(step, **changed), known or Known())
    assert isinstance(found, Taken), found
    return found


def refused(one: Incident, step: str, known: Known | None = None, **changed: object) -> Refused:
    found = take(one, ask(step, **changed), known or Known())
    assert isinstance(found, Refused), found
    return found


def test_the_states_are_those_of_the_contract() -> None:
    assert set(STATES) == set(STATUSES)
    assert set(WORKABLE) == {*OPEN, "resolved"}
    assert {state for way in WAYS.values() for state in (*way.of, way.to) if state} == set(STATES)


def test_every_state_is_reached_from_a_new_incident_and_every_state_but_a_duplicate_is_left_again() -> None:
    reached, found = {"new"}, {"new"}
    while found:
        found = {way.to for way in WAYS.values() if way.to and set(way.of) & reached} - reached
        reached |= found
    assert reached == set(STATES)
    left = {state for way in WAYS.values() if way.to for state in way.of}
    assert left == set(STATES) - {"duplicate"}  # which undo leaves, see joins.py


@pytest.mark.parametrize(("state", "step"), list(itertools.product(STATES, ONE)))
def test_a_step_is_taken_from_its_states_alone_and_leaves_a_line_and_a_version(state: str, step: str) -> None:
    before = incident(status=state, version=7)
    found = take(before, ask(step), Known())
    assert (step in offered(state)) is isinstance(found, Taken)
    if isinstance(found, Refused):
        assert found.code == "wrong-state"
        assert found.vi.endswith(".")
        assert found.en.endswith(".")
        return
    assert found.after.version == 8
    assert found.after.touched
    assert found.after.updated_at == NOW + dt.timedelta(minutes=1)
    assert [(line.who, line.what) for line in found.entries] == [("lan", WAYS[step].what)]


@pytest.mark.parametrize("step", [step for step, way in WAYS.items() if way.why])
def test_what_needs_a_reason_is_refused_without(step: str) -> None:
    before = incident(status=WAYS[step].of[0])
    assert refused(before, step, why=" ").code == "why-needed"
    assert taken(before, step).entries[0].text.endswith("seen")


def test_who_acknowledges_owns_it_and_who_starts_owns_it_when_nobody_does() -> None:
    assert taken(incident(), "acknowledge").after.owner == "lan"
    assert taken(incident(), "start").after.owner == "lan"
    assert taken(incident(owner="minh"), "start").after.owner == "minh"


def test_who_gives_an_incident_to_somebody_has_acknowledged_it() -> None:
    after = taken(incident(), "assign").after
    assert (after.status, after.owner) == ("acknowledged", "minh")
    assert taken(msgspec.structs.replace(after, status="in_progress"), "assign", to="hoa").after.status == "in_progress"
    assert refused(after, "assign").code == "no-change"


def test_nobody_resolves_what_nobody_has_acknowledged() -> None:
    assert "acknowledge" in refused(incident(), "resolve").en


def test_while_alarms_hold_resolving_needs_a_reason_and_closing_must_wait() -> None:
    working = incident(status="in_progress")
    assert "3 alarms" in refused(working, "resolve", Known(holding=3), why="").en
    done = taken(working, "resolve", Known(holding=3))
    assert (done.after.status, done.after.resolved_by, done.alarms) == ("resolved", "lan", "end reports")
    assert refused(done.after, "close", Known(holding=1)).code == "wrong-state"
    assert taken(done.after, "close", why="").after.status == "closed"


def test_closing_with_steps_left_undone_needs_a_reason() -> None:
    done, known = incident(status="resolved"), Known(undone=("Khoá van", "Báo cáo"))
    found = refused(done, "close", known, why="")
    assert found.code == "why-needed"
    assert "Khoá van; Báo cáo" in found.vi
    assert taken(done, "close", known).after.status == "closed"


def test_a_false_alarm_can_be_taken_back() -> None:
    false = taken(incident(), "false-alarm").after
    assert (false.status, false.resolved_by, false.open) == ("false_alarm", "lan", False)
    back = taken(false, "reopen").after
    assert (back.status, back.resolved_by) == ("reopened", "")


def test_a_severity_is_that_of_a_person_over_the_worst_that_holds() -> None:
    after = taken(incident(), "severity", Known(holding=1, worst="moderate")).after
    assert (after.severity, after.judged, after.judged_over) == ("extreme", "extreme", "moderate")
    assert refused(after, "severity").code == "no-change"
    with pytest.raises(ValueError, match="severity"):
        take(after, ask("severity", to="dreadful"), Known())


@pytest.mark.parametrize(
    ("judged", "over", "worst", "after"),
    [
        ("minor", "severe", "severe", ("minor", "minor")),  # nothing is worse than what the person had seen
        ("minor", "severe", "extreme", ("extreme", "")),
        ("severe", "minor", "moderate", ("severe", "severe")),  # what rises below it does not lower it
        ("severe", "minor", "extreme", ("extreme", "")),
        ("minor", "severe", None, ("minor", "minor")),  # nothing holds
    ],
)
def test_a_person_s_severity_stands_until_an_alarm_is_worse_than_it_and_than_what_held(
    judged: str, over: str, worst: str | None, after: tuple[str, str]
) -> None:
    one = incident(severity=judged, judged=judged, judged_over=over, status="acknowledged")
    tally = Tally(alarms=1, count=1, sources=("sensor",), holding=1 if worst else 0, worst=worst)
    found, _ = absorb(one, tally, NOW)
    assert (found.severity, found.judged) == after


def test_a_person_s_title_stands() -> None:
    tally = Tally(alarms=1, holding=1, worst="severe", titles=Titles("a", "b"))
    assert absorb(incident(titled=True), tally, NOW)[0].title == "t"
    assert absorb(incident(), tally, NOW)[0].title == "a"


def test_a_title_is_the_same_in_english_unless_it_is_given() -> None:
    after = taken(incident(), "title").after
    assert (after.title, after.title_en, after.titled) == ("another", "another", True)
    assert taken(after, "title", to_en="in English").after.title_en == "in English"
    assert refused(after, "title").code == "no-change"


def test_every_refusal_is_a_known_problem() -> None:
    assert {"wrong-state", "why-needed", "no-change", "not-undoable"} <= TABLE.keys()


@pytest.mark.parametrize("step", ["duplicate", "merge", "split"])
def test_steps_of_two_incidents_are_not_taken_with_one(step: str) -> None:
    with pytest.raises(ValueError, match="two incidents"):
        take(incident(), ask(step), Known())


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(ONE))
def test_any_words_are_taken_or_refused(why: str, to: str, step: str) -> None:
    known = to if step != "severity" else "minor"
    found = take(incident(status="acknowledged"), ask(step, why=why, to=known), Known())
    assert isinstance(found, Taken | Refused)


class Life(RuleBasedStateMachine):
    """Steps in any order by anybody, with alarms that come and go."""

    @initialize()
    def begin(self) -> None:
        self.now, self.log = incident(), 1
        self.holding = 0

    @rule(number=st.integers(0, 3))
    def alarms_hold(self, number: int) -> None:
        self.holding = number

    @rule(step=st.sampled_from(ONE), who=st.sampled_from(["lan", "minh"]), why=st.sampled_from(["", "because"]))
    def anybody_asks(self, step: str, who: str, why: str) -> None:
        found = take(self.now, ask(step, who=who, why=why), Known(holding=self.holding, worst="minor"))
        if isinstance(found, Refused):
            assert found.vi
            assert found.en
            return
        assert found.after.version == self.now.version + 1
        assert found.entries
        assert all(line.who == who for line in found.entries)
        self.log += len(found.entries)
        self.now = found.after

    @precondition(lambda self: self.now.status == "closed")
    @rule()
    def nobody_works_on_what_is_closed(self) -> None:
        assert set(offered(self.now.status)) == {"reopen", "comment"}

    @invariant()
    def as_agreed(self) -> None:
        if not hasattr(self, "now"):
            return
        assert self.now.status in STATES
        assert self.log >= self.now.version
        assert self.now.status not in ("acknowledged", "in_progress") or self.now.owner is not None


TestLife = Life.TestCase
