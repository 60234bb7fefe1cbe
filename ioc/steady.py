"""Whether the clock may be believed by those who delete for ever: it must have gone on steadily.

A clock that is set a year ahead, by a mistaken server of time or a worn-out battery, would otherwise let a whole year
of readings go within a minute.
"""

import datetime as dt
import logging
from collections.abc import Callable

from ioc.access.scope import EVERYTHING
from ioc.store import journal
from ioc.store.database import Database

log = logging.getLogger(__name__)

NAME = "keeper-clock"
"""The cursor that holds the second, since 1970, until which the clock was believed."""

APART = dt.timedelta(minutes=5)
"""How far PostgreSQL's clock may be from ours."""

PAUSE = dt.timedelta(hours=6)
"""How far the clock may have gone on since it was believed last; more is a long stop of the centre, or a step."""

WATCHED_S = 24 * 3600.0
"""Seconds (monotonic) that it must go on steadily after that, so that people find the mistake first."""

DRIFT = dt.timedelta(minutes=10)
"""How far it may be from the monotonic clock in that time."""


class Steady:
    """Believes a clock, or watches it until it can be believed."""

    def __init__(self, database: Database, now: Callable[[], dt.datetime], monotonic: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._monotonic = monotonic
        self._watched: tuple[dt.datetime, float] | None = None
        self._said = ""

    async def believed(self) -> bool:
        """Whether something may be deleted by this clock now."""
        async with self._database.transaction(EVERYTHING) as transaction:
            theirs: dt.datetime = await transaction.connection.fetchval("select clock_timestamp()")
            before = await journal.cursor(transaction, NAME)
            now = self._now()
            why = self._doubt(now, theirs, dt.datetime.fromtimestamp(before, dt.UTC) if before else now)
            if not why:
                self._watched = None
                await journal.advance(transaction, NAME, int(now.timestamp()))
        if why != self._said:
            log.error("nothing is deleted by age now: %s", why) if why else log.info("the clock is believed again")
            self._said = why
        return not why

    def _doubt(self, now: dt.datetime, theirs: dt.datetime, before: dt.datetime) -> str:
        if abs(theirs - now) > APART:
            return "our clock and PostgreSQL's do not agree; set both by the same server of time"
        if now - before <= PAUSE:
            return ""
        moment = self._monotonic()
        if self._watched is not None:
            first, since = self._watched
            passed = moment - since
            if abs(now - first - dt.timedelta(seconds=passed)) <= DRIFT:
                return "" if passed >= WATCHED_S else self._said
        self._watched = now, moment
        return (
            f"the clock has gone on from {before:%Y-%m-%d %H:%M} to {now:%Y-%m-%d %H:%M} at once; "
            "check it: it is believed when it has gone on steadily for a day"
        )
