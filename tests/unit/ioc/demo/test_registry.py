"""The demo's devices and cameras stand where their area, centre and calibration say."""

import csv
import datetime as dt
import math
from importlib import resources
from pathlib import Path

import msgspec
import pytest

from gis.areas import AreaIndex
from gis.position import Position
from ioc.data import areas, centre_map, profiles
from ioc.demo.registry import DemoCamera, DemoDevice, DemoEye, parse, registry

DAY = dt.date(2025, 10, 27)
SHIPPED = registry()
THINGS: list[DemoDevice | DemoCamera | DemoEye] = [
    *(device for device, _ in SHIPPED.everything()),
    *SHIPPED.cameras,
    *SHIPPED.eyes,
]
DATA = Path(str(resources.files("ioc.demo").joinpath("data")))


def metres(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """East and north from start to end, good to a few millimetres over tens of metres."""
    east = (end[0] - start[0]) * 111_320 * math.cos(math.radians(start[1]))
    return east, (end[1] - start[1]) * 110_650


@pytest.fixture(scope="module")
def index() -> AreaIndex:
    return AreaIndex(areas())


@pytest.mark.parametrize("thing", THINGS, ids=[thing.code for thing in THINGS])
def test_each_stands_in_its_area_and_belongs_to_the_centre_that_serves_it(
    thing: DemoDevice | DemoCamera | DemoEye, index: AreaIndex
) -> None:
    held = index.holding(Position(lon=thing.position[0], lat=thing.position[1]), DAY)
    assert held is not None
    assert held.fid == thing.area
    assert centre_map().of_area(thing.area) == thing.centre


UNUSED = {"rain-gauge", "reservoir", "noise-station"}
"""Profiles that the demo has no recorded data for."""


def test_every_device_has_a_shipped_profile() -> None:
    assert {device.profile for device, _ in SHIPPED.everything()} == set(profiles()) - UNUSED


def test_each_network_server_speaks_for_devices_of_its_centre_that_have_no_key() -> None:
    behind = {device.code: gateway for device, gateway in SHIPPED.everything() if gateway}
    networks = [gateway for gateway in SHIPPED.gateways if gateway.devices]
    assert {gateway.profile for gateway in networks} == {"lorawan-tts", "lorawan-chirpstack"}
    for gateway in networks:
        assert 2 <= len(gateway.devices) <= 3
        assert all(behind[device.code] == gateway.code for device in gateway.devices)
        assert "demo" in gateway.name_en
    assert not set(behind) & set(SHIPPED.signing_in())
    assert all("Placed by the demo" in device.note for device, gateway in SHIPPED.everything() if gateway)


def test_cameras_of_other_makers_have_a_recorder_in_their_centre_or_a_key_of_their_own() -> None:
    recorders = {gateway.code: gateway for gateway in SHIPPED.gateways if gateway.profile.startswith("recorder-")}
    assert {recorder.profile for recorder in recorders.values()} == {"recorder-frigate", "recorder-onvif"}
    assert {eye.gateway for eye in SHIPPED.eyes if eye.gateway} == set(recorders)
    for eye in SHIPPED.eyes:
        assert bool(eye.gateway) != bool(eye.codec)
        assert (eye.code in SHIPPED.signing_in()) == bool(eye.codec)
        assert "demo" in eye.name_en
        assert not eye.gateway or recorders[eye.gateway].centre == eye.centre


def test_gauges_stand_where_the_collection_puts_them() -> None:
    rows = csv.DictReader((DATA / "flood" / "gauges.csv").read_text(encoding="utf-8").splitlines())
    stated = {row["device"]: (float(row["lon"]), float(row["lat"])) for row in rows}
    gauges = {d.code: d.position for d in SHIPPED.devices if d.profile == "river-gauge"}
    assert gauges == stated
    assert len(gauges) == 9


def test_rain_stations_are_approximate_at_the_inner_point_of_their_unit(index: AreaIndex) -> None:
    stations = [device for device in SHIPPED.devices if device.profile == "rain-station"]
    assert len(stations) == 18
    for station in stations:
        unit = index.area(station.area)
        assert unit is not None
        assert station.approximate
        assert station.position == unit.inner.lonlat
    assert not any(d.approximate for d in SHIPPED.devices if d.profile != "rain-station")


def test_what_the_demo_placed_says_so() -> None:
    placed = [d for d in SHIPPED.devices if d.profile in ("air-station", "traffic-loop")]
    notes = [device.note for device in placed] + [camera.note for camera in SHIPPED.cameras]
    assert all("Placed by the demo" in note for note in notes)


def test_five_cameras_stand_in_four_districts() -> None:
    assert len(SHIPPED.cameras) == 5
    assert {camera.centre for camera in SHIPPED.cameras} == {"dai-loc", "hoi-an", "tam-ky", "duy-xuyen"}


@pytest.mark.parametrize("camera", SHIPPED.cameras, ids=[camera.code for camera in SHIPPED.cameras])
def test_a_camera_plays_a_shipped_clip_and_watches_something_in_its_picture(camera: DemoCamera) -> None:
    assert (DATA / "clips" / camera.clip).is_file()
    assert camera.scene in ("street", "indoor", "overhead", "square")
    assert camera.lines or camera.zones
    points = [p for line in camera.lines for p in (line.p1, line.p2)]
    points += [p for zone in camera.zones for p in zone.polygon]
    assert all(0.0 <= value <= 1.0 for point in points for value in point)


@pytest.mark.parametrize("camera", SHIPPED.cameras, ids=[camera.code for camera in SHIPPED.cameras])
def test_the_marks_lie_before_the_camera_along_its_bearing(camera: DemoCamera) -> None:
    bearing = math.radians(camera.bearing_deg)
    assert len(camera.calibration) == 4
    placed = []
    for mark in camera.calibration:
        east, north = metres(camera.position, (mark.lon, mark.lat))
        forward = east * math.sin(bearing) + north * math.cos(bearing)
        right = east * math.cos(bearing) - north * math.sin(bearing)
        assert math.hypot(forward, right) < 15.0
        placed.append((mark, forward, right))
    for one, forward, right in placed:
        for other, other_forward, other_right in placed:
            if one.y < other.y:
                assert forward > other_forward
            if one.x < other.x:
                assert right < other_right


@pytest.mark.parametrize("camera", [c for c in SHIPPED.cameras if c.scene == "overhead"], ids=lambda c: c.code)
def test_a_picture_from_above_is_a_rectangle_of_its_own_shape(camera: DemoCamera) -> None:
    corners = [(mark.lon, mark.lat) for mark in camera.calibration]
    sides = [math.hypot(*metres(corners[i], corners[(i + 1) % 4])) for i in range(4)]
    assert sides == pytest.approx([12.4, 7.0, 12.4, 7.0], abs=0.02)


def test_the_demo_s_data_fit_into_twenty_five_megabytes() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < 25_000_000


DEVICE = """
[[device]]
code = "{code}"
name = "a"
name_en = "a"
profile = "river-gauge"
centre = "quang-nam"
area = "1@2025-07-01"
position = [{lon}, 15.0]
approximate = false
precision_km = 1.0
note = ""
{more}
"""


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({"code": "aa"}, {"code": "aa"}, "registered twice"),
        ({"code": "Ái"}, {"code": "bb"}, "lower case letters"),
        ({"lon": "200.0"}, {"code": "bb"}, "longitude"),
        ({"more": 'colour = "red"'}, {"code": "bb"}, "unknown field"),
    ],
)
def test_a_registry_with_a_mistake_is_refused(first: dict[str, str], second: dict[str, str], words: str) -> None:
    default = {"code": "aa", "lon": "108.0", "more": ""}
    text = "".join(DEVICE.format(**(default | changed)) for changed in (first, second))
    with pytest.raises(msgspec.ValidationError, match=words):
        parse("camera = []\n" + text)
