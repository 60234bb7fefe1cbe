"""The ground around a place, cut from the shipped units and base map by a real PostGIS."""

import datetime as dt

import msgspec

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.api.inbox import LAYERS, ground_of
from ioc.data import places
from ioc.store import outlines
from ioc.store.database import Database
from ioc.store.outlines import GRID, Outline

HOI_AN = Position(lon=108.3283, lat=15.8794)
TODAY = dt.date(2026, 11, 26)


async def around(database: Database, at: Position, day: dt.date = TODAY) -> Outline:
    ground = [shape for name, kind in LAYERS.items() for shape in ground_of(kind, places.basemap(name))]
    async with database.transaction(EVERYTHING, read_only=True) as transaction:
        return await outlines.around(transaction, at, day, ground)


async def test_the_town_by_the_sea_has_its_wards_land_and_coast(database: Database) -> None:
    found = await around(database, HOI_AN)
    kinds = {piece.kind for piece in found.pieces}
    assert {"area", "land", "coast"} <= kinds
    names = [piece.name for piece in found.pieces if piece.kind == "area"]
    assert any("Hội An" in name for name in names), names


async def test_everything_lies_on_the_grid_and_is_small(database: Database) -> None:
    found = await around(database, HOI_AN)
    numbers = [number for piece in found.pieces for line in piece.lines for number in line]
    assert min(numbers) >= 0
    assert max(numbers) <= GRID
    assert all(len(line) % 2 == 0 and len(line) >= 4 for piece in found.pieces for line in piece.lines)
    assert len(msgspec.json.encode(found)) < 12_000


async def test_units_are_those_of_the_day(database: Database) -> None:
    before = await around(database, HOI_AN, dt.date(2025, 6, 1))
    assert [piece.name for piece in before.pieces if piece.kind == "area"] != [
        piece.name for piece in (await around(database, HOI_AN)).pieces if piece.kind == "area"
    ]


def test_places_near_each_other_share_a_map() -> None:
    near = Position(lon=HOI_AN.lon + 0.0001, lat=HOI_AN.lat)
    assert outlines.box_of(near) == outlines.box_of(HOI_AN)
