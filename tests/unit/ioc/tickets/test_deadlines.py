"""A ticket's deadlines and reminders, by the clock of its policy."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.position import Position
from ioc.incidents.severity import ORDER
from ioc.store.ticket_policies import shipped
from ioc.tickets.deadlines import Reckoned, Reminder, reckoning, reminders
from ioc.tickets.policy import Clock, Policy
from ioc.tickets.ticket import OPEN, STATES, Ticket

MONDAY = dt.datetime(2026, 3, 2, 0, 0, tzinfo=dt.UTC)
"""Seven o'clock in the morning, when offices begin."""

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def policy(**clock: Any) -> Policy:
    """The shipped policy with one clock."""
    one = Clock(**{"accept_min": 30, "done_min": 240, "plan": "truc"} | clock)
    return msgspec.structs.replace(shipped(), clocks=(one,))


def ticket(**changed: Any) -> Ticket:
    """A new ticket of Monday, to be accepted within half an hour and done within four."""
    plain: dict[str, Any] = {
        "id": "t", "number": 1, "version": 1, "incident": "i", "unit": "dai-loc", "centre": "dai-loc", "area": "a",
        "area_code": "1", "area_name": "A", "position": Position(lon=108.0, lat=15.8), "title": "T", "title_en": "T",
        "category": "flood", "severity": "moderate", "state": "new", "policy": 1, "opened_at": MONDAY,
        "received_at": MONDAY, "updated_at": MONDAY, "accept_by": MONDAY + 30 * MINUTE, "due_at": MONDAY + 4 * HOUR,
    }  # fmt: skip
    return Ticket(**plain | changed)


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


def moments(found: tuple[Reminder, ...]) -> list[tuple[str, int, dt.timedelta]]:
    return [(one.stage, one.minutes, one.at - MONDAY) for one in found]


def test_reminders_come_before_each_deadline_and_again_and_again_after_it() -> None:
    rules = policy(remind_min=(60, 15), nag_min=120)
    assert moments(reminders(ticket(), rules, MONDAY)) == [
        ("accept", 15, 15 * MINUTE),
        ("due", 60, 3 * HOUR),
        ("due", 15, 3 * HOUR + 45 * MINUTE),
        ("due", -120, 6 * HOUR),
    ], "an hour before the deadline to accept was before the ticket"
    working = ticket(state="working")
    assert moments(reminders(working, rules, MONDAY + 3 * HOUR)) == [
        ("due", 15, 3 * HOUR + 45 * MINUTE),
        ("due", -120, 6 * HOUR),
    ]
    assert moments(reminders(working, rules, MONDAY + 6 * HOUR)) == [("due", -240, 8 * HOUR)]
    assert moments(reminders(working, rules, MONDAY + 9 * HOUR)) == [("due", -360, 10 * HOUR)]
    assert reminders(working, policy(), MONDAY + 9 * HOUR) == ()


def test_reminders_of_an_office_clock_come_in_working_hours() -> None:
    rules = policy(hours="office", done_min=960, remind_min=(480,), nag_min=480)
    due = reckoning(rules, "flood", "minor").due_at(MONDAY)
    assert due == MONDAY + dt.timedelta(days=1, hours=10)
    found = reminders(ticket(state="working", due_at=due), rules, MONDAY)
    assert moments(found) == [("due", 480, dt.timedelta(days=1)), ("due", -480, dt.timedelta(days=2, hours=10))]


@pytest.mark.parametrize("state", [state for state in STATES if state not in OPEN])
def test_who_has_nothing_to_do_is_not_reminded(state: Any) -> None:
    assert reminders(ticket(state=state), policy(remind_min=(60,), nag_min=60), MONDAY) == ()


def test_a_clock_that_stands_still_reminds_of_nothing() -> None:
    waiting = ticket(state="waiting", due_at=None, rest_s=99.0)
    assert reminders(waiting, policy(remind_min=(60,), nag_min=60), MONDAY) == ()


@given(st.sampled_from(STATES), st.sampled_from(ORDER), st.sampled_from(["device", "fire"]), st.integers(0, 40000))
def test_reminders_lie_ahead_in_their_order_each_once(state: Any, severity: str, category: str, minutes: int) -> None:
    clock: Reckoned = reckoning(shipped(), category, severity)
    one = ticket(
        state=state, severity=severity, category=category, accept_by=clock.accept_by(MONDAY),
        due_at=clock.due_at(MONDAY),
    )  # fmt: skip
    since = MONDAY + minutes * MINUTE
    found = reminders(one, shipped(), since)
    assert all(reminder.at > since for reminder in found)
    assert [reminder.at for reminder in found] == sorted(reminder.at for reminder in found)
    assert len(set(found)) == len(found)
    assert (state in OPEN) == any(reminder.minutes < 0 for reminder in found), "whoever is late is reminded for ever"
