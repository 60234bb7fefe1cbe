"""Which errors mean that PostgreSQL is away, and that none of them hides the end of a task."""

import asyncio

import asyncpg
import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.away import AWAY, ending
from ioc.store.database import Database


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError,
        TimeoutError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.TooManyConnectionsError,
        asyncpg.InternalClientError,
    ],
)
def test_what_may_pass_is_away(error: type[Exception]) -> None:
    assert issubclass(error, AWAY)


@pytest.mark.parametrize("error", [asyncpg.UndefinedTableError, asyncpg.UniqueViolationError, ValueError])
def test_what_is_our_mistake_is_not(error: type[Exception]) -> None:
    assert not issubclass(error, AWAY)


async def test_what_a_lost_connection_says_hides_no_cancellation(database: Database, admin: asyncpg.Connection) -> None:
    """Of one who tries again, as the board and the keeper do."""
    reached = asyncio.Event()

    async def works() -> None:
        try:
            async with database.transaction(EVERYTHING) as transaction:
                await cut(transaction.connection, admin)
                reached.set()
                await asyncio.Event().wait()
        except AWAY:  # here it would try again
            return

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(works(), name="works")
        await reached.wait()
        task.cancel()
        await asyncio.wait([task])
    assert task.cancelled()


async def cut(connection: asyncpg.Connection, admin: asyncpg.Connection) -> None:
    """End a connection from the server's side, and wait until this side has heard of it."""
    closed = asyncio.Event()
    connection.add_termination_listener(lambda _: closed.set())
    await admin.execute("select pg_terminate_backend($1)", connection.get_server_pid())
    await closed.wait()


async def test_an_error_is_itself_in_a_task_that_was_cancelled_before() -> None:
    known = False

    async def clean_up() -> None:
        nonlocal known
        try:
            await asyncio.Event().wait()
        finally:
            try:
                with ending():
                    raise ConnectionRefusedError
            except ConnectionRefusedError:
                known = True

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(clean_up(), name="clean up")
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert known


async def test_a_group_of_tasks_that_fails_is_no_cancellation() -> None:
    async def fails() -> None:
        await asyncio.sleep(0)
        raise ConnectionRefusedError

    with pytest.raises(ExceptionGroup), ending():
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(fails(), name="fails")
