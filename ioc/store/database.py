"""The one pool to PostgreSQL, and the one function that gives a transaction its scope."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString, Protocol, Self

import asyncpg
import orjson
from sqlalchemy.sql import ClauseElement

from ioc.access.scope import Scope
from ioc.store.away import AWAY, ending
from ioc.store.ear import Ear
from ioc.store.statements import BOUND, Prepared, prepare

Watchman = Callable[[], Coroutine[None, None, None]]


class Row(Protocol):
    """One row of an answer; columns by name or place."""

    def __getitem__(self, key: str | int, /) -> Any: ...

    def __contains__(self, key: object, /) -> bool: ...

    def keys(self) -> Iterable[str]: ...


SERVER_SETTINGS = {
    # A generic plan guesses 20 rows for any box and costs a factor of ten on spatial queries.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
}

WRONG_ADDRESS = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
"""What opening a pool raises when the server does not know the role or the database."""

UNREACHABLE = (OSError, TimeoutError, *WRONG_ADDRESS)
"""What opening a pool raises when the server is away, or does not know the role or the database."""

_BIND: LiteralString = """
select set_config('ioc.scope', $1, true), set_config('ioc.kinds', $2, true), set_config('ioc.writes', $3, true),
       set_config('ioc.areas', $4, true), set_config('ioc.cameras', $5, true), set_config('ioc.past', $6, true),
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('full_page_writes') as full_page_writes,
       pg_postmaster_start_time() as started, to_regclass('public.streams')::oid as streams,
       (select oid from pg_database where datname = current_database()) as base
"""
"""Binds what row-level security reads (`Scope.settings`) to the transaction, reads what DURABLE asks for, and tells
databases apart (`Identity`)."""

_PLAN_ONCE: LiteralString = """
select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
"""
"""A plan that was kept since a table was empty must not read all of it later."""

_DURABILITY: LiteralString = """
select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
       current_setting('full_page_writes') as full_page_writes
"""

STATEMENT_S = 60.0
"""Seconds that a statement may take where nothing shorter is asked for."""

RELEASE_S = 1.0
CLOSE_S = 2.0
"""Seconds that a server which stopped answering may take for a polite end; then the connection is cut."""

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""Settings without which an acknowledgement would promise what the disk does not hold."""


class UnsafeDatabaseError(Exception):
    """The database would make a promise of ours false; the text says what to change."""


class ServerChangedError(Exception):
    """What was remembered of the database is not of the one that answers now; all of it is forgotten: try again."""


Identity = tuple[Any, ...]
"""Start of the server, and numbers of the database and of a table: while they stay, what was read of a database is
still of it. They change when the server restarts, gives way to its standby, or the database is put back from a
backup."""


