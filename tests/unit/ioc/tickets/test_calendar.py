"""Working time, against counting it minute by minute."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.store.ticket_policies import shipped
from ioc.tickets.calendar import Calendar, after, calendar_of, spent
from ioc.tickets.policy import Clock, Holidays, Policy, WorkDay

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTE = dt.timedelta(minutes=1)


def local(text: str) -> dt.datetime:
    """A moment by its local time."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(dt.UTC)


def with_saturday() -> Policy:
    """The shipped policy, with Saturday mornings worked."""
    morning = WorkDay(days=(6,), hours=((dt.time(7), dt.time(11, 30)),))
    return msgspec.structs.replace(shipped(), work=(*shipped().work, morning))


POLICIES = {"shipped": shipped(), "half Saturdays": with_saturday()}
MINUTES = {
    name: frozenset(
        start + number * MINUTE
        for day in (dt.date(2025, 12, 20) + dt.timedelta(days=n) for n in range(100))
        for start, end in calendar_of(policy).windows(day)
        for number in range(int((end - start) / MINUTE))
    )
    for name, policy in POLICIES.items()
}
"""Each worked minute of a winter with New Year, its exchange, and Tết."""

moments = st.integers(0, 60 * 1440).map(lambda minute: local("2025-12-30T00:00") + minute * MINUTE)
names = st.sampled_from(sorted(POLICIES))


def naive_add(worked: frozenset[dt.datetime], at: dt.datetime, minutes: int) -> dt.datetime:
    """The end of the n-th worked minute from a moment on."""
    while minutes:
        minutes -= at in worked
        at += MINUTE
    return at


def naive_back(worked: frozenset[dt.datetime], at: dt.datetime, minutes: int) -> dt.datetime:
    """The beginning of the n-th worked minute before a moment."""
    while minutes:
        at -= MINUTE
        minutes -= at in worked
    return at


@given(names, moments, st.integers(0, 3000))
def test_adding_is_counting_minute_by_minute(name: str, at: dt.datetime, minutes: int) -> None:
    assert calendar_of(POLICIES[name]).add(at, minutes * MINUTE) == naive_add(MINUTES[name], at, minutes)


@given(names, moments.map(lambda at: at + dt.timedelta(days=20)), st.integers(0, 2000))
def test_going_back_is_counting_minute_by_minute(name: str, at: dt.datetime, minutes: int) -> None:
    assert calendar_of(POLICIES[name]).add(at, -minutes * MINUTE) == naive_back(MINUTES[name], at, minutes)


@given(names, moments, moments)
def test_the_time_between_is_the_number_of_worked_minutes(name: str, one: dt.datetime, other: dt.datetime) -> None:
    start, end = sorted((one, other))
    number = sum(start <= minute < end for minute in MINUTES[name])
    calendar = calendar_of(POLICIES[name])
    assert calendar.between(start, end) == number * MINUTE
    assert calendar.between(end, start) == -number * MINUTE


@given(names, moments, st.integers(-5 * 86400, 5 * 86400))
def test_what_was_added_lies_between(name: str, at: dt.datetime, seconds: int) -> None:
    """To the second, forward and back."""
    calendar, span = calendar_of(POLICIES[name]), dt.timedelta(seconds=seconds)
    assert calendar.between(at, calendar.add(at, span)) == span


def test_a_deadline_passes_over_the_night_the_weekend_and_tet() -> None:
    calendar = calendar_of(shipped())
    hour = dt.timedelta(hours=1)
    assert calendar.add(local("2026-03-04T16:30"), hour) == local("2026-03-05T07:30")
    assert calendar.add(local("2026-03-06T16:30"), hour) == local("2026-03-09T07:30")
    assert calendar.add(local("2026-02-13T16:30"), hour) == local("2026-02-23T07:30"), "nine days of Tết"
    assert calendar.add(local("2026-03-04T11:00"), hour) == local("2026-03-04T14:00"), "over noon"
    assert calendar.add(local("2026-03-07T09:00"), hour) == local("2026-03-09T08:00"), "reported on a Saturday"


