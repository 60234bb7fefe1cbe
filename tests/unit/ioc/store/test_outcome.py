"""Only an error of data may turn a reading into a dead letter; everything else has a code and a sentence."""

import asyncpg
import pytest

from ioc.store.database import UnsafeDatabaseError
from ioc.store.outcome import SENTENCES, NotTakenError, code_of, of_content, of_data

ENCODING = asyncpg.exceptions._base.DataError


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DataError(""),
        asyncpg.NumericValueOutOfRangeError(""),
        asyncpg.UntranslatableCharacterError(""),
        asyncpg.CheckViolationError("new row violates check constraint"),
        asyncpg.NotNullViolationError(""),
        asyncpg.ProgramLimitExceededError(""),
        ENCODING("invalid input for query argument $1"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ],
)
def test_errors_of_data(error: Exception) -> None:
    assert of_data(error)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConnectionResetError(), "store_away"),
        (TimeoutError(), "store_away"),
        (asyncpg.ConnectionDoesNotExistError(), "store_away"),
        (asyncpg.CannotConnectNowError(), "store_away"),
        (asyncpg.AdminShutdownError(), "store_away"),
        (asyncpg.InterfaceError("connection is closed"), "store_away"),
        (asyncpg.InternalClientError(), "store_away"),
        (asyncpg.DiskFullError(), "store_full"),
        (asyncpg.ReadOnlySQLTransactionError(), "store_read_only"),
        (asyncpg.OutOfMemoryError(), "store_busy"),
        (asyncpg.TooManyConnectionsError(), "store_busy"),
        (asyncpg.DeadlockDetectedError(), "store_busy"),
        (asyncpg.LockNotAvailableError(), "store_busy"),
        (asyncpg.InvalidCachedStatementError(), "store_busy"),
        (asyncpg.InsufficientPrivilegeError(), "store_refuses"),
        (asyncpg.UndefinedTableError(), "store_refuses"),
        (asyncpg.UndefinedColumnError(), "store_refuses"),
        (asyncpg.InvalidPasswordError(), "store_refuses"),
        (asyncpg.CheckViolationError('no partition of relation "readings" found for row'), "store_refuses"),
        (UnsafeDatabaseError("fsync is off"), "settings_unsafe"),
        (KeyError("a mistake of ours"), "store_refuses"),
        (ValueError("a mistake of ours"), "store_refuses"),
    ],
)
def test_errors_of_the_store_have_a_code_and_say_what_to_do(error: Exception, code: str) -> None:
    assert not of_data(error)
    assert code_of(error) == code
    said = NotTakenError(code, error)
    assert str(said).startswith(SENTENCES[code])
    assert (said.code, said.slow) == (code, isinstance(error, TimeoutError))


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (KeyError("a mistake of ours"), True),
        (RecursionError(), True),
        (UnicodeEncodeError("utf-8", "x", 0, 1, "no"), True),
        (asyncpg.CharacterNotInRepertoireError("NUL"), True),
        (asyncpg.exceptions.InternalServerError("TopologyException"), True),
        (asyncpg.exceptions.DataCorruptedError("a page of the disk"), False),
        (asyncpg.UndefinedTableError(), False),
        (asyncpg.DeadlockDetectedError(), False),
        (asyncpg.InterfaceError("connection is closed"), False),
        (ConnectionResetError(), False),
        (TimeoutError(), False),
        (MemoryError(), False),
        (UnsafeDatabaseError("fsync is off"), False),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_was_worked_on_is_at_fault_only_where_the_store_is_not(error: Exception, is_so: bool) -> None:
    assert of_content(error) is is_so
