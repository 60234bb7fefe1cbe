"""Facts about escalations: what fires when, what meets it, and that nothing fires twice, late or never."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ioc.tickets import steps
from ioc.tickets.escalation import (
    NAG,
    Fired,
    Key,
    Timer,
    fire,
    known_of,
    order,
    preview,
    replanned,
    spent_keys,
    step_of,
    timers_of,
    whom,
)
from ioc.tickets.policy import Whom
from ioc.tickets.ticket import LIVE, Ticket
from tests.fakes.escalations import NOON, POLICY, ticket


def minutes(at: dt.datetime) -> float:
    """Since noon."""
    return (at - NOON).total_seconds() / 60


def plan(of: Ticket, fired: Mapping[Key, Fired] | None = None) -> list[tuple[float, str, str]]:
    """The timers as people write them down: minutes after noon, stage and step."""
    return [(minutes(one.at), one.stage, one.step) for one in timers_of(of, POLICY, fired or {})]


def take(of: Ticket, step: str, at: dt.datetime, **words: str) -> Ticket:
    """The ticket after a step that is not refused."""
    ask = steps.Ask(step=step, who="lan", at=at, **words)  # type: ignore[arg-type]
    taken = steps.take(of, ask, known_of(POLICY, of))
    assert isinstance(taken, steps.Taken), taken
    return taken.after


def test_a_new_ticket_waits_for_both_deadlines() -> None:
    assert plan(ticket()) == [
        (20, "accept", "10"),
        (30, "accept", "plain/0"),
        (40, "accept", "plain/1"),
        (50, "accept", "plain/2"),
        (75, "due", "45"),
        (105, "due", "plain/3"),
        (110, "due", "10"),
        (120, "due", "plain/4"),
        (150, "due", NAG),
        (180, "due", "plain/5"),
    ]


def test_what_was_done_meets_its_stage_alone() -> None:
    accepted = take(ticket(), "accept", NOON)
    assert {stage for _, stage, _ in plan(accepted)} == {"due"}
    done = take(accepted, "resolve", NOON + dt.timedelta(minutes=200), text="Đã thay ống")
    assert plan(done) == [(320, "resolved", "plain/6")]
    verified = msgspec.structs.replace(done, state="verified")
    assert plan(verified) == []


def test_a_clock_that_stands_still_holds_what_is_due() -> None:
    waiting = take(take(ticket(), "accept", NOON), "wait", NOON, why="chờ vật tư")
    assert waiting.due_at is None
    assert plan(waiting) == []
    later = take(waiting, "resume", NOON + dt.timedelta(minutes=600))
    assert (720, "due", "plain/4") in plan(later)


def test_at_another_unit_accepting_begins_anew_and_what_was_said_of_the_deadline_is_not_said_again() -> None:
    late = NOON + dt.timedelta(minutes=130)
    first = next(one for one in timers_of(ticket(), POLICY) if one.step == "plain/4")
    fired = {first.key: Fired(first.at, late)}
    moved = take(ticket(), "forward", late, unit="hoi-an", why="không thuộc địa bàn")
    keys = [one.key for one in timers_of(moved, POLICY, fired)]
    assert first.key not in keys
    assert ("escalation", "accept", "plain/0", 1, 0) in keys


def test_reminders_in_office_hours_skip_the_night() -> None:
    minor = ticket(severity="minor", accept_by=NOON + dt.timedelta(hours=1, minutes=60), due_at=NOON)
    due = dt.datetime(2026, 11, 26, 0, 45, tzinfo=dt.UTC)  # a quarter of an hour into Thursday's work
    moments = [
        one.at for one in timers_of(msgspec.structs.replace(minor, due_at=due), POLICY)
        if (one.stage, one.step) == ("due", "30")
    ]  # fmt: skip
    assert moments == [dt.datetime(2026, 11, 25, 9, 45, tzinfo=dt.UTC)]  # 16:45 on Wednesday


def test_what_was_slept_through_is_reminded_of_once() -> None:
    of = take(ticket(), "accept", NOON)
    nag = next(one for one in timers_of(of, POLICY) if one.step == NAG)
    woken = NOON + dt.timedelta(days=3)
    following = [one for one in timers_of(of, POLICY, {nag.key: Fired(nag.at, woken)}) if one.step == NAG]
    assert [(one.round, one.at) for one in following] == [(2, woken + dt.timedelta(minutes=30))]


def test_reassigning_gives_it_to_who_is_on_duty_and_moving_up_to_the_unit_above() -> None:
    timers = {one.step: one for one in timers_of(ticket(), POLICY)}
    known, at = known_of(POLICY, ticket()), NOON + dt.timedelta(minutes=40)
    given, lines = fire(ticket(), timers["plain/1"], POLICY, known, at, ("minh", "hoa"))
    assert (given.owner, [line.what for line in lines]) == ("minh", ["assigned"])
    same, lines = fire(given, timers["plain/1"], POLICY, known, at, ("hoa", "minh"))
    assert same == given
    assert [line.what for line in lines] == ["notified"]
    up, lines = fire(given, timers["plain/2"], POLICY, known, at)
    assert (up.unit, up.state, up.bounces, up.owner) == ("hoi-an", "new", 0, "")
    assert whom(timers["plain/2"], POLICY) == ("sender", "duty")
    top = msgspec.structs.replace(up, unit="quang-nam")
    assert fire(top, timers["plain/2"], POLICY, known, at)[0] == top


def test_a_dry_run_says_who_would_be_told_when_up_to_the_top() -> None:
    def names(of: Ticket, roles: tuple[Whom, ...]) -> Sequence[str]:
        return [f"{role} {of.unit}" for role in roles]

    seen = preview(ticket(), POLICY, names)
    ups = [(minutes(one.at), one.stage, one.unit) for one in seen if one.do == "up"]
    assert ups == [
        (50, "accept", "hoi-an"),
        (100, "accept", "quang-nam"),
        (150, "accept", "quang-nam"),
        (180, "due", "quang-nam"),
    ]
    assert seen[0].told == ("owner cap-nuoc", "duty cap-nuoc")
    assert seen[0].do == "remind"
    assert [one.at for one in seen] == sorted(one.at for one in seen)
    assert all(one.told for one in seen)


class Escalating(RuleBasedStateMachine):
    """A ticket in people's hands while time passes, with a store that keeps timers and a worker that forgets."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.ticket = ticket()
        self.rows: dict[Key, Timer] = {}
        self.fired: dict[Key, Fired] = {}
        self.log: list[tuple[Ticket, Timer, dt.datetime]] = []
        self.replan()

    def replan(self) -> None:
        dropped, put = replanned(self.rows, timers_of(self.ticket, POLICY, self.fired))
        for key in dropped:
            del self.rows[key]
        self.rows |= {timer.key: timer for timer in put}
        for key in spent_keys(self.ticket, self.fired):
            del self.fired[key]

    @rule(
        step=st.sampled_from(
            ["accept", "start", "wait", "resume", "resolve", "verify", "reopen", "refuse", "forward", "close", "cancel"]
        ),
        unit=st.sampled_from(["quang-nam", "hoi-an", "cap-nuoc"]),
        who=st.sampled_from(["lan", "minh"]),
    )
    def step(self, step: str, unit: str, who: str) -> None:
        ask = steps.Ask(step=step, who=who, at=self.now, why="vì", unit=unit, text="xong")
        self.change(ask)

    @rule(severity=st.sampled_from(["minor", "severe", "extreme"]))
    def worsen(self, severity: str) -> None:
        self.change(steps.Ask(step="severity", who="system", at=self.now, severity=severity))

    def change(self, ask: steps.Ask) -> None:
        known = msgspec.structs.replace(known_of(POLICY, self.ticket), commands=True)
        taken = steps.take(self.ticket, ask, known)
        if isinstance(taken, steps.Taken):
            self.ticket = taken.after
            self.replan()

    @rule(passed=st.sampled_from([1, 9, 10, 30, 61, 300, 3000]))
    def wait(self, passed: int) -> None:
        """Time passes while nobody works: the leader may be away."""
        self.now += dt.timedelta(minutes=passed)

    @rule(killed=st.integers(0, 3))
    def wake(self, killed: int) -> None:
        """The worker fires what is due, one transaction each, and is killed before the commit of one of them."""
        for turn in range(200):
            due = sorted((one for one in self.rows.values() if one.at <= self.now), key=order)
            if not due:
                break
            after, _ = fire(self.ticket, due[0], POLICY, known_of(POLICY, self.ticket), self.now, ("hoa",))
            if turn == killed:
                continue  # nothing of it was kept: it begins again from the rows
            self.log.append((self.ticket, due[0], self.now))
            self.fired[due[0].key] = Fired(due[0].at, self.now)
            self.ticket = after
            del self.rows[due[0].key]
            self.replan()
        else:
            raise AssertionError("it fires for ever")
        self.check_nothing_is_missed()

    def check_nothing_is_missed(self) -> None:
        """Beside the machine: each step of the present plan whose moment is over was done, as long as it counts."""
        of, clock = self.ticket, POLICY.clock(self.ticket.category, self.ticket.severity)
        counts = {
            "accept": of.accept_by if of.state in ("new", "reopened") else None,
            "due": of.due_at if of.state in ("new", "reopened", "accepted", "working", "waiting") else None,
            "resolved": of.resolved_at if of.state == "resolved" else None,
        }
        chosen = POLICY.plan(clock.plan)
        assert chosen is not None
        for place, step in enumerate(chosen.steps):
            deadline = counts[step.stage]
            if deadline is None or deadline + dt.timedelta(minutes=step.after_min) > self.now:
                continue
            again = of.generation if step.stage == "accept" else of.reopens
            assert ("escalation", step.stage, f"{clock.plan}/{place}", again, 0) in self.fired

    @precondition(lambda self: self.log)
    @invariant()
    def nothing_is_done_twice_early_or_after_it_was_met(self) -> None:
        keys = [timer.key for _, timer, _ in self.log]
        assert len(set(keys)) == len(keys)
        of, timer, at = self.log[-1]
        assert timer.at <= at
        assert of.state in LIVE
        if timer.stage == "accept":
            assert of.state in ("new", "reopened")
            assert timer.generation == of.generation
        elif timer.stage == "due":
            assert of.resolved_at is None
            assert of.due_at is not None
        else:
            assert of.state == "resolved"

    @invariant()
    def what_waits_is_what_a_new_worker_would_plan(self) -> None:
        assert self.rows == {one.key: one for one in timers_of(self.ticket, POLICY, self.fired)}

    @invariant()
    def each_step_is_known(self) -> None:
        assert all(step_of(one, POLICY) for one in self.rows.values() if one.kind == "escalation")


TestEscalating = Escalating.TestCase
TestEscalating.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
