"""Brings the schema to the newest revision: Alembic writes the SQL, asyncpg runs it in one transaction."""

import asyncio
import io
from importlib.resources import files

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

LOCK = 7_235_001
"""Advisory lock that keeps two migrations apart."""


def _config(out: io.StringIO) -> Config:
    config = Config(output_buffer=out, stdout=out)
    config.set_main_option("script_location", str(files("ioc.store.migrations")))
    return config


def head() -> str:
    """The newest revision that this code knows."""
    revision = ScriptDirectory.from_config(_config(io.StringIO())).get_current_head()
    if revision is None:
        raise RuntimeError("no migration is shipped; the installation is incomplete")
    return revision


async def current(connection: asyncpg.Connection) -> str | None:
    """The revision of the database, None when it is empty."""
    if await connection.fetchval("select to_regclass('alembic_version')") is None:
        return None
    revision: str | None = await connection.fetchval("select version_num from alembic_version")
    return revision


def _statements(since: str | None, to: str = "head") -> str:
    out = io.StringIO()
    command.upgrade(_config(out), f"{since or 'base'}:{to}", sql=True)
    return out.getvalue()


async def migrate(url: str) -> str:
    """Run what is missing as the owner role of `url` and return the revision reached."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("select pg_advisory_lock($1)", LOCK)
        since = await current(connection)
        if since != head():
            await connection.execute(await asyncio.to_thread(_statements, since))
        return head()
    finally:
        await connection.close()
