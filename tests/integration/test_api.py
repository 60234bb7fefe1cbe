"""Features, sign-in, steps and pages, by requests to a real server over a real PostgreSQL."""

import asyncio
import datetime as dt
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from ioc.access.scope import Scope
from tests.conftest import Fresh
from tests.fakes.http_centre import PASSWORD, Centre, incident_row, new_id, now, running_centre

COLLECTIONS = ["incidents", "alarms", "devices", "cameras", "camera_fov", "areas", "observations_latest"]


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def test_a_stranger_gets_nothing_but_health_and_the_door(centre: Centre) -> None:
    """401 as a problem for programs, the sign-in page for people."""
    for path in (
        "/ogc",
        "/ogc/collections/incidents/items",
        "/api/v1/live",
        "/metrics",
        "/readyz",
        "/nowhere",
    ):
        status, body, headers = await centre.get(path, None)
        assert (status, headers["Content-Type"]) == (401, "application/problem+json"), path
        assert body["code"] == "sign-in-needed"
    for path in ("/", "/inbox", "/registry"):
        status, _, headers = await centre.get(path, None)
        assert (status, headers["Location"]) == (303, "/signin")
    assert (await centre.get("/healthz", None))[0] == 200
    assert (await centre.get("/signin", None))[0] == 503


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
        assert headers["Vary"] == "Cookie, Authorization"
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
    "title=x",
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


async def test_a_district_sees_its_own_centre_only(centre: Centre) -> None:
    own, other = await centre.incident("hoi-an"), await centre.incident("quang-nam")
    _, body, _ = await centre.get("/ogc/collections/incidents/items", "district")
    assert [feature["id"] for feature in body["features"]] == [own]
    assert body["numberMatched"] == 1
    for name in ("devices", "cameras", "observations_latest"):
        _, body, _ = await centre.get(f"/ogc/collections/{name}/items", "district")
        assert {feature["properties"]["centre"] for feature in body["features"]} == {"hoi-an"}
    for path in (
        f"/ogc/collections/incidents/items/{other}",
        f"/api/v1/incidents/{other}",
        "/api/v1/cameras/cam-one/picture",
        "/api/v1/devices/gauge-one/readings?property=water_level",
    ):
        assert (await centre.get(path, "district"))[0] == 404
        assert (await centre.get(path, "admin"))[0] == 200
    body = {"expected_version": 1}
    assert (await centre.post(f"/api/v1/incidents/{other}/acknowledge", body, "district"))[0] == 404
    assert (await centre.post(f"/api/v1/incidents/{own}/acknowledge", body, "district"))[0] == 200


async def test_of_two_who_acknowledge_one_gets_the_current_state(centre: Centre) -> None:
    incident = await centre.incident()
    path, body = f"/api/v1/incidents/{incident}/acknowledge", {"expected_version": 1}
    answers = await asyncio.gather(*(centre.post(path, body, who) for who in ("admin", "operator")))
    assert sorted(status for status, _ in answers) == [200, 409]
    done = next(answer for status, answer in answers if status == 200)
    late = next(answer for status, answer in answers if status == 409)
    assert (done["status"], done["version"]) == ("acknowledged", 2)
    assert late["current"] == done
    assert [entry["what"] for entry in done["log"]] == ["acknowledged"]
    assert done["owner"] == done["log"][0]["who"]
    status, again = await centre.post(path, {"expected_version": 2})
    assert (status, again["code"]) == (409, "wrong-state")
    assert (await centre.post(path, body, "viewer"))[0] == 403
    assert (await centre.post(path, {"expected_version": "1"}))[0] == 400
    assert (await centre.post(f"/api/v1/incidents/{uuid.uuid4()}/acknowledge", body))[0] == 404
    assert await centre.owner.fetchval("select count(*) from changes where subject_id = $1", incident) == 1


