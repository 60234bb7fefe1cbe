"""Facts about silences: which alarms they hide, when, and that every one of them ends."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.position import Position
from ioc.incidents.alarm import Alarm, Source
from ioc.incidents.severity import ORDER, rank
from ioc.incidents.silence import LONGEST, LONGEST_SERIES, Matcher, Recurrence, Silence, silenced_by

NOW = dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC)
"""A Wednesday, nine in the morning in Viet Nam."""

ZONE = "Asia/Ho_Chi_Minh"
HOUR = dt.timedelta(hours=1)
GAUGE = Matcher(sources=("cau-lau",))


def alarm(**members: Any) -> Alarm:
    """An alarm of the gauge at Cau Lau."""
    source = Source(
        code=members.pop("code", "cau-lau"),
        name="Câu Lâu",
        centre=members.pop("centre", "quang-nam"),
        area=members.pop("area", "20552@2025-07-01"),
        position=Position(lon=108.28, lat=15.86),
    )
    given = {
        "id": "0199",
        "key": "song/muc-nuoc:cau-lau:water_level",
        "rule": "song/muc-nuoc@3",
        "category": "flood",
        "severity": "moderate",
        "source_kind": "sensor",
        "source": source,
        "property": "water_level",
        "raised_at": NOW,
        "seen_at": NOW,
        "cleared_at": None,
        "count": 1,
        "evidence": {},
    }
    return Alarm(**given | members)


def silence(matcher: Matcher = GAUGE, **members: Any) -> Silence:
    """A silence of two hours around NOW."""
    given = {
        "id": "s1",
        "author": "an",
        "reason": "thay cảm biến",
        "matcher": matcher,
        "starts": NOW - HOUR,
        "until": NOW + HOUR,
        "created_at": NOW - HOUR,
    }
    return Silence(**given | members)


@pytest.mark.parametrize(
    ("matcher", "hidden"),
    [
        (Matcher(sources=("cau-lau",)), True),
        (Matcher(sources=("ai-nghia",)), False),
        (Matcher(rules=("song/muc-nuoc",)), True),
        (Matcher(rules=("song/muc-nuoc@3",)), True),
        (Matcher(rules=("song/muc-nuoc@2",)), False),
        (Matcher(rules=("song/muc",)), False),
        (Matcher(categories=("flood",)), True),
        (Matcher(categories=("rain", "flood")), True),
        (Matcher(categories=("rain",)), False),
        (Matcher(areas=("20552@2025-07-01",)), True),
        (Matcher(areas=("20552@2008-01-01",)), False),
        (Matcher(centres=("quang-nam",)), True),
        (Matcher(centres=("hoi-an",)), False),
        (Matcher(sources=("cau-lau",), categories=("rain",)), False),
        (Matcher(sources=("cau-lau",), worst="minor"), False),
        (Matcher(sources=("cau-lau",), worst="moderate"), True),
    ],
)
def test_every_list_that_names_something_must_name_the_alarm(matcher: Matcher, hidden: bool) -> None:
    assert silence(matcher).hides(alarm(), NOW) is hidden


def test_an_extreme_alarm_is_hidden_only_when_it_says_so() -> None:
    assert silenced_by(alarm(severity="extreme"), [silence()], NOW) is None
    assert silenced_by(alarm(severity="severe"), [silence()], NOW) is not None
    said = silence(Matcher(sources=("cau-lau",), worst="extreme"))
    assert silenced_by(alarm(severity="extreme"), [said], NOW) == said


def test_one_that_becomes_worse_than_the_silence_hides_is_hidden_no_longer() -> None:
    hidden = alarm(match="silenced")
    assert silenced_by(hidden, [silence()], NOW) is not None
    assert silenced_by(msgspec.structs.replace(hidden, severity="extreme"), [silence()], NOW) is None


def test_what_holds_when_the_silence_ends_is_hidden_no_longer() -> None:
    one = silence()
    assert silenced_by(alarm(), [one], one.until - dt.timedelta(microseconds=1)) == one
    assert silenced_by(alarm(), [one], one.until) is None
    early = msgspec.structs.replace(one, ended_at=NOW, ended_by="binh")
    assert silenced_by(alarm(raised_at=NOW - HOUR / 2), [early], NOW) is None


def test_what_came_and_went_within_a_silence_stays_hidden_when_it_is_told_late() -> None:
    one, late = silence(), NOW + 3 * HOUR
    assert silenced_by(alarm(cleared_at=NOW + HOUR / 2), [one], late) == one
    assert silenced_by(alarm(cleared_at=NOW + 2 * HOUR), [one], late) is None
    assert silenced_by(alarm(raised_at=NOW - 2 * HOUR, cleared_at=NOW), [one], late) is None


def test_before_it_begins_it_hides_nothing() -> None:
    one = silence(starts=NOW + HOUR, until=NOW + 2 * HOUR)
    assert not one.hides(alarm(), NOW)
    assert [one.state(NOW), one.state(NOW + HOUR), one.state(NOW + 2 * HOUR)] == ["future", "current", "past"]


def test_of_several_the_oldest_answers() -> None:
    old, new = silence(id="b", created_at=NOW - 2 * HOUR), silence(id="a")
    assert silenced_by(alarm(), [new, old], NOW) == old
    assert silenced_by(alarm(), [], NOW) is None


@pytest.mark.parametrize(
    "members",
    [
        {"reason": "  "},
        {"until": NOW - HOUR},
        {"until": NOW - 2 * HOUR},
        {"until": NOW - HOUR + LONGEST + dt.timedelta(seconds=1)},
        {
            "until": NOW - HOUR + LONGEST_SERIES + dt.timedelta(seconds=1),
            "recurs": Recurrence(start=dt.time(22), end=dt.time(5), zone=ZONE),
        },
    ],
)
def test_what_nobody_may_agree_to_cannot_be_made(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a silence"):
        silence(**members)


@pytest.mark.parametrize(
    "members",
    [
        {"start": dt.time(8), "end": dt.time(8)},
        {"start": dt.time(8), "end": dt.time(20, 1)},
        {"start": dt.time(20), "end": dt.time(8, 1)},
        {"start": dt.time(8), "end": dt.time(9), "days": (0,)},
        {"start": dt.time(8), "end": dt.time(9), "days": (8,)},
        {"start": dt.time(8), "end": dt.time(9), "days": (1, 1)},
        {"start": dt.time(8, tzinfo=dt.UTC), "end": dt.time(9)},
    ],
)
def test_a_series_that_makes_no_sense_cannot_be_made(members: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="series"):
        Recurrence(zone=ZONE, **members)


def test_a_silence_of_everything_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="must name"):
        Matcher(worst="extreme")
    with pytest.raises(ValueError, match="severity"):
        Matcher(sources=("cau-lau",), worst="bad")


def local(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """A moment of November 2026 in Viet Nam; the 23rd is a Monday."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(ZONE)).astimezone(dt.UTC)


