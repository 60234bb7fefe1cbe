"""Collections and their items, by requests to a real server over a real PostgreSQL."""

import asyncio
import csv
import io
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import PASSWORD, Centre, running_centre

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


async def read_pages(centre: Centre, query: str, name: str = "incidents", who: str = "admin") -> list[dict[str, Any]]:
    """All features of a query, page by page through the next links; each page tells the same number."""
    path, seen, numbers = f"/ogc/collections/{name}/items?{query}", [], set()
    while path:
        status, page, _ = await centre.get(path, who)
        assert status == 200, page
        numbers.add(page["numberMatched"])
        seen += page["features"]
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = following[0].removeprefix(centre.url) if following else ""
    assert numbers == {len(seen)}
    return seen


async def test_any_order_is_paged_without_a_gap(centre: Centre) -> None:
    words = ["minor", "moderate", "severe", "extreme"]
    for number in range(60):
        owner = None if number % 3 else f"person {number % 5}"
        await centre.incident(severity=words[number % 4], owner=owner, count=number % 7)
    ranks = [words.index(one["properties"]["severity"]) for one in await read_pages(centre, "limit=7&sortby=-severity")]
    assert ranks == sorted(ranks, reverse=True)
    for sign in ("", "-", "%2B", "+"):
        found = await read_pages(centre, f"limit=11&sortby={sign}owner,-count")
        assert len({one["id"] for one in found}) == 60
        owners = [one["properties"]["owner"] for one in found]
        named = [owner for owner in owners if owner is not None]
        assert owners == named + [None] * 40, "what has no value stands last"
        assert named == sorted(named, reverse=sign == "-")
    for name in COLLECTIONS:
        _, sortables, _ = await centre.get(f"/ogc/collections/{name}/sortables")
        for field in sortables["properties"]:
            await read_pages(centre, f"limit=1&sortby=-{field}" if name != "incidents" else f"sortby={field}", name)
    _, page, _ = await centre.get("/ogc/collections/incidents/items?limit=1&sortby=title")
    [following] = [link["href"].removeprefix(centre.url) for link in page["links"] if link["rel"] == "next"]
    assert (await centre.get(following.replace("sortby=title", "sortby=-title")))[0] == 400


VN2000 = "http://www.opengis.net/def/crs/EPSG/0/5899"
LATLON = "http://www.opengis.net/def/crs/EPSG/0/4326"


async def test_positions_in_the_system_that_is_asked_for(centre: Centre) -> None:
    name = await centre.incident(lon=108.338, lat=15.8801)
    far = await centre.incident(lon=-170.0, lat=-80.0)
    items = "/ogc/collections/incidents/items"
    for crs, place, away in (
        (None, [108.338, 15.8801], [-170.0, -80.0]),
        (LATLON, [15.8801, 108.338], [-80.0, -170.0]),
        (VN2000, [562773.1204, 1756400.9836], None),
    ):
        query = "" if crs is None else f"?crs={crs}"
        _, page, headers = await centre.get(items + query)
        places = {one["id"]: (one["geometry"] or {}).get("coordinates") for one in page["features"]}
        assert places[name] == pytest.approx(place, abs=1e-3)
        assert places[far] == away
        assert headers["Content-Crs"] == f"<{crs or 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}>"
        _, one, headers = await centre.get(f"{items}/{name}{query}")
        assert one["geometry"]["coordinates"] == places[name]
        assert headers["Content-Crs"] == f"<{crs or 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}>"
    boxes = {
        "bbox=108.3,15.8,108.4,15.9": 1,
        f"bbox=15.8,108.3,15.9,108.4&bbox-crs={LATLON}": 1,
        f"bbox=562773,1756400,562774,1756401&bbox-crs={VN2000}": 1,
        f"bbox=562774,1756400,562775,1756401&bbox-crs={VN2000}": 0,
        f"bbox=-40000000,-40000000,40000000,40000000&bbox-crs={VN2000}": 1,
    }
    for query, number in boxes.items():
        _, page, _ = await centre.get(f"{items}?{query}")
        assert page["numberMatched"] == number, query
    for crs, first in ((LATLON, 15), (VN2000, 450_000)):
        _, page, _ = await centre.get(f"/ogc/collections/areas/items?crs={crs}")
        x, y = page["features"][0]["geometry"]["coordinates"][0][0][0]
        assert first <= x < first * 1.2, (x, y)
    _, page, _ = await centre.get(f"/ogc/collections/areas/items?bbox=490000,1700000,500000,1710000&bbox-crs={VN2000}")
    assert page["numberMatched"] == 1
    for query in ("crs=EPSG:4326", "bbox-crs=x&bbox=1,2,3,4", f"bbox=5,5,1,1&bbox-crs={VN2000}"):
        assert (await centre.get(f"{items}?{query}"))[0] == 400
    assert "EPSG/0/5899" in str((await centre.get(f"{items}?crs=x"))[1])