async def test_a_session_signs_in_and_out(centre: Centre) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(base_url=centre.url, cookie_jar=jar) as browser:
        wrong = {"user": "admin", "password": "wrong"}
        async with browser.post("/api/v1/session", json=wrong, headers={"Accept-Language": "en"}) as answer:
            assert answer.status == 401
            assert (await answer.json(content_type=None))["title"].startswith("The user name")
        right = {"user": "district", "password": PASSWORD}
        async with browser.post("/api/v1/session", json=right) as answer:
            assert answer.status == 200
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            who = await answer.json()
        assert who["centre"] == "hoi-an"
        assert who["replay"] == {"speed": 60}
        assert [one["code"] for one in who["centres"]] == ["hoi-an"]
        async with browser.get("/api/v1/session") as answer:
            assert await answer.json() == who
        for origin in ("http://evil.example", "http://127.0.0.1:1", "null", ""):
            headers = {"Origin": origin} if origin else {}
            async with browser.delete("/api/v1/session", headers=headers) as answer:
                assert answer.status == 403
        async with browser.delete("/api/v1/session", headers={"Origin": centre.url}) as answer:
            assert answer.status == 204
        async with browser.get("/api/v1/session") as answer:
            assert answer.status == 401


async def test_only_digests_are_kept(centre: Centre) -> None:
    await centre.post("/api/v1/session", {"user": "admin", "password": PASSWORD}, None)
    for table in ("accounts", "sessions", "tokens"):
        rows = str([dict(row) for row in await centre.owner.fetch(f"select * from {table}")])
        assert PASSWORD not in rows
        assert not any(token in rows for token in centre.tokens.values())


async def test_guessing_is_slowed_down(centre: Centre) -> None:
    body = {"user": "admin", "password": "no"}
    answers = [(await centre.post("/api/v1/session", body, None))[0] for _ in range(12)]
    assert answers[0] == 401
    assert answers[-1] == 429


async def test_sign_in_refuses_what_is_no_sign_in(centre: Centre) -> None:
    for body in ([], 1, {"user": 1, "password": "x"}, {"user": "a\0", "password": "x"}, {"user": "a"}, "x"):
        assert (await centre.post("/api/v1/session", body, None))[0] == 400, body
    big = {"user": "a", "password": "x" * 100_000}
    assert (await centre.post("/api/v1/session", big, None))[0] == 413
    long = {"user": "admin", "password": "x" * 2_000}
    assert (await centre.post("/api/v1/session", long, None))[0] == 400
    foreign = {"Origin": "http://evil.example"}
    assert (await centre.post("/api/v1/session", {"user": "a", "password": "b"}, None, **foreign))[0] == 403
    async with centre.http.post(centre.url + "/api/v1/session", data=b"{}") as answer:
        assert answer.status == 415


async def test_todays_units_have_their_names(centre: Centre) -> None:
    status, body, headers = await centre.get("/api/v1/areas/labels", "district")
    assert (status, headers["Content-Type"]) == (200, "application/geo+json")
    assert [one["properties"]["name"] for one in body["features"]] == ["Bàn Thạch"]
    assert body["features"][0]["geometry"]["coordinates"] == [108.2, 15.5]
    assert (await centre.get("/api/v1/areas/labels", None))[0] == 401


async def test_readings_and_pictures(centre: Centre) -> None:
    status, body, _ = await centre.get("/api/v1/devices/gauge-one/readings?property=water_level&hours=2")
    assert status == 200
    times = [one["at"] for one in body["readings"]]
    assert times == sorted(times)
    assert len(times) == 20
    assert (body["unit"], body["levels"], body["name"]) == ("m", {"moderate": 6.5}, "Trạm Một")
    assert {one["quality"] for one in body["readings"]} == {"good"}
    assert (await centre.get("/api/v1/devices/gauge-one/readings?property=nothing"))[0] == 404
    assert (await centre.get("/api/v1/devices/gauge-one/readings"))[0] == 400
    status, picture, headers = await centre.get("/api/v1/cameras/cam-one/picture")
    assert (status, picture[:2], headers["X-Camera-State"]) == (200, b"\xff\xd8", "live")
    assert (await centre.get("/api/v1/cameras/cam-two/picture"))[0] == 404
    media = new_id()
    await centre.owner.execute(
        "insert into media values ($1, 'hoi-an', 'x', 'cam-two', 'sighting', 'image/jpeg', 3, '', now(), $2)",
        media,
        now() + dt.timedelta(hours=1),
    )
    assert (await centre.get(f"/api/v1/media/{media}"))[0] == 404
    (centre.media / f"{media}.jpg").write_bytes(b"abc")
    status, picture, headers = await centre.get(f"/api/v1/media/{media}", "district")
    assert (status, picture, headers["Content-Type"]) == (200, b"abc", "image/jpeg")
    assert (await centre.get(f"/api/v1/media/{media}", "operator"))[0] == 404