def test_windows_are_in_local_time_and_pass_midnight() -> None:
    nights = Recurrence(start=dt.time(22), end=dt.time(5), zone=ZONE, days=(1, 3))
    one = silence(starts=local(20, 0), until=local(30, 0), recurs=nights)
    muted = [(23, 22), (24, 4), (25, 23), (26, 4)]
    loud = [(23, 4), (23, 21), (24, 5), (24, 22), (25, 4), (26, 5), (27, 23)]
    assert [one.mutes(local(*when)) for when in muted] == [True] * len(muted)
    assert [one.mutes(local(*when)) for when in loud] == [False] * len(loud)
    assert one.span(local(24, 4)) == (local(23, 22), local(24, 5))
    assert one.state(local(24, 12)) == "current"


def test_the_first_and_the_last_window_are_cut_by_the_series() -> None:
    nights = Recurrence(start=dt.time(22), end=dt.time(5), zone=ZONE)
    one = silence(starts=local(23, 23), until=local(25, 3), recurs=nights)
    assert [one.mutes(local(23, 22)), one.mutes(local(23, 23)), one.mutes(local(25, 2)), one.mutes(local(25, 3))] == [
        False,
        True,
        True,
        False,
    ]
    assert one.span(local(25, 2)) == (local(24, 22), local(25, 3))


