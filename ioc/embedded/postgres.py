"""A private PostgreSQL with PostGIS: made, started, prepared for us, found again after a crash."""

import asyncio
import contextlib
import shutil
import signal
import socket
import tempfile
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import asyncpg

from ioc.embedded import leftovers, programs
from ioc.embedded.account import Account, choose
from ioc.embedded.children import Child, Children, Manner, tail
from ioc.embedded.errors import SetupError, disk_full
from ioc.embedded.places import Places

DATABASE = "ioc"
SUPERUSER = "postgres"
ROLES = ("ioc_owner", "ioc_app", "ioc_outside")

SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
}
"""The same as docker/postgresql.conf, where their reasons stand; a house test compares them."""

_ACCESS = """# Written at every start. Nobody gets in without a password, from nowhere but this machine.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""
_READY_WITHIN_S = 120.0
_NO_ROOM = "No space left on device"


class Postgres:
    """The private server, listening in the folder `socket` and on 127.0.0.1, both with `port`.

    `passwords` by role, the superuser's included. Files lie where `places` allows.
    """

    def __init__(self, places: Places, passwords: Mapping[str, str]) -> None:
        folder = places.state / "postgres"
        self.account: Account = choose(("postgres",), folder)
        self._home = places.folder("postgres", self.account)
        self.data = self._home / "data"
        self.socket = places.socket_folder(self._home, ".s.PGSQL.65535.lock", self.account)
        self.port = 0
        self._passwords = passwords
        self._programs = programs.postgresql(self.data)
        self._manner = Manner(
            stop=signal.SIGINT, orphaned=signal.SIGINT, reserve_s=4.0, account=self.account, cwd=self._home
        )

    def url(self, role: str, *, tcp: bool = False, database: str = DATABASE) -> str:
        """An asyncpg address with the password: over the unix socket, or over 127.0.0.1 for outsiders."""
        who = f"{quote(role)}:{quote(self._passwords[role], safe='')}"
        if tcp:
            return f"postgresql://{who}@127.0.0.1:{self.port}/{quote(database)}"
        folder = quote(str(self.socket), safe="")
        return f"postgresql://{who}@/{quote(database)}?host={folder}&port={self.port}"

    async def start(self, children: Children) -> Child:
        """Make the data if there are none, end what a killed centre left, start, and prepare the database.

        Started again it takes the port that it had, which others were told.
        Raises SetupError with what the server said when it does not come up.
        """
        await leftovers.end(str(self.data), (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL), 8.0)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        if not (self.data / "PG_VERSION").exists():
            await self._make(children)
        had = self.port
        for _ in range(3):
            self.port = had or free_port()
            child = await children.spawn("postgres", self._argv(), programs.ENVIRONMENT, manner=self._manner)
            if await self._ready(child):
                await self._prepare()
                return child
            await children.end(child)
        raise SetupError("PostgreSQL found no free port on 127.0.0.1 in three tries: close what takes them all.")

    def _argv(self) -> list[str]:
        places = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": self._quoted(),
        }
        pairs = {**SETTINGS, **places}
        options = [part for name, value in pairs.items() for part in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self.data), *options]

    def _quoted(self) -> str:
        """The socket's folder as an item of PostgreSQL's comma-separated list."""
        return '"' + str(self.socket).replace('"', '""') + '"'

    async def _make(self, children: Children) -> None:
        """initdb into a draft that gets its name when it is whole, so that a kill leaves no half data."""
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self._home) as secret:
            secret.write(self._passwords[SUPERUSER] + "\n")
            secret.flush()
            self.account.own(Path(secret.name))
            argv = [
                str(self._programs / "initdb"),
                "-D",
                str(draft),
                "-U",
                SUPERUSER,
                f"--pwfile={secret.name}",
            ]
            argv += ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions"]
            manner = Manner(account=self.account, cwd=self._home)
            child = await children.spawn("initdb", argv, programs.ENVIRONMENT, manner=manner)
            code = await child.wait()
            await children.end(child)
        if code != 0:
            raise self._failure(child, "initdb")
        (draft / "pg_hba.conf").write_text(_ACCESS)
        draft.replace(self.data)

    def _failure(self, child: Child, what: str) -> SetupError:
        said = tail(child.log)
        if _NO_ROOM in said:
            return disk_full(self._home)
        reason = next((line for line in reversed(said.splitlines()) if "FATAL" in line or "error" in line), "")
        return SetupError(f"PostgreSQL's {what} failed ({reason.strip() or child.last_line()}): see {child.log}.")

    async def _ready(self, child: Child) -> bool:
        """Whether the server answers; False when its port was taken meanwhile. Else raises SetupError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _READY_WITHIN_S
        while child.code is None:
            if loop.time() > deadline:
                raise SetupError(f"PostgreSQL is not ready after {_READY_WITHIN_S:.0f} s: see {child.log}.")
            with contextlib.suppress(OSError, asyncpg.CannotConnectNowError, TimeoutError):
                connection = await asyncpg.connect(self.url(SUPERUSER, database="postgres"), timeout=5)
                await connection.close()
                return True
            await asyncio.sleep(0.05)
        if "Address already in use" in tail(child.log):
            return False
        raise self._failure(child, "start")

    async def _prepare(self) -> None:
        """Database, roles, extension and passwords; the same at every start."""
        try:
            await self._create_database()
            connection = await asyncpg.connect(self.url(SUPERUSER), timeout=10)
            try:
                await connection.execute(resources.files("ioc.store").joinpath("bootstrap.sql").read_text())
                for role in ROLES:
                    await self._set_password(connection, role)
            finally:
                await connection.close()
        except asyncpg.InvalidPasswordError as error:
            raise SetupError(
                f"{self.data} does not know the passwords of this state dir: restore its secrets.json."
            ) from error
        except asyncpg.DiskFullError as error:
            raise disk_full(self._home) from error

    async def _create_database(self) -> None:
        connection = await asyncpg.connect(self.url(SUPERUSER, database="postgres"), timeout=10)
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            await connection.close()

    async def _set_password(self, connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
        """Make the role's password ours; the statement is quoted by the server itself."""
        statement = await connection.fetchval(
            "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)", role, self._passwords[role]
        )
        await connection.execute(statement)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago. Raises SetupError when there is none."""
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    except OSError as error:
        raise SetupError("No port of 127.0.0.1 is free: close programs that hold many connections.") from error
