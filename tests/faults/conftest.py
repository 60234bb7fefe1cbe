"""The servers of the fault tests, the seeds of a run, and the figures that each promise leaves."""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from gis.areas import Area
from tests.fakes import servers as real
from tests.instruments import world as worlds
from tests.instruments.servers import OwnPostgres
from tests.instruments.world import World

Open = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that every account can enter."""
    path = Path(tempfile.mkdtemp(prefix="ioc-f-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def own_folder() -> Iterator[Path]:
    """The folder of the PostgreSQL that all fault tests share."""
    path = Path(tempfile.mkdtemp(prefix="ioc-f-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def own_postgres(own_folder: Path, areas: tuple[Area, ...]) -> Iterator[OwnPostgres]:
    """A PostgreSQL that the fault tests kill, freeze and start again; each has a database of its own in it."""

    async def make() -> OwnPostgres:
        (own_folder / "postgres").mkdir()
        postgres = OwnPostgres(own_folder / "postgres")
        await postgres.make()
        await real.make_template(postgres.about(), areas)
        return postgres

    postgres = asyncio.run(make())
    yield postgres
    postgres.kill()


@pytest.fixture(scope="session")
def servers(own_postgres: OwnPostgres) -> real.Servers:
    """For the tests that want a database alone: the same PostgreSQL, and no broker."""
    return own_postgres.about()


@pytest.fixture(scope="session")
def template(own_postgres: OwnPostgres) -> str:
    """The database that fresh ones are copied from."""
    return real.TEMPLATE


@pytest.fixture
def world(own_postgres: OwnPostgres, folder: Path) -> Open:
    """Opens centres for a test: `async with world(devices=100) as centre`."""

    def open_one(devices: int = 100, name: str = "w", postgres: OwnPostgres = own_postgres) -> Any:
        (folder / name).mkdir()
        return worlds.opened(postgres, folder / name, devices)

    return open_one


@pytest.fixture
def chance(seed: int) -> random.Random:
    """The random numbers of the seed."""
    return random.Random(seed)
