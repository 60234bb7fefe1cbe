"""Whether a rule counts at a moment: its days and local hours, whatever the zone does with its clocks."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

from ioc.incidents.conditions import DAYS, Schedule


def counts_at(schedule: Schedule, at: dt.datetime) -> bool:
    """Whether an aware moment lies in the schedule. A span over midnight belongs to the day on which it begins."""
    local = at.astimezone(_zone(schedule.zone))
    time, day = local.time(), local.date()
    if schedule.begins == schedule.ends:
        return _is_day(schedule, day)
    if schedule.begins < schedule.ends:
        return schedule.begins <= time < schedule.ends and _is_day(schedule, day)
    if time >= schedule.begins:
        return _is_day(schedule, day)
    return time < schedule.ends and day > dt.date.min and _is_day(schedule, day - dt.timedelta(days=1))


def _is_day(schedule: Schedule, day: dt.date) -> bool:
    if DAYS[day.weekday()] not in schedule.days:
        return False
    date, first, last = f"{day:%m-%d}", schedule.first, schedule.last
    return not first or (first <= date <= last if first <= last else date >= first or date <= last)


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
