"""A silence: what a person mutes, why, and until when. Pure: alarms, silences and a moment in, an answer out.

It hides that an incident is made of an alarm and that people are told; the alarm itself is raised, seen again and
cleared as ever. Every silence ends by itself, and what still holds then is correlated then.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from ioc.incidents.alarm import Alarm
from ioc.incidents.severity import ORDER, rank

LONGEST = dt.timedelta(days=30)
"""The longest silence that is not interrupted."""

LONGEST_SERIES = dt.timedelta(days=366)
"""The longest series of windows: a year of maintenance nights is planned once."""

LONGEST_WINDOW = dt.timedelta(hours=12)
"""The longest window of a series, so that a series is no way around the longest silence."""

State = Literal["future", "current", "past"]


class Matcher(msgspec.Struct, frozen=True, kw_only=True):
    """Which alarms: those that every list that is not empty names, up to a severity (`worst`, itself included).

    `rules` are `<pack>/<code>`, of every version, or with `@<version>` of one. `areas` are feature ids, with all that
    lies within each spelled out. At least one list must name something: nobody mutes everything.
    """

    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    centres: tuple[str, ...] = ()
    worst: str = "severe"

    def __post_init__(self) -> None:
        if self.worst not in ORDER:
            raise ValueError(f"a severity is one of {', '.join(ORDER)}")
        if not (self.sources or self.rules or self.categories or self.areas or self.centres):
            raise ValueError("a silence must name a source, a rule, a category, an area or a centre")

    def holds(self, alarm: Alarm) -> bool:
        """Whether an alarm is one of them."""
        return (
            rank(alarm.severity) <= rank(self.worst)
            and _names(self.sources, alarm.source.code)
            and _names(self.rules, alarm.rule, alarm.rule.partition("@")[0])
            and _names(self.categories, alarm.category)
            and _names(self.areas, alarm.source.area)
            and _names(self.centres, alarm.source.centre)
        )


def _names(listed: tuple[str, ...], *words: str) -> bool:
    return not listed or any(word in listed for word in words)


class Recurrence(msgspec.Struct, frozen=True, kw_only=True):
    """Windows of a series, in local time of `zone`: from `start` to before `end`, over midnight when `end` is earlier.

    `days` are the days on which a window begins (ISO 8601: 1 is Monday); empty: every day.
    """

    start: dt.time
    end: dt.time
    zone: str
    days: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("the times of a series are local: they have no offset")
        if any(day not in range(1, 8) for day in self.days) or len(set(self.days)) != len(self.days):
            raise ValueError("the days of a series are numbers from 1 (Monday) to 7, each once")
        day = dt.date(2000, 1, 3)
        begins, ends = dt.datetime.combine(day, self.start), dt.datetime.combine(day, self.end)
        length = ends - begins + (dt.timedelta(days=1) if ends < begins else dt.timedelta())
        if not dt.timedelta(0) < length <= LONGEST_WINDOW:
            raise ValueError("a window of a series must be longer than nothing and at most 12 hours long")

    def window(self, at: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
        """The window that holds a moment, in UTC; None between windows."""
        return next(((begin, end) for begin, end in self._around(at) if begin <= at < end), None)

    def _around(self, at: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """The windows that begin on the local day of a moment and on the day before."""
        zone = ZoneInfo(self.zone)
        today = at.astimezone(zone).date()
        for day in (today - dt.timedelta(days=1), today):
            if self.days and day.isoweekday() not in self.days:
                continue
            last = day + dt.timedelta(days=1) if self.end <= self.start else day
            begin = dt.datetime.combine(day, self.start, zone).astimezone(dt.UTC)
            yield begin, dt.datetime.combine(last, self.end, zone).astimezone(dt.UTC)


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """One silence, from `starts` to before `until`; of a series only its windows count.

    `ended_at` is when a person ended it early. Raises ValueError with a sentence when it could not be agreed to.
    """

    id: str
    author: str
    reason: str
    matcher: Matcher
    starts: dt.datetime
    until: dt.datetime
    recurs: Recurrence | None = None
    created_at: dt.datetime
    ended_at: dt.datetime | None = None
    ended_by: str = ""

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a silence needs a reason")
        longest = LONGEST if self.recurs is None else LONGEST_SERIES
        if not dt.timedelta(0) < self.until - self.starts <= longest:
            raise ValueError(f"a silence must end after it begins, and within {longest.days} days")

    @property
    def ends(self) -> dt.datetime:
        """When it ends, or ended."""
        return self.until if self.ended_at is None else min(self.until, self.ended_at)

    def state(self, at: dt.datetime) -> State:
        """Whether it is to come, going on (also between the windows of a series), or over."""
        if at >= self.ends:
            return "past"
        return "future" if at < self.starts else "current"

    def span(self, at: dt.datetime) -> tuple[dt.datetime, dt.datetime] | None:
        """The time without interruption, around a moment, in which it mutes; None while it does not."""
        if not self.starts <= at < self.ends:
            return None
        if self.recurs is None:
            return self.starts, self.ends
        window = self.recurs.window(at)
        return None if window is None else (max(window[0], self.starts), min(window[1], self.ends))

    def mutes(self, at: dt.datetime) -> bool:
        """Whether it mutes at a moment."""
        return self.span(at) is not None

    def hides(self, alarm: Alarm, at: dt.datetime) -> bool:
        """Whether it hides an alarm that is judged at a moment.

        One that holds is hidden while the silence mutes, and no longer. One that is over already, and came late, is
        hidden also when all of it lay within one window.
        """
        if not self.matcher.holds(alarm):
            return False
        if self.mutes(at):
            return True
        span = self.span(alarm.raised_at) if alarm.cleared_at is not None else None
        return span is not None and alarm.cleared_at is not None and alarm.cleared_at <= span[1]


def silenced_by(alarm: Alarm, silences: Iterable[Silence], at: dt.datetime) -> Silence | None:
    """The silence that hides an alarm judged at a moment (the present): of several the oldest; None when none does.

    Asked of an alarm that has no incident. Asked again of one that was hidden and still holds, None says that its
    silence is over, or that it has become worse than the silence hides: it is correlated now.
    """
    return min(
        (one for one in silences if one.hides(alarm, at)), key=lambda one: (one.created_at, one.id), default=None
    )
