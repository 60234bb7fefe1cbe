"""Days and local hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.conditions import DAYS, Schedule
from ioc.incidents.schedule import counts_at

VN = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = Schedule(begins=dt.time(6), ends=dt.time(21))
NIGHT = Schedule(begins=dt.time(21), ends=dt.time(6))


@pytest.mark.parametrize(
    ("hour", "minute", "day"), [(5, 59, False), (6, 0, True), (20, 59, True), (21, 0, False), (0, 0, False)]
)
def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(hour: int, minute: int, day: bool) -> None:
    at = dt.datetime(2026, 11, 25, hour, minute, tzinfo=VN)
    assert counts_at(DAY, at) is day
    assert counts_at(NIGHT, at.astimezone(dt.UTC)) is not day


def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Schedule(days=("fri",), begins=dt.time(22), ends=dt.time(2))
    friday = dt.datetime(2026, 11, 27, 23, tzinfo=VN)
    assert friday.strftime("%a") == "Fri"
    assert counts_at(friday_night, friday)
    assert counts_at(friday_night, friday + dt.timedelta(hours=2))
    assert not counts_at(friday_night, friday - dt.timedelta(hours=22))
    assert not counts_at(friday_night, friday + dt.timedelta(days=1))


def test_equal_times_are_the_whole_day_and_no_times_always() -> None:
    sunday = Schedule(days=("sun",))
    assert [counts_at(sunday, dt.datetime(2026, 11, 29, hour, tzinfo=VN)) for hour in (0, 12, 23)] == [True] * 3
    assert not counts_at(sunday, dt.datetime(2026, 11, 30, 0, tzinfo=VN))
    assert counts_at(Schedule(), dt.datetime(2026, 11, 30, tzinfo=dt.UTC))


def test_a_season_includes_its_first_and_last_day_and_may_lie_over_a_new_year() -> None:
    flood, dry = Schedule(first="09-01", last="12-15"), Schedule(first="12-16", last="08-31")
    for month, day, wet in ((8, 31, False), (9, 1, True), (12, 15, True), (12, 16, False), (1, 1, False)):
        at = dt.datetime(2026, month, day, 12, tzinfo=VN)
        assert (counts_at(flood, at), counts_at(dry, at)) == (wet, not wet)
    last = Schedule(first="12-15", last="12-15", begins=dt.time(22), ends=dt.time(2))
    assert counts_at(last, dt.datetime(2026, 12, 16, 1, tzinfo=VN))


@given(st.times(), st.times(), st.sets(st.sampled_from(DAYS), min_size=1), st.datetimes(timezones=st.just(dt.UTC)))
def test_a_span_and_what_it_leaves_out_make_every_moment_once(
    begins: dt.time, ends: dt.time, days: set[str], at: dt.datetime
) -> None:
    if begins == ends:
        return
    one, rest = Schedule(begins=begins, ends=ends), Schedule(begins=ends, ends=begins)
    assert counts_at(one, at) is not counts_at(rest, at)
    some = Schedule(days=tuple(days), begins=begins, ends=ends)  # type: ignore[arg-type]
    assert counts_at(one, at) or not counts_at(some, at)
