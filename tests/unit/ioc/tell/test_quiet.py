"""Quiet hours in local time, also over midnight."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.tell.quiet import Quiet, ends, held

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
NIGHT = Quiet(since=dt.time(22), until=dt.time(6))
NOON = Quiet(since=dt.time(11, 30), until=dt.time(13))


def at(hour: int, minute: int = 0, day: int = 26) -> dt.datetime:
    """A moment of November 2026 by the clock in Da Nang, in UTC."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=HERE).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        (NIGHT, at(21, 59), None),
        (NIGHT, at(22), at(6, day=27)),
        (NIGHT, at(23, 59), at(6, day=27)),
        (NIGHT, at(0), at(6)),
        (NIGHT, at(5, 59), at(6)),
        (NIGHT, at(6), None),
        (NOON, at(11, 29), None),
        (NOON, at(11, 30), at(13)),
        (NOON, at(13), None),
        (Quiet(since=dt.time(8), until=dt.time(8)), at(8), None),
    ],
)
def test_quiet_hours_end_by_the_local_clock(quiet: Quiet, moment: dt.datetime, end: dt.datetime | None) -> None:
    assert ends(quiet, HERE, moment) == end


def test_only_extreme_breaks_through() -> None:
    assert held(NIGHT, HERE, "extreme", at(23)) == at(23)
    assert held(NIGHT, HERE, "severe", at(23)) == at(6, day=27)
    assert held(None, HERE, "minor", at(23)) == at(23)


_TIMES = st.times().map(lambda one: one.replace(tzinfo=None))
_MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: at(0) + dt.timedelta(minutes=minutes, seconds=minutes))


@given(_TIMES, _TIMES, _MOMENTS)
def test_what_is_held_comes_later_within_a_day_and_then_is_held_no_more(
    since: dt.time, until: dt.time, moment: dt.datetime
) -> None:
    quiet = Quiet(since=since, until=until)
    then = held(quiet, HERE, "minor", moment)
    assert moment <= then <= moment + dt.timedelta(days=1)
    assert held(quiet, HERE, "minor", then) == then


@given(_TIMES, _TIMES, _MOMENTS)
def test_a_summer_time_elsewhere_never_sends_anything_back(since: dt.time, until: dt.time, moment: dt.datetime) -> None:
    then = held(Quiet(since=since, until=until), ZoneInfo("Europe/Berlin"), "minor", moment)
    assert moment <= then <= moment + dt.timedelta(hours=26)
