"""Tiles kept in memory, each until something in it changes.

Kept under the scope that it was made for, so that nobody gets another's. Every process that serves follows the change
log itself and drops the tiles in which a thing was or is now; it knows where everything is that a tile may show. A tile
that is being made while such a change is heard is given to whoever asked before, and not kept. Where the log cannot be
followed nothing is taken from here; and what the log does not tell (a station's new name) shows after OLDEST_S.
"""

import asyncio
import datetime as dt
import gzip
import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import msgspec

from gis.layer import AnyOf, Empty, Layer, NoneOf
from gis.layers import CAMERA_FOV, CAMERAS, LAYERS
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import tiles
from ioc.store.changes import Change
from ioc.store.database import Database

BEHIND_S = 3.0
"""So long ago the change log may have been read to its end for a kept tile to be given."""

OLDEST_S = 60.0
"""So old a kept tile may become, whatever is heard."""

MOST_BYTES = 64 * 1024 * 1024

_MARGIN = 1 / 64 + 1e-3
"""Of a tile's width: what is so near to it is drawn in it too. Places in the log are rounded to a centimetre."""

_DEEPEST = 22
_OVERHEAD = 600
"""Bytes that a kept tile takes beside its body, and as much again for the compressed one."""

_OF_SUBJECT = {layer.subject: layer for layer in LAYERS.values() if layer.subject}


WORTH_PACKING = 1_400
"""Bytes of a tile above which it is compressed for who takes that: less fits one packet as it is."""

_QUICK = 1
"""zlib's quickest level: half of the bytes of a full tile in 2 ms; the best level takes 25 ms for a tenth more."""


class Tile:
    """What is sent: the tile and its entity tag without quotes."""

    def __init__(self, body: bytes, tag: str) -> None:
        self.body, self.tag = body, tag
        self._packed = b""

    @property
    def packs(self) -> bool:
        """Whether it pays to compress it."""
        return len(self.body) > WORTH_PACKING

    @property
    def packed(self) -> bytes:
        """The same compressed, once for all who take it."""
        self._packed = self._packed or gzip.compress(self.body, _QUICK, mtime=0)
        return self._packed


class Key(NamedTuple):
    """Whose tile of what. `day` is the day whose areas it shows, None where no day counts."""

    scope: Scope
    collection: str
    day: dt.date | None
    z: int
    x: int
    y: int


class _Kept(msgspec.Struct, frozen=True):
    tile: Tile
    at: float
    size: int


class _Making:
    """A tile that is being made: once it is over, the tile, None when that failed."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.tile: Tile | None = None


Places = Callable[[Layer], Awaitable[Iterable[tuple[str, float, float]]]]
"""Ids, longitudes and latitudes of everything that tiles of a layer may show to anybody."""


def _square(lon: float, lat: float) -> complex:
    """Where a place is in the square of web Mercator, from its north-west corner, the side being 1."""
    radians = math.radians(max(-85.06, min(85.06, lat)))
    return complex((lon + 180) / 360, (1 - math.asinh(math.tan(radians)) / math.pi) / 2)


def _tiles_at(place: complex) -> Iterator[tuple[int, int, int]]:
    """The tiles of all zooms that draw a place."""
    for z in range(_DEEPEST + 1):
        x, y = place.real * (1 << z), place.imag * (1 << z)
        columns = {math.floor(x - _MARGIN), math.floor(x + _MARGIN)}
        rows = {math.floor(y - _MARGIN), math.floor(y + _MARGIN)}
        for column in columns:
            for row in rows:
                yield z, column, row


def _in_picture(layer: Layer, about: Mapping[str, Any]) -> bool:
    """As `layers.in_picture` says of a row, of a change's properties."""
    match layer.current:
        case AnyOf(column=name, values=values):
            return about.get(name) in values
        case NoneOf(column=name, values=values):
            return about.get(name) not in values
        case Empty(column=name, but=None):
            return about.get(name) is None
        case Empty(column=name, but=(other, word)):
            return about.get(name) is None and about.get(other) != word
    return True


def follows_log(layer: Layer) -> bool:
    """Whether the tiles of a layer may be kept: every reading changes those of the latest observations."""
    return bool(layer.subject) or layer.shape == "polygon"


