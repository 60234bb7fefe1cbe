"""Features, sign-in, steps and pages, by requests to a real server over a real PostgreSQL."""

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from gis.layers import moment
from ioc.api.guard import DOORS, PAGES
from ioc.retention import span_of
from tests.conftest import Fresh
from tests.fakes.http_centre import PASSWORD, Centre, new_id, now, running_centre


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
    for path, back in (
        ("/", ""),
        ("/registry?x=1", "?page=registry"),
        ("/api/docs", "?page=api/docs"),
        ("/inbox", "?page=inbox"),
    ):
        status, _, headers = await centre.get(path, None)
        assert (status, headers["Location"]) == (303, f"/signin{back}")
    assert (await centre.get("/healthz", None))[0] == 200
    assert (await centre.get("/signin", None))[0] == 503


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


async def test_the_units_of_a_day_have_the_names_of_that_day(centre: Centre) -> None:
    for day, names in (("2025-06-30", ["Tam Kỳ"]), ("2025-07-01", ["Bàn Thạch"]), ("1999-01-01", [])):
        status, body, _ = await centre.get(f"/api/v1/areas/labels?day={day}")
        assert (status, [one["properties"]["name"] for one in body["features"]]) == (200, names)
    for odd in ("2025-02-30", "20250701", "today", "2025-07-01T00:00:00Z", ""):
        status, body, _ = await centre.get(f"/api/v1/areas/labels?day={odd}")
        assert (status, body["code"]) == (400, "bad-value")


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
        "insert into media values "
        "($1, 'hoi-an', 'x', 'cam-two', 'sighting', 'image/jpeg', 3, sha256('abc'), now(), $2)",
        media,
        now() + dt.timedelta(hours=1),
    )
    assert (await centre.get(f"/api/v1/media/{media}"))[0] == 404
    (centre.media / f"{media}.jpg").write_bytes(b"abc")
    status, picture, headers = await centre.get(f"/api/v1/media/{media}", "district")
    assert (status, picture, headers["Content-Type"]) == (200, b"abc", "image/jpeg")
    assert (await centre.get(f"/api/v1/media/{media}", "operator"))[0] == 404


async def test_long_charts_are_made_of_hours_and_days_of_the_centre(centre: Centre) -> None:
    midnight = now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday = midnight - dt.timedelta(days=1)
    for hour in (yesterday, yesterday + dt.timedelta(hours=1), yesterday - dt.timedelta(days=60)):
        month = span_of("month", hour)
        await centre.owner.execute("select ensure_partition('rollups', 2, $1, $2)", month.first, month.end)
        await centre.owner.execute(
            """insert into rollups (hour, total, low, high, covered, stream, owner, count, doubtful, retention)
               select $1, 12, 1, 9, 1, s.id, o.id, 3, 1, 2 from streams s join owners o using (centre)""",
            hour,
        )
    path = "/api/v1/devices/gauge-one/readings?property=water_level"
    status, body, _ = await centre.get(f"{path}&hours=72")
    assert (status, body["by"], body["readings"], len(body["rollups"])) == (200, "hour", [], 2)
    assert body["interval_s"] == 3600.0
    assert body["rollups"][0] == {
        "at": moment(yesterday.astimezone(dt.UTC)),
        "count": 3, "mean": 4.0, "low": 1.0, "high": 9.0, "coverage": 1.0, "doubtful": 1,
    }  # fmt: skip
    _, body, _ = await centre.get(f"{path}&hours=2000")
    assert body["by"] == "day"
    assert [(day["count"], day["coverage"]) for day in body["rollups"]] == [(3, 1 / 24), (6, 2 / 24)]
    _, body, _ = await centre.get(f"{path}&hours=72&by=day")
    assert len(body["rollups"]) == 1
    assert (await centre.get(f"{path}&by=week"))[0] == 400
    assert (await centre.get("/api/v1/devices/gauge-two/readings?property=water_level&by=day", "operator"))[0] == 404


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
    # A page that is loaded again keeps its policy, or it would stay black.
    for path in sorted((PAGES | DOORS) - {"/api/docs"}):
        _, _, first = await centre.get(path)
        status, _, again = await centre.get(path, **{"If-None-Match": first["ETag"]})
        assert (status, again["Content-Security-Policy"]) == (304, first["Content-Security-Policy"])
    assert (await centre.get("/signin", None))[1] == b"door"
    _, body, headers = await centre.get("/assets/a-1.js", None)
    assert (body, headers["Cache-Control"]) == (b"1", "public, max-age=31536000, immutable")
    for name in ("../index.html", "%2e%2e/index.html", "..%2f..%2fsecret.txt", ".hidden", "none.js"):
        url = aiohttp.client.URL(f"{centre.url}/assets/{name}", encoded=True)
        async with centre.http.get(url, allow_redirects=False) as answer:
            assert answer.status in (401, 404), name


async def test_figures_and_readiness(centre: Centre) -> None:
    assert (await centre.get("/readyz"))[1] == {"ready": True, "parts": {"database": {"ready": True}}}
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
