"""What the service asks of its PostgreSQL, and the lock of the one process that leads."""

import asyncio
import time

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database, UnsafeDatabaseError
from tests.conftest import Fresh
from tests.fakes import servers as real
from tests.fakes.frozen import frozen


async def test_a_superuser_and_an_owner_of_tables_are_refused(fresh: Fresh) -> None:
    for role in ("postgres", "ioc_owner"):
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(fresh.url(role)):
                pass


async def test_a_role_that_inherits_the_owner_s_rights_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute(f"create role {fresh.name}_heir login password 'x' in role ioc_owner")
    try:
        url = fresh.url().split("//")[0] + f"//{fresh.name}_heir:x@" + fresh.url().split("@")[1]
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(url):
                pass
    finally:
        await admin.execute(f"drop role {fresh.name}_heir")


async def test_a_role_that_bypasses_row_level_security_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute("alter role ioc_outside bypassrls")
    try:
        with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
            async with Database.open(fresh.url("ioc_outside")):
                pass
    finally:
        await admin.execute("alter role ioc_outside nobypassrls")


async def test_a_database_that_does_not_wait_for_the_disk_is_refused(fresh: Fresh, admin: asyncpg.Connection) -> None:
    await admin.execute(f"alter role ioc_app in database {fresh.name} set synchronous_commit = off")
    with pytest.raises(UnsafeDatabaseError, match="synchronous_commit"):
        async with Database.open(fresh.url()):
            pass


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_a_server_that_does_not_write_durably_is_refused(setting: str) -> None:
    with real.running(f"{setting}=off") as careless, pytest.raises(UnsafeDatabaseError, match=setting):
        async with Database.open(careless.url("ioc_app", "ioc")):
            pass


async def test_a_second_one_waits_for_the_lock_longer_than_any_statement_may_take(fresh: Fresh) -> None:
    async with (
        Database.open(fresh.url()) as one,
        asyncpg.create_pool(fresh.url(), min_size=1, max_size=1, command_timeout=0.3) as pool,
    ):
        other = Database(pool)
        taken = asyncio.Event()

        async def wait() -> None:
            async with other.advisory_lock(77, 0.05):
                taken.set()

        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            async with one.advisory_lock(77, 0.05):
                tasks.create_task(wait(), name="waiter")
                await asyncio.sleep(0.8)
                assert not taken.is_set()
            await taken.wait()


async def test_the_loss_of_the_connection_with_the_lock_is_noticed(fresh: Fresh, admin: asyncpg.Connection) -> None:
    async with Database.open(fresh.url()) as database:
        with pytest.raises((OSError, asyncpg.PostgresError, asyncpg.InterfaceError)):
            async with asyncio.timeout(10), database.advisory_lock(78, 0.02) as alive:
                await admin.execute(
                    """select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 78"""
                )
                await alive()


async def test_a_transaction_with_a_patience_leaves_a_server_that_stands_still(fresh: Fresh) -> None:
    async with asyncio.timeout(20), Database.later(fresh.url(), size=1) as database:
        patient = database.within(0.5)
        async with patient.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("select 1")
        for _ in range(2):  # the second has to connect anew
            with frozen(fresh.servers):
                began = time.monotonic()
                with pytest.raises(TimeoutError):
                    async with patient.transaction(EVERYTHING):
                        pass
                assert time.monotonic() - began < 2
        async with database.within(5.0).transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("select 1")


async def test_one_who_is_cancelled_before_a_frozen_server_ends_at_once(fresh: Fresh) -> None:
    async with asyncio.timeout(20), Database.later(fresh.url(), size=1) as database:
        inside = asyncio.Event()

        async def work() -> None:
            async with database.within(1.0).transaction(EVERYTHING) as transaction:
                inside.set()
                await transaction.connection.execute("select pg_sleep(60)")

        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(work(), name="work")
            await inside.wait()
            with frozen(fresh.servers):
                task.cancel()
                await asyncio.wait([task], timeout=5)
                assert task.cancelled()


async def test_a_pool_for_later_refuses_what_a_pool_for_now_refuses(fresh: Fresh) -> None:
    for role in ("postgres", "ioc_owner"):
        async with Database.later(fresh.url(role)) as database:
            with pytest.raises(UnsafeDatabaseError, match="ioc_app"):
                async with database.transaction(EVERYTHING):
                    pass