class TileCache:
    """At most `most_bytes` of tiles (0: none), the longest unused leave first. `hear` must be told of every change."""

    def __init__(
        self, places: Places, *, most_bytes: int = MOST_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._places_of = places
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._making: dict[Key, _Making] = {}
        self._at: defaultdict[tuple[str, int, int, int], set[Key]] = defaultdict(set)
        self._where: dict[str, dict[str, complex]] = {}
        self._learning = asyncio.Lock()
        self._heard: dict[str, dict[str, complex]] = {}
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    @classmethod
    def over(cls, database: Database, most_bytes: int) -> Self:
        """A cache that learns from a database where everything is."""

        async def places(layer: Layer) -> Iterable[tuple[str, float, float]]:
            async with database.transaction(EVERYTHING, read_only=True) as transaction:
                return await tiles.places(transaction, layer)

        return cls(places, most_bytes=most_bytes)

    def __len__(self) -> int:
        return len(self._kept)

    async def tile(self, key: Key, make: Callable[[], Awaitable[Tile]], *, behind_s: float) -> Tile:
        """The tile of a key, made when it is not kept; several who ask at once have it made once.

        `behind_s` tells how long ago the log was read to its end.
        """
        layer = LAYERS[key.collection]
        if not self._most_bytes or behind_s > BEHIND_S or not follows_log(layer):
            return await make()
        if layer.subject and layer.id not in self._where:
            await self._learn(layer)
        found = self._kept.get(key)
        if found is not None and self._clock() - found.at < OLDEST_S:
            self._kept.move_to_end(key)
            self.hits += 1
            return found.tile
        making = self._making.get(key)
        if making is None:
            return await self._make(key, make)
        await making.over.wait()
        return making.tile or await make()

    async def _make(self, key: Key, make: Callable[[], Awaitable[Tile]]) -> Tile:
        self.misses += 1
        making = self._making[key] = _Making()
        self._at[key[1:2] + key[3:]].add(key)
        begun = self._clock()
        try:
            tile = making.tile = await make()
            if self._making.get(key) is making:
                self._keep(key, tile, begun)
            return tile
        finally:
            making.over.set()
            if self._making.get(key) is making:
                del self._making[key]
                self._forget(key)

    def _keep(self, key: Key, tile: Tile, begun: float) -> None:
        self._drop(key)
        size = 2 * len(tile.body) + _OVERHEAD
        self._kept[key] = _Kept(tile, begun, size)
        self.bytes += size
        while self.bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        found = self._kept.pop(key, None)
        if found is not None:
            self.bytes -= found.size
            self._forget(key)

    def _forget(self, key: Key) -> None:
        """Look for a key at its place no more, once it is neither kept nor being made."""
        if key in self._kept or key in self._making:
            return
        place = key[1:2] + key[3:]
        self._at[place].discard(key)
        if not self._at[place]:
            del self._at[place]

    async def _learn(self, layer: Layer) -> None:
        """Learn where everything is, before the first tile is kept; what is heard meanwhile is newer."""
        async with self._learning:
            if layer.id in self._where:
                return
            heard = self._heard[layer.id] = {}
            where = {fid: _square(lon, lat) for fid, lon, lat in await self._places_of(layer)}
            self._where[layer.id] = where | heard
            del self._heard[layer.id]

    def hear(self, told: Sequence[Change]) -> None:
        """Drop the tiles that changes touch: where each thing was, and where it is now."""
        for change in told:
            layer = _OF_SUBJECT.get(change.subject)
            if layer is not None:
                self._touch(layer, change)

    def _touch(self, layer: Layer, change: Change) -> None:
        if layer is CAMERAS:
            self._clear(CAMERA_FOV.id)  # a view reaches so far as the camera looks
        where = self._where.get(layer.id, self._heard.get(layer.id))
        if where is None:
            return
        before, after = where.pop(change.subject_id, None), _place_of(change)
        for place in (before, after if after != before else None):
            for z, x, y in () if place is None else _tiles_at(place):
                for key in list(self._at.get((layer.id, z, x, y), ())):
                    self._spoil(key)
        if after is not None and change.op == "put" and _in_picture(layer, change.value.get("properties") or {}):
            where[change.subject_id] = after

    def _spoil(self, key: Key) -> None:
        self._making.pop(key, None)
        self._drop(key)
        self._forget(key)

    def _clear(self, collection: str) -> None:
        for key in [key for key in (*self._kept, *self._making) if key.collection == collection]:
            self._spoil(key)


def _place_of(change: Change) -> complex | None:
    geometry = change.value.get("geometry")
    if not geometry or geometry.get("type") != "Point":
        return None
    return _square(*geometry["coordinates"][:2])
