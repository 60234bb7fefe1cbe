"""The private servers of one test run, held by a process of their own; and databases for single tests.

Run as a program with a state dir it starts the servers, prints one line of JSON and stops when its standard
input ends. A process of its own keeps them apart from the event loops of the tests.
"""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import asyncpg
import msgspec

from gis.areas import Area
from ioc.access.scope import EVERYTHING
from ioc.data import places
from ioc.embedded import Stack
from ioc.embedded.places import Places
from ioc.embedded.postgres import SETTINGS
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.migrate import migrate

ROLES = ("postgres", "ioc_owner", "ioc_app", "ioc_outside")
TEMPLATE = "centre_template"
BLANK = "blank_template"
PREPARING = 7_236_001
"""Advisory lock of whoever prepares a database."""


class Servers(msgspec.Struct, frozen=True):
    """Where they are. `urls` by role, of a database whose name is still to be filled in for `DATABASE`."""

    urls: dict[str, str]
    mqtt_host: str
    mqtt_port: int
    mqtt_keys: dict[str, str]
    data: str

    def url(self, role: str, database: str = "postgres") -> str:
        """The address of a database as one of ROLES."""
        return self.urls[role].replace("DATABASE", database)


@contextlib.contextmanager
def running(*settings: str) -> Iterator[Servers]:
    """The servers, for as long as the block lasts, under a short folder that every account can enter.

    `settings` (`name=value`) are PostgreSQL's, beside or instead of ours.
    """
    state = Path(tempfile.mkdtemp(prefix="ioc-t-", dir="/tmp"))
    state.chmod(0o711)
    program = [sys.executable, "-m", "tests.fakes.servers", str(state), *settings]
    process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the servers of the tests did not start; see the lines above")
        yield msgspec.json.decode(line, type=Servers)
    finally:
        process.communicate(timeout=60)
        shutil.rmtree(Places(state, "", lambda _: None).elsewhere, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)


async def create(servers: Servers, name: str, *, template: str | None = None) -> None:
    """A database of ours: an empty one that a superuser has prepared, or a copy of a template."""
    admin = await asyncpg.connect(servers.url("postgres"))
    try:
        # Roles belong to the whole server: two who prepare a database at once would alter the same ones.
        await admin.execute(f"select pg_advisory_lock({PREPARING})")
        # A copy goes through the log: to compress 19 MB of it takes twice the time of all else, for each test.
        await admin.execute("set wal_compression = off")
        await admin.execute(f"create database {name} template {template or 'template0'} owner ioc_owner")
        prepared = await asyncpg.connect(servers.url("postgres", name))
        try:
            await prepared.execute(resources.files("ioc.store").joinpath("bootstrap.sql").read_text())
        finally:
            await prepared.close()
    finally:
        await admin.close()


async def drop(servers: Servers, name: str) -> None:
    """Drop a database, whoever still holds it."""
    admin = await asyncpg.connect(servers.url("postgres"))
    try:
        await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


async def make_blank(servers: Servers) -> None:
    """The migrated, empty database that single tests copy."""
    await create(servers, BLANK)
    await migrate(servers.url("ioc_owner", BLANK))


async def make_template(servers: Servers, areas: tuple[Area, ...]) -> None:
    """The migrated database with areas and centres that single tests copy."""
    await create(servers, TEMPLATE)
    await migrate(servers.url("ioc_owner", TEMPLATE))
    async with (
        Database.open(servers.url("ioc_app", TEMPLATE), size=1) as database,
        database.transaction(EVERYTHING) as transaction,
    ):
        await registry.put_areas(transaction, areas)
        for centre in places.centres():
            await registry.put_centre(transaction, centre.code, centre.name, centre.name_en, centre.kind, centre.areas)


async def _hold(state: Path) -> None:
    async with Stack(state, report=lambda step: None) as stack:
        about = Servers(
            urls={role: stack.postgres.url(role, tcp=True, database="DATABASE") for role in ROLES},
            mqtt_host=stack.mqtt[0],
            mqtt_port=stack.mqtt[1],
            mqtt_keys={user: stack.mqtt_key(user) for user in ("ioc-intake", "ioc-outside")},
            data=str(stack.postgres.data),
        )
        print(json.dumps(msgspec.to_builtins(about)), flush=True)  # noqa: T201 - the answer to whoever started us
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    SETTINGS.update(setting.split("=", 1) for setting in sys.argv[2:])
    asyncio.run(_hold(Path(sys.argv[1])))
