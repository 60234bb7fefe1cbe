"""What may run once: desk and watches run in the one process that holds an advisory lock; the others wait."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import msgspec

from ioc.store.database import Database

log = logging.getLogger(__name__)

LOCK = 7_235_002
LOOK_S = 2.0


class Lead(msgspec.Struct):
    """Whether this process holds the lead now."""

    held: bool = False


@asynccontextmanager
async def _leading(database: Database, number: int) -> AsyncIterator[None]:
    async with database.advisory_lock(number, LOOK_S) as alive, asyncio.TaskGroup() as tasks:
        watch = tasks.create_task(alive(), name="lead-watch")
        try:
            yield
        finally:
            watch.cancel()


async def lead(
    database: Database,
    lead: Lead,
    work: Callable[[], Awaitable[None]],
    *,
    number: int = LOCK,
    what: str = "desk and watches run here",
) -> None:
    """Wait for the lead, work, and begin again when the connection that holds the lock is lost."""
    while True:
        try:
            async with _leading(database, number):
                lead.held = True
                log.info("this process leads: %s", what)
                await work()
        except* Exception as lost:
            log.warning("the lead is lost (%r); waiting for it again", lost.exceptions[0])
        finally:
            lead.held = False
        await asyncio.sleep(LOOK_S)
