"""Keeps the figures of alarms' quality by the hour, in the one process that leads.

Each hour is made once it is over and people had their minute to answer; made again it gives the same. Judging an
incident false later renews its hour.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from ioc.access.scope import EVERYTHING
from ioc.incidents.quality import HOUR
from ioc.store import alarm_quality
from ioc.store.alarm_quality import hour_of
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 60.0

SETTLED = dt.timedelta(minutes=2)
"""How long after its end an hour is made: whoever owned an alarm of its last minute did so by then."""

BACK = dt.timedelta(days=30)
"""How far back hours are made where none is kept, and renewed when an incident is judged."""

MOST_HOURS = 48
"""Hours of one turn: a backlog must not keep the others of this process from their work."""


class Quality:
    """Makes the hours that are over. `kept` counts those that were made by this process.

    `believed` tells whether the clock may be trusted: hours that were made ahead of time would never be made again.
    """

    def __init__(
        self, database: Database, now: Callable[[], dt.datetime], believed: Callable[[], Awaitable[bool]]
    ) -> None:
        self._database = database
        self._now = now
        self._believed = believed
        self.kept = 0

    async def run(self) -> None:
        """Work until cancelled; an error is logged, and the work goes on."""
        while True:
            try:
                while await self.turn():
                    pass
            except AWAY as error:
                log.warning("figures of alarms could not be made (%s); trying again", type(error).__name__)
            except Exception:
                log.exception("figures of alarms could not be made; trying again")
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> bool:
        """Make the next hours; False when there is none left."""
        now = self._now()
        end = hour_of(now - SETTLED)
        first = await self._first(end)
        if first >= end or not await self._believed():
            return False
        until = min(end, first + MOST_HOURS * HOUR)
        for number in range((until - first) // HOUR):
            await self._keep(first + number * HOUR, now)
        if until < end:
            return True
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            judged = await alarm_quality.judged(transaction, hour_of(now - BACK))
        for hour in judged:
            await self._keep(hour, now)
        return False

    async def _first(self, end: dt.datetime) -> dt.datetime:
        """The first hour that is not kept."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            newest = await alarm_quality.newest(transaction)
            if newest is not None:
                return newest + HOUR
            oldest = await alarm_quality.oldest_alarm(transaction)
        return max(hour_of(oldest), end - BACK) if oldest is not None else end - HOUR

    async def _keep(self, hour: dt.datetime, now: dt.datetime) -> None:
        async with self._database.transaction(EVERYTHING) as transaction:
            await alarm_quality.keep(transaction, hour, now)
        self.kept += 1
