"""A ticket's deadlines, by the clock of its policy."""

import datetime as dt
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.severity import ORDER
from ioc.store.ticket_policies import shipped
from ioc.tickets.deadlines import reckoning
from ioc.tickets.policy import Clock, Policy

MONDAY = dt.datetime(2026, 3, 2, 0, 0, tzinfo=dt.UTC)
"""Seven o'clock in the morning, when offices begin."""

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def policy(**clock: Any) -> Policy:
    """The shipped policy with one clock."""
    one = Clock(**{"accept_min": 30, "done_min": 240, "plan": "truc"} | clock)
    return msgspec.structs.replace(shipped(), clocks=(one,))


def test_deadlines_count_from_the_moment_of_the_clock() -> None:
    always = reckoning(policy(), "flood", "minor")
    assert always.accept_by(MONDAY) == MONDAY + 30 * MINUTE
    assert always.due_at(MONDAY - HOUR) == MONDAY + 3 * HOUR
    office = reckoning(policy(hours="office", wait_stops=True, verify=False), "flood", "minor")
    assert office.due_at(MONDAY - 2 * HOUR) == MONDAY + 4 * HOUR, "before seven nobody works"
    assert office.accept_by(MONDAY + 20 * HOUR) == MONDAY + 24 * HOUR + 30 * MINUTE
    assert (office.wait_stops, office.verify, always.wait_stops, always.verify) == (True, False, False, True)


def test_a_clock_may_set_no_deadline() -> None:
    none = reckoning(policy(accept_min=None, done_min=None), "flood", "minor")
    assert none.accept_by(MONDAY) is None
    assert none.due_at(MONDAY) is None


@given(st.sampled_from(ORDER), st.integers(0, 20000), st.integers(0, 20000), st.sampled_from(["device", "flood"]))
def test_what_was_left_runs_on_after_a_wait_of_any_length(
    severity: str, worked: int, waited: int, category: str
) -> None:
    """The clock has the same time left after it stood still, however long; also when the deadline had passed."""
    clock = reckoning(shipped(), category, severity)
    due = clock.due_at(MONDAY)
    assert due is not None
    stopped = MONDAY + worked * MINUTE
    rest = clock.rest_s(due, stopped)
    again = clock.after(stopped + waited * MINUTE, rest)
    assert clock.rest_s(again, stopped + waited * MINUTE) == rest
    assert (rest < 0) == (due < stopped and clock.rest_s(due, stopped) != 0)


def test_a_wait_over_a_weekend_costs_no_working_time() -> None:
    clock = reckoning(policy(hours="office", done_min=960, wait_stops=True), "device", "minor")
    friday = MONDAY + dt.timedelta(days=4)
    due = clock.due_at(friday)
    assert due == friday + dt.timedelta(days=3, hours=10), "Monday at 17:00"
    rest = clock.rest_s(due, friday + 2 * HOUR)
    assert rest == 14 * 3600
    assert clock.after(friday + dt.timedelta(days=3), rest) == friday + dt.timedelta(days=4, hours=8), (
        "Tuesday at 15:00"
    )
