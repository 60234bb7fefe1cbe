"""The base map's tiles, on a real server with the shipped files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.api import basemap
from ioc.data import places
from ioc.store.basemap import LAYERS
from tests.conftest import Fresh
from tests.fakes import mvt
from tests.fakes.http_centre import Centre, running_centre

PATH = "/api/v1/basemap/tiles/{}/{}/{}"


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path, {"basemap": places.basemap}) as one:
        yield one


async def test_every_file_is_in_the_tiles_and_everybody_gets_the_same(centre: Centre) -> None:
    assert set(basemap.SOURCES) == set(places.BASEMAP)
    assert set(basemap.SOURCES.values()) == set(LAYERS)
    _, body, headers = await centre.get(PATH.format(7, 58, 102))
    tile = mvt.layers(body)
    assert list(tile) == list(LAYERS)
    names = {one.properties["name"] for one in tile["basemap_places"]}
    assert {"Đà Nẵng"} <= names
    assert {one.kind for one in tile["basemap_rivers"]} == {2}
    assert {one.kind for one in tile["basemap_land"]} == {3}
    assert headers["Cache-Control"] == "private, max-age=3600"
    status, again, _ = await centre.get(PATH.format(7, 58, 102), "district", **{"If-None-Match": headers["ETag"]})
    assert (status, again) == (304, b"")
    assert (await centre.get(PATH.format(7, 58, 102), None))[0] == 401


async def test_the_open_sea_and_places_outside(centre: Centre) -> None:
    assert (await centre.get(PATH.format(9, 0, 0)))[:2] == (200, b"")
    assert (await centre.get(PATH.format(1, 2, 0)))[0] == 404
    assert (await centre.get(PATH.format(1, "x", 0)))[0] == 400
    assert (await centre.get(PATH.format(1, 0, 0) + "?f=png"))[0] == 400