async def test_a_table_for_spreadsheets(centre: Centre) -> None:
    bad = await centre.incident(title='=HYPERLINK("http://x")', title_en="a;=1+1", owner="-5", lon=108.1, lat=15.7)
    for _ in range(2_100):
        await centre.incident()
    status, body, headers = await centre.get("/ogc/collections/incidents/items?f=csv")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert re.fullmatch(r'attachment; filename="incidents-\d{4}-\d\d-\d\d\.csv"', headers["Content-Disposition"])
    assert body.startswith(b"\xef\xbb\xbfid,version,title,")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert len({row["id"] for row in rows}) == 2_101
    [row] = [row for row in rows if row["id"] == bad]
    assert (row["title"], row["title_en"], row["owner"]) == ('\'=HYPERLINK("http://x")', "a;'=1+1", "-5")
    assert (row["lon"], row["lat"], row["cleared"], row["sources"]) == ("108.1", "15.7", "false", '["sensor"]')
    _, body, headers = await centre.get(
        f"/ogc/collections/incidents/items?limit=1&sortby=-owner&crs={VN2000}", Accept="text/csv"
    )
    [row] = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    assert headers["Content-Crs"] == f"<{VN2000}>"
    assert float(row["easting"]) == pytest.approx(537_500, abs=500)
    _, body, _ = await centre.get("/ogc/collections/areas/items?f=csv")
    assert b"MULTIPOLYGON(((" in body
    status, problem, _ = await centre.get("/ogc/collections/incidents/items?f=csv", "viewer")
    assert (status, problem["code"]) == (403, "not-allowed")
    found = await centre.owner.fetchval("select count(*) from audit where act = 'export.items'")
    assert found == 3


async def test_a_table_ends_with_the_session(centre: Centre) -> None:
    """Somebody reads slowly and signs out meanwhile: what is left of the table is not written."""
    await centre.incident(owner="x" * 16_000)
    columns = await centre.owner.fetchval(
        """select string_agg(column_name, ', ') from information_schema.columns
           where table_name = 'incidents' and is_generated = 'NEVER' and column_name not in ('id', 'key')"""
    )
    await centre.owner.execute(
        f"""insert into incidents (id, key, {columns})
            select gen_random_uuid(), n, {columns} from incidents, generate_series(1, 2000) n"""
    )
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=centre.url, cookie_jar=jar) as browser:
        async with browser.post("/api/v1/session", json={"user": "admin", "password": PASSWORD}) as answer:
            assert answer.status == 200
        async with browser.get("/ogc/collections/incidents/items?f=csv") as table:
            assert table.status == 200
            async with browser.delete("/api/v1/session", headers={"Origin": centre.url}) as gone:
                assert gone.status == 204
            with pytest.raises(aiohttp.ClientError):
                await table.read()


async def test_forms_heads_and_what_is_not_acceptable(centre: Centre) -> None:
    await centre.incident()
    items = "/ogc/collections/incidents/items"
    for path in ("/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/areas", items):
        status, problem, _ = await centre.get(path, Accept="text/html")
        assert (status, problem["code"]) == (406, "not-acceptable"), path
        assert (await centre.get(path, Accept="text/html, */*;q=0.1"))[0] == 200
        assert (await centre.get(f"{path}?f=html"))[0] == 400
        async with centre.http.head(centre.url + path, headers=centre.bearer("admin")) as answer:
            assert (answer.status, await answer.read()) == (200, b"")
    async with centre.http.head(f"{centre.url}{items}?f=csv", headers=centre.bearer("admin")) as answer:
        assert (answer.status, answer.content_type, await answer.read()) == (200, "text/csv", b"")
    _, _, headers = await centre.get(f"{items}?download=1")
    assert headers["Content-Disposition"].endswith('.geojson"')
    _, problem, _ = await centre.get(f"{items}?nothing=1")
    assert "sortby" in problem["detail"]
    _, titles, headers = await centre.get("/ogc/collections/incidents/schema", **{"Accept-Language": "en"})
    assert (titles["title"], headers["Content-Language"]) == ("Incidents", "en")
    _, titles, _ = await centre.get("/ogc/collections/incidents", **{"Accept-Language": "vi"})
    assert titles["title"] == "Sự cố"
    [[since, until]] = titles["extent"]["temporal"]["interval"]
    assert since.endswith("Z")
    assert until is None


async def test_filters_choose(centre: Centre) -> None:
    near = await centre.incident(lon=108.0, lat=15.5, severity="extreme")
    await centre.incident(lon=108.5, lat=15.9, severity="minor")
    for query in (
        "filter=severity='extreme'",
        "filter=S_INTERSECTS(geometry,BBOX(107.9,15.4,108.1,15.6))",
        f"filter=S_INTERSECTS(geometry,BBOX(15.4,107.9,15.6,108.1))&filter-crs={LATLON}",
        f"filter=S_INTERSECTS(geometry,BBOX(520000,1700000,530000,1720000))&filter-crs={VN2000}",
        'filter={"op":"=","args":[{"property":"severity"},"extreme"]}&filter-lang=cql2-json',
        "filter=severity>'severe'&sortby=-opened_at&limit=1",
        "severity=extreme&alarms=1&version=1",
    ):
        _, page, _ = await centre.get(f"/ogc/collections/incidents/items?{query}")
        assert [one["id"] for one in page["features"]] == [near], (query, page)
        _, body, _ = await centre.get(f"/ogc/collections/incidents/items?{query}&f=csv")
        assert body.count(b"\r\n") == 2
    for query in ("filter=nothing=1", "filter=(", "filter-lang=sql", "filter=TRUE&filter-crs=x"):
        assert (await centre.get(f"/ogc/collections/incidents/items?{query}"))[0] == 400
