"""Carries committed readings into the hourly rollups from a durable cursor, in the one process that leads.

One transaction moves the cursor and adds what lay before it, so that each value counts exactly once, whatever is
killed; the journal holds of a reading only what was new.
"""

import asyncio
import logging

from ioc.access.scope import EVERYTHING
from ioc.store import journal, rollups
from ioc.store.away import AWAY
from ioc.store.database import Database

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""Rollups lag so far behind: large pages cost little a reading."""

ENTRIES = 500
BYTES = 16_000_000
"""Most journal rows of one transaction, and bytes after which it takes no more."""


class Rollups:
    """Adds up what the journal brings. `cells` counts those that were merged by this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._behind = False
        self.cells = 0

    async def run(self) -> None:
        """Work until cancelled; an error is logged, and the work goes on from the cursor."""
        while True:
            try:
                while await self.turn() and self._behind:
                    pass
            except AWAY as error:
                log.warning("readings could not be added up (%s); trying again", type(error).__name__)
            except Exception:
                log.exception("readings could not be added up; trying again")
            await asyncio.sleep(EVERY_S)

    async def turn(self) -> bool:
        """Add up the next page of the journal; False when there was none."""
        async with self._database.transaction(EVERYTHING) as transaction:
            through = await journal.cursor(transaction, rollups.READER)
            page = await rollups.next_page(transaction, through, ENTRIES, BYTES)
            if page is None:
                return False
            # A page is many milliseconds of work: others in this process go on meanwhile.
            cells = await asyncio.to_thread(rollups.cells_of, page.payloads)
            lost = await rollups.merge(transaction, cells)
            await journal.advance(transaction, rollups.READER, page.through)
        # A page that is not full was the end: what came meanwhile waits, or each row would be a page of its own.
        self._behind = len(page.payloads) == ENTRIES or sum(len(one) for _, one in page.payloads) >= BYTES
        self.cells += len(cells) - lost
        if lost:
            log.error("%d hours of readings belong to no stream and are in no rollup", lost)
        return True
