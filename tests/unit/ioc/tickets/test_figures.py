"""Figures of units from the logs alone: each stay counted once, where and when it was received."""

import datetime as dt
import itertools
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.tickets.figures import MARKS, by_unit, figures, percentile, stays, within
from ioc.tickets.ticket import Line, State

START = dt.datetime(2025, 10, 27, 0, tzinfo=dt.UTC)
LATER = START + dt.timedelta(days=30)


def at(minutes: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minutes)


def line(
    minutes: float,
    what: str,
    state: State,
    unit: str = "dai-loc",
    *,
    accept: float | None = 30,
    due: float | None = 240,
) -> Line:
    return Line(
        at=at(minutes),
        version=1,
        who="nam",
        what=what,
        unit=unit,
        state=state,
        severity="severe",
        accept_by=None if accept is None else at(accept),
        due_at=None if due is None else at(due),
    )


SMOOTH = [
    line(0, "opened", "new"),
    line(10, "accepted", "accepted"),
    line(20, "started", "working"),
    line(200, "resolved", "resolved"),
    line(260, "verified", "verified"),
    line(300, "closed", "closed"),
]


def test_a_smooth_ticket_is_one_stay_on_time() -> None:
    [one] = found = stays("t", SMOOTH, LATER)
    assert (one.received_at, one.accepted_at, one.resolved_at) == (at(0), at(10), at(200))
    counted = figures(found, LATER)
    assert (counted.received, counted.accepted_on_time, counted.on_time, counted.overdue, counted.open) == (
        1,
        1,
        1,
        0,
        0,
    )
    assert (counted.to_accept.p50_s, counted.to_done.p50_s) == (600, 190 * 60)
    assert (counted.to_verify.p90_s, counted.to_end.p90_s) == (3600, 300 * 60)


def test_what_had_not_happened_yet_does_not_count() -> None:
    counted = figures(stays("t", SMOOTH, at(100)), at(100))
    assert (counted.accepted, counted.done, counted.open, counted.overdue) == (1, 0, 1, 0)
    assert figures(stays("t", SMOOTH, at(-1)), at(-1)).received == 0
    late = figures(stays("t", SMOOTH[:2], at(300)), at(300))
    assert (late.overdue, late.on_time, late.open) == (1, 0, 1)


def test_a_bounce_is_two_stays_and_each_unit_answers_for_its_own() -> None:
    lines = [
        line(0, "opened", "new"),
        line(40, "forwarded", "new", "dien-luc", accept=70),
        line(60, "accepted", "accepted", "dien-luc", accept=70),
        line(250, "resolved", "resolved", "dien-luc"),
    ]
    units = by_unit(stays("t", lines, LATER), LATER)
    assert (units["dai-loc"].bounced, units["dai-loc"].accepted, units["dai-loc"].accepted_late) == (1, 0, 1)
    assert units["dai-loc"].overdue == 0, "it was gone before the deadline"
    assert (units["dien-luc"].accepted_on_time, units["dien-luc"].overdue, units["dien-luc"].bounced) == (1, 1, 0)


def test_what_comes_back_is_not_done() -> None:
    lines = [*SMOOTH[:5], line(270, "reopened", "reopened", accept=290, due=500)]
    counted = figures(stays("t", lines, at(280)), at(280))
    assert (counted.reopened, counted.done, counted.open, counted.overdue) == (1, 0, 1, 0)
    again = [*lines, line(280, "accepted", "accepted", due=500), line(400, "resolved", "resolved", due=500)]
    counted = figures(stays("t", again, LATER), LATER)
    assert (counted.reopened, counted.done, counted.on_time) == (1, 1, 1)


def test_a_clock_that_stands_still_is_not_late() -> None:
    lines = [*SMOOTH[:3], line(100, "waiting", "waiting", due=None)]
    assert figures(stays("t", lines, LATER), LATER).overdue == 0


def test_a_cancelled_ticket_is_neither_open_nor_late() -> None:
    lines = [line(0, "opened", "new"), line(20, "cancelled", "cancelled")]
    counted = figures(stays("t", lines, LATER), LATER)
    assert (counted.cancelled, counted.open, counted.accepted_late, counted.overdue) == (1, 0, 0, 0)


def test_a_stay_counts_in_the_period_in_which_it_was_received() -> None:
    found = stays("t", SMOOTH, LATER)
    assert within(found, at(0), at(1)) == found
    assert within(found, at(-9), at(0)) == []


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=50))
def test_percentiles_lie_between_their_neighbours(values: list[float]) -> None:
    ordered = sorted(values)
    half = percentile(ordered, 0.5)
    assert half == pytest.approx(statistics.median(ordered))
    tenth = percentile(ordered, 0.9)
    assert tenth is not None
    assert ordered[0] <= tenth <= ordered[-1]


_STEP = st.tuples(
    st.integers(0, 60),
    st.sampled_from(["accepted", "started", "waiting", "resolved", "verified", "closed", "reopened", "forwarded"]),
    st.sampled_from(["dai-loc", "dien-luc"]),
)
_STATE: dict[str, State] = {"started": "working", "forwarded": "new"}


@given(st.lists(_STEP, max_size=12), st.integers(0, 900))
def test_each_receipt_is_counted_once_and_nothing_is_counted_without(
    steps: list[tuple[int, str, str]], minutes: int
) -> None:
    lines, clock, unit = [line(0, "opened", "new")], 0, "dai-loc"
    for wait, what, other in steps:
        clock, unit = clock + wait, other if what == "forwarded" else unit
        lines.append(line(clock, what, _STATE.get(what, what), unit))  # type: ignore[arg-type]
    found = stays("t", lines, at(minutes))
    known = [one for one in lines if one.at <= at(minutes)]
    assert len(found) == 1 + sum(one.unit != two.unit for one, two in itertools.pairwise(known))
    counted = figures(found, at(minutes))
    assert all(0 <= getattr(counted, name) <= counted.received for name in MARKS)
    assert counted.bounced == len(found) - 1
