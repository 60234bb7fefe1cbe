"""The private servers of one state dir, together: locked, started, handed out, stopped."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Self

from ioc.embedded import users
from ioc.embedded.account import Account, name_of
from ioc.embedded.broker import Broker
from ioc.embedded.children import Children
from ioc.embedded.errors import SetupError, from_os
from ioc.embedded.keyring import Keyring
from ioc.embedded.places import Places
from ioc.embedded.postgres import ROLES, SUPERUSER, Postgres
from ioc.lock import HeldError, Lock


class Stack:
    """A private PostgreSQL and a private broker under `state_dir`.

        async with Stack(Path(".ioc"), report=print) as stack:
            pool = await asyncpg.create_pool(stack.database_url("ioc_app"))

    Entering makes what is missing, starts both and returns when both answer; `report` is told each step in a
    few words. It raises SetupError (one clear sentence), also when another process holds the state dir.
    Leaving stops everything that was started through `children`, in reverse order, within 12 s. Nothing
    survives the process, however it dies. Start it from the main thread. With `refusals` the broker's log tells of
    each publish that it refuses, which costs it a third more (README.md, "Refused publishes").

    To be read while inside: `state` (absolute), `secrets`, `children`, `postgres`, `broker`, `places`.
    """

    secrets: Keyring
    children: Children
    postgres: Postgres
    broker: Broker
    places: Places

    def __init__(self, state_dir: Path, report: Callable[[str], None], *, refusals: bool = False) -> None:
        self.state = state_dir.absolute()
        self._report = report
        self._refusals = refusals
        self._exits = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as exits:
            self._take(exits)
            self.children = await exits.enter_async_context(Children(self.state / "logs"))
            await self._start_postgres()
            await self._start_broker()
            self._exits = exits.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    @property
    def mqtt(self) -> tuple[str, int]:
        """Host and port of the broker."""
        return self.broker.host, self.broker.port

    def database_url(self, role: str, *, tcp: bool = False) -> str:
        """An address of the database `ioc` for asyncpg, with the role's password.

        `role` is `ioc_owner`, `ioc_app`, `ioc_outside`, or `postgres` (superuser, for tests only). Over
        the unix socket; with `tcp` over 127.0.0.1, for programs that may not reach the socket.
        """
        return self.postgres.url(role, tcp=tcp)

    def mqtt_key(self, user: str) -> str:
        """The key of `ioc-intake` or `ioc-outside`."""
        return self.secrets.get("broker", user)

    def socket_path(self, name: str) -> Path:
        """A path for a unix socket of ours: in the state dir, or where that is too long in a short folder."""
        account = Account(name=name_of(self.state.stat().st_uid), uid=0, gid=0, switch=False)
        return self.places.socket_folder(self.state, name, account) / name

    async def revive(self, name: str) -> bool:
        """Start a server that died again, on its port; False for what is none of ours. Raises SetupError."""
        servers = {"postgres": self.postgres.start, "mosquitto": self.broker.start}
        if name not in servers:
            return False
        await self.children.end(next(child for child in self.children.running if child.name == name))
        self.children.end_last(await servers[name](self.children))
        return True

    def _take(self, exits: contextlib.AsyncExitStack) -> None:
        """The state dir, its lock and its secrets."""
        try:
            self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.state / "logs").mkdir(mode=0o700, exist_ok=True)
            exits.enter_context(Lock(self.state / "lock"))
        except HeldError as error:
            raise SetupError(
                f"Another centre (process {error.pid}) already runs in {self.state}: "
                "stop it first, or choose another IOC_STATE_DIR."
            ) from error
        except OSError as error:
            raise from_os(error, self.state) from error
        self.secrets = Keyring(self.state / "secrets.json")
        self.places = Places(self.state, self.secrets.installation, self._report)

    async def _start_postgres(self) -> None:
        self._report("PostgreSQL starts")
        self.postgres = Postgres(self.places, self.secrets.ensure("database", (SUPERUSER, *ROLES)))
        await self.postgres.start(self.children)
        self._report(f"PostgreSQL answers on port {self.postgres.port}")

    async def _start_broker(self) -> None:
        keys = self.secrets.ensure("broker", (users.INTAKE, users.OUTSIDE))
        self.broker = Broker(self.places, keys, refusals=self._refusals)
        await self.broker.start(self.children)
        self._report(f"MQTT broker answers on port {self.broker.port}")
