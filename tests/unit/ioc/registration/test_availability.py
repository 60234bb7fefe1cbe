"""Availability from spans: known cases by hand, and laws that hold for any spans."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.registration.availability import BLIP, Figures, Month, What, Working, figures, month_of, silent_since

SINCE = dt.datetime(2026, 10, 31, 17, tzinfo=dt.UTC)
UNTIL = dt.datetime(2026, 11, 30, 17, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
OVER = Month(SINCE, UNTIL, UNTIL + DAY)


def span(what: What, began: dt.datetime, ended: dt.datetime | None) -> Working:
    return Working(subject="device", code="gauge", centre="hoi-an", what=what, began=began, ended=ended)


def test_a_month_is_its_first_day_and_that_of_the_next() -> None:
    assert month_of("2026-11") == (dt.date(2026, 11, 1), dt.date(2026, 12, 1))
    assert month_of("2024-12") == (dt.date(2024, 12, 1), dt.date(2025, 1, 1))


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "26-11", "2026-11-01", "٢٠٢٦-١١", "0000-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        month_of(text)


def test_a_tenth_of_the_month_lost_is_nine_tenths_available() -> None:
    found = figures([span("serving", SINCE - DAY, None), span("failing", SINCE + DAY, SINCE + 4 * DAY)], OVER)
    assert found.share == pytest.approx(0.9)
    assert (found.failures, found.repairs, found.repair_s) == (1, 1, 3 * 86_400)
    assert not found.offends


def test_time_in_which_nobody_could_know_counts_for_nothing() -> None:
    found = figures([span("serving", SINCE, None), span("unknown", SINCE, SINCE + 29 * DAY)], OVER)
    assert found.share == 1.0
    assert figures([span("serving", SINCE, None), span("unknown", SINCE, None)], OVER).share is None


def test_what_served_for_a_day_is_held_against_that_day() -> None:
    spans = [span("serving", SINCE, SINCE + DAY), span("failing", SINCE, SINCE + DAY / 2)]
    assert figures(spans, OVER).share == pytest.approx(0.5)


def test_a_failure_from_before_counts_with_its_whole_repair_in_the_month_in_which_it_ended() -> None:
    spans = [span("serving", SINCE - 90 * DAY, None), span("failing", SINCE - 2 * DAY, SINCE + DAY)]
    found = figures(spans, OVER)
    assert (found.failing_s, found.repair_s) == (86_400, 3 * 86_400)


def test_a_failure_that_lasts_is_a_failure_and_no_repair() -> None:
    spans = [span("serving", SINCE, None), span("failing", UNTIL - DAY, None)]
    found = figures(spans, OVER)
    assert (found.failures, found.repairs, found.repair_s) == (1, 0, None)
    assert silent_since(spans) == spans[1]


def test_a_blip_costs_its_time_and_is_no_failure() -> None:
    began = SINCE + DAY
    found = figures([span("serving", SINCE, None), span("failing", began, began + BLIP / 2)], OVER)
    assert (found.failing_s, found.failures, found.repairs) == (30, 0, 0)


def test_three_failures_make_an_offender() -> None:
    spans = [span("serving", SINCE, None)]
    spans += [span("failing", SINCE + n * DAY, SINCE + n * DAY + HOUR) for n in range(3)]
    assert figures(spans, OVER).offends
    assert not figures(spans[:3], OVER).offends


def test_of_a_month_that_is_not_over_only_the_past_counts() -> None:
    found = figures([span("serving", SINCE, None)], Month(SINCE, UNTIL, SINCE + HOUR))
    assert (found.serving_s, found.share) == (3_600, 1.0)
    assert figures([span("serving", SINCE, None)], Month(UNTIL, UNTIL + 30 * DAY, SINCE)) == Figures()


MOMENTS = st.integers(min_value=-3_000, max_value=80_000).map(lambda minutes: SINCE + dt.timedelta(minutes=minutes))


@st.composite
def lives(draw: st.DrawFn) -> list[Working]:
    """A thing that serves for a while and fails or is unknown within that time, never both at once."""
    edges = sorted(draw(st.lists(MOMENTS, min_size=2, max_size=12, unique=True)))
    kinds: st.SearchStrategy[What] = st.sampled_from(["failing", "unknown"])
    within = [span(draw(kinds), began, ended) for began, ended in zip(edges[::2], edges[1::2], strict=False)]
    return [span("serving", edges[0], edges[-1]), *within]


@given(lives())
def test_a_share_is_a_share_and_time_is_not_made(spans: list[Working]) -> None:
    found = figures(spans, OVER)
    assert found.share is None or 0 <= found.share <= 1
    assert found.failing_s + found.unknown_s <= found.serving_s <= (UNTIL - SINCE).total_seconds()
    assert found.repairs <= found.failures


@given(lives(), MOMENTS)
def test_two_halves_make_the_time_of_the_whole(spans: list[Working], cut: dt.datetime) -> None:
    cut = min(max(cut, SINCE), UNTIL)
    now = OVER.now
    halves = figures(spans, Month(SINCE, cut, now)) + figures(spans, Month(cut, UNTIL, now))
    whole = figures(spans, OVER)
    assert halves.serving_s == pytest.approx(whole.serving_s)
    assert halves.failing_s == pytest.approx(whole.failing_s)
    assert halves.unknown_s == pytest.approx(whole.unknown_s)
