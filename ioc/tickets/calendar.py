"""Working time: how far a clock that counts only working hours has gone, over nights, weekends, holidays and swaps.

Days and hours are local; moments come and go in UTC. Of a year without data, or one whose holidays are not announced,
only what is written counts as a holiday: a deadline then falls too early, never too late.
"""

import datetime as dt
import functools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ioc.tickets.policy import Clock, Policy

LONGEST_DAYS = 3660
"""How many days from a moment working time is looked for."""

_DAY = dt.timedelta(days=1)
_NONE = dt.timedelta(0)

Window = tuple[dt.datetime, dt.datetime]


class Calendar:
    """The working time of a policy."""

    def __init__(self, policy: Policy) -> None:
        """Raises ValueError for a zone that this machine does not know."""
        self._zone = ZoneInfo(policy.zone)
        self._hours = {day: one.hours for one in policy.work for day in one.days}
        self._worked_hours = policy.work[0].hours if policy.work else ()
        self._off = frozenset(day for year in policy.holidays for day in year.off)
        self._worked = frozenset(day for year in policy.holidays for day in year.worked)
        self._announced = frozenset(year.year for year in policy.holidays if year.announced)

    def day_of(self, at: dt.datetime) -> dt.date:
        """The local day of a moment."""
        return at.astimezone(self._zone).date()

    def windows(self, day: dt.date) -> tuple[Window, ...]:
        """The working hours of a local day, in their order. A day that is worked in exchange has the hours of the
        first entry of working hours, whatever weekday it is."""
        if day in self._worked:
            hours = self._worked_hours
        elif day in self._off:
            hours = ()
        else:
            hours = self._hours.get(day.isoweekday(), ())
        return tuple((self._at(day, start), self._at(day, end)) for start, end in sorted(hours))

    def works(self, at: dt.datetime) -> bool:
        """Whether a moment lies in working hours."""
        return any(start <= at < end for start, end in self.windows(self.day_of(at)))

    def add(self, at: dt.datetime, span: dt.timedelta) -> dt.datetime:
        """The moment at which so much working time has gone since `at`; negative: that lies so much before it.

        Nothing gone: `at` itself. OverflowError when there is not so much within ten years.
        """
        if span < _NONE:
            return self._back(at, -span)
        left = span
        for start, end in self._from(at):
            if left == _NONE:
                break
            start = max(start, at)
            if end - start >= left:
                return start + left
            left -= max(end - start, _NONE)
        if left:
            raise OverflowError(f"there is no working time for {span} within ten years of {at:%Y-%m-%d}")
        return at

    def _back(self, at: dt.datetime, span: dt.timedelta) -> dt.datetime:
        left = span
        for start, end in self._before(at):
            end = min(end, at)
            if end - start >= left:
                return end - left
            left -= max(end - start, _NONE)
        raise OverflowError(f"there is no working time for {span} within ten years before {at:%Y-%m-%d}")

    def between(self, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """The working time from one moment to another; negative when the other is the earlier one."""
        if end < start:
            return -self.between(end, start)
        total, day, last = _NONE, self.day_of(start), self.day_of(end)
        while day <= last:
            spans = (min(until, end) - max(since, start) for since, until in self.windows(day))
            total += sum((one for one in spans if one > _NONE), _NONE)
            day += _DAY
        return total

    def unannounced(self, start: dt.datetime, end: dt.datetime) -> tuple[int, ...]:
        """The years between two moments whose holidays are not known for certain."""
        years = range(self.day_of(start).year, self.day_of(end).year + 1)
        return tuple(year for year in years if year not in self._announced)

    def _at(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self._zone).astimezone(dt.UTC)

    def _from(self, at: dt.datetime) -> Iterator[Window]:
        day = self.day_of(at)
        for ahead in range(LONGEST_DAYS):
            yield from self.windows(day + ahead * _DAY)

    def _before(self, at: dt.datetime) -> Iterator[Window]:
        day = self.day_of(at)
        for behind in range(LONGEST_DAYS):
            yield from reversed(self.windows(day - behind * _DAY))


@functools.lru_cache(maxsize=16)
def calendar_of(policy: Policy) -> Calendar:
    """The working time of a policy, made once."""
    return Calendar(policy)


def after(policy: Policy, clock: Clock, at: dt.datetime, span: dt.timedelta) -> dt.datetime:
    """The moment at which so much of a clock's time has gone since `at`; negative: before it."""
    return at + span if clock.hours == "always" else calendar_of(policy).add(at, span)


def spent(policy: Policy, clock: Clock, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """How much of a clock's time lies from one moment to another; negative when the other is the earlier one."""
    return end - start if clock.hours == "always" else calendar_of(policy).between(start, end)
