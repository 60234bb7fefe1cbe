"""What is told together, and when."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ioc.tell.grouping import CHANGES, FIRST, REPEAT, Plan, Repeat, Waiting, planned, urgent
from tests.fakes.telling import AT

S = dt.timedelta(seconds=1)


def waiting(id: int, **about: Any) -> Waiting:  # noqa: A002
    plain = {"id": id, "thread": "a", "topic": "ticket", "severity": "moderate", "at": AT}
    return Waiting(**plain | about)


def at_once(severity: str, at: dt.datetime) -> dt.datetime:
    return at


def plan(
    some: Sequence[Waiting],
    now: dt.datetime,
    told: Mapping[str, dt.datetime] | None = None,
    repeats: Sequence[Repeat] = (),
) -> Plan:
    return planned(some, told or {}, repeats, at_once, now)


def test_the_first_waits_half_a_minute_for_what_belongs_to_it() -> None:
    first, second = waiting(1), waiting(2, at=AT + 20 * S)
    assert plan([first], AT).later == {1: AT + FIRST}
    assert plan([first, second], AT + 29 * S).told == ()
    assert plan([first, second], AT + 30 * S).told == (1, 2)


def test_changes_wait_until_five_minutes_after_it_was_told() -> None:
    change = waiting(3, at=AT + 60 * S)
    told = {"a": AT + FIRST}
    assert plan([change], AT + 90 * S, told).later == {3: AT + FIRST + CHANGES}
    assert plan([change], AT + FIRST + CHANGES, told).told == (3,)
    late = waiting(4, at=AT + REPEAT)
    assert plan([late], AT + REPEAT, told).later == {4: AT + REPEAT + FIRST}


def test_an_escalation_and_what_is_extreme_wait_for_nothing_and_take_their_thread_along() -> None:
    plain, other = waiting(1), waiting(9, thread="b")
    for hurried in (waiting(2, topic="escalation"), waiting(2, severity="extreme")):
        found = plan([plain, hurried, other], AT, {"a": AT})
        assert found.told == (1, 2)
        assert found.later == {9: AT + FIRST}


def test_what_is_due_at_one_moment_is_told_at_once() -> None:
    found = plan([waiting(1), waiting(2, thread="b", at=AT - S), waiting(3, thread="c", at=AT + S)], AT + FIRST)
    assert (found.told, found.threads) == ((1, 2), ("a", "b"))


def test_what_was_read_in_the_page_needs_no_message() -> None:
    found = plan([waiting(1, read=True), waiting(2)], AT + FIRST)
    assert (found.read, found.told) == ((1,), (2,))


def test_quiet_hours_hold_a_thread_by_its_worst_and_a_repeat_by_its_own() -> None:
    morning = AT + dt.timedelta(hours=6)

    def held(severity: str, at: dt.datetime) -> dt.datetime:
        return at if severity == "extreme" else max(at, morning)

    some = [waiting(1), waiting(2, severity="extreme"), waiting(3, thread="b", topic="escalation", severity="severe")]
    again = Repeat(id=7, thread="c", severity="severe", at=AT)
    found = planned(some, {}, [again], held, AT)
    assert (found.told, found.later, found.later_again) == ((1, 2), {3: morning}, {"c": morning})


def test_a_repeat_gives_way_to_news_of_its_thread() -> None:
    again = Repeat(id=1, thread="a", severity="moderate", at=AT)
    assert plan([], AT, repeats=[again]).again == (1,)
    found = plan([waiting(2)], AT, repeats=[again])
    assert (found.again, set(found.later_again)) == ((), {"a"})
    found = plan([waiting(2)], AT + FIRST, repeats=[again])  # told now, so again in four hours, not in minutes
    assert (found.told, found.again, found.later_again) == ((2,), (), {})


def test_a_clock_that_was_set_back_delays_nothing() -> None:
    ahead = waiting(1, at=AT + dt.timedelta(days=3))
    assert plan([ahead], AT, {"a": AT + dt.timedelta(days=3)}).told == (1,)


_ONE = st.builds(
    Waiting,
    id=st.integers(1, 10**6),
    thread=st.sampled_from("abc"),
    topic=st.sampled_from(["ticket", "escalation", "reminder"]),
    severity=st.sampled_from(["minor", "moderate", "severe", "extreme"]),
    at=st.integers(-600, 600).map(lambda seconds: AT + seconds * S),
    read=st.booleans(),
)


@given(st.lists(_ONE, unique_by=lambda one: one.id, max_size=12), st.integers(-900, 900), st.booleans())
def test_each_thing_is_told_read_or_looked_at_later(some: list[Waiting], seconds: int, told: bool) -> None:
    now = AT + seconds * S
    found = plan(some, now, dict.fromkeys("abc", AT) if told else {})
    assert sorted([*found.told, *found.read, *found.later]) == sorted(one.id for one in some)
    assert all(at > now for at in found.later.values())
    assert all(at <= max(now, AT + 600 * S) + CHANGES + FIRST for at in found.later.values())
    unread = {one.id: one for one in some if not one.read}
    assert all(one.id in found.told for one in unread.values() if urgent(one) and one.at <= now)
    by_thread = {one.thread for one in unread.values() if one.id in found.told}
    assert all((one.id in found.told) == (one.thread in by_thread) for one in unread.values())
