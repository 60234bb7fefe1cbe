"""The base map as vector tiles: public data of the installation's own files, the same for everybody."""

from collections import OrderedDict
from collections.abc import Iterator

import orjson
from aiohttp import web

from ioc.api import described
from ioc.api.parts import PARTS, Parts
from ioc.api.query import Query
from ioc.api.surface import Answer, Operation, describe
from ioc.api.tiles import answer, place_of, tile_of
from ioc.store import basemap
from ioc.tile_cache import Tile

SOURCES = {
    "land": "basemap_land",
    "islands": "basemap_land",
    "coastline": "basemap_coast",
    "rivers": "basemap_rivers",
    "roads": "basemap_roads",
    "places": "basemap_places",
}
"""The layers of a tile, by the files of which they are made."""

MOST = 2_000
"""So many tiles are kept, of a few kilobytes each; the files do not change while the process runs."""


class Ground:
    """The shapes of the base map, and its newest tiles."""

    def __init__(self) -> None:
        self._shapes: list[basemap.Shape] = []
        self._kept: OrderedDict[tuple[int, int, int], Tile] = OrderedDict()

    async def tile(self, parts: Parts, place: tuple[int, int, int]) -> Tile:
        """The tile at zoom, column, row."""
        found = self._kept.get(place)
        if found is None:
            self._shapes = self._shapes or list(_shapes(parts))
            found = tile_of(await basemap.tile(parts.database, place, self._shapes))
            self._kept[place] = found
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        self._kept.move_to_end(place)
        return found


def _shapes(parts: Parts) -> Iterator[basemap.Shape]:
    for name, layer in SOURCES.items():
        for feature in orjson.loads(parts.basemap(name) or b'{"features":[]}')["features"]:
            geometry = orjson.dumps(feature["geometry"]).decode()
            yield basemap.Shape(layer=layer, about=feature["properties"] or {}, geometry=geometry)


GROUND: web.AppKey[Ground] = web.AppKey("ground", Ground)


async def tile(request: web.Request) -> web.Response:
    """`GET /api/v1/basemap/tiles/{z}/{row}/{col}`; a tile with nothing in it is an empty 200."""
    found = request.match_info
    Query(request.rel_url.query, set())
    place = place_of(found["z"], found["row"], found["col"])
    return answer(request, await request.app[GROUND].tile(request.app[PARTS], place), "private, max-age=3600")


def routes(app: web.Application) -> None:
    """Add the base map's tiles to an application."""
    app[GROUND] = Ground()
    path = "/api/v1/basemap/tiles/{z}/{row}/{col}"
    app.router.add_get(path, tile)
    describe(
        app,
        Operation(
            method="GET", path=path, vi="Ô bản đồ nền", en="A tile of the base map",
            answers={200: Answer(described.MVT), 304: None}, cost="tile",
        ),
    )  # fmt: skip
