"""OGC API - Tiles: Mapbox vector tiles of the web Mercator square, made from PostGIS at each request."""

import datetime as dt
import hashlib
import re

from aiohttp import web

from gis.layer import Layer, ValidOn
from ioc.api import described, described_tiles
from ioc.api.caller import CALLER
from ioc.api.negotiated import takes_gzip
from ioc.api.ogc import base_of, language_read, layer_of, told
from ioc.api.parts import PARTS
from ioc.api.problems import ProblemError
from ioc.api.query import Query, bad, interval
from ioc.store import layers, tiles
from ioc.tile_cache import Key, Tile

_WHOLE = re.compile(r"[0-9]{1,8}\Z")


def place_of(z: str, row: str, col: str) -> tuple[int, int, int]:
    """Zoom, column, row. Problem 400 for what is no number, 404 for what is outside the square."""
    for name, text in (("z", z), ("row", row), ("col", col)):
        if not _WHOLE.match(text):
            raise bad(name, "0, 1, 2 …")
    zoom, y, x = int(z), int(row), int(col)
    if zoom > described_tiles.DEEPEST or max(x, y) >= 1 << zoom:
        raise ProblemError("not-found")
    return zoom, x, y


def etag_of(body: bytes) -> str:
    """A strong entity tag of an answer: the beginning of its SHA-256, which processors reckon themselves."""
    return f'"{hashlib.sha256(body).hexdigest()[:24]}"'


def tile_of(body: bytes) -> Tile:
    """A tile with its entity tag."""
    return Tile(body, etag_of(body)[1:-1])


def has(request: web.Request, tag: str) -> bool:
    """Whether the client has the answer with this entity tag (RFC 9110, 13.1.2)."""
    asked = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
    return tag in asked or "*" in asked


def answer(request: web.Request, tile: Tile, keep: str) -> web.Response:
    """A tile, or 304 when the client has it; `keep` says how long others may keep it (`Cache-Control`)."""
    packs = tile.packs and takes_gzip(request)
    tag = f'"{tile.tag}-gzip"' if packs else f'"{tile.tag}"'
    headers = {"ETag": tag, "Cache-Control": keep, "Vary": "Accept-Encoding"}
    if has(request, tag):
        return web.Response(status=304, headers=headers)
    if packs:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=tile.packed if packs else tile.body, content_type=described.MVT, headers=headers)


def _day(request: web.Request, layer: Layer) -> dt.date:
    """The day whose areas are shown: `datetime`, one moment or day of the centre's zone; else today."""
    parts = request.app[PARTS]
    dated = isinstance(layer.current, ValidOn)
    text = Query(request.rel_url.query, {"datetime"} if dated else set()).text("datetime")
    if text is None:
        return parts.here().date()
    zone = parts.here().tzinfo or dt.UTC
    since, until = interval(text, zone)
    if since is None or until is None or since.astimezone(zone).date() != until.astimezone(zone).date():
        raise bad("datetime", "2025-07-01")
    return since.astimezone(zone).date()


async def tile(request: web.Request) -> web.Response:
    """`GET …/tiles/WebMercatorQuad/{z}/{row}/{col}`; a tile with nothing in it is an empty 200."""
    layer, parts, found = layer_of(request), request.app[PARTS], request.match_info
    day = _day(request, layer)
    place = place_of(found["z"], found["row"], found["col"])
    scope = request[CALLER].scope

    async def make() -> Tile:
        return tile_of(await tiles.tile(parts.database, scope, layer, place, day, parts.drawn))

    if parts.tiles is None:
        made = await make()
    else:
        key = Key(scope, layer.id, day if isinstance(layer.current, ValidOn) else None, *place)
        made = await parts.tiles.tile(key, make, behind_s=parts.board.behind_s)
    return answer(request, made, "private, no-cache")


async def tilesets(request: web.Request) -> web.Response:
    """`GET …/tiles`."""
    language = language_read(request)
    return told(described_tiles.tilesets(layer_of(request), base_of(request), language), language)


async def tileset(request: web.Request) -> web.Response:
    """`GET …/tiles/WebMercatorQuad`."""
    layer, language = layer_of(request), language_read(request)
    async with request.app[PARTS].database.transaction(request[CALLER].scope, read_only=True) as transaction:
        extent = await layers.extent(transaction) or (-180.0, -85.0, 180.0, 85.0)
    return told(described_tiles.tileset(layer, base_of(request), extent, language), language)


def routes(app: web.Application) -> None:
    """Add the tiles to an application."""
    get = app.router.add_get
    get("/ogc/collections/{collection}/tiles/WebMercatorQuad/{z}/{row}/{col}", tile)
    get("/ogc/collections/{collection}/tiles", tilesets)
    get("/ogc/collections/{collection}/tiles/WebMercatorQuad", tileset)
