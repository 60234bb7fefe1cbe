"""The register comes back as it was entered, and again is harmless."""

import asyncpg
import msgspec

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.store import registry
from ioc.store.addresses import load_addresses
from ioc.store.database import Database
from ioc.store.registry import CameraRow, point
from tests.fakes.store import counted
from tests.fakes.things import AI_NGHIA, NOW, device
from tests.fakes.vaults import vault

CAMERA = CameraRow(
    code="cam-a",
    centre="quang-nam",
    area="20335@2025-07-01",
    name="A",
    kind="street",
    position=AI_NGHIA,
    bearing=90.0,
    fov=None,
    settings={"scene": "street"},
)


def test_a_point_is_longitude_then_latitude() -> None:
    assert point(Position(lon=108.1, lat=15.9)) == "SRID=4326;POINT(108.1 15.9)"


async def test_a_device_is_registered_once_and_lost_until_it_is_heard(
    database: Database, admin: asyncpg.Connection
) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        made = [
            await registry.put_device(transaction, one, kind="k", approximate=True, note="n", now=NOW)
            for one in (device(), msgspec.structs.replace(device(), name="other"))
        ]
        assert made == [True, False]
        assert await registry.load_devices(transaction, profiles()) == {"gauge-ai-nghia": device()}
        assert await transaction.connection.fetchval("select state from devices") == "lost"
        await transaction.connection.execute("update devices set lifecycle = 'suspended'")
        assert await registry.load_devices(transaction, profiles()) == {}
        assert await registry.load_devices(transaction, profiles(), every=True) == {"gauge-ai-nghia": device()}
        assert await registry.load_barred(transaction) == {"gauge-ai-nghia": "suspended"}
    assert await counted(admin, "positions") == 1


async def test_a_camera_s_address_is_renewed_and_kept_apart_from_it(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        assert await registry.put_camera(transaction, CAMERA, "rtsp://a:secret@h/1", NOW, vault()) is True
        assert await registry.put_camera(transaction, CAMERA, "rtsp://a:secret@h/2", NOW, vault()) is False
        cameras = await registry.load_cameras(transaction)
        assert cameras == {"cam-a": CAMERA}
        assert "secret" not in repr(cameras)
        assert (await load_addresses(transaction, vault())).urls == {"cam-a": "rtsp://a:secret@h/2"}


async def test_areas_come_back_with_their_boundaries(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        loaded = await registry.load_areas(transaction)
        await registry.put_areas(transaction, loaded[:1])
        again = await registry.load_areas(transaction)
    assert {area.fid for area in again} == {area.fid for area in loaded}
    assert all(area.geometry.is_valid and not area.geometry.is_empty for area in loaded)
