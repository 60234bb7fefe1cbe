"""Which errors mean that PostgreSQL is away."""

import asyncpg
import pytest

from ioc.store.away import AWAY


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
