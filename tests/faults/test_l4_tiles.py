"""L4: a million features, and the tiles stay quick: nothing worse is hidden, a change renews its own tiles alone."""

import datetime as dt
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest

from bench.centre import private_mb
from bench.ingest_site import connected
from gis.layers import CLUSTERED_BELOW, INCIDENTS, LAYERS, OPEN_STATUSES
from ioc import leader
from ioc.store.tiles import CELLS, FULL
from tests.fakes import mvt
from tests.fakes.crowd import PROVINCE, TOWN, gather
from tests.fakes.http_centre import incident_row
from tests.faults.conftest import Open
from tests.instruments.pans import (
    COLLECTIONS,
    Got,
    Operators,
    Tile,
    covering,
    operators,
    square,
    tiles_near,
    tiles_of,
    walk,
)
from tests.instruments.served import Served, served
from tests.instruments.shares import part
from tests.instruments.waiting import until
from tests.instruments.world import CENTRE, World

pytestmark = pytest.mark.promise("L4", seeds=1)

PLANTED = 60
"""Extreme incidents at known places, half of them in the town; older than all others, so no tile may leave them out."""
MOST_BYTES = FULL * 100
"""Of a tile as it is before it is compressed: a full one has about 130 kB, as `FULL` says."""
COLD_P99_MS, SHOWN_S = 5_000.0, 5.0
KEPT = 0.7
"""Of the time of a tile that is made, in the middle: one that is kept takes less. Made again, it takes as long."""
SUMMED = 9
"""The zoom at which the numbers of all tiles are added up."""

Layers = Mapping[str, Sequence[mvt.Feature]]


class Size(msgspec.Struct, frozen=True):
    """Stations, incidents all over the province and more in its town (four of ten are open), and walks."""

    stations: int
    scattered: int
    in_town: int
    walks: int


SHORT, LONG = Size(10_000, 22_000, 8_000, 2), Size(200_000, 720_000, 80_000, 40)


class Planted(msgspec.Struct, frozen=True):
    """An incident that must be found. They are listed by age, the oldest first."""

    id: str
    lon: float
    lat: float


class Site(msgspec.Struct, frozen=True):
    """What is asked: the server, who asks it, the filled database, and what was planted there."""

    server: Served
    people: Operators
    owner: asyncpg.Connection
    planted: Sequence[Planted]
    filled_s: float


class Walked(msgspec.Struct, frozen=True):
    """A walk for the first time, again, and again with the entity tags of the first time.

    In the middle of the second one an incident became worse, which was shown after `shown_ms`; `after` are the first
    answers since then.
    """

    cold: dict[Tile, Got]
    warm: dict[Tile, Got]
    known: dict[Tile, Got]
    after: dict[Tile, Got]
    changed: Planted
    shown_ms: float


class Account:
    """What the walks came to: milliseconds and bytes of the new tiles with something in them, and what was wrong."""

    def __init__(self, planted: Sequence[Planted]) -> None:
        self.planted = planted
        self.seen: set[Tile] = set()
        self.cold_ms, self.warm_ms, self.after_ms, self.shown_ms = (list[float]() for _ in range(4))
        self.known_ms, self.bytes, self.sent = (list[float]() for _ in range(3))
        self.full = dict.fromkeys(COLLECTIONS, 0)
        self.asked = self.not_modified = self.due = 0
        self.wrong: list[str] = []

    def take(self, one: Walked) -> None:
        """Add a walk."""
        self.asked += len(one.cold)
        self.not_modified += sum(got.status == 304 for got in one.known.values())
        self.shown_ms.append(one.shown_ms)
        self.known_ms += [got.ms for got in one.known.values()]
        for answers, more in ((one.cold, ()), (one.warm, ()), (one.known, (304,))):
            good = (200, 204, *more)
            self.wrong += [f"{tile}: status {got.status}" for tile, got in answers.items() if got.status not in good]
        self.wrong += renewal(one)
        for tile in one.cold.keys() - self.seen:
            self._new(tile, one)
        self.seen |= one.cold.keys()

    def figures(self) -> dict[str, float]:
        """What is told of it."""
        return {
            "tiles_asked": 3 * self.asked,
            "new_with_something": len(self.cold_ms),
            **spread("cold", self.cold_ms, "ms"),
            **spread("warm", self.warm_ms, "ms"),
            **spread("after_a_change", self.after_ms, "ms"),
            **spread("known", self.known_ms, "ms"),
            **spread("tile", self.bytes, "bytes"),
            **spread("sent", self.sent, "bytes"),
            "not_modified": self.not_modified / self.asked,
            "left_something_out": sum(self.full.values()),
            "planted_looked_for": self.due,
            "change_shown_ms": max(self.shown_ms),
            "wrong": len(self.wrong),
        }

    def _new(self, tile: Tile, one: Walked) -> None:
        cold, wanted = one.cold[tile], due(self.planted, tile)
        layers = mvt.layers(cold.body)
        self.due += len(wanted)
        self.wrong += [f"{tile}: {what}" for what in (*beyond(tile, cold.body, layers), *hidden(wanted, layers))]
        if not cold.body:
            return
        self.cold_ms.append(cold.ms)
        self.warm_ms.append(one.warm[tile].ms)
        self.after_ms.append(one.after[tile].ms)
        self.bytes.append(len(cold.body))
        self.sent.append(cold.sent)
        self.full[tile.collection] += left_out(layers)