def test_what_holds_between_two_windows_is_told_and_hidden_again_when_it_is_new() -> None:
    nights = Recurrence(start=dt.time(22), end=dt.time(5), zone=ZONE)
    one = silence(starts=local(20, 0), until=local(30, 0), recurs=nights)
    assert one.hides(alarm(raised_at=local(23, 23)), local(24, 4))
    assert not one.hides(alarm(raised_at=local(23, 23)), local(24, 5))


def test_a_window_in_the_hour_that_a_clock_change_leaves_out_is_not_negative() -> None:
    """Berlin, 29 March 2026: 02:30 does not exist. Viet Nam has no such days; an installation elsewhere may."""
    early = Recurrence(start=dt.time(1), end=dt.time(4), zone="Europe/Berlin")
    span = early.window(dt.datetime(2026, 3, 29, 0, 30, tzinfo=dt.UTC))
    assert span is not None
    assert span[1] - span[0] == 2 * HOUR


MOMENTS = st.timedeltas(-LONGEST, LONGEST).map(lambda after: NOW + after)
TIMES = st.times().map(lambda at: at.replace(microsecond=0))


@st.composite
def silences(draw: st.DrawFn) -> Silence:
    """Silences of all kinds, with and without windows and an early end."""
    starts = draw(MOMENTS)
    recurs = None
    if draw(st.booleans()):
        start = draw(TIMES)
        length = draw(st.integers(1, 12 * 60))
        end = (dt.datetime.combine(dt.date(2026, 1, 1), start) + dt.timedelta(minutes=length)).time()
        days = draw(st.sets(st.integers(1, 7)).map(lambda found: tuple(sorted(found))))
        recurs = Recurrence(start=start, end=end, zone=draw(st.sampled_from([ZONE, "UTC"])), days=days)
    until = starts + draw(st.timedeltas(dt.timedelta(seconds=1), LONGEST))
    ended = draw(st.none() | st.timedeltas(dt.timedelta(0), LONGEST).map(lambda after: starts + after))
    worst = draw(st.sampled_from(ORDER))
    matcher = Matcher(sources=("cau-lau",), worst=worst)
    return silence(matcher, starts=starts, until=until, recurs=recurs, ended_at=ended)


@given(silences(), MOMENTS, st.sampled_from(ORDER))
def test_nothing_is_hidden_outside_its_time_or_above_its_severity(one: Silence, at: dt.datetime, severity: str) -> None:
    if one.hides(alarm(severity=severity), at):
        assert one.starts <= at < one.ends <= one.until <= one.starts + LONGEST
        assert rank(severity) <= rank(one.matcher.worst)


@given(silences(), MOMENTS)
def test_every_span_holds_its_moment_and_ends(one: Silence, at: dt.datetime) -> None:
    span = one.span(at)
    assert (span is not None) == one.mutes(at)
    if span is not None:
        assert one.starts <= span[0] <= at < span[1] <= one.ends
        # At its end it is loud, unless the next window begins at that very moment.
        again = one.span(span[1])
        assert again is None or again[0] == span[1]


@given(silences())
def test_after_its_end_nothing_that_holds_is_hidden(one: Silence) -> None:
    assert silenced_by(alarm(raised_at=one.starts), [one], one.ends) is None
    assert silenced_by(alarm(raised_at=one.starts), [one], one.until + LONGEST) is None


@given(silences(), MOMENTS)
def test_the_same_hour_of_each_day_is_muted_alike(one: Silence, at: dt.datetime) -> None:
    """Without days of the week and clock changes, a series mutes at a time of day or does not."""
    later = at + dt.timedelta(days=1)
    if one.recurs is None or one.recurs.days or not (one.starts <= at and later < one.ends):
        return
    assert one.mutes(at) == one.mutes(later)
