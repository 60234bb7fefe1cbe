"""Collections and their items, by requests to a real server over a real PostgreSQL."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

COLLECTIONS = ["incidents", "alarms", "tickets", "devices", "cameras", "camera_fov", "areas", "observations_latest"]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def test_the_documents_describe_every_collection(centre: Centre) -> None:
    _, landing, _ = await centre.get("/ogc")
    assert {link["rel"] for link in landing["links"]} >= {"self", "service-desc", "conformance", "data"}
    assert (await centre.get("/ogc/conformance"))[1]["conformsTo"]
    _, listed, _ = await centre.get("/ogc/collections")
    assert [one["id"] for one in listed["collections"]] == COLLECTIONS
    west, south, east, north = listed["collections"][0]["extent"]["spatial"]["bbox"][0]
    assert 107 < west < east < 109
    assert 14 < south < north < 17
    for name in COLLECTIONS:
        status, body, headers = await centre.get(f"/ogc/collections/{name}/items")
        assert (status, headers["Content-Type"]) == (200, "application/geo+json")
        assert body["numberMatched"] == body["numberReturned"] == len(body["features"])
        assert headers["Cache-Control"].startswith("private")
        assert headers["Vary"] == "Cookie, Authorization, Accept"
        status, queryables, headers = await centre.get(f"/ogc/collections/{name}/queryables")
        assert headers["Content-Type"] == "application/schema+json"
        status, schema, _ = await centre.get(f"/ogc/collections/{name}/schema")
        assert set(queryables["properties"]) <= set(schema["properties"])
        for feature in body["features"]:
            assert set(feature["properties"]) == set(schema["properties"]) - {"geometry"}
            status, same, _ = await centre.get(f"/ogc/collections/{name}/items/{feature['id']}")
            assert (status, same["id"]) == (200, feature["id"])
        status, tileset, _ = await centre.get(f"/ogc/collections/{name}/tiles/WebMercatorQuad")
        assert tileset["vector_layers"][0]["id"] == name
        assert (await centre.get(f"/ogc/collections/{name}/tiles"))[0] == 200
    assert (await centre.get("/ogc/api"))[1]["openapi"] == "3.0.3"
    assert (await centre.get("/api/v1/openapi.json"))[1]["openapi"].startswith("3.1")
    assert (await centre.get("/ogc/collections/nothing/items"))[0] == 404


async def test_paging_reads_each_of_1234_incidents_once(centre: Centre) -> None:
    for _ in range(1_234):
        await centre.incident()
    path, seen = "/ogc/collections/incidents/items?limit=100", []
    while path:
        _, page, _ = await centre.get(path)
        assert page["numberMatched"] == 1_234
        seen += [feature["id"] for feature in page["features"]]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = following[0].removeprefix(centre.url) if following else ""
    assert len(seen) == len(set(seen)) == 1_234


async def test_gdal_lists_the_collections_and_reads_every_item(centre: Centre) -> None:
    for _ in range(321):
        await centre.incident()

    async def ogrinfo(*arguments: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "ogrinfo",
            "-ro",
            *arguments,
            f"OAPIF:{centre.url}/ogc",
            env=os.environ | {"GDAL_HTTP_HEADERS": f"Authorization: Bearer {centre.tokens['admin']}"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        return (await process.communicate())[0].decode()

    listed = await ogrinfo()
    assert "1: incidents" in listed
    assert [name for name in COLLECTIONS if f": {name}" in listed] == COLLECTIONS
    read = await ogrinfo("-al", "-oo", "PAGE_SIZE=50")
    assert read.count("OGRFeature(incidents)") == 321
    for name, number in (("devices", 2), ("cameras", 2), ("camera_fov", 1), ("areas", 2)):
        assert read.count(f"OGRFeature({name})") == number, read[-2000:]
    assert "ERROR" not in read


async def test_bbox_datetime_and_properties_choose(centre: Centre) -> None:
    far = await centre.incident(lon=108.5, lat=15.9, severity="minor")
    near = await centre.incident(lon=108.0, lat=15.5)

    async def ids(query: str, name: str = "incidents") -> list[str]:
        status, body, _ = await centre.get(f"/ogc/collections/{name}/items?{query}")
        assert status == 200, body
        return [feature["id"] for feature in body["features"]]

    assert await ids("bbox=107.9,15.4,108.1,15.6") == [near]
    assert await ids("bbox=107.9,15.4,0,108.1,15.6,9") == [near]
    assert await ids("bbox=108.4,15,-170,16") == [far]
    assert await ids("severity=minor") == [far]
    assert await ids("severity=minor&status=resolved") == []
    assert await ids("datetime=../2020-01-01T00:00:00Z") == []
    assert await ids("datetime=2020-01-01T00:00:00Z/..") == [far, near]
    assert await ids("datetime=2025-01-01", "areas") == ["502@2024-09-01"]
    assert await ids("datetime=2025-07-01T00:00:00%2B07:00/..", "areas") == ["20335@2025-07-01"]
    assert await ids("device=gauge-one", "observations_latest") == ["gauge-one:water_level"]


BAD = [
    "nothing=1",
    "limit=0",
    "limit=-1",
    "limit=x",
    "limit=1&limit=2",
    "bbox=1,2,3",
    "bbox=1,2,x,4",
    "bbox=0,91,1,92",
    "bbox=nan,0,1,1",
    "datetime=yesterday",
    "datetime=../..x",
    "after=zzz",
    "after=%00",
    "severity=huge",
    "centre=%00",
    "severity=%27%3B",
    "f=xml",
    "sources=x",
    "opened_at=yesterday",
    "bbox=1,5,2,4",
    "after=é",
    "datetime=2025-01-02T00:00:00Z/2025-01-01T00:00:00Z",
    "after=AAAA",
    "datetime=",
    "bbox=",
    "limit=",
]


async def test_a_bad_parameter_is_a_problem(centre: Centre) -> None:
    for query in BAD:
        status, body, headers = await centre.get(f"/ogc/collections/incidents/items?{query}")
        assert (status, headers["Content-Type"]) == (400, "application/problem+json"), (query, body)
        assert body["status"] == 400
        assert "Traceback" not in str(body)


async def test_odd_ids_are_not_found(centre: Centre) -> None:
    """Never 500, whatever stands in the path."""
    for odd in (
        "%00",
        "x%00y",
        "..",
        "%2e%2e%2f",
        "'; drop table",
        "%ED%A0%80",
        "é",
        "a" * 4_000,
        "%",
        "1",
        ":",
    ):
        for path in (
            "/ogc/collections/incidents/items/{}",
            "/ogc/collections/areas/items/{}",
            "/ogc/collections/observations_latest/items/{}",
            "/ogc/collections/{}/items",
            "/api/v1/incidents/{}",
            "/api/v1/media/{}",
            "/api/v1/cameras/{}/picture",
            "/api/v1/devices/{}/readings?property=x",
            "/api/v1/basemap/{}",
            "/assets/{}",
        ):
            url = aiohttp.client.URL(centre.url + path.format(odd), encoded=True)
            async with centre.http.get(url, headers=centre.bearer("admin"), allow_redirects=False) as answer:
                assert answer.status in (400, 404), (path, odd, answer.status)