async def test_tiles_stay_quick_and_hide_nothing_worse(
    world: Open, chance: random.Random, long: bool, tell: Callable[..., None]
) -> None:
    """Walks over the province, cold, warm and with entity tags, while one incident of each becomes worse."""
    size = LONG if long else SHORT
    async with world(devices=1) as centre, site(centre, chance, size) as place:
        first = await place.people.all([Tile(name, 0, 0, 0) for name in COLLECTIONS])
        account = Account(place.planted)
        for number in range(size.walks):
            account.take(await walked(place, chance, place.planted[number % PLANTED]))
        summed = added(await place.people.all(covering("incidents", PROVINCE, SUMMED)))
        there = await place.owner.fetchrow(COUNTS, OPEN_STATUSES)
        server_mb = private_mb(place.server.process.pid)
    assert there is not None
    assert {got.status for got in first.values()} == {200}
    tell(
        features=size.stations + size.scattered + size.in_town + PLANTED,
        of_them_drawn=size.stations + there["n"],
        filled_s=place.filled_s,
        first_tile_ms=max(got.ms for got in first.values()),
        server_mb=server_mb,
        **account.figures(),
    )
    assert not account.wrong, account.wrong[:10]
    assert summed == (there["n"], there["extreme"]), "what the tiles count is not what is there"
    assert all(account.full.values()), f"too few features for full tiles: nothing is tried here ({account.full})"
    assert account.due >= size.walks
    assert part(account.warm_ms, 0.5) < KEPT * part(account.cold_ms, 0.5)
    assert part(account.after_ms, 0.5) < KEPT * part(account.cold_ms, 0.5), "a change made others' tiles anew"
    assert part(account.cold_ms, 0.99) < COLD_P99_MS


COUNTS = """
select count(*) as n, count(*) filter (where severity = 'extreme') as extreme
  from incidents where status = any($1::text[])
"""


@asynccontextmanager
async def site(centre: World, chance: random.Random, size: Size) -> AsyncIterator[Site]:
    """A filled centre and a server that does not lead: the desk would resolve these incidents, which have no alarms."""
    began = time.monotonic()
    async with connected(centre.url("postgres")) as owner, connected(centre.url("ioc_app")) as beside:
        await beside.execute("select pg_advisory_lock($1)", leader.LOCK)
        await gather(owner, incidents=size.scattered, stations=size.stations, in_town=size.in_town, over=6)
        planted = await plant(owner, chance)
        await owner.execute("vacuum (analyze) incidents, devices")
        filled_s = time.monotonic() - began
        server = await served(centre)
        async with operators(server) as people:
            yield Site(server, people, owner, planted, filled_s)


async def plant(owner: asyncpg.Connection, chance: random.Random) -> Sequence[Planted]:
    """Insert the incidents that must be found, by turns in the town and anywhere."""
    planted = []
    for number in range(PLANTED):
        west, south, east, north = PROVINCE if number % 2 else TOWN
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        at = dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=number)
        row = incident_row(CENTRE) | {"severity": "extreme", "first_at": at, "opened_at": at}
        marks = ", ".join(f"${place}" for place in range(3, len(row) + 3))
        await owner.execute(
            f"insert into incidents (geom, {', '.join(row)}) values (st_setsrid(st_makepoint($1, $2), 4326), {marks})",
            *(lon, lat, *row.values()),
        )
        planted.append(Planted(str(row["id"]), lon, lat))
    return planted


async def walked(site: Site, chance: random.Random, towards: Planted) -> Walked:
    """Walk down to a planted incident three times; one that is seen on the way becomes worse meanwhile."""
    people, tiles = site.people, walk(chance, towards.lon, towards.lat)
    cold, half = await people.all(tiles), len(tiles) // 2
    warm = await people.all(tiles[:half])
    changed, shown_ms = await worsened(people, cold)
    rest = await people.all(tiles[half:])
    known = await people.all(tiles, cold)
    return Walked(cold, warm | rest, known, known | rest, changed, shown_ms)


