"""How fresh a stream is, from its expected interval and from data that arrived; no clock, no I/O."""

import datetime as dt

STALE_AFTER = 2.0
"""Expected intervals without data after which a source is stale."""

LOST_AFTER = 5.0
"""Expected intervals without data after which a source is lost."""


def freshness(heard_at: dt.datetime | None, interval_s: float, now: dt.datetime) -> str:
    """`fresh`, `stale` or `lost`. A source that was never heard is lost; a clock set back changes nothing."""
    if heard_at is None:
        return "lost"
    silence = (now - heard_at).total_seconds()
    if silence > LOST_AFTER * interval_s:
        return "lost"
    return "stale" if silence > STALE_AFTER * interval_s else "fresh"
