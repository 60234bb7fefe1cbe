"""What an error of PostgreSQL means to those who acknowledge: is a row at fault, or does the store take nothing now?

Only an error of data (SQLSTATE classes 22, 23 and 54, PostgreSQL's Appendix A, and a value that asyncpg cannot
encode) may ever turn a reading into a dead letter. Whatever else goes wrong, a wrong deployment included, is the
store's trouble: the batch waits.
"""

import asyncpg

from ioc.store.database import ServerChangedError, UnsafeDatabaseError

OF_DATA = ("22", "23", "54")

NO_PARTITION = "no partition of relation"
"""PostgreSQL reports a missing partition as a row that breaks a rule (23514); the table is at fault, not the row."""

BUSY = ("40", "0A", "53", "55")
"""Rolled back, a stale plan, out of some resource, or locked: the same may succeed soon."""

SENTENCES = {
    "store_away": "PostgreSQL does not answer; check that it runs and can be reached",
    "store_full": "PostgreSQL's disk is full; make room there",
    "store_read_only": "PostgreSQL is read-only; make it writable, or point IOC_DATABASE_URL at the primary server",
    "store_busy": "PostgreSQL is too busy; what waits is tried again",
    "store_refuses": "PostgreSQL refuses what we ask of it; run `ioc migrate`, and check the rights of ioc_app",
    "settings_unsafe": "PostgreSQL would not keep what it commits; switch on fsync, synchronous_commit and "
    "full_page_writes",
}
"""What each code means, and what to do."""


class NotTakenError(Exception):
    """The store does not take a batch now, or nobody knows whether it has: the same is tried again, unharmed."""

    def __init__(self, code: str, cause: BaseException) -> None:
        words = _words(cause)
        super().__init__(f"{SENTENCES[code]} ({type(cause).__name__}{': ' * bool(words)}{words})")
        self.code = code
        self.slow = isinstance(cause, TimeoutError)


def _words(error: BaseException) -> str:
    return str(error) if error.args else ""  # an asyncpg error without words raises when it is asked for them


def of_data(error: Exception) -> bool:
    """Whether a row is at fault, so that halving the batch finds it."""
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "")[:2] in OF_DATA and NO_PARTITION not in _words(error)
    if isinstance(error, asyncpg.InterfaceError):
        return isinstance(error, ValueError)  # asyncpg's own word for a value it cannot encode
    return isinstance(error, UnicodeEncodeError)


def of_content(error: Exception) -> bool:
    """Whether what was worked on may be at fault, so that leaving a part of it out may help: an error of data, one of
    PostGIS (it reports what it cannot compute as XX000), or one that is not the store's at all."""
    if isinstance(error, asyncpg.PostgresError):
        return of_data(error) or error.sqlstate == "XX000"
    store = (OSError, TimeoutError, MemoryError, asyncpg.InternalClientError, ServerChangedError, UnsafeDatabaseError)
    return of_data(error) or not isinstance(error, (*store, asyncpg.InterfaceError))


def code_of(error: Exception) -> str:
    """One of SENTENCES for an error that is not of data."""
    if isinstance(error, UnsafeDatabaseError):
        return "settings_unsafe"
    if isinstance(error, ServerChangedError):
        return "store_busy"
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate or "")
        known = {"53100": "store_full", "25006": "store_read_only"}
        if state in known:
            return known[state]
        if state[:2] in ("08", "57") or state == "":
            return "store_away"
        return "store_busy" if state[:2] in BUSY else "store_refuses"
    if isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError):
        return "store_away"
    return "store_refuses"
