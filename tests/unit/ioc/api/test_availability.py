"""Availability over HTTP, by requests to a real server over a real PostgreSQL."""

import csv
import datetime as dt
import io
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre
from tests.fakes.scoped_rows import POINT, insert

BASE = "/api/v1/availability"
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MARCH = dt.datetime(2026, 3, 1, tzinfo=ZONE)
DAY = dt.timedelta(days=1)


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        yield one


async def gauge(centre: Centre, code: str, home: str, *failures: tuple[float, float]) -> None:
    """A gauge that served since February and failed from day to day of March."""
    row = {"code": code, "centre": home, "area": "502@2024-09-01", "name": f"Trạm {code}", "kind": "river-gauge"}
    since = {"state": "fresh", "state_since": MARCH - 30 * DAY, "profile": "river-gauge", "geom": POINT}
    await insert(centre.owner, "devices", row | since)
    for first, last in failures:
        for state, day in (("lost", first), ("fresh", last)):
            await centre.owner.execute(
                "update devices set state = $2, state_since = $3 where code = $1", code, state, MARCH + day * DAY
            )


@pytest.fixture
async def march(centre: Centre) -> Centre:
    await gauge(centre, "gauge-good", "hoi-an")
    await gauge(centre, "gauge-bad", "hoi-an", (1, 2), (5, 6), (9, 10.1))
    await gauge(centre, "gauge-far", "quang-nam", (0, 15.5))
    return centre


async def test_units_stand_worst_first_with_all_beside(march: Centre) -> None:
    status, body, _ = await march.get(f"{BASE}?month=2026-03")
    assert status == 200
    assert (body["from"], body["to"]) == ("2026-02-28T17:00:00Z", "2026-03-31T17:00:00Z")
    assert [(one["centre"], one["things"], one["failures"], one["offenders"]) for one in body["units"]] == [
        ("quang-nam", 1, 1, 0),
        ("hoi-an", 2, 3, 1),
    ]
    assert [one["share"] for one in body["units"]] == pytest.approx([0.5, 1 - 3.1 / 62])
    assert body["total"]["share"] == pytest.approx(1 - 18.6 / 93)


async def test_each_thing_has_its_time_to_repair_and_the_worst_comes_first(march: Centre) -> None:
    status, body, _ = await march.get(f"{BASE}?month=2026-03&by=device&subject=device")
    assert status == 200
    far, bad, good = body["things"]
    assert (far["code"], bad["code"], good["code"]) == ("gauge-far", "gauge-bad", "gauge-good")
    assert (far["repair_s"], bad["repair_s"]) == (15.5 * 86_400, pytest.approx(3.1 / 3 * 86_400))
    assert (bad["offends"], good["offends"], good["share"], good["repair_s"]) == (True, False, 1.0, None)
    assert bad["name"] == "Trạm gauge-bad"


async def test_one_thing_is_told_of_alone(march: Centre) -> None:
    status, body, _ = await march.get(f"{BASE}?month=2026-03&by=device&subject=device&code=gauge-bad")
    assert status == 200
    assert [(one["code"], one["failures"]) for one in body["things"]] == [("gauge-bad", 3)]
    assert body["total"]["things"] == 1


async def test_pages_follow_each_other(march: Centre) -> None:
    _, first, _ = await march.get(f"{BASE}?month=2026-03&by=device&limit=2")
    _, last, _ = await march.get(f"{BASE}?month=2026-03&by=device&limit=2&offset={first['next']}")
    codes = [one["code"] for one in first["things"] + last["things"]]
    assert (codes, last["next"]) == (["gauge-far", "gauge-bad", "gauge-good"], None)


async def test_what_fails_now_says_since_when(march: Centre) -> None:
    await march.owner.execute(
        "update devices set state = 'lost', state_since = $1 where code = 'gauge-good'", MARCH + 40 * DAY
    )
    _, body, _ = await march.get(f"{BASE}?by=device")
    [good] = [one for one in body["things"] if one["code"] == "gauge-good"]
    assert (good["state"], good["failing_since"]) == ("lost", "2026-04-09T17:00:00Z")
    assert body["total"]["failing_now"] == sum(one["failing_since"] is not None for one in body["things"]) > 0


async def test_a_district_sees_its_own_alone(march: Centre) -> None:
    status, body, _ = await march.get(f"{BASE}?month=2026-03&by=device", "district")
    assert status == 200
    assert {one["centre"] for one in body["things"]} == {"hoi-an"}
    assert body["total"]["things"] == 2


async def test_the_csv_says_the_same_and_is_noted(march: Centre) -> None:
    status, body, headers = await march.get(f"{BASE}/export?month=2026-03&by=device")
    assert (status, headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == ["gauge-far", "gauge-bad", "gauge-good"]
    assert float(rows[0]["share"]) == pytest.approx(0.5)
    assert await march.owner.fetchval("select after ->> 'month' from audit where act = 'availability.export'")


@pytest.mark.parametrize("query", ["month=2026", "by=week", "subject=person", "limit=0", "surprise=1"])
async def test_what_cannot_be_asked_is_refused(centre: Centre, query: str) -> None:
    status, problem, _ = await centre.get(f"{BASE}?{query}")
    assert (status, problem["status"]) == (400, 400)
