"""Whose a place is, asked of the real PostGIS with the shipped areas and centres."""

import datetime as dt

import pytest

from gis.areas import AreaIndex
from gis.outline import ewkt, outline
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.placing import Placed, place_of, shape_of_units
from ioc.store.registry import point

DAY = dt.date(2025, 10, 29)
HOI_AN = Position(lon=108.33, lat=15.88)


async def asked(database: Database, shape: str, day: dt.date = DAY) -> Placed | None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await place_of(transaction, shape, day)


def circle(position: Position, radius_km: float) -> str:
    shape = outline([], [(position, radius_km)])
    assert shape is not None
    return ewkt(shape)


@pytest.mark.parametrize("lonlat", [(108.33, 15.88), (108.1118, 15.8831), (107.95, 15.35), (108.48, 15.57)])
async def test_a_point_is_where_the_index_says(
    database: Database, area_index: AreaIndex, lonlat: tuple[float, float]
) -> None:
    position = Position(lon=lonlat[0], lat=lonlat[1])
    placed, held = await asked(database, point(position)), area_index.holding(position, DAY)
    assert placed is not None
    assert held is not None
    assert (placed.area, placed.area_name, placed.position, placed.reach_m) == (held.fid, held.name, position, 0.0)


async def test_the_unit_is_that_of_the_day(database: Database) -> None:
    now, then = await asked(database, point(HOI_AN)), await asked(database, point(HOI_AN), dt.date(2025, 3, 1))
    assert now is not None
    assert then is not None
    assert now.area.endswith("@2025-07-01")
    assert not then.area.endswith("@2025-07-01")
    assert now.centre == then.centre == "hoi-an"


async def test_off_the_coast_is_the_nearest_unit_and_far_away_is_nobody_s(database: Database) -> None:
    near = await asked(database, point(Position(lon=108.48, lat=15.95)))
    assert near is not None
    assert near.position == Position(lon=108.48, lat=15.95)
    for far in ((110.0, 15.9), (105.8, 21.0), (-120.5, 38.5)):
        assert await asked(database, point(Position(lon=far[0], lat=far[1]))) is None


async def test_an_area_within_a_unit_is_that_unit_s(database: Database) -> None:
    placed = await asked(database, circle(Position(lon=107.95, lat=15.35), 0.5))
    assert placed is not None
    assert placed.area.endswith("@2025-07-01")
    assert 480 < placed.reach_m < 560


async def test_an_area_of_several_centres_is_the_province_s_and_its_point_lies_here(
    database: Database, area_index: AreaIndex
) -> None:
    placed = await asked(database, circle(Position(lon=108.6, lat=15.8), 60.0))
    assert placed is not None
    assert (placed.centre, placed.area) == ("quang-nam", "48@2025-07-01")
    held = area_index.holding(placed.position, DAY)
    assert held is not None
    assert placed.reach_m > 20_000


async def test_units_are_found_by_their_codes(database: Database) -> None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        shape = await shape_of_units(transaction, ["20410"], DAY)
        assert await shape_of_units(transaction, ["99999"], DAY) is None
    assert shape is not None
    placed = await asked(database, shape)
    assert placed is not None
    assert placed.area == "20410@2025-07-01"
