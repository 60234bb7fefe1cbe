"""Whose many points are: as one by one."""

import datetime as dt
import random

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.placing import place_of
from ioc.store.placing_many import owners
from ioc.store.registry import point

DAYS = (dt.date(2024, 12, 1), dt.date(2025, 3, 1), dt.date(2026, 11, 26))


async def test_many_points_are_whose_each_of_them_is(database: Database) -> None:
    """In the province, over the sea near it, at its borders and far away; before and after the merger."""
    chance = random.Random(9)
    positions = [Position(lon=chance.uniform(107.1, 109.4), lat=chance.uniform(14.8, 16.4)) for _ in range(120)]
    known = ((108.33, 15.88), (107.95, 15.35), (108.6, 15.9), (108.327, 15.879), (0, 0), (2.3, 48.9), (105.85, 21.03))
    positions += [Position(lon=lon, lat=lat) for lon, lat in known]
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        for day in DAYS:
            found = await owners(transaction, positions, day)
            for position, owned in zip(positions, found, strict=True):
                alone = await place_of(transaction, point(position), day)
                told = (alone.centre, alone.area, alone.area_name) if alone else (None, None, "")
                assert (owned.centre, owned.area, owned.name) == told
            assert {owned.area is None for owned in found} == {True, False}
        assert found[-1].metres > 100_000
        assert found[-1].near
        assert await owners(transaction, [], DAYS[0]) == []
