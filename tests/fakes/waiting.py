"""Until one who works on a database waits for what another one holds."""

import asyncio

import asyncpg

from tests.conftest import Fresh

WAITS_S = 20.0

_WAITING = """
select exists (select from pg_locks l join pg_stat_activity a using (pid)
               where not l.granted and a.datname = current_database())
"""


async def somebody_waits(fresh: Fresh) -> None:
    """Returns when somebody waits for a lock in the database."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    try:
        async with asyncio.timeout(WAITS_S):
            while not await connection.fetchval(_WAITING):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()
