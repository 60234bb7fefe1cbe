"""The audit trail over HTTP, by requests to a real server over a real PostgreSQL."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ioc.access.scope import EVERYTHING
from ioc.audit.lines import inspect
from ioc.sealer import Sealer
from ioc.store import audit
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, new_id, now, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def trail(centre: Centre, **words: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in words.items())
    status, body, _ = await centre.get(f"/api/v1/audit?{query}")
    assert status == 200, body
    return list(body["entries"])


async def picture(centre: Centre) -> str:
    """A picture of evidence of quang-nam."""
    name, until = new_id(), now() + dt.timedelta(days=1)
    await centre.owner.execute(
        "insert into media values ($1, 'quang-nam', '502@2024-09-01', 'cam-one', 'sighting', 'image/jpeg', 3,"
        " sha256('jpg'), now(), $2)",
        name,
        until,
    )
    (centre.media / f"{name}.jpg").write_bytes(b"jpg")
    return str(name)


async def test_only_the_assessor_and_the_administrator_read_it(centre: Centre) -> None:
    await centre.owner.execute("update accounts set role = 'assessor' where login = 'viewer'")
    for path in ("/api/v1/audit", "/api/v1/audit/export"):
        for who, wanted in {"admin": 200, "viewer": 200, "operator": 403, "district": 403, None: 401}.items():
            assert (await centre.get(path, who))[0] == wanted, (path, who)
    for path in ("/api/v1/audit/verify", "/api/v1/audit/soc-test"):
        for who, wanted in {"admin": 200, "viewer": 200, "operator": 403, None: 401}.items():
            assert (await centre.post(path, {}, who))[0] == wanted, (path, who)


async def test_an_assessor_of_one_centre_searches_its_rows_and_cannot_ask_for_the_chain(centre: Centre) -> None:
    await centre.owner.execute("update accounts set role = 'assessor' where login = 'district'")
    for code in ("cam-one", "cam-two"):
        await centre.get(f"/api/v1/cameras/{code}/picture")
    _, body, _ = await centre.get("/api/v1/audit?act=camera.view", "district")
    assert [row["thing"] for row in body["entries"]] == ["cam-two"]
    assert (await centre.get("/api/v1/audit/export", "district"))[0] == 403


async def test_each_deed_leaves_its_row_with_who_from_where_and_what(centre: Centre) -> None:
    id_, media = await centre.incident(), await picture(centre)
    assert (await centre.post(f"/api/v1/incidents/{id_}/acknowledge", {"expected_version": 1}, "operator"))[0] == 200
    assert (await centre.get(f"/api/v1/media/{media}", "operator"))[0] == 200
    assert (await centre.get("/api/v1/cameras/cam-one/picture", "operator"))[0] == 200
    assert (await centre.get("/ogc/collections/incidents/items?limit=1001", "operator"))[0] == 200
    assert (await centre.get("/ogc/collections/incidents/items?limit=1000", "operator"))[0] == 200
    found = {row["act"]: row for row in await trail(centre, who="operator")}
    assert set(found) == {"incident.acknowledge", "media.read", "camera.view", "export.items"}
    step = found["incident.acknowledge"]
    assert (step["thing"], step["address"], step["centre"], step["outcome"]) == (id_, "127.0.0.1", "quang-nam", "done")
    about = ("status", "owner", "version")
    assert [step["before"][name] for name in about] == ["new", None, 1]
    assert [step["after"][name] for name in about] == ["acknowledged", "operator", 2]
    assert (found["media.read"]["thing"], found["camera.view"]["thing"]) == (media, "cam-one")
    assert found["export.items"]["after"] == {"limit": "1001"}


async def test_what_is_not_seen_leaves_no_row_of_a_reading(centre: Centre) -> None:
    media = await picture(centre)
    assert (await centre.get(f"/api/v1/media/{media}", "district"))[0] == 404
    assert (await centre.get("/api/v1/cameras/cam-one/picture", "district"))[0] == 404
    assert await trail(centre, who="district") == []


async def test_a_picture_whose_row_cannot_be_written_is_not_shown(centre: Centre) -> None:
    media = await picture(centre)
    await centre.owner.execute("alter table audit add constraint full_disk check (act <> 'media.read')")
    assert (await centre.get(f"/api/v1/media/{media}", "operator"))[0] >= 500
    await centre.owner.execute("alter table audit drop constraint full_disk")
    assert (await centre.get(f"/api/v1/media/{media}", "operator"))[0] == 200
    assert len(await trail(centre, act="media.read")) == 1


async def test_pages_follow_each_other_and_reading_is_noted(centre: Centre) -> None:
    for _ in range(5):
        await centre.get("/api/v1/cameras/cam-one/picture", "operator")
    _, first, _ = await centre.get("/api/v1/audit?act=camera.*&limit=3")
    _, second, _ = await centre.get(f"/api/v1/audit?act=camera.*&limit=3&after={first['next']}")
    ids = [row["id"] for row in first["entries"] + second["entries"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second["next"]) == (5, None)
    reads = await trail(centre, act="audit.read", who="admin")
    assert [row["after"] for row in reads][1] == {"act": "camera.*", "limit": 3}


@pytest.mark.parametrize("query", ["outcome=well", "from=yesterday", "limit=0", "after=x", "colour=red", "who=%00"])
async def test_what_cannot_be_asked_is_refused(centre: Centre, query: str) -> None:
    assert (await centre.get(f"/api/v1/audit?{query}"))[0] == 400


async def test_an_export_is_verified_without_the_database(centre: Centre) -> None:
    for _ in range(20):
        await centre.get("/api/v1/cameras/cam-one/picture", "operator")
    await Sealer(centre.database, now).seal_all()
    async with centre.http.get(f"{centre.url}/api/v1/audit/export", headers=centre.bearer("admin")) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
        body = await answer.read()
    found = inspect(body.splitlines(), [(await audit.verify(centre.database)).last])
    assert found.fault is None
    assert found.rows == 21
    _, empty, _ = await centre.get("/api/v1/audit/export?to=2020-01-01")
    assert empty == {"end": {"rows": 0, "last": "0:"}}


async def test_the_state_of_the_chain_is_told(centre: Centre) -> None:
    await Sealer(centre.database, now).seal_all()
    _, body, _ = await centre.get("/api/v1/audit")
    assert (body["chain"]["seq"], body["chain"]["waiting"]) == (1, 0)
    status, told = await centre.post("/api/v1/audit/verify", {})
    assert (status, told["holds"], told["fault"], told["rows"]) == (200, True, None, 1)
    async with centre.database.transaction(EVERYTHING, read_only=True) as transaction:
        assert (await audit.head(transaction)).hash.hex() == told["hash"]


async def test_a_test_of_a_feed_that_is_not_set_says_so(centre: Centre) -> None:
    assert (await centre.post("/api/v1/audit/soc-test", {}))[1]["problem"] == "not-configured"
    assert (await trail(centre, act="soc.test"))[0]["outcome"] == "failed"
