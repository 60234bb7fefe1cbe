"""Quiet hours: when a person wants to be left alone, and until when what waits is held."""

import datetime as dt

import msgspec

BREAKS = "extreme"
"""The severity that nobody sleeps through."""


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Every day from `since` to before `until`, in local time; over midnight when `until` is earlier.

    Two equal times are no quiet hours.
    """

    since: dt.time
    until: dt.time


def ends(quiet: Quiet, zone: dt.tzinfo, at: dt.datetime) -> dt.datetime | None:
    """When the quiet hours end in which a moment lies, in UTC; None when it lies in none."""
    here = at.astimezone(zone)
    clock, since, until = here.time(), quiet.since, quiet.until
    over_midnight = until < since
    within = (clock >= since or clock < until) if over_midnight else since <= clock < until
    if not within:
        return None
    day = here.date() + dt.timedelta(days=int(over_midnight and clock >= since))
    return dt.datetime.combine(day, until, tzinfo=zone).astimezone(dt.UTC)


def held(quiet: Quiet | None, zone: dt.tzinfo, severity: str, at: dt.datetime) -> dt.datetime:
    """When something of this severity may be told that would be told at a moment: then, or after the quiet hours.

    Never earlier; `extreme` is never held.
    """
    if quiet is None or severity == BREAKS:
        return at
    end = ends(quiet, zone, at)
    return at if end is None else max(at, end)
