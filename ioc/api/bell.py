"""Rings when somebody has news: pages that wait for it are answered within a second.

What is told is for a person, not of a place, so it is no change of the log that live streams forward. Streams wait here
beside it, and so do pages that ask with the mark that they know; one question to PostgreSQL twice a second stands for
all that wait, and none is asked while nobody does.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from ioc.access.scope import EVERYTHING
from ioc.store import told
from ioc.store.away import AWAY
from ioc.store.database import Database
from ioc.store.told import Unread

log = logging.getLogger(__name__)

EVERY_S = 0.5


class Bell:
    """One for each server process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, dict[asyncio.Future[Unread | None], str]] = {}
        self._some = asyncio.Event()

    async def news(self, login: str, mark: str, seconds: float) -> Unread | None:
        """What a person has not read, when its mark is another than this one; None when it was not within seconds."""
        waiter: asyncio.Future[Unread | None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(login, {})[waiter] = mark
        self._some.set()
        try:
            async with asyncio.timeout(seconds):
                return await waiter
        except TimeoutError:
            return None
        finally:
            mine = self._waiting.get(login, {})
            mine.pop(waiter, None)
            if not mine:
                self._waiting.pop(login, None)

    async def run(self) -> None:
        """Look for those who wait, until cancelled."""
        while True:
            await self._some.wait()
            if not self._waiting:
                self._some.clear()
                continue
            try:
                await self.look()
            except AWAY as error:
                log.debug("nobody hears of news while PostgreSQL is away (%s)", type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Answer those whose mark has changed."""
        async with self._database.transaction(EVERYTHING, read_only=True) as transaction:
            unread = await told.unread(transaction, list(self._waiting))
        for login, waiters in self._waiting.items():
            now = unread.get(login, told.NONE)
            for waiter, known in waiters.items():
                if known != now.mark and not waiter.done():
                    waiter.set_result(now)

    def end(self) -> None:
        """Answer all who wait: the server stops."""
        for waiters in self._waiting.values():
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)


BELL: web.AppKey[Bell] = web.AppKey("bell", Bell)


@asynccontextmanager
async def ringing(app: web.Application) -> AsyncIterator[None]:
    """The bell of an application rings until the body ends; then all who wait are answered."""
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(app[BELL].run(), name="bell")
        try:
            yield
        finally:
            work.cancel()
            app[BELL].end()
