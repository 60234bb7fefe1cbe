"""Revisions: none, one too new, and one that fails half way."""

from collections.abc import Callable

import asyncpg
import pytest
from alembic.util import CommandError

from ioc.store import migrate as migration
from ioc.store.migrate import current, head, migrate


async def test_an_empty_database_has_no_revision(blank: Callable[[str], str]) -> None:
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        assert await current(connection) is None
    finally:
        await connection.close()


async def test_a_migration_that_fails_half_way_leaves_nothing(
    blank: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = migration._statements
    with monkeypatch.context() as patched, pytest.raises(asyncpg.DivisionByZeroError):
        patched.setattr(
            migration, "_statements", lambda since: real(since).replace("COMMIT;", "select 1 / 0;\nCOMMIT;")
        )
        await migrate(blank("ioc_owner"))
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        assert await current(connection) is None
    finally:
        await connection.close()
    assert await migrate(blank("ioc_owner")) == head()


async def test_a_database_of_a_newer_program_is_refused(blank: Callable[[str], str]) -> None:
    await migrate(blank("ioc_owner"))
    connection = await asyncpg.connect(blank("ioc_owner"))
    try:
        await connection.execute("update alembic_version set version_num = '9999'")
        with pytest.raises(CommandError, match="9999"):
            await migrate(blank("ioc_owner"))
        assert await current(connection) == "9999"
    finally:
        await connection.close()