class Transaction:
    """One open transaction under one scope. `identity` tells in which database."""

    def __init__(self, connection: "asyncpg.pool.PoolConnectionProxy[Any]", identity: Identity = ()) -> None:
        self.connection = connection
        self.identity = identity

    async def bind(self, scope: Scope) -> None:
        """From here on only what `scope` allows exists: wider once a deed is allowed and its consequences follow
        (an incident's figures are of all of its alarms), as before when the answer is read."""
        await self.connection.fetchrow(_BIND, *scope.settings)

    async def plan_once(self) -> None:
        """From here to the end, statements keep the plans that they are given once, and go by indexes: for pages of
        rows by their keys. Checks of foreign keys are planned too, else one by one at each row."""
        await self.connection.fetchrow(_PLAN_ONCE)

    async def check(self) -> None:
        """Check now what is otherwise checked at the commit."""
        await self.connection.execute("set constraints all immediate")

    async def rows(self, statement: ClauseElement, **values: Any) -> list[Row]:
        """All rows of a statement."""
        ready = prepare(statement)
        return list(await self.connection.fetch(ready.sql, *ready.arguments(values)))

    async def row(self, statement: ClauseElement, **values: Any) -> Row | None:
        """The first row of a statement, None when there is none."""
        ready = prepare(statement)
        found: Row | None = await self.connection.fetchrow(ready.sql, *ready.arguments(values))
        return found

    async def value(self, statement: ClauseElement, **values: Any) -> Any:
        """The first column of the first row."""
        ready = prepare(statement)
        return await self.connection.fetchval(ready.sql, *ready.arguments(values))

    async def run(self, statement: ClauseElement, **values: Any) -> str:
        """Run a statement for its effect and return PostgreSQL's command tag."""
        ready = prepare(statement)
        tag: str = await self.connection.execute(ready.sql, *ready.arguments(values))
        return tag

    async def run_many(self, statement: ClauseElement, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run a statement once for each row of values, in one exchange with the server."""
        ready = prepare(statement)
        await self.connection.executemany(ready.sql, [ready.arguments(values) for values in rows])

    async def fetch(self, ready: Prepared, **values: Any) -> list[Row]:
        """All rows of a statement that was prepared once (the hot paths)."""
        return list(await self.connection.fetch(ready.sql, *ready.arguments(values)))


def refuse_careless(settings: Row) -> None:
    """Raise UnsafeDatabaseError when one of DURABLE is not as it must be."""
    for name, wanted in DURABLE.items():
        if settings[name] != wanted:
            raise UnsafeDatabaseError(
                f"PostgreSQL has {name} = {settings[name]}; set it {wanted}, or acknowledged data can be lost"
            )


async def _refuse_unsafe(connection: asyncpg.Connection) -> None:
    """Refuse a server that is not durable or a role that row-level security does not bind."""
    refuse_careless(await connection.fetchrow(_DURABILITY))
    unbound = await connection.fetchval(
        """select rolsuper or rolbypassrls or exists (
             select from pg_class where pg_has_role(r.oid, relowner, 'usage') and relkind in ('r', 'p')
             and relnamespace = 'public'::regnamespace)
           from pg_roles r where rolname = current_user"""
    )
    if unbound:
        raise UnsafeDatabaseError(
            "the service must connect as a role that owns no table and is no superuser, "
            "because row-level security does not bind those; use ioc_app"
        )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _teach(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=_json, decoder=orjson.loads, format="text")


async def _teach_and_check(connection: asyncpg.Connection) -> None:
    await _teach(connection)
    await _refuse_unsafe(connection)


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Nothing of ours outlives its transaction, so a connection is given back without asking the server anything."""


async def _unlocked(connection: "asyncpg.pool.PoolConnectionProxy[Any]", number: int) -> None:
    """Give an advisory lock back; where that fails, by the end of the connection."""
    try:
        await connection.fetchval("select pg_advisory_unlock($1)", number)
    except AWAY:
        connection.terminate()
    except BaseException:
        connection.terminate()
        raise


@asynccontextmanager
async def _closing(pool: "asyncpg.Pool[Any]") -> AsyncIterator[None]:
    """Open a pool; close it at the end, without waiting for a server that has stopped answering."""
    await pool
    try:
        yield
    finally:
        with suppress(TimeoutError):  # the pool has then cut its connections
            async with asyncio.timeout(CLOSE_S):
                await pool.close()


def _bound(ready: Prepared, scope: Scope, values: Mapping[str, Any]) -> list[Any]:
    """The arguments of a statement that binds a scope."""
    binds = {f"bound_{name}": value for name, value in zip(BOUND, scope.settings, strict=True)}
    return ready.arguments({**values, **binds})


class Database:
    """A pool of connections as the service's role. Use as `async with Database.open(url) as database`."""

    def __init__(
        self,
        pool: "asyncpg.Pool[Any]",
        patience_s: float | None = None,
        *,
        durable: bool = False,
        ear: Ear | None = None,
    ) -> None:
        self._pool = pool
        self._ear = ear or Ear(pool)
        self._patience_s = patience_s
        self._durable = durable

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, size: int = 8) -> AsyncIterator[Self]:
        """Connect, check that the server keeps our promises, and close at the end.

        Raises UnsafeDatabaseError when a setting or the role makes durability or scope untrue.
        """
        pool = asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            init=_teach,
            reset=_as_it_is,
            server_settings=SERVER_SETTINGS,
            command_timeout=30,
        )
        async with _closing(pool):
            database = cls(pool)
            await database.check()
            yield database

    @classmethod
    @asynccontextmanager
    async def later(cls, url: str, *, size: int = 8, answer_s: float = 5.0) -> AsyncIterator[Self]:
        """A pool for those who must go on without the server: it connects when it is first used.

        Each connection is checked as `open` does, so that any use may raise UnsafeDatabaseError. Connecting may take
        `answer_s` seconds; how long a transaction may take, `within` says.
        """
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            init=_teach_and_check,
            reset=_as_it_is,
            server_settings=SERVER_SETTINGS,
            command_timeout=STATEMENT_S,
            timeout=answer_s,
        )
        async with _closing(pool):
            yield cls(pool)

    def within(self, seconds: float, *, durable: bool = False) -> Self:
        """The same pool for those who acknowledge, or cannot wait.

        Each transaction is given up after so many seconds (monotonic), commit included, with TimeoutError, and the
        connection cut: a frozen server answers neither a cancel nor a reset. With `durable` it raises
        UnsafeDatabaseError when the server has stopped to keep what it commits.
        """
        return type(self)(self._pool, seconds, durable=durable, ear=self._ear)

    async def check(self) -> None:
        """Refuse a server that is not durable or a role that row-level security does not bind."""
        async with self._pool.acquire() as connection:
            await _refuse_unsafe(connection)

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, read_only: bool = False) -> AsyncIterator[Transaction]:
        """A transaction in which only what `scope` allows exists.

        The scope is bound to the transaction, so that the next user of the pooled connection has none.
        """
        with ending():
            async with self._connected(scope, read_only) as transaction:
                yield transaction

    @asynccontextmanager
    async def _connected(self, scope: Scope, read_only: bool) -> AsyncIterator[Transaction]:
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read" if read_only else None, readonly=read_only),
        ):
            settings = await connection.fetchrow(_BIND, *scope.settings)
            if self._durable:
                refuse_careless(settings)
            yield Transaction(connection, (settings["started"], settings["base"], settings["streams"]))

    async def read(self, scope: Scope, ready: Prepared, **values: Any) -> Any:
        """The first column of the first row of a statement that binds the scope itself (`statements.bound`).

        One exchange with the server: beginning, binding and ending a transaction are three more, which cost as much
        as a small tile. One statement sees one moment.
        """
        with ending():
            async with self._connection() as connection:
                return await connection.fetchval(ready.sql, *_bound(ready, scope, values))

    async def read_rows(self, scope: Scope, ready: Prepared, **values: Any) -> list[Row]:
        """All rows of such a statement."""
        with ending():
            async with self._connection() as connection:
                return list(await connection.fetch(ready.sql, *_bound(ready, scope, values)))

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[asyncpg.pool.PoolConnectionProxy[Any]]":
        if self._patience_s is None:
            async with self._pool.acquire() as connection:
                yield connection
            return
        loop, late = asyncio.get_running_loop(), False
        until = loop.time() + self._patience_s
        async with asyncio.timeout_at(until):
            connection = await self._pool.acquire()

        def cut() -> None:
            nonlocal late
            late = True
            connection.terminate()

        timer = loop.call_at(until, cut)
        try:
            yield connection
        except Exception as error:
            if late:
                raise TimeoutError(f"PostgreSQL did not answer within {self._patience_s:g} s") from error
            raise
        finally:
            timer.cancel()
            await self._pool.release(connection, timeout=RELEASE_S)

    @asynccontextmanager
    async def listen(self, channel: str, wake: Any) -> AsyncIterator[asyncpg.Connection]:
        """Call `wake()` at every NOTIFY on the channel; a wake-up only, payloads are not read."""
        with ending():
            async with self._ear.listening(channel, wake) as connection:
                yield connection

    @asynccontextmanager
    async def advisory_lock(self, number: int, look_s: float) -> AsyncIterator[Watchman]:
        """Hold an advisory lock of the server for as long as the block lasts; waits until it is free.

        Looks every `look_s` seconds. Yields a coroutine function that never returns and raises when the
        connection that holds the lock is lost.
        """
        with ending():
            async with self._pool.acquire() as connection, self._locked(connection, number, look_s) as alive:
                yield alive

    @staticmethod
    @asynccontextmanager
    async def _locked(
        connection: "asyncpg.pool.PoolConnectionProxy[Any]", number: int, look_s: float
    ) -> AsyncIterator[Watchman]:
        # A blocking wait would hold a snapshot and run into the command timeout.
        while not await connection.fetchval("select pg_try_advisory_lock($1)", number):  # noqa: ASYNC110
            await asyncio.sleep(look_s)

        async def alive() -> None:
            while True:
                await asyncio.sleep(look_s)
                await connection.fetchval("select 1")

        try:
            yield alive
        finally:
            await _unlocked(connection, number)