def test_a_day_that_is_worked_in_exchange_has_ordinary_hours() -> None:
    calendar = calendar_of(with_saturday())
    assert calendar.add(local("2026-01-01T09:00"), dt.timedelta(hours=8)) == local("2026-01-05T10:30"), (
        "the 2nd is off, the 3rd a Saturday with a morning only: 4.5 h, then 3.5 h of Monday"
    )
    assert len(calendar.windows(dt.date(2026, 1, 10))) == 2, "the Saturday in exchange has its afternoon"
    assert len(calendar.windows(dt.date(2026, 1, 17))) == 1
    assert calendar.windows(dt.date(2026, 1, 2)) == ()


def test_whether_people_work_at_a_moment() -> None:
    calendar = calendar_of(shipped())
    for text, works in (
        ("2026-03-04T07:00", True), ("2026-03-04T11:30", False), ("2026-03-04T13:30", True),
        ("2026-03-04T17:00", False), ("2026-03-07T09:00", False), ("2026-08-22T09:00", True),
        ("2026-08-31T09:00", False),
    ):  # fmt: skip
        assert calendar.works(local(text)) is works, text


def test_of_a_year_that_is_not_announced_the_deadline_falls_too_early() -> None:
    calendar = calendar_of(shipped())
    assert calendar.unannounced(local("2026-12-30T09:00"), local("2027-01-04T09:00")) == (2027,)
    assert calendar.unannounced(local("2025-05-01T09:00"), local("2026-01-04T09:00")) == ()
    assert calendar.unannounced(local("2031-05-01T09:00"), local("2031-05-02T09:00")) == (2031,)
    eve = local("2027-02-04T16:00")  # a Thursday; the new year begins on Saturday the 6th, and Tết with it
    assert calendar.add(eve, dt.timedelta(hours=9)) == local("2027-02-05T17:00")
    assert calendar.add(eve, dt.timedelta(hours=10)) == local("2027-02-08T08:00")


def test_days_are_local_where_the_hour_changes() -> None:
    """In a zone with summer time a night has an hour less, and working hours stay what the clock on the wall says."""
    policy = msgspec.structs.replace(shipped(), zone="Europe/Berlin", holidays=())
    calendar = calendar_of(policy)
    friday = dt.datetime(2026, 3, 27, 16, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(dt.UTC)
    monday = dt.datetime(2026, 3, 30, 8, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(dt.UTC)
    assert calendar.add(friday, dt.timedelta(hours=2)) == monday
    assert monday - friday == dt.timedelta(hours=63)


def test_there_is_an_end_to_looking_for_working_time() -> None:
    never = msgspec.structs.replace(shipped(), work=())
    with pytest.raises(OverflowError, match="no working time"):
        Calendar(never).add(local("2026-03-04T09:00"), MINUTE)
    with pytest.raises(OverflowError, match="no working time"):
        Calendar(never).add(local("2026-03-04T09:00"), -MINUTE)
    assert Calendar(never).add(local("2026-03-04T09:00"), 0 * MINUTE) == local("2026-03-04T09:00")


def test_a_holiday_of_another_year_changes_nothing() -> None:
    off = tuple(dt.date(2030, 1, 1) + dt.timedelta(days=n) for n in range(40))
    policy = msgspec.structs.replace(shipped(), holidays=(Holidays(year=2030, off=off, source="x"),))
    assert calendar_of(policy).add(local("2029-12-31T16:00"), 2 * 60 * MINUTE) == local("2030-02-11T08:00")


@given(moments, st.integers(-9000, 9000))
def test_a_clock_that_never_rests_counts_every_minute(at: dt.datetime, minutes: int) -> None:
    clock = Clock(accept_min=None, done_min=None, plan="x")
    span = minutes * MINUTE
    assert after(shipped(), clock, at, span) == at + span
    assert spent(shipped(), clock, at, at + span) == span