async def worsened(people: Operators, cold: Mapping[Tile, Got]) -> tuple[Planted, float]:
    """Make a minor incident of the finest tiles extreme; it, and the milliseconds until its tile shows that."""
    tile, fid = next(
        (tile, one.properties["id"])
        for tile, got in reversed(list(cold.items()))
        for one in mvt.layers(got.body).get(INCIDENTS.id, ())
        if tile.z >= CLUSTERED_BELOW
        and one.properties["severity"] == "minor"
        and 0 <= min(one.corner) <= max(one.corner) < 4096
    )
    about = await people.get(f"/ogc/collections/incidents/items/{fid}")
    step = {"severity": "extreme", "why": "L4", "expected_version": about["properties"]["version"]}
    await people.post(f"/api/v1/incidents/{fid}/severity", step)
    began = time.monotonic()

    async def shown() -> bool:
        found = mvt.layers((await people.one(tile)).body)[INCIDENTS.id]
        return [one.properties["severity"] for one in found if one.properties["id"] == fid] == ["extreme"]

    await until(shown, SHOWN_S, "the change in its tile", every_s=0.002)
    return Planted(fid, *about["geometry"]["coordinates"][:2]), (time.monotonic() - began) * 1e3


def renewal(one: Walked) -> Iterator[str]:
    """What is wrong with who got a new tile: all that count the changed incident, and none that does not draw it."""
    about = INCIDENTS.id, one.changed.lon, one.changed.lat
    own, near = set(tiles_of(*about)) & one.known.keys(), set(tiles_near(*about))
    renewed = {tile for tile, got in one.known.items() if got.status != 304}
    yield from (f"{tile}: its change was not told" for tile in own - renewed)
    yield from (f"{tile}: made anew without a change" for tile in renewed - near)


def due(planted: Sequence[Planted], tile: Tile) -> set[str]:
    """The planted incidents that a tile must name: all that lie in it, or of each cell of its clusters the oldest."""
    found: dict[object, str] = {}
    for one in planted if tile.collection == INCIDENTS.id else ():
        x, y = square(one.lon, one.lat, tile.z)
        if (math.floor(x), math.floor(y)) == (tile.x, tile.y):
            cell = math.floor(x * CELLS), math.floor(y * CELLS)
            found.setdefault(cell if tile.z < CLUSTERED_BELOW else one.id, one.id)
    return set(found.values())


def hidden(wanted: set[str], layers: Layers) -> Iterator[str]:
    """What must be in a tile and is not."""
    named = {one.properties["id"] for name, found in layers.items() if name != "meta" for one in found}
    yield from (f"{fid} is hidden" for fid in wanted - named)


def left_out(layers: Layers) -> bool:
    """Whether a tile says that it left something out."""
    return any(one.properties["n_dropped"] > 0 for one in layers.get("meta", ()))


def beyond(tile: Tile, body: bytes, layers: Layers) -> Iterator[str]:
    """Where a tile goes beyond what tiles are said to be, or keeps something less bad than what it left out."""
    shown, clusters = layers.get(tile.collection, ()), layers.get("clusters", ())
    if len(body) > MOST_BYTES or len(shown) > FULL or len(clusters) > CELLS**2:
        yield f"{len(body)} bytes, {len(shown)} features, {len(clusters)} clusters"
    if not left_out(layers):
        return
    worst, about = LAYERS[tile.collection].worst, layers["meta"][0].properties
    assert worst is not None
    dropped = [rank for rank, word in enumerate(worst.words) if about[f"n_dropped_{word}"]]
    kept = min(worst.words.index(one.properties[worst.column]) for one in shown)
    if len(shown) != FULL or kept < max(dropped):
        yield f"{len(shown)} features down to {worst.words[kept]}, left out up to {worst.words[max(dropped)]}"


def added(found: Mapping[Tile, Got]) -> tuple[int, int]:
    """Over tiles with clusters that cover everything: how many incidents there are, and how many extreme ones."""
    total = extreme = 0
    for got in found.values():
        layers = mvt.layers(got.body)
        total += sum(one.properties["n_total"] for one in layers.get("meta", ()))
        extreme += sum(one.properties["n_extreme"] for one in layers.get("clusters", ()))
        extreme += sum(one.properties["severity"] == "extreme" for one in layers.get(INCIDENTS.id, ()))
    return total, extreme


def spread(name: str, values: Sequence[float], unit: str) -> dict[str, float]:
    """The middle and the 99th percentile, to be told."""
    return {f"{name}_p50_{unit}": part(values, 0.5), f"{name}_p99_{unit}": part(values, 0.99)}
