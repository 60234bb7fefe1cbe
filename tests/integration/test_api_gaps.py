"""Gaps over HTTP: each reader's own, the worst first, and figures."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    """Two centres, each with a device; the one of quang-nam misses 2 and 3, the one of hoi-an 0 to 8."""
    async with running_centre(migrated.url, tmp_path) as it:
        await it.owner.execute(
            """insert into sequences values
               ('gauge-one', 'b7', 'quang-nam', 0, 0,
                '[[0, 1, "2026-11-22T01:00:00Z", "2026-11-22T01:01:00Z"], [4, 9, "2026-11-22T01:04:00Z", null]]',
                9, now() - interval '12 s', now(), 2, now(), true),
               ('gauge-two', '', 'hoi-an', 1, 0, '[[9, 9, null, null]]', 9, null, now(), 9, now(), true)"""
        )
        yield it


async def test_a_device_shows_its_missing_numbers(centre: Centre) -> None:
    status, body, _ = await centre.get("/api/v1/devices/gauge-one/gaps", "operator")
    assert status == 200
    assert (body["device"], body["name"], body["missing"], body["lag_s"]) == ("gauge-one", "Trạm Một", 2, 12.0)
    (run,) = body["runs"]
    assert (run["run"], run["through"], run["counted_anew"], run["missing"]) == ("b7", 9, 0, 2)
    times = {"since": "2026-11-22T01:01:00.000Z", "until": "2026-11-22T01:04:00.000Z"}
    assert run["gaps"] == [{"from": 2, "to": 3, "count": 2, **times}]
    for code in ("gauge-two", "nowhere", "X"):
        assert (await centre.get(f"/api/v1/devices/{code}/gaps", "operator"))[0] == 404
    assert (await centre.get("/api/v1/devices/gauge-one/gaps?x=1", "operator"))[0] == 400


async def test_everybody_sees_the_gaps_of_their_own_devices_the_worst_first(centre: Centre) -> None:
    _, body, _ = await centre.get("/api/v1/gaps", "admin")
    assert (body["devices"], body["missing"]) == (2, 11)
    assert [(one["device"], one["missing"]) for one in body["items"]] == [("gauge-two", 9), ("gauge-one", 2)]
    _, body, _ = await centre.get("/api/v1/gaps?limit=1", "admin")
    assert (body["devices"], body["missing"], len(body["items"])) == (2, 11, 1)
    _, body, _ = await centre.get("/api/v1/gaps", "district")
    assert [one["device"] for one in body["items"]] == ["gauge-two"]
    assert (await centre.get("/api/v1/gaps?limit=0", "admin"))[0] == 400
    assert (await centre.get("/api/v1/gaps", None))[0] == 401


async def test_the_figures_count_what_the_reader_may_see(centre: Centre) -> None:
    _, text, _ = await centre.get("/metrics", "admin")
    assert b"ioc_devices_with_gaps 2\nioc_missing_messages 11\n" in text
    _, text, _ = await centre.get("/metrics", "operator")
    assert b"ioc_devices_with_gaps 1\nioc_missing_messages 2\n" in text
