"""What it looks like when PostgreSQL is not there, for those who may not know its client library."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

AWAY: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what asyncpg itself says when a connection ends between two of its steps
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
)
"""Errors after which the same request may succeed later."""

DEADLOCK: tuple[type[BaseException], ...] = (asyncpg.DeadlockDetectedError,)
"""What PostgreSQL raises where it undid a transaction so that another one, which waited for it in turn, could go on."""


@contextmanager
def ending() -> Iterator[None]:
    """A task that is cancelled in the body ends by that, whatever its connection says of its own end.

    Leaving a transaction of a connection that is lost raises one of AWAY in place of the cancellation. Whoever takes
    that for a reason to try again would never end, and those who wait for its end would wait for ever. Other errors are
    themselves: a group of tasks that fails leaves its task counted as cancelled (Python 3.11).
    """
    task = asyncio.current_task()
    before = 0 if task is None else task.cancelling()
    try:
        yield
    except AWAY as error:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError from error
        raise
