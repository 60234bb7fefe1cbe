"""Transactions, wake-ups and JSON over the one pool; refusals are tried in tests/integration."""

import asyncio
import contextlib

import asyncpg
import pytest
import sqlalchemy as sa

from ioc.access.scope import EVERYTHING, Scope
from ioc.store.database import SERVER_SETTINGS, Database
from tests.conftest import Fresh


async def test_a_transaction_has_the_scope_it_was_given_and_the_settings_of_the_service(database: Database) -> None:
    async with database.transaction(Scope(frozenset({"b", "a"}))) as transaction:
        assert await transaction.value(sa.select(sa.func.current_setting("ioc.scope"))) == "a,b"
        for name in ("plan_cache_mode", "jit"):
            assert await transaction.value(sa.select(sa.func.current_setting(name))) == SERVER_SETTINGS[name]


async def test_what_only_reads_cannot_write_and_sees_one_moment(database: Database) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            await transaction.connection.execute("delete from changes")
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        assert await transaction.connection.fetchval("show transaction_isolation") == "repeatable read"


async def test_an_error_takes_everything_back(database: Database) -> None:
    with pytest.raises(RuntimeError):
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("insert into cursors values ('x', 1)")
            raise RuntimeError
    async with database.transaction(EVERYTHING) as transaction:
        assert await transaction.connection.fetchval("select count(*) from cursors where name = 'x'") == 0


async def test_json_is_itself_there_and_back(database: Database) -> None:
    value = {"tên": ["Hội An", 1.5, None, True]}
    async with database.transaction(EVERYTHING) as transaction:
        assert await transaction.connection.fetchval("select $1::jsonb", value) == value


async def test_a_listener_is_woken_at_the_commit_and_not_before(database: Database) -> None:
    woken = asyncio.Event()
    async with database.listen("ioc_test", woken.set):
        async with database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("notify ioc_test")
            assert not woken.is_set()
        async with asyncio.timeout(5):
            await woken.wait()


async def test_a_listener_whose_connection_is_lost_ends_quietly(
    fresh: Fresh, database: Database, admin: asyncpg.Connection
) -> None:
    with contextlib.suppress(asyncpg.InterfaceError):  # what the pool says of a connection that it took back
        async with asyncio.timeout(10), database.listen("ioc_test", lambda: None) as connection:
            await admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ioc_app' and datname = $1",
                fresh.name,
            )
            while not connection.is_closed():
                await asyncio.sleep(0.01)
    async with database.transaction(EVERYTHING) as transaction:
        assert await transaction.connection.fetchval("select 1") == 1


async def test_a_server_that_is_not_there_is_an_os_error() -> None:
    with pytest.raises(ConnectionRefusedError):
        async with Database.open("postgresql://ioc_app:x@127.0.0.1:1/ioc"):
            pass
