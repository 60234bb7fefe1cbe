"""Where a pool hears NOTIFY: one connection for all channels, because one for each would leave none for the work."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from ioc.store.away import AWAY


class Ear:
    """Listens while anybody does, on a connection that is lent by the pool.

    A connection that is lost is given back by those who listened on it; whoever listens anew gets another one.
    """

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._turn = asyncio.Lock()
        self._current: asyncpg.pool.PoolConnectionProxy[Any] | None = None
        self._listeners: Counter[int] = Counter()

    @asynccontextmanager
    async def listening(
        self, channel: str, wake: Callable[[], None]
    ) -> "AsyncIterator[asyncpg.pool.PoolConnectionProxy[Any]]":
        """Call `wake` at every NOTIFY on the channel, for as long as the block lasts and the connection is open."""

        def heard(*_: object) -> None:
            wake()

        async with self._turn:
            connection = await self._borrowed()
        try:
            async with self._turn:
                await connection.add_listener(channel, heard)
            yield connection
        finally:
            async with self._turn:
                try:
                    with suppress(*AWAY):  # the connection is lost, and its listener with it
                        await connection.remove_listener(channel, heard)
                finally:
                    await self._left(connection)

    async def _borrowed(self) -> "asyncpg.pool.PoolConnectionProxy[Any]":
        if self._current is None or _lost(self._current):
            self._current = await self._pool.acquire()
        self._listeners[id(self._current)] += 1
        return self._current

    async def _left(self, connection: "asyncpg.pool.PoolConnectionProxy[Any]") -> None:
        self._listeners[id(connection)] -= 1
        if self._listeners[id(connection)]:
            return
        del self._listeners[id(connection)]
        if connection is self._current:
            self._current = None
        await self._pool.release(connection)


def _lost(connection: "asyncpg.pool.PoolConnectionProxy[Any]") -> bool:
    """Whether a connection is closed; one that broke has gone back to the pool by itself."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True
