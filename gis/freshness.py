"""How fresh a stream is, from its expected interval and from data that arrived; no clock, no I/O."""

import datetime as dt
from collections.abc import Iterable

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


def listened(spans: Iterable[tuple[dt.datetime, dt.datetime]], since: dt.datetime, until: dt.datetime) -> float:
    """Seconds between two moments in which somebody listened; `spans` do not overlap.

    Silence counts only while it could have been broken: an intake that was away has heard nobody.
    """
    return sum(max(0.0, (min(end, until) - max(begin, since)).total_seconds()) for begin, end in spans)
