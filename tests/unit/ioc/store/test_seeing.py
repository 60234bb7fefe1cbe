"""Facts about which cameras see a point."""

import asyncpg
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.seeing import seeing

SPOT = Position(lon=108.3301, lat=15.8801)


@pytest.fixture
async def cameras(database: Database, admin: asyncpg.Connection) -> Database:
    """Three cameras that see the spot, one that looks elsewhere, one without a view."""
    await admin.executemany(
        "insert into cameras (code, centre, area, name, kind, settings, state, state_since, geom, view) values "
        "($1, 'hoi-an', '20410@2025-07-01', $1, 'street', '{}', $2, now(), st_setsrid(st_makepoint($3, 15.88), 4326), "
        "case when $4 then st_setsrid(st_makeenvelope($3 - 0.002, 15.879, $3 + 0.002, 15.882), 4326) end)",
        [
            ("near-silent", "silent", 108.3302, True), ("near-live", "live", 108.3305, True),
            ("far-live", "live", 108.3315, True), ("elsewhere", "live", 108.36, True), ("blind", "live", 108.33, False),
        ],
    )  # fmt: skip
    return database


async def test_live_cameras_come_first_and_the_nearest_among_them(cameras: Database) -> None:
    async with cameras.transaction(EVERYTHING, read_only=True) as transaction:
        found = await seeing(transaction, SPOT, most=10, live=False)
        assert [one.code for one in found] == ["near-live", "far-live", "near-silent"]
        assert [one.code for one in await seeing(transaction, SPOT, most=10, live=True)] == ["near-live", "far-live"]
        assert [one.code for one in await seeing(transaction, SPOT, most=1, live=False)] == ["near-live"]
    assert found[0].distance_m == pytest.approx(44.2, abs=0.5)
    assert found[0].bearing_deg == pytest.approx(284.5, abs=1.0), "from the camera, west and a little north"
    assert (found[0].area_code, found[0].position) == ("20410", (108.3305, 15.88))
