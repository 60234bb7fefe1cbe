"""Programs of others read the collections: OWSLib, and GDAL's own client in two versions (pyogrio's and Debian's)."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from owslib.ogcapi.features import Features

from tests.conftest import Fresh
from tests.fakes.http_centre import Centre, running_centre

COLLECTIONS = ["incidents", "alarms", "tickets", "devices", "cameras", "camera_fov", "areas", "observations_latest"]
INCIDENTS = 120
SEVERITIES = ("minor", "moderate", "severe", "extreme")

_READ = """
import json, sys
import numpy, pyogrio
asked = json.loads(sys.argv[1])
path, layer = asked["path"], asked["layer"]
how = {name: tuple(value) if name == "bbox" else value for name, value in asked["how"].items()}
meta, fids, shapes, values = pyogrio.raw.read(path, layer=layer, **how)
points = [numpy.frombuffer(shape[5:21], "<f8").tolist() for shape in shapes if shape is not None]
columns = {name: [str(value) for value in column] for name, column in zip(meta["fields"], values)}
print(json.dumps({
    "layers": pyogrio.list_layers(path)[:, 0].tolist(), "fields": dict(zip(meta["fields"], meta["dtypes"])),
    "crs": meta["crs"], "points": points, "columns": columns, "type": meta["geometry_type"],
}))
"""


@pytest.fixture
async def centre(migrated: Fresh, tmp_path: Path) -> AsyncIterator[Centre]:
    async with running_centre(migrated.url, tmp_path) as one:
        for number in range(INCIDENTS):
            place = {"lon": 108.0 + number * 0.001, "lat": 15.6}
            await one.incident(severity=SEVERITIES[number % 4], count=number, **place)
        yield one


async def run(*command: str, **more: str) -> tuple[str, str]:
    """What a program writes to its output and to its errors."""
    process = await asyncio.create_subprocess_exec(
        *command, env=os.environ | more, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()[-4_000:]
    return said.decode(), complained.decode()


def header(centre: Centre) -> str:
    return f"Authorization: Bearer {centre.tokens['admin']}"


async def pyogrio(centre: Centre, layer: str, **how: Any) -> tuple[dict[str, Any], str]:
    """What GDAL (the one in pyogrio) reads, and the addresses that it asked for."""
    asked = {"path": f"OAPIF:{centre.url}/ogc", "layer": layer, "how": how}
    # Since GDAL writes an Accept header of its own, GDAL_HTTP_HEADERS does not reach the server any more.
    more = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": centre.tokens["admin"], "CPL_DEBUG": "ON"}
    said, complained = await run(sys.executable, "-c", _READ, json.dumps(asked), **more)
    return json.loads(said), complained


async def test_owslib_walks_through_everything(centre: Centre) -> None:
    def walk() -> None:
        features = Features(f"{centre.url}/ogc", headers={"Authorization": header(centre).partition(": ")[2]})
        assert features.collections()["collections"]
        assert features.feature_collections() == COLLECTIONS
        assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in features.conformance()["conformsTo"]
        assert features.api()["openapi"].startswith("3.0")
        assert features.collection("incidents")["id"] == "incidents"
        assert "severity" in features.collection_queryables("incidents")["properties"]
        assert features.collection_schema("incidents")["properties"]["id"]["x-ogc-role"] == "id"
        page = features.collection_items("incidents", limit=10, bbox=[108.0, 15.0, 108.0495, 16.0])
        assert (page["numberMatched"], page["numberReturned"]) == (50, 10)
        one = features.collection_item("incidents", page["features"][0]["id"])
        assert one["properties"] == page["features"][0]["properties"]
        page = features.collection_items("incidents", severity="extreme", limit=100)
        assert page["numberMatched"] == INCIDENTS // 4
        page = features.collection_items("incidents", filter="severity = 'extreme' AND count < 20")
        assert page["numberMatched"] == 5

    await asyncio.to_thread(walk)


async def test_gdal_reads_all_pages_with_the_right_types(centre: Centre) -> None:
    read, asked = await pyogrio(centre, "incidents", PAGE_SIZE="50")
    assert read["layers"] == COLLECTIONS
    assert len(set(read["columns"]["id"])) == INCIDENTS
    fields = read["fields"]
    assert {fields[name] for name in ("opened_at", "updated_at", "first_at", "last_at")} == {"datetime64[ms]"}
    assert (fields["count"], fields["title"]) in (("int32", "object"), ("int64", "object"))
    assert fields["cleared"] == "bool"
    assert read["type"] == "Point"
    assert "4326" in read["crs"] or "CRS84" in read["crs"]
    assert read["points"][0] == pytest.approx([108.0, 15.6])
    assert sorted(int(one) for one in read["columns"]["count"]) == list(range(INCIDENTS))
    assert asked.count("after=") == 2, "three pages, through their next links"


async def test_gdal_sends_boxes_and_filters_to_the_server(centre: Centre) -> None:
    read, asked = await pyogrio(centre, "incidents", bbox=[108.0, 15.0, 108.0095, 16.0])
    assert len(read["points"]) == 10
    assert "bbox=108" in asked
    read, asked = await pyogrio(centre, "incidents", where="severity = 'extreme' AND count < 20")
    assert sorted(read["columns"]["count"], key=int) == ["3", "7", "11", "15", "19"]
    # GDAL 3.12 writes no CQL2 yet: it sends what is equal, and looks at the rest itself.
    assert "severity=extreme" in asked


async def test_debian_s_gdal_converts_to_vn_2000(centre: Centre, tmp_path: Path) -> None:
    if shutil.which("ogr2ogr") is None:
        pytest.skip("ogr2ogr is not there (Debian: gdal-bin)")
    source, kept = f"OAPIF:{centre.url}/ogc", tmp_path / "out.geojson"
    more = {"GDAL_HTTP_HEADERS": header(centre)}
    await run("ogr2ogr", "-t_srs", "EPSG:5899", "-oo", "PAGE_SIZE=50", str(kept), source, "incidents", **more)
    theirs = {
        one["properties"]["id"]: one["geometry"]["coordinates"] for one in json.loads(kept.read_text())["features"]
    }
    _, page, _ = await centre.get(
        "/ogc/collections/incidents/items?limit=1000&crs=http://www.opengis.net/def/crs/EPSG/0/5899"
    )
    ours = {one["id"]: one["geometry"]["coordinates"] for one in page["features"]}
    assert ours.keys() == theirs.keys()
    assert len(ours) == INCIDENTS
    for name, place in ours.items():
        assert place == pytest.approx(theirs[name], abs=0.01), "a centimetre"


async def test_ogrinfo_filters(centre: Centre) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not there (Debian: gdal-bin)")
    command = ("ogrinfo", "-ro", "-so", f"OAPIF:{centre.url}/ogc", "incidents")
    more = {"GDAL_HTTP_HEADERS": header(centre)}
    said, _ = await run(*command, **more)
    assert f"Feature Count: {INCIDENTS}" in said
    for line in ("opened_at: DateTime", "count: Integer", "severity: String", "cleared: Integer(Boolean)"):
        assert line in said, said
    said, _ = await run(*command, "-spat", "108.0", "15", "108.0095", "16", **more)
    assert "Feature Count: 10" in said
    said, _ = await run(*command, "-where", "severity = 'extreme'", **more)
    assert f"Feature Count: {INCIDENTS // 4}" in said


async def test_ogrinfo_signs_in_with_a_token_as_password(centre: Centre) -> None:
    if shutil.which("ogrinfo") is None:
        pytest.skip("ogrinfo is not there (Debian: gdal-bin)")
    command = ("ogrinfo", "-ro", "-so", f"OAPIF:{centre.url}/ogc", "incidents")
    said, _ = await run(*command, GDAL_HTTP_AUTH="BASIC", GDAL_HTTP_USERPWD=f"gis:{centre.tokens['admin']}")
    assert f"Feature Count: {INCIDENTS}" in said
