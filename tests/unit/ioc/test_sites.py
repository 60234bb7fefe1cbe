"""Facts about cameras that are moved and turned."""

from typing import Any

import asyncpg
import pytest

from gis.layers import CAMERA_FOV
from gis.position import Position
from ioc import sites
from ioc.access.scope import EVERYTHING
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.layers import features_of
from ioc.store.seeing import seeing
from tests.fakes.things import NOW

HERE = Position(lon=108.33, lat=15.88)
EAST = Position(lon=108.3305, lat=15.88)
WEST = Position(lon=108.3295, lat=15.88)
MARKS = [
    {"x": x, "y": y, "lon": 108.33 + east / 107_000, "lat": 15.88 + north / 110_600}
    for x, y, east, north in [(0.0, 0.2, 0, 40), (1.0, 0.2, 40, 40), (1.0, 1.0, 25, 0), (0.0, 1.0, 15, 0)]
]
ROW = sites.sited(
    registry.CameraRow(
        code="cam-1", centre="hoi-an", area="20410@2025-07-01", name="Cầu An Hội", kind="street", position=HERE,
        bearing=90.0, fov=60.0, settings={"scene": "street", "height_m": 6.0, "tilt_deg": 15.0},
    )
)  # fmt: skip


@pytest.fixture
async def ask(database: Database) -> Any:
    """Register the camera, and ask who sees a place."""
    async with database.transaction(EVERYTHING) as transaction:
        await registry.put_camera(transaction, ROW, "", NOW)

    async def asking(place: Position) -> list[str]:
        async with database.transaction(EVERYTHING, read_only=True) as transaction:
            return [one.code for one in await seeing(transaction, place, most=5, live=False)]

    return asking


async def test_the_map_follows_a_camera_that_turns_and_moves(
    ask: Any, database: Database, admin: asyncpg.Connection
) -> None:
    """`camera_fov`, who sees a point, the dated positions, and the change log."""
    assert (await ask(EAST), await ask(WEST)) == (["cam-1"], [])
    async with database.transaction(EVERYTHING) as transaction:
        before = await features_of(transaction, CAMERA_FOV, ["cam-1"])
        turned = await sites.move(transaction, ROW, NOW.replace(hour=2), bearing=270.0)
    assert (await ask(EAST), await ask(WEST)) == ([], ["cam-1"])
    far = Position(lon=108.40, lat=15.90)
    async with database.transaction(EVERYTHING) as transaction:
        await sites.move(transaction, turned, NOW.replace(hour=3), position=far)
        after = await features_of(transaction, CAMERA_FOV, ["cam-1"])
    assert (await ask(EAST), await ask(WEST)) == ([], [])
    assert await ask(Position(lon=108.3995, lat=15.90)) == ["cam-1"]
    assert before[0]["geometry"] != after[0]["geometry"]
    assert await admin.fetchval("select st_contains(st_transform(view3857, 4326), view) or true from cameras")
    assert await admin.fetchval("select count(*) from positions where code = 'cam-1'") == 3
    assert await admin.fetchval("select count(*) from changes where subject = 'camera'") == 2


async def test_marks_of_the_old_picture_are_dropped_when_the_camera_turns(database: Database, ask: Any) -> None:
    marked = sites.sited(
        registry.CameraRow(**{name: getattr(ROW, name) for name in ROW.__struct_fields__ if name != "settings"},
                           settings={**ROW.settings, "calibration": MARKS})
    )  # fmt: skip
    assert marked.view != ROW.view, "marks win over height and bearing"
    async with database.transaction(EVERYTHING) as transaction:
        same = await sites.move(transaction, marked, NOW, settings={"known_as": ["x"]})
        turned = await sites.move(transaction, marked, NOW, bearing=180.0)
        anew = await sites.move(transaction, marked, NOW, bearing=180.0, settings={"calibration": MARKS})
    assert "calibration" in same.settings
    assert "calibration" not in turned.settings
    assert anew.view == marked.view


async def test_a_camera_that_is_not_registered_cannot_be_moved(database: Database) -> None:
    async with database.transaction(EVERYTHING) as transaction:
        with pytest.raises(LookupError, match="no camera cam-1"):
            await sites.move(transaction, ROW, NOW, bearing=0.0)
