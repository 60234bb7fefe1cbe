"""What files are read with: names as they are on a day."""

import datetime as dt

import pytest

from ioc.access.scope import EVERYTHING
from ioc.store.database import Database
from ioc.store.register_frame import frame


async def test_units_are_those_of_the_day_and_a_name_that_two_have_names_neither(database: Database) -> None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        now = await frame(transaction, dt.date(2026, 11, 26))
        before = await frame(transaction, dt.date(2024, 12, 1))
    assert set(now.areas) != set(before.areas)
    names = [name for _, *rest in now.areas.values() for name in rest]
    assert len(names) == len(set(names)) > 50
    assert all(now.codes[fid] == names[0] for fid, names in now.areas.items())
    assert "hoi-an" in now.centres
    assert (now.home.west, now.home.east) > (107.0, 108.5)


async def test_a_centre_serves_its_units_and_that_of_the_province_all(database: Database) -> None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        now = await frame(transaction, dt.date(2026, 11, 26))
    centre, area = next(iter(sorted(now.served)))
    assert now.serves(centre, area)
    assert not now.serves(centre, "elsewhere")
    assert now.provinces
    assert all(now.serves(province, area) for province in now.provinces)


async def test_a_day_without_units_is_no_day_to_read_files(database: Database) -> None:
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        with pytest.raises(LookupError):
            await frame(transaction, dt.date(1900, 1, 1))
