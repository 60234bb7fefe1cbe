"""`GET /api/v1/cameras?sees=…` over 5,000 cameras: right, scoped, and quick."""

import random
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cameras.zones import holds
from gis.position import Position
from ioc.sites import sited
from ioc.store.registry import CameraRow
from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

CAMERAS = 5_000
DEADLINE_MS = 100.0


def row(number: int, dice: random.Random) -> CameraRow:
    """A camera of a town: many looks at the same squares, so that a point is seen by dozens."""
    settings = {"scene": "street", "height_m": dice.uniform(4, 12), "tilt_deg": dice.uniform(8, 30)}
    return sited(
        CameraRow(
            code=f"cam-{number}", centre="quang-nam" if number % 5 else "hoi-an", area="502@2024-09-01",
            name=f"Camera {number}", kind="street",
            position=Position(lon=108.25 + dice.random() * 0.012, lat=15.80 + dice.random() * 0.012),
            bearing=dice.uniform(0, 360), fov=dice.uniform(40, 100), settings=settings,
        )
    )  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[CameraRow]:
    dice = random.Random(7)
    return [row(number, dice) for number in range(CAMERAS)]


@pytest.fixture
async def town(migrated: Fresh, tmp_path: Path, rows: list[CameraRow]) -> AsyncIterator[tuple[Centre, list[CameraRow]]]:
    async with running_centre(migrated.url, tmp_path) as centre:
        await centre.owner.executemany(
            "insert into cameras (code, centre, area, name, kind, settings, state, state_since, bearing, geom, view) "
            "values ($1, $2, $3, $1, 'street', '{}', $4, now(), $5, st_setsrid(st_makepoint($6, $7), 4326), "
            "st_geomfromewkt($8))",
            [
                (one.code, one.centre, one.area, "live" if number % 3 else "silent", one.bearing,
                 one.position.lon, one.position.lat,
                 "SRID=4326;POLYGON((" + ", ".join(f"{corner.lon} {corner.lat}" for corner in one.view) + "))")
                for number, one in enumerate(rows)
            ],
        )  # fmt: skip
        await centre.owner.execute("analyze cameras")
        yield centre, rows


async def test_who_sees_a_point_is_told_in_time_and_in_scope(
    town: tuple[Centre, list[CameraRow]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Against the polygons themselves; then a hundred random points, 95 of them under the deadline
    (other work on this machine may hold up a few)."""
    centre, rows = town
    dice = random.Random(11)
    lon, lat = 108.256, 15.806
    status, body, headers = await centre.get(f"/api/v1/cameras?sees={lon},{lat}&limit=200")
    assert status == 200
    assert headers["Cache-Control"].startswith("private")
    truly = {one.code for one in rows if holds([corner.lonlat for corner in one.view[:-1]], (lon, lat))}
    assert {one["code"] for one in body["cameras"]} == truly
    assert len(truly) > 10
    order = [(not one["live"], one["distance_m"]) for one in body["cameras"]]
    assert order == sorted(order)
    assert all(one["distance_m"] < 200 for one in body["cameras"])
    _, mine, _ = await centre.get(f"/api/v1/cameras?sees={lon},{lat}&limit=200", "district")
    assert {one["centre"] for one in mine["cameras"]} == {"hoi-an"}
    assert {one["code"] for one in mine["cameras"]} == {
        one["code"] for one in body["cameras"] if one["centre"] == "hoi-an"
    }
    took = []
    for number in range(110):
        spot = f"{108.25 + dice.random() * 0.012},{15.80 + dice.random() * 0.012}"
        begun = time.perf_counter()
        status, _, _ = await centre.get(f"/api/v1/cameras?sees={spot}&live=1", "district" if number % 2 else "admin")
        took.append((time.perf_counter() - begun) * 1000)
        assert status == 200
    took = sorted(took[10:])
    figures = f"median {took[50]:.1f} ms, 95 of 100 within {took[94]:.1f} ms, slowest {took[99]:.1f} ms"
    with capsys.disabled():
        sys.stdout.write(f"\n{CAMERAS} cameras, which live ones see a point, over HTTP: {figures}\n")
    assert took[94] < DEADLINE_MS


async def test_the_index_is_used_under_row_level_security(town: tuple[Centre, list[CameraRow]]) -> None:
    """The plan of the very statement, as the service role with a scope."""
    centre, _ = town
    async with centre.database._pool.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('ioc.centres', 'hoi-an', true)")
        plan = await connection.fetch(
            "explain select code from cameras where view && st_geomfromewkt('SRID=4326;POINT(108.26 15.81)') "
            "and st_covers(view, st_geomfromewkt('SRID=4326;POINT(108.26 15.81)'))"
        )
    assert "cameras_view" in "\n".join(line[0] for line in plan)


async def test_a_wrong_question_is_told_so(town: tuple[Centre, list[CameraRow]]) -> None:
    centre, _ = town
    for query in (
        "?live=1",
        "?sees=15.8,108.2",
        "?sees=a,b",
        "?sees=108,15&live=maybe",
        "?sees=108,15&limit=0",
        "?x=1",
    ):
        status, body, _ = await centre.get(f"/api/v1/cameras{query}")
        assert status == 400, query
        assert body["title"]
    assert (await centre.get("/api/v1/cameras?sees=108,15", None))[0] == 401
