"""The whole centre, started as its users start it, seen only from outside."""

import datetime as dt
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import asyncpg
import orjson
import pytest
import shapely

from sensors.broker import Login
from sensors.broker_paho import PahoPublisher
from tests.fakes import demo as real
from tests.fakes.demo import Demo, until


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with real.running() as one:
        yield one


def now(shift_s: float = 0.0) -> str:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=shift_s)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def login(demo: Demo, **other: str) -> Login:
    mqtt = demo.account["mqtt"]
    about = {"user": mqtt["user"], "password": mqtt["password"], "client_id": f"test-{secrets.token_hex(4)}"} | other
    return Login(host=mqtt["host"], port=mqtt["port"], **about)


async def rows(demo: Demo, query: str, *values: Any) -> list[Any]:
    connection = await asyncpg.connect(demo.account["database_url"])
    try:
        return list(await connection.fetch(query, *values))
    finally:
        await connection.close()


def incident_of(demo: Demo, source: str) -> dict[str, Any] | None:
    return next((one for one in demo.items("incidents") if source in one["properties"]["sources"]), None)


def area_holding(demo: Demo, incident: dict[str, Any]) -> shapely.Geometry:
    code = incident["properties"]["area_code"]
    areas = [area for area in demo.items("areas", code=code) if area["properties"]["valid_to"] is None]
    assert len(areas) == 1
    return shapely.geometry.shape(areas[0]["geometry"])


def detail(demo: Demo, incident: dict[str, Any]) -> dict[str, Any]:
    status, body = demo.get(f"/api/v1/incidents/{incident['id']}")
    assert status == 200
    found: dict[str, Any] = orjson.loads(body)
    return found


def test_a_reading_becomes_an_incident_in_the_right_area_with_evidence(demo: Demo) -> None:
    incident = until(lambda: incident_of(demo, "sensor"), 60, "an incident from a sensor")
    place = shapely.Point(incident["geometry"]["coordinates"])
    assert area_holding(demo, incident).covers(place)
    evidence = detail(demo, incident)["alarms"][0]["evidence"]
    assert evidence["limit"] in evidence["levels"].values()
    assert evidence["value"] >= evidence["limit"]


def test_a_frame_becomes_an_incident_in_the_right_area_with_its_picture(demo: Demo) -> None:
    incident = until(lambda: incident_of(demo, "camera"), 60, "an incident from a camera")
    place = shapely.Point(incident["geometry"]["coordinates"])
    assert area_holding(demo, incident).covers(place)
    evidence = detail(demo, incident)["alarms"][0]["evidence"]
    assert evidence["error_m"] > 0
    status, picture = demo.get(evidence["picture"])
    assert status == 200
    assert picture.startswith(b"\xff\xd8")


def test_a_district_sees_its_own_centre_and_a_stranger_nothing(demo: Demo) -> None:
    until(lambda: len(demo.items("incidents")) > 5, 60, "incidents of several centres")
    everything, own = demo.items("incidents"), demo.items("incidents", "district")
    assert 0 < len(own) < len(everything)
    assert {one["properties"]["centre"] for one in own} == {"dai-loc"}
    foreign = next(one for one in everything if one["properties"]["centre"] != "dai-loc")
    assert demo.get(f"/api/v1/incidents/{foreign['id']}", "district")[0] == 404
    assert demo.get("/ogc/collections/incidents/items", None)[0] == 401


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="gdal-bin is not installed; ./run test installs it")
def test_gdal_lists_the_collections_and_reads_every_item(demo: Demo) -> None:
    environment = os.environ | {
        "GDAL_HTTP_HEADERS": f"Authorization: Bearer {demo.account['accounts']['admin']['token']}"
    }
    source = f"OAPIF:{demo.account['url']}ogc"
    listed = subprocess.run(["ogrinfo", "-ro", source], env=environment, capture_output=True, text=True, check=True)
    names = [line.split()[1] for line in listed.stdout.splitlines() if line[:1].isdigit()]
    assert {"incidents", "devices", "cameras", "camera_fov", "areas", "observations_latest"} <= set(names)
    for name in ("devices", "cameras", "areas"):
        read = subprocess.run(
            ["ogrinfo", "-ro", "-al", "-so", source, name], env=environment, capture_output=True, text=True, check=True
        )
        assert f"Feature Count: {len(demo.items(name))}" in read.stdout


BAD = {
    "not_json": b"water is high",
    "not_finite": b'{"at": "AT", "seq": 1, "values": {"water_level": NaN}}',
    "too_deep": b"[" * 10_000,
    "nul": b'{"at": "AT", "run": "a\\u0000b", "seq": 1, "values": {"water_level": 1}}',
    "date_1970": b'{"at": "1970-01-01T00:00:00Z", "seq": 1, "values": {"water_level": 1}}',
    "date_2100": b'{"at": "2100-01-01T00:00:00Z", "seq": 1, "values": {"water_level": 1}}',
    "unknown_property": b'{"at": "AT", "seq": 1, "values": {"colour": 1}}',
    "one_megabyte": b'{"values": "' + b"x" * 1_000_000 + b'"}',
    "ten_megabytes": b'{"values": "' + b"x" * 10_000_000 + b'"}',
}


