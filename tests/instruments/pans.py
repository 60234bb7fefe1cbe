"""Operators who pan and zoom over the province: which tiles they ask for, and what each answer was."""

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import msgspec

from tests.instruments.served import Served

ZOOMS = range(8, 16)
WIDE, HIGH = 5, 3
"""Tiles of a screen."""
CONNECTIONS = 6
"""As many as a browser opens to one server."""
COLLECTIONS = ("incidents", "devices")

_MARGIN = 1 / 64 + 1e-3
"""Of a tile's width: a point that lies so near to it is drawn in it, too. As tiles are described, and a hair more."""


class Tile(NamedTuple):
    """A tile of a collection."""

    collection: str
    z: int
    x: int
    y: int

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return f"/ogc/collections/{self.collection}/tiles/WebMercatorQuad/{self.z}/{self.y}/{self.x}"


class Got(msgspec.Struct, frozen=True):
    """An answer: its status and entity tag, the tile, the bytes that were sent for it, and how long it took."""

    status: int
    etag: str
    body: bytes
    sent: int
    ms: float


def square(lon: float, lat: float, z: int) -> tuple[float, float]:
    """A place in tiles of a zoom, from the world's north-west corner; as OGC 17-083r4, annex D.1, has them."""
    down = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2
    return (lon + 180) / 360 * 2**z, down * 2**z


def tiles_of(collection: str, lon: float, lat: float) -> Iterator[Tile]:
    """The tile of each zoom that a place lies in."""
    for z in ZOOMS:
        x, y = square(lon, lat, z)
        yield Tile(collection, z, math.floor(x), math.floor(y))


def tiles_near(collection: str, lon: float, lat: float) -> Iterator[Tile]:
    """The tiles of each zoom that may draw a place: its own, and those in whose margin it is."""
    for z in ZOOMS:
        x, y = square(lon, lat, z)
        for right in (-_MARGIN, _MARGIN):
            for down in (-_MARGIN, _MARGIN):
                yield Tile(collection, z, math.floor(x + right), math.floor(y + down))


def covering(collection: str, box: tuple[float, float, float, float], z: int) -> Sequence[Tile]:
    """All tiles of a zoom that hold something of a box (west, south, east, north)."""
    (left, bottom), (right, top) = square(box[0], box[1], z), square(box[2], box[3], z)
    columns, rows = range(math.floor(left), math.floor(right) + 1), range(math.floor(top), math.floor(bottom) + 1)
    return [Tile(collection, z, x, y) for y in rows for x in columns]


def walk(chance: random.Random, lon: float, lat: float) -> Sequence[Tile]:
    """One operator's way from the whole province down to a place, with up to two pans at each zoom.

    Each tile once: a browser keeps what it has on its screen.
    """
    found: dict[Tile, None] = {}
    for z in ZOOMS:
        x, y = square(lon, lat, z)
        for _ in range(1 + chance.randint(0, 2)):
            found |= dict.fromkeys(_screen(z, x, y))
            x, y = x + chance.uniform(-3, 3), y + chance.uniform(-2, 2)
    return list(found)


def _screen(z: int, x: float, y: float) -> Iterator[Tile]:
    """The tiles of a screen around a place, each in all collections."""
    for row in range(math.floor(y) - HIGH // 2, math.floor(y) + HIGH // 2 + 1):
        for column in range(math.floor(x) - WIDE // 2, math.floor(x) + WIDE // 2 + 1):
            yield from (Tile(collection, z, column, row) for collection in COLLECTIONS)


class Operators:
    """Who asks, over a few connections at once."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url

    async def one(self, tile: Tile, etag: str = "") -> Got:
        """Ask for a tile, for whoever has the one with this tag."""
        began = time.perf_counter()
        headers = {"If-None-Match": etag} if etag else {}
        async with self._http.get(self._url + tile.path, headers=headers) as answer:
            body = await answer.read()
            took = (time.perf_counter() - began) * 1e3
            sent = int(answer.headers.get("Content-Length", "0"))
            return Got(answer.status, answer.headers.get("ETag", ""), body, sent, took)

    async def all(self, tiles: Sequence[Tile], known: Mapping[Tile, Got] | None = None) -> dict[Tile, Got]:
        """Ask for all of them in their order, each connection for the next one as soon as it has its answer."""
        left, found = iter(tiles), dict[Tile, Got]()

        async def ask() -> None:
            for tile in left:
                found[tile] = await self.one(tile, known[tile].etag if known else "")

        async with asyncio.TaskGroup() as tasks:
            for number in range(CONNECTIONS):
                tasks.create_task(ask(), name=f"operator {number}")
        return found

    async def get(self, path: str) -> Any:
        """What stands there, in JSON."""
        async with self._http.get(self._url + path, raise_for_status=True) as answer:
            return await answer.json(content_type=None)

    async def post(self, path: str, body: Any) -> Any:
        """The answer in JSON of a deed that is carried out."""
        async with self._http.post(self._url + path, json=body, raise_for_status=True) as answer:
            return await answer.json()


@asynccontextmanager
async def operators(server: Served) -> AsyncIterator[Operators]:
    """Operators before a running server."""
    headers = {"Authorization": f"Bearer {server.token}"}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as http:
        yield Operators(http, server.url)
