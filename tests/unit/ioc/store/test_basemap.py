"""Tiles of shapes that are in no table."""

from ioc.store import basemap
from ioc.store.basemap import Shape
from ioc.store.database import Database
from tests.conftest import Fresh
from tests.fakes import mvt

POINT = '{"type":"Point","coordinates":[108.3,15.9]}'
SQUARE = '{"type":"Polygon","coordinates":[[[107,15],[109,15],[109,16],[107,16],[107,15]]]}'


async def test_properties_stay_and_layers_come_in_their_order(migrated: Fresh) -> None:
    shapes = [
        Shape(layer="basemap_places", about={"name": "Hội An", "rank": 2}, geometry=POINT),
        Shape(layer="basemap_land", about={}, geometry=SQUARE),
    ]  # fmt: skip
    async with Database.open(migrated.url(), size=1) as database:
        tile = mvt.layers(await basemap.tile(database, (7, 102, 58), shapes))
        assert await basemap.tile(database, (7, 0, 0), shapes) == b""
        whole = mvt.layers(await basemap.tile(database, (0, 0, 0), shapes))
    assert list(tile) == ["basemap_land", "basemap_places"]
    assert tile["basemap_places"][0].properties == {"name": "Hội An", "rank": 2}
    assert tile["basemap_land"][0].kind == 3
    assert len(whole["basemap_places"]) == 1
