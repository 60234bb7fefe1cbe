"""What it looks like when PostgreSQL is not there, for those who may not know its client library."""

import asyncpg

AWAY: tuple[type[BaseException], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
)
"""Errors after which the same request may succeed later."""

CONTENDED: tuple[type[BaseException], ...] = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
"""Errors of a transaction that was in another's way: nothing of it happened, and the same succeeds at once."""
