"""Vector tiles and the spatial index behind them, on a real server over a real PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ioc.access.scope import Scope
from tests.conftest import Fresh
from tests.fakes import mvt
from tests.fakes.http_centre import Centre, incident_row, running_centre

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
