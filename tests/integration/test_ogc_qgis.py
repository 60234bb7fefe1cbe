"""QGIS itself reads the collections and draws the tiles, where python3-qgis and qgis-providers are installed."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import Fresh
from tests.fakes import qgis_reader
from tests.fakes.http_centre import Centre, running_centre

INCIDENTS = 40
SEVERITIES = ("minor", "moderate", "severe", "extreme")

pytestmark = pytest.mark.skipif(not qgis_reader.can_read(), reason="not tried: QGIS is not installed")


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        for number in range(INCIDENTS):
            await one.incident(severity=SEVERITIES[number % 4], count=number, lon=108.0 + number * 0.001, lat=15.6)
        yield one


async def test_qgis_reads_pages_boxes_and_filters_and_draws_tiles(centre: Centre, tmp_path: Path) -> None:
    """It signs in with a token as password."""
    (tmp_path / "qgis").mkdir()
    asked = {
        "url": f"{centre.url}/ogc",
        "token": centre.tokens["admin"],
        "folder": str(tmp_path / "qgis"),
        "collections": ["incidents", "areas"],
        "tiles": "incidents",
    }
    process = await asyncio.create_subprocess_exec(
        *(qgis_reader.SYSTEM_PYTHON, qgis_reader.__file__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate(json.dumps(asked).encode() + b"\n")
    assert process.returncode == 0, complained.decode()[-4_000:]
    found = json.loads(said.splitlines()[-1])
    incidents = found["collections"]["incidents"]
    assert incidents["valid"]
    assert (incidents["features"], incidents["in_box"], incidents["extreme"]) == (INCIDENTS, 10, INCIDENTS // 4)
    assert incidents["first"] == "Point (108 15.6)"
    types = incidents["types"]
    assert (types["opened_at"], types["count"], types["cleared"]) == ("DateTime", "Integer", "Boolean")
    assert found["pixels"] > 100
