"""Whether a rule counts at a moment: its days and local hours, whatever the zone does with its clocks."""

import datetime as dt
import functools
from zoneinfo import ZoneInfo

from ioc.incidents.conditions import DAYS, Schedule


def counts_at(schedule: Schedule, at: dt.datetime) -> bool:
    """Whether an aware moment lies in the schedule. A span over midnight belongs to the day on which it begins."""
    local = at.astimezone(_zone(schedule.zone))
    time, day = local.time(), DAYS[local.weekday()]
    if schedule.begins == schedule.ends:
        return day in schedule.days
    if schedule.begins < schedule.ends:
        return schedule.begins <= time < schedule.ends and day in schedule.days
    if time >= schedule.begins:
        return day in schedule.days
    return time < schedule.ends and DAYS[local.weekday() - 1] in schedule.days


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
