"""What the demo enters at its first start, and leaves alone at the next."""

from urllib.parse import unquote, urlsplit

import asyncpg
import pytest

from cameras.camera import Address
from ioc import watchpost
from ioc.access.tokens import digest
from ioc.catalogue import profiles
from ioc.demo.registry import registry
from ioc.demo.seed import PEOPLE, Street, camera_row, seed_people, seed_places, seed_register
from ioc.store.database import Database
from tests.fakes.store import counted
from tests.fakes.things import NOW
from tests.fakes.vaults import vault

STREET = Street(port=8554, password="p@ss/w:rd")


def test_a_camera_s_address_survives_an_awkward_password() -> None:
    parts = urlsplit(STREET.url("cam-a"))
    assert (parts.hostname, parts.port, parts.path, parts.username) == ("127.83.0.1", 8554, "/cam-a", "cam-a")
    assert unquote(parts.password or "") == STREET.password
    assert str(Address(STREET.url("cam-a"))) == "rtsp://127.0.0.1:8554/cam-a"


@pytest.mark.parametrize("about", registry().cameras, ids=lambda about: about.code)
def test_every_camera_of_the_demo_can_be_watched_and_sees_some_ground(about: object) -> None:
    row = camera_row(about)  # type: ignore[arg-type]
    camera = watchpost.camera(row, STREET.url(row.code))
    assert (camera.code, camera.position) == (row.code, row.position)
    assert len(row.view) >= 4
    assert row.view[0] == row.view[-1]


async def test_a_second_start_enters_nothing_but_the_cameras_new_addresses(
    database: Database, admin: asyncpg.Connection
) -> None:
    shipped = registry()
    for port in (1, 2):
        await seed_places(database)
        await seed_register(database, shipped, profiles(), Street(port=port, password="x"), NOW, vault())
    assert await counted(admin, "devices") == len(shipped.everything())
    assert await counted(admin, "cameras") == len(shipped.cameras) + len(shipped.eyes)
    assert await admin.fetchval("select count(*) from camera_addresses") == len(shipped.cameras)
    assert await admin.fetchval("select count(*) from cameras where view is null") == 0
    assert await admin.fetchval("select array_agg(distinct port) from camera_addresses") == [2]


async def test_an_account_that_is_there_keeps_its_password(database: Database, admin: asyncpg.Connection) -> None:
    for word in ("one", "two"):
        secrets = {role: f"{word}-{role}" for role in PEOPLE}
        await seed_people(database, secrets, secrets, NOW)
    assert await counted(admin, "accounts") == len(PEOPLE)
    tokens = {row["digest"] for row in await admin.fetch("select digest from tokens")}
    assert tokens == {digest(f"one-{role}") for role in PEOPLE}
