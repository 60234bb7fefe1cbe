"""The unit that holds a point: the same in memory as in PostGIS, on any day."""

import datetime as dt
import random

import pytest

from gis.areas import AreaIndex
from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database

POINTS = 10_000
QUESTION = """
select p.number, (
  select a.fid from areas a
  where a.valid_from <= $3 and (a.valid_to is null or $3 < a.valid_to)
    and a.geom && st_setsrid(st_makepoint(p.lon, p.lat), 4326)
    and st_covers(a.geom, st_setsrid(st_makepoint(p.lon, p.lat), 4326))
  order by a.level desc, a.code collate "C" limit 1) as fid
from unnest($1::float8[], $2::float8[]) with ordinality as p (lon, lat, number) order by p.number
"""


@pytest.mark.parametrize("day", [dt.date(2024, 12, 31), dt.date(2025, 3, 1), dt.date(2026, 11, 22)])
async def test_ten_thousand_points_have_the_same_unit_in_memory_and_in_postgis(
    database: Database, area_index: AreaIndex, day: dt.date
) -> None:
    draw = random.Random(day.toordinal())
    points = [(draw.uniform(107.1, 108.8), draw.uniform(14.9, 16.3)) for _ in range(POINTS)]
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        rows = await transaction.connection.fetch(QUESTION, *map(list, zip(*points, strict=True)), day)
    ours = [area_index.holding(Position(lon=lon, lat=lat), day) for lon, lat in points]
    assert [row["fid"] for row in rows] == [area.fid if area is not None else None for area in ours]
    assert sum(area is not None for area in ours) > POINTS // 4
