"""Servers of a fault test's own, with the shipped settings, to be killed and started again on the same port."""

import asyncio
import contextlib
import secrets
import signal
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from urllib.parse import quote

import asyncpg

from ioc.embedded import broker, postgres, programs, users
from ioc.embedded.account import Account, choose
from tests.fakes.servers import ROLES, Servers
from tests.instruments.processes import Process
from tests.instruments.waiting import until

_HBA = "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"


class OwnPostgres:
    """A PostgreSQL below `folder`. `start` continues with what is there, after a kill as well."""

    def __init__(self, folder: Path) -> None:
        self.account: Account = choose(("postgres",), folder)
        self.account.own(folder)
        self.data = folder / "data"
        self.port = postgres.free_port()
        self.settings: dict[str, str] = {}
        self.before: Sequence[str] = ()
        self.environment: dict[str, str] = {}
        self._folder = folder
        self._password = secrets.token_hex(16)
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The postmaster."""
        assert self._process is not None, "PostgreSQL was never started"
        return self._process

    def url(self, role: str, database: str = "postgres") -> str:
        """An address over TCP, with the password; `port` may be a proxy's."""
        return f"postgresql://{role}:{quote(self._password)}@127.0.0.1:{self.port}/{database}"

    def about(self) -> Servers:
        """As the functions of tests/fakes/servers.py want it; there is no broker with it."""
        urls = {role: self.url(role, "DATABASE") for role in ROLES}
        return Servers(urls=urls, mqtt_host="", mqtt_port=0, mqtt_keys={}, data=str(self.data))

    async def make(self) -> None:
        """initdb, the roles and their passwords. Leaves it running."""
        with tempfile.NamedTemporaryFile("w", dir=self._folder) as secret:
            secret.write(self._password + "\n")
            secret.flush()
            self.account.own(Path(secret.name))
            argv = [self._program("initdb"), "-D", str(self.data), "-U", "postgres", f"--pwfile={secret.name}"]
            argv += ["--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions", "--no-sync"]
            with self._run("initdb", argv) as process:
                assert await process.ended(120) == 0, process.said()
        (self.data / "pg_hba.conf").write_text(_HBA)
        await self.start()
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(resources.files("ioc.store").joinpath("bootstrap.sql").read_text())
            for role in ROLES:
                await connection.execute(f"alter role {role} password '{self._password}'")
        finally:
            await connection.close()

    async def start(self, seconds: float = 90.0) -> None:
        """Start it and wait until it answers; again where the last one's memory is still held by its children."""
        await until(self._answers, seconds, f"PostgreSQL ({self._folder / 'postgres.log'})", every_s=0.05)

    def begin(self) -> None:
        """Start it without waiting."""
        pairs = {
            **postgres.SETTINGS,
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            **self.settings,
        }
        options = [part for name, value in pairs.items() for part in ("-c", f"{name}={value}")]
        argv = [self._program("postgres"), "-D", str(self.data), *options]
        self._process = self._run("postgres", argv, self.environment)

    async def _answers(self) -> bool:
        if self._process is None or self._process.code is not None:
            self.begin()
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError):
            await (await asyncpg.connect(self.url("postgres"), timeout=2)).close()
            return True
        return False

    def kill(self) -> None:
        """kill -9 of the postmaster; its children find out by themselves."""
        self.process.kill()

    async def stop(self, seconds: float = 60.0) -> None:
        """The fast shutdown."""
        if self.process.code is None:
            self.process.signal(signal.SIGINT)
            await self.process.ended(seconds)

    def _program(self, name: str) -> str:
        return str(programs.postgresql(self.data) / name)

    def _run(self, name: str, argv: Sequence[str], more: Mapping[str, str] | None = None) -> Process:
        environment = {**programs.ENVIRONMENT, **(more or {})}
        log = self._folder / f"{name}.log"
        if self.before:  # they become the account by themselves, after what only root may do
            return Process([*self.before, *argv], log=log, environment=environment, cwd=self._folder)
        return Process(argv, log=log, environment=environment, account=self.account, cwd=self._folder)


class OwnBroker:
    """A Mosquitto below `folder` with the shipped settings, users and topic rules."""

    def __init__(self, folder: Path) -> None:
        self.account: Account = choose(("mosquitto",), folder)
        self.account.own(folder)
        self.port = postgres.free_port()
        self.keys = {user: secrets.token_hex(12) for user in (users.INTAKE, users.OUTSIDE)}
        self._folder = folder
        self._process: Process | None = None
        self._write("passwords", users.password_file(self.keys))
        self._write("access", users.ACCESS)
        own = {
            "listener": f"{self.port} 127.0.0.1",
            "password_file": f"{folder}/passwords",
            "acl_file": f"{folder}/access",
            "persistence_location": f"{folder}/",
            "log_dest": "stderr",
        }
        self._write(
            "mosquitto.conf", "".join(f"{name} {value}\n" for name, value in {**own, **broker.SETTINGS}.items())
        )

    @property
    def process(self) -> Process:
        """The running broker."""
        assert self._process is not None, "the broker was never started"
        return self._process

    async def start(self, seconds: float = 30.0) -> None:
        """Start it and wait until it takes connections."""
        argv = [str(programs.mosquitto()), "-c", str(self._folder / "mosquitto.conf")]
        log = self._folder / "mosquitto.log"
        self._process = Process(
            argv, log=log, environment=dict(programs.ENVIRONMENT), account=self.account, cwd=self._folder
        )
        await until(self._takes, seconds, f"the broker ({log})")

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    async def _takes(self) -> bool:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text)
        path.chmod(0o600)
        self.account.own(path)
