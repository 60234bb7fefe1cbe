"""The day on which units of administration change: what stands in them moves, once, in the process that leads.

Looked at every few seconds, so that it happens at local midnight, or as soon as this runs again after it. Whoever holds
the units in memory is given the new ones when a release was loaded or a centre merged.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from gis.areas import AreaIndex
from ioc.access.scope import EVERYTHING
from ioc.area_loading import move_due
from ioc.store import releases
from ioc.store.database import Database
from ioc.store.observations import UNAVAILABLE
from ioc.store.registry import load_areas

log = logging.getLogger(__name__)

LOOK_S = 15.0


class Turning:
    """Moves what is due, and tells `redraw` of units that are new since `known`."""

    def __init__(
        self, database: Database, zone: ZoneInfo, now: Callable[[], dt.datetime], redraw: Callable[[AreaIndex], None]
    ) -> None:
        self._database, self._zone, self._now, self._redraw = database, zone, now, redraw
        self._known: tuple[Any, ...] | None = None

    async def run(self) -> None:
        """Look for as long as this process leads; what cannot be done now is tried again."""
        while True:
            try:
                await self.turn()
            except UNAVAILABLE as error:
                log.warning("new units of administration wait: the database is away (%s)", type(error).__name__)
            except Exception:
                log.exception("things could not be moved to new units of administration; this is tried again")
            await asyncio.sleep(LOOK_S)

    async def turn(self) -> None:
        """Move what is due now, all or nothing, and hand out units that are new."""
        await self._redrawn()
        async with self._database.transaction(EVERYTHING) as transaction:
            report = await move_due(transaction, self._zone, self._now())
        if report is not None:
            log.info("moved to new units of administration: %s", report.counts())

    async def _redrawn(self) -> None:
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            known = await releases.fingerprint(transaction)
            if known == self._known:
                return
            areas = await load_areas(transaction)
        index = await asyncio.to_thread(AreaIndex, areas)
        self._redraw(index)
        self._known = known
