"""What any test may ask for: the real servers, started once, and a fresh database of its own."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, settings

from gis.areas import Area, AreaIndex
from ioc.data import places
from ioc.store.database import Database
from tests.fakes import servers as real

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")  # how long an example takes says more of what else the machine does than of us


pytest_plugins = ["tests.instruments.promises"]

_numbers = itertools.count(1)


class Fresh(msgspec.Struct, frozen=True):
    """A database of one test: migrated, with the shipped areas and centres."""

    servers: real.Servers
    name: str

    def url(self, role: str = "ioc_app") -> str:
        """Its address as one of postgres, ioc_owner, ioc_app, ioc_outside."""
        return self.servers.url(role, self.name)


@pytest.fixture(scope="session")
def areas() -> tuple[Area, ...]:
    """The shipped areas of all periods."""
    return places.areas()


@pytest.fixture(scope="session")
def area_index(areas: tuple[Area, ...]) -> AreaIndex:
    """The shipped areas, to be asked by place and day."""
    return AreaIndex(areas)


@pytest.fixture(scope="session")
def servers() -> Iterator[real.Servers]:
    """A private PostgreSQL and a private broker of this test run."""
    with real.running() as started:
        yield started


@pytest.fixture(scope="session")
def template(servers: real.Servers, areas: tuple[Area, ...]) -> str:
    """The database that fresh ones are copied from."""
    asyncio.run(real.make_template(servers, areas))
    return real.TEMPLATE


@pytest.fixture
async def fresh(servers: real.Servers, template: str) -> AsyncIterator[Fresh]:
    """A database that nobody has used."""
    name = f"test_{next(_numbers)}"
    await real.create(servers, name, template=template)
    yield Fresh(servers, name)
    await real.drop(servers, name)


@pytest.fixture(scope="session")
def blank_template(servers: real.Servers) -> str:
    """The migrated, empty database that blank ones are copied from."""
    asyncio.run(real.make_blank(servers))
    return real.BLANK


@pytest.fixture
async def migrated(servers: real.Servers, blank_template: str) -> AsyncIterator[Fresh]:
    """A migrated database without any row."""
    name = f"test_{next(_numbers)}"
    await real.create(servers, name, template=blank_template)
    yield Fresh(servers, name)
    await real.drop(servers, name)


@pytest.fixture
async def database(fresh: Fresh) -> AsyncIterator[Database]:
    """The fresh database as the service sees it."""
    async with Database.open(fresh.url()) as opened:
        yield opened


@pytest.fixture
async def admin(fresh: Fresh) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's look at everything in the fresh database."""
    connection = await asyncpg.connect(fresh.url("postgres"))
    yield connection
    await connection.close()


@pytest.fixture
async def blank(servers: real.Servers) -> AsyncIterator[Callable[[str], str]]:
    """Addresses by role of a database without any table of ours."""
    name = f"blank_{next(_numbers)}"
    await real.create(servers, name)
    yield lambda role: servers.url(role, name)
    await real.drop(servers, name)