async def test_bad_input_becomes_dead_letters_with_a_reason_and_nothing_else_suffers(demo: Demo) -> None:
    run = secrets.token_hex(4)
    before = (await rows(demo, "select count(*) as n from outside.dead_letters"))[0]["n"]
    good = {"at": now(), "run": run, "seq": 1, "values": {"water_level": 0.5}, "status": "00"}
    async with PahoPublisher.open(login(demo)) as wire:
        for payload in BAD.values():
            await wire.publish("ioc/v1/dai-loc/gauge-ai-nghia/readings", payload.replace(b"AT", now().encode()))
        await wire.publish("ioc/v1/dai-loc/no-such-device/readings", json.dumps(good).encode())
        await wire.publish("ioc/v1/hoi-an/gauge-ai-nghia/readings", json.dumps(good).encode())
        await wire.publish("ioc/v1/dai-loc/gauge-ai-nghia/readings", json.dumps(good).encode())
    expected = before + len(BAD) + 2
    for _ in range(100):
        letters = (await rows(demo, "select count(*) as n from outside.dead_letters"))[0]["n"]
        kept = await rows(demo, "select * from outside.kept where run = $1", run)
        if letters >= expected and kept:
            break
    found = await rows(demo, "select reason, head, bytes from outside.dead_letters order by arrived_at desc")
    assert letters == expected
    assert all(letter["reason"] and len(letter["head"]) <= 4096 for letter in found)
    assert max(letter["bytes"] for letter in found) > 10_000_000
    assert [(row["device"], row["value"], row["quality"]) for row in kept] == [("gauge-ai-nghia", 0.5, "good")]


async def test_a_device_cannot_speak_for_another(demo: Demo) -> None:
    """Mosquitto takes the message at its word (PUBACK) and drops it; nothing of it arrives."""
    run = secrets.token_hex(4)
    own, other = demo.account["devices"][:2]
    name = own["properties"][0]
    payload = json.dumps({"at": now(), "run": run, "seq": 1, "values": {name: 1.0}}).encode()
    async with PahoPublisher.open(login(demo, user=own["code"], password=own["key"])) as wire:
        await wire.publish(f"ioc/v1/{other['centre']}/{other['code']}/readings", payload)
        await wire.publish(f"ioc/v1/{own['centre']}/{own['code']}/readings", payload)
    for _ in range(100):
        kept = await rows(demo, "select device from outside.kept where run = $1", run)
        if kept:
            break
    assert {row["device"] for row in kept} == {own["code"]}


async def test_a_killed_intake_comes_back_and_loses_and_doubles_nothing(demo: Demo) -> None:
    run = secrets.token_hex(4)
    gauge = "ioc/v1/hoi-an/gauge-hoi-an/readings"
    async with PahoPublisher.open(login(demo)) as wire:
        for number in range(300):
            if number == 100:
                os.kill(demo.child("ioc intake"), signal.SIGKILL)
            message = {"at": now(), "run": run, "seq": number, "values": {"water_level": 0.1}}
            await wire.publish(gauge, json.dumps(message).encode())

    def all_there() -> bool:
        state = orjson.loads(demo.get("/readyz")[1])
        return bool(state["ready"])

    until(all_there, 30, "the intake")
    for _ in range(200):
        kept = await rows(demo, "select seq from outside.kept where run = $1", run)
        if len(kept) >= 300:
            break
    assert sorted(row["seq"] for row in kept) == list(range(300))


def test_a_camera_that_goes_silent_is_seen_as_such_and_comes_back(demo: Demo) -> None:
    """Those of other makers stand silent from the first: nothing plays over them."""
    streams = {camera["code"] for camera in demo.account["cameras"]}

    def states() -> set[str]:
        return {one["properties"]["state"] for one in demo.items("cameras") if one["properties"]["code"] in streams}

    until(lambda: states() == {"live"}, 60, "live cameras")
    street = demo.child("rtsp_server")
    os.kill(street, signal.SIGSTOP)
    try:
        until(lambda: "live" not in states(), 20, "the silence of the cameras")
    finally:
        os.kill(street, signal.SIGCONT)
    until(lambda: states() == {"live"}, 40, "live cameras again")


def test_a_second_demo_on_the_same_state_dir_is_refused_with_one_sentence(demo: Demo) -> None:
    environment = os.environ | {"IOC_STATE_DIR": str(demo.state)}
    second = subprocess.run(
        [sys.executable, "-m", "ioc", "demo"],
        cwd=real.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "already runs in" in second.stderr
    assert "Traceback" not in second.stderr


def test_after_sigterm_nothing_is_left_running() -> None:
    with real.running() as one:
        started = real.descendants(one.pid)
        assert len(started) > 10
    assert not [pid for pid in started if running(pid)]


def running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
