"""OGC API - Tiles: Mapbox vector tiles of the web Mercator square, made from PostGIS at each request."""

import hashlib
import re

from aiohttp import web

from ioc.api import described
from ioc.api.caller import CALLER
from ioc.api.ogc import base_of, layer_of, said
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad
from ioc.store import layers, tiles

DEEPEST = 22
_WHOLE = re.compile(r"[0-9]{1,8}\Z")


def place_of(z: str, row: str, col: str) -> tuple[int, int, int]:
    """Zoom, column, row. Problem 400 for what is no number, 404 for what is outside the square."""
    for name, text in (("z", z), ("row", row), ("col", col)):
        if not _WHOLE.match(text):
            raise bad(name, "0, 1, 2 …")
    zoom, y, x = int(z), int(row), int(col)
    if zoom > DEEPEST or max(x, y) >= 1 << zoom:
        raise ProblemError("not-found")
    return zoom, x, y


def etag_of(body: bytes) -> str:
    """A strong entity tag of an answer."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


async def tile(request: web.Request) -> web.Response:
    """`GET …/tiles/WebMercatorQuad/{z}/{row}/{col}`; a tile with nothing in it is an empty 200."""
    layer, parts, found = layer_of(request), request.app[PARTS], request.match_info
    Query(request.rel_url.query, set())
    place = place_of(found["z"], found["row"], found["col"])
    body = await tiles.tile(parts.database, request[CALLER].scope, layer, place, parts.here().date())
    tag = etag_of(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    asked = request.headers.get("If-None-Match", "")
    if tag in {part.strip().removeprefix("W/") for part in asked.split(",")}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=described.MVT, headers=headers)


async def tilesets(request: web.Request) -> web.Response:
    """`GET …/tiles`."""
    return said(described.tilesets(layer_of(request), base_of(request)))


async def tileset(request: web.Request) -> web.Response:
    """`GET …/tiles/WebMercatorQuad`."""
    layer = layer_of(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        extent = await layers.extent(transaction) or (-180.0, -85.0, 180.0, 85.0)
    return said(described.tileset(layer, base_of(request), extent))


def routes(app: web.Application) -> None:
    """Add the tiles to an application."""
    get = app.router.add_get
    get("/ogc/collections/{collection}/tiles", tilesets)
    get("/ogc/collections/{collection}/tiles/WebMercatorQuad", tileset)
    get("/ogc/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{col}", tile)