async def test_an_incident_shows_its_alarms(centre: Centre) -> None:
    incident, media = await centre.incident(), str(new_id())
    evidence = f'{{"value": 7.1, "levels": {{"moderate": 6.5}}, "picture": "{media}"}}'
    await centre.owner.execute(
        """insert into alarms (id, centre, area, key, rule, category, severity, source_kind, source,
             source_name,             property, raised_at, seen_at, count, evidence, incident, geom)
           values ($1, 'quang-nam', '502', 'k', 'r', 'flood', 'severe', 'sensor', 'gauge-one', 'Trạm Một',
             'water_level', now(), now(), 3, $2, $3, st_setsrid(st_makepoint(108, 15.6), 4326))""",
        new_id(),
        evidence,
        uuid.UUID(incident),
    )
    _, body, _ = await centre.get(f"/api/v1/incidents/{incident}")
    (alarm,) = body["alarms"]
    assert (alarm["unit"], alarm["count"], alarm["evidence"]["value"]) == ("m", 3, 7.1)
    assert alarm["evidence"]["picture"] == f"/api/v1/media/{media}"
    assert body["position"] == [108.0, 15.6]
    _, devices, _ = await centre.get("/ogc/collections/devices/items?code=gauge-one")
    latest = devices["features"][0]["properties"]["latest"]["water_level"]
    assert (latest["value"], latest["unit"], latest["quality"], latest["derived"]) == (
        6.5,
        "m",
        "good",
        False,
    )
    assert latest["at"].endswith("Z")


async def test_tiles_show_what_is_seen_and_open(centre: Centre) -> None:
    own = await centre.incident("hoi-an", lon=108.3, lat=15.9)
    other = await centre.incident("quang-nam", lon=108.3, lat=15.9)
    over = await centre.incident("hoi-an", lon=108.3, lat=15.9, status="closed")
    path = "/ogc/collections/incidents/tiles/WebMercatorQuad/8/116/205"
    _, tile, headers = await centre.get(path)
    assert headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert own.encode() in tile
    assert other.encode() in tile
    assert over.encode() not in tile
    assert b"incidents" in tile
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


async def test_pages_and_assets(centre: Centre) -> None:
    status, body, _ = await centre.get("/")
    assert status == 503
    assert "./run" in body.decode()
    (centre.wall / "assets").mkdir(parents=True)
    (centre.wall / "index.html").write_text("wall")
    (centre.wall / "signin.html").write_text("door")
    (centre.wall / "assets" / "a-1.js").write_text("1")
    (centre.wall.parent / "secret.txt").write_text("secret")
    _, body, headers = await centre.get("/")
    assert body == b"wall"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-cache"
    assert (await centre.get("/signin", None))[1] == b"door"
    _, body, headers = await centre.get("/assets/a-1.js", None)
    assert (body, headers["Cache-Control"]) == (b"1", "public, max-age=31536000, immutable")
    for name in ("../index.html", "%2e%2e/index.html", "..%2f..%2fsecret.txt", ".hidden", "none.js"):
        url = aiohttp.client.URL(f"{centre.url}/assets/{name}", encoded=True)
        async with centre.http.get(url, allow_redirects=False) as answer:
            assert answer.status in (401, 404), name


async def test_figures_and_readiness(centre: Centre) -> None:
    assert (await centre.get("/readyz"))[1] == {"ready": True, "parts": {"database": "ok"}}
    _, text, _ = await centre.get("/metrics")
    assert b'route="/readyz",status="200"' in text
    assert (await centre.get("/api/v1/basemap/land"))[0] == 200


async def test_a_lost_database_is_503_without_details(centre: Centre) -> None:
    name = await centre.owner.fetchval("select current_database()")
    await centre.owner.execute("alter table sessions rename to gone_sessions")
    async with centre.http.get(centre.url + "/ogc", headers={"Cookie": "ioc_session=x"}) as answer:
        text = await answer.text()
        assert answer.status == 500
    assert "sessions" not in text
    assert name not in text
