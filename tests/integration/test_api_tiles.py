"""Vector tiles and the spatial index behind them, on a real server over a real PostgreSQL."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from gis.layer import Layer
from gis.layers import INCIDENTS
from ioc.access.scope import EVERYTHING, Scope
from ioc.store import layers, tiles
from ioc.store.changes import Change, record
from ioc.tile_cache import TileCache
from tests.conftest import Fresh
from tests.fakes import mvt
from tests.fakes.http_centre import Centre, incident_row, now, running_centre
from tests.instruments.waiting import until

COLLECTIONS = ["incidents", "alarms", "tickets", "devices", "cameras", "camera_fov", "areas", "observations_latest"]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def test_tiles_show_what_is_seen_and_open(centre: Centre) -> None:
    own = await centre.incident("hoi-an", lon=108.3, lat=15.9)
    other = await centre.incident("quang-nam", lon=108.3, lat=15.9)
    over = await centre.incident("hoi-an", lon=108.3, lat=15.9, status="closed")
    path = "/ogc/collections/incidents/tiles/WebMercatorQuad/13/3729/6560"
    _, tile, headers = await centre.get(path)
    assert headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert own.encode() in tile
    assert other.encode() in tile
    assert over.encode() not in tile
    assert b"incidents" in tile
    low = mvt.layers((await centre.get("/ogc/collections/incidents/tiles/WebMercatorQuad/8/116/205", "district"))[1])
    assert [one.properties["id"] for one in low["incidents"]] == [own]
    assert "clusters" not in low
    _, mine, _ = await centre.get(path, "district")
    assert own.encode() in mine
    assert other.encode() not in mine
    status, body, again = await centre.get(path, **{"If-None-Match": headers["ETag"]})
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    assert headers["Cache-Control"] == "private, no-cache"
    areas = (await centre.get("/ogc/collections/areas/tiles/WebMercatorQuad/8/116/205"))[1]
    assert b"20335@2025-07-01" in areas
    assert b"502@2024-09-01" not in areas
    for name in COLLECTIONS:
        assert (await centre.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad/0/0/0"))[0] == 200
    status, body, _ = await centre.get("/ogc/collections/incidents/tiles/WebMercatorQuad/22/5/5")
    assert (status, body) == (200, b"")
    for place, wanted in (("0/1/0", 404), ("23/0/0", 404), ("x/0/0", 400), ("1/-1/0", 400), ("9/9/1e3", 400)):
        assert (await centre.get(f"/ogc/collections/incidents/tiles/WebMercatorQuad/{place}"))[0] == wanted


async def test_a_box_uses_the_index_under_row_level_security(centre: Centre) -> None:
    columns = list(incident_row("hoi-an"))
    await centre.owner.execute(
        f"""insert into incidents ({", ".join(columns)}, geom)
            select gen_random_uuid(), 'hoi-an', 'a', 1, i::text, '', '', 'flood', 'minor', 'new', 'a', 'a',
              '{{}}', 1, 1, false, now(), now(), now(), now(),
              st_setsrid(st_makepoint(107 + random() * 2, 15 + random()), 4326)
            from generate_series(1, 20000) i"""
    )
    await centre.owner.execute("analyze incidents")
    async with centre.database.transaction(Scope(frozenset({"hoi-an"})), read_only=True) as transaction:
        for column, box in (
            ("geom", "st_makeenvelope(108, 15.5, 108.02, 15.52, 4326)"),
            ("geom3857", "st_tileenvelope(12, 1860, 3280)"),
        ):
            plan = await transaction.connection.fetch(
                f"explain select id from incidents where {column} && {box} and (status = 'new' or "
                "status = 'acknowledged' or status = 'in_progress' or status = 'reopened')"
            )
            text = "\n".join(row[0] for row in plan)
            assert "incidents_geom" in text, text
            assert "Seq Scan" not in text


async def test_a_change_renews_its_own_tiles_alone(migrated: Fresh, tmp_path: Path) -> None:
    """A kept tile is given until the log tells of a change in it; each scope has its own."""
    here, far = (f"/ogc/collections/incidents/tiles/WebMercatorQuad/13/{place}" for place in ("3729/6560", "3745/6546"))
    opened: list[Centre] = []

    async def places(layer: Layer) -> Iterable[tuple[str, float, float]]:
        async with opened[0].database.transaction(EVERYTHING, read_only=True) as transaction:
            return await tiles.places(transaction, layer)

    cache = TileCache(places)
    async with running_centre(migrated.url, tmp_path, {"tiles": cache}, heard=cache.hear) as centre:
        opened.append(centre)
        own = await centre.incident("hoi-an", lon=108.3, lat=15.9)
        other = await centre.incident("quang-nam", lon=108.3, lat=15.9)
        first = await until(lambda: _kept(centre, cache, here), 20, "a tile from memory")
        assert {one.properties["id"] for one in first} == {own, other}
        assert [one.properties["id"] for one in await _features(centre, here, "district")] == [own]
        assert await _features(centre, far) == []
        hits = cache.hits
        assert await _features(centre, here) == first
        assert [one.properties["id"] for one in await _features(centre, here, "district")] == [own]
        assert cache.hits == hits + 2
        async with centre.database.transaction(EVERYTHING) as transaction:
            await transaction.connection.execute("update incidents set severity = 'minor' where id = $1", own)
            changed = await layers.features_of(transaction, INCIDENTS, [own])
            moved = Change(
                subject="incident", subject_id=own, op="put", centre="hoi-an", area="502@2024-09-01", at=now(),
                value=changed[0],
            )  # fmt: skip
            await record(transaction, [moved])

        async def renewed() -> bool:
            found = await _features(centre, here, "district")
            return [one.properties["severity"] for one in found] == ["minor"]

        await until(renewed, 20, "a tile that is made anew")
        hits, misses = cache.hits, cache.misses
        await _features(centre, far)
        assert (cache.hits, cache.misses) == (hits + 1, misses)


async def _features(centre: Centre, path: str, who: str = "admin") -> list[mvt.Feature]:
    status, body, _ = await centre.get(path, who)
    assert status == 200
    return mvt.layers(body).get("incidents", [])


async def _kept(centre: Centre, cache: TileCache, path: str) -> list[mvt.Feature]:
    """What a tile shows, once it comes from memory."""
    hits, found = cache.hits, await _features(centre, path)
    return found if cache.hits > hits else []


async def test_areas_are_those_of_a_day(centre: Centre) -> None:
    path = "/ogc/collections/areas/tiles/WebMercatorQuad/8/116/205"
    _, body, _ = await centre.get(f"{path}?datetime=2025-06-30")
    assert b"502@2024-09-01" in body
    assert b"20335@2025-07-01" not in body
    _, body, _ = await centre.get(f"{path}?datetime=2025-07-01T00:00:00Z")
    assert b"20335@2025-07-01" in body
    for wrong in ("x", "..", "2025-06-30/2025-07-02"):
        assert (await centre.get(f"{path}?datetime={wrong}"))[0] == 400
    incidents = "/ogc/collections/incidents/tiles/WebMercatorQuad/8/116/205"
    assert (await centre.get(f"{incidents}?datetime=2025-06-30"))[0] == 400


async def test_a_large_tile_is_compressed_for_who_takes_it(centre: Centre) -> None:
    for _ in range(40):
        await centre.incident("hoi-an", lon=108.3, lat=15.9)
    path = centre.url + "/ogc/collections/incidents/tiles/WebMercatorQuad/13/3729/6560"
    tags = {}
    for coding in ("gzip", "identity", "gzip;q=0"):
        mine = centre.bearer("admin") | {"Accept-Encoding": coding}
        async with centre.http.get(path, headers=mine) as answer:
            assert len(mvt.layers(await answer.read())["incidents"]) == 40
            assert (answer.headers.get("Content-Encoding") == "gzip") == (coding == "gzip")
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert "Cookie" in answer.headers["Vary"]
            tags[coding] = answer.headers["ETag"]
        async with centre.http.get(path, headers=mine | {"If-None-Match": f'"x", W/{tags[coding]}'}) as answer:
            assert (answer.status, answer.headers["ETag"]) == (304, tags[coding])
    assert tags["gzip"] != tags["identity"] == tags["gzip;q=0"]
