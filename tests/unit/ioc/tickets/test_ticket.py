"""What a ticket says of itself, and what a line of its log holds."""

import datetime as dt

import pytest

from gis.layers import LIVE_TICKETS, TICKET_STATES
from ioc.tickets.ticket import LIVE, STATES, State, line_of
from tests.fakes.things import NOW
from tests.fakes.tickets import ACCEPT, DONE, ticket

LATER = dt.timedelta(seconds=1)


def test_the_map_knows_the_same_states() -> None:
    assert set(LIVE_TICKETS) == set(LIVE)
    assert set(TICKET_STATES) == set(STATES)


@pytest.mark.parametrize("state", ["new", "reopened"])
def test_what_nobody_accepted_in_time_is_late(state: State) -> None:
    one = ticket(state=state)
    assert one.untouched
    assert not one.late(NOW + ACCEPT)
    assert one.late(NOW + ACCEPT + LATER)


@pytest.mark.parametrize("state", ["accepted", "working", "waiting"])
def test_what_was_accepted_is_late_when_it_is_not_done(state: State) -> None:
    one = ticket(state=state)
    assert not one.late(NOW + DONE)
    assert one.late(NOW + DONE + LATER)
    assert not ticket(state=state, due_at=None).late(NOW + dt.timedelta(days=99))


@pytest.mark.parametrize("state", ["resolved", "verified", "closed", "cancelled"])
def test_what_is_done_is_never_late(state: State) -> None:
    assert not ticket(state=state).late(NOW + dt.timedelta(days=99))


def test_a_line_says_how_the_ticket_stood_after_it() -> None:
    one = ticket(version=3, state="accepted")
    line = line_of(one, NOW, "lan", "accepted", public=True)
    assert (line.version, line.unit, line.state, line.severity) == (3, "hoi-an", "accepted", "severe")
    assert (line.accept_by, line.due_at, line.public) == (one.accept_by, one.due_at, True)
