"""Other makers' eyes from the register to the rows: kept once, at the right camera, and its state on the map."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gis.position import Position
from ioc.access.scope import EVERYTHING
from ioc.catalogue import profiles
from ioc.foreign import CameraCodecs
from ioc.register import Register
from ioc.store import registry
from ioc.store.database import Database
from ioc.store.observations import ObservationStore
from sensors.adapters import opener
from sensors.broker import Subscription
from sensors.codecs.table import codecs, scripts_in
from sensors.decoder import Decoder
from sensors.intake import Message, listen
from sensors.topics import EVERYTHING as EVERYTHING_TOPIC
from tests.fakes.eyes import ej, frigate, walk
from tests.fakes.mosquitto import mosquitto_of, until
from tests.fakes.things import NOW, device
from tests.fakes.vaults import vault

HERE = Position(lon=108.33, lat=15.88)
BEFORE = NOW.replace(year=2025)


def camera(code: str, centre: str = "hoi-an", **settings: Any) -> registry.CameraRow:
    return registry.CameraRow(
        code=code, centre=centre, area="20410@2025-07-01", name=code, kind="street", position=HERE,
        bearing=90.0, fov=70.0, settings={"scene": "street", **settings},
    )  # fmt: skip


CAMERAS = (
    camera("front-door", gateway="rec-1", frame=[1280, 720], height_m=6.0, tilt_deg=30.0),
    camera("cam-gate", gateway="rec-1", known_as=["Kho/Cổng 2"]),
    camera("cam-own", codec="onvif-ej"),
    camera("cam-bridge", gateway="bridge-1", known_as=["BoschCam1"]),
    camera("cam-mute"),
)


@pytest.fixture
async def heard(database: Database) -> AsyncIterator[Any]:
    """Feed messages to the decoder and the store, with a recorder, a bridge and cameras in the register."""
    async with database.transaction(EVERYTHING) as transaction:
        for code, profile in (("rec-1", "recorder-frigate"), ("bridge-1", "recorder-onvif")):
            thing = device(code, profile, "hoi-an", "20410@2025-07-01")
            await registry.put_device(transaction, thing, kind="x", approximate=False, note="", now=NOW)
        for row in CAMERAS:
            await registry.put_camera(transaction, row, "", BEFORE)
        await registry.put_camera(transaction, camera("cam-rtsp", codec="onvif-ej"), "rtsp://h/x", BEFORE, vault())
    with scripts_in(Path("nowhere")) as scripts:
        async with Register.open(database, profiles()) as register:
            known = codecs(scripts)
            decoder = Decoder(register.devices, known.own, known.gateways, CameraCodecs(register.cameras))
            store = ObservationStore(database, register.owners, register.unit_of)

            async def feed(topic: str, *payloads: Any) -> Decoder:
                raw = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in payloads]
                await store.keep(decoder.decode([Message(topic, one, 1, 1, False) for one in raw], NOW))
                return decoder

            yield feed


FRIGATE = "ioc/v1/hoi-an/rec-1/in/frigate/events"


async def test_a_recorder_s_object_is_kept_at_its_camera_on_the_ground(heard: Any, admin: asyncpg.Connection) -> None:
    await heard(FRIGATE, frigate("new", {}))
    row = await admin.fetchrow(
        "select camera, centre, kind, object_class, track, error_m, "
        "st_x(geom) as lon, st_y(geom) as lat, seq from sightings"
    )
    assert row is not None
    assert (row["camera"], row["centre"], row["kind"]) == ("front-door", "hoi-an", "object_detected")
    assert (row["object_class"], row["track"]) == ("person", "1795309100.5-abc123")
    assert row["lon"] > HERE.lon, "the foot of the box, ahead of the camera, which looks east"
    assert row["error_m"] > 0.5


async def test_a_walk_that_comes_twice_and_shuffled_leaves_the_same_rows(heard: Any, admin: asyncpg.Connection) -> None:
    """Moments are rows of their own whatever the order; of one life the store keeps what it keeps."""
    messages = walk()
    await heard(FRIGATE, *messages)
    first = await admin.fetch("select id, kind, at, run from sightings where kind like 'zone%' order by at")
    again = [*messages, *messages]
    random.Random(4).shuffle(again)
    await heard(FRIGATE, *again)
    assert await admin.fetch("select id, kind, at, run from sightings where kind like 'zone%' order by at") == first
    assert [row["kind"] for row in first] == ["zone_entered", "zone_left"]
    lives = await admin.fetch("select distinct id, kind from sightings where kind in ('object_detected', 'stopped')")
    assert sorted(row["kind"] for row in lives) == ["object_detected", "stopped"]
    assert await admin.fetchval("select count(*) from dead_letters") == 0


async def test_an_unknown_camera_is_refused_with_what_to_do(heard: Any, admin: asyncpg.Connection) -> None:
    await heard(FRIGATE, frigate("new", {}, camera="back_yard"))
    letter = await admin.fetchrow("select code, reason, source, centre from dead_letters")
    assert letter is not None
    assert (letter["code"], letter["source"], letter["centre"]) == ("unknown_camera", "rec-1", "hoi-an")
    assert "no camera back-yard is registered under rec-1; register it" in letter["reason"]


async def test_what_a_recorder_says_all_day_is_counted_and_buried_nowhere(
    heard: Any, admin: asyncpg.Connection
) -> None:
    for topic, payload in {
        "frigate/stats": {"cameras": {}}, "frigate/front_door/person": 1, "frigate/available": "online",
        "frigate/reviews": {"type": "new", "before": {}, "after": {}},
        "frigate/front_door/person/snapshot": b"\xff\xd8",
        "frigate/tracked_object_update": {"type": "description", "id": "1", "description": "…"},
    }.items():  # fmt: skip
        decoder = await heard(f"ioc/v1/hoi-an/rec-1/in/{topic}", payload)
    await heard(FRIGATE, frigate("new", {}, false_positive=True))
    assert await admin.fetchval("select count(*) from dead_letters") == 0
    assert await admin.fetchval("select count(*) from sightings") == 0
    counted = decoder.figures()
    assert counted["counted_frigate_other"] == 4
    assert counted["counted_frigate_not_kept"] == 2
    assert counted["counted_frigate_false_positive"] == 1


async def test_a_camera_speaks_under_its_own_code_and_a_bridge_for_its_cameras(
    heard: Any, admin: asyncpg.Connection
) -> None:
    crossed = ej({"ObjectId": "15"}, VideoSource="1", Rule="Fence 1")
    await heard("ioc/v1/hoi-an/cam-own/in/onvif-ej/RuleEngine/LineDetector/Crossed/&1/Fence 1", crossed, crossed)
    await heard("ioc/v1/hoi-an/cam-own/events", crossed)
    await heard("ioc/v1/hoi-an/bridge-1/in/BoschCam1/onvif-ej/RuleEngine/LineDetector/Crossed/&1", crossed)
    rows = await admin.fetch("select camera, kind, subject, track from sightings order by camera")
    assert {tuple(row) for row in rows} == {
        ("cam-bridge", "line_crossed", "Fence 1", "15"), ("cam-own", "line_crossed", "Fence 1", "15")
    }  # fmt: skip
    assert await admin.fetchval("select count(*) from sightings where camera = 'cam-bridge'") == 1


@pytest.mark.parametrize(
    ("topic", "code", "words"),
    [
        ("ioc/v1/tam-ky/cam-own/events", "wrong_centre", "belongs to hoi-an"),
        ("ioc/v1/hoi-an/cam-mute/events", "no_codec", "register it with codec onvif-ej or frigate"),
        ("ioc/v1/hoi-an/cam-own/readings", "no_codec", "no codec for its readings"),
        ("ioc/v1/hoi-an/cam-gone/events", "unknown_device", "register it"),
    ],
)
async def test_a_camera_speaks_for_itself_alone(
    heard: Any, admin: asyncpg.Connection, topic: str, code: str, words: str
) -> None:
    await heard(topic, ej({"ObjectId": "1"}, Rule="r"))
    letter = await admin.fetchrow("select code, reason from dead_letters")
    assert letter is not None
    assert letter["code"] == code
    assert words in letter["reason"]


async def test_tampering_is_a_state_on_the_map_and_an_older_one_changes_nothing(
    heard: Any, admin: asyncpg.Connection
) -> None:
    topic = "ioc/v1/hoi-an/cam-own/in/onvif-ej/RuleEngine/TamperDetector/Tamper/&1"

    async def state(code: str = "cam-own") -> tuple[str, str]:
        row = await admin.fetchrow("select state, state_since from cameras where code = $1", code)
        assert row is not None
        return row["state"], row["state_since"].strftime("%H:%M:%S")

    await heard(topic, ej({"IsTamper": "true"}, at="2026-11-22T00:50:00Z", Rule="t"))
    assert await state() == ("covered", "00:50:00")
    await heard(topic, ej({"IsTamper": "false"}, at="2026-11-22T00:40:00Z", Rule="t"))
    assert await state() == ("covered", "00:50:00"), "that was before"
    await heard(topic, ej({"IsTamper": "false"}, at="2026-11-22T00:55:00Z", Rule="t"))
    assert await state() == ("live", "00:55:00")
    assert await admin.fetchval("select count(*) from sightings") == 0
    told = await admin.fetch("select value from changes where subject = 'camera' order by id")
    assert [json.loads(row["value"])["properties"]["state"] for row in told] == ["covered", "live"]
    await heard("ioc/v1/hoi-an/cam-rtsp/in/onvif-ej/VideoSource/SignalLoss", ej({"State": True}, Source="1"))
    assert (await state("cam-rtsp"))[0] == "silent"
    assert await admin.fetchval("select state_since < '2026-01-01' from cameras where code = 'cam-rtsp'"), "ours judges"


async def test_a_camera_that_reports_is_live(heard: Any, admin: asyncpg.Connection) -> None:
    await heard(FRIGATE, frigate("new", {}))
    assert await admin.fetchval("select state from cameras where code = 'front-door'") == "live"
    assert await admin.fetchval("select state from cameras where code = 'cam-gate'") == "silent"
    await heard("ioc/v1/hoi-an/rec-1/in/frigate/front_door/status/detect", b"offline")
    assert await admin.fetchval("select state from cameras where code = 'front-door'") == "unreachable"


async def test_through_a_real_broker_into_the_rows(database: Database, admin: asyncpg.Connection) -> None:
    """A recorder's walk, a camera's line and its status, published and listened to like everything else."""
    async with database.transaction(EVERYTHING) as transaction:
        thing = device("rec-1", "recorder-frigate", "hoi-an", "20410@2025-07-01")
        await registry.put_device(transaction, thing, kind="x", approximate=False, note="", now=NOW)
        for one in CAMERAS:
            await registry.put_camera(transaction, one, "", BEFORE)
    async with mosquitto_of() as mosquitto, Register.open(database, profiles()) as register:
        store = ObservationStore(database, register.owners, register.unit_of)
        decoder = Decoder(register.devices, {}, {}, CameraCodecs(register.cameras))
        everything = Subscription(topics=(EVERYTHING_TOPIC,), counters=True)
        async with opener("mqtt5")(mosquitto.login("ioc-intake"), everything) as broker, asyncio.TaskGroup() as tasks:
            await until(lambda: broker.listening)
            listening = tasks.create_task(listen(broker, decoder, store, lambda: NOW), name="listen")
            async with mosquitto.publishing() as publisher:
                for one in walk():
                    await publisher.publish(FRIGATE, json.dumps(one).encode())
                crossed = ej({"ObjectId": "15"}, Rule="gate")
                await publisher.publish("ioc/v1/hoi-an/cam-own/in/onvif-ej/RuleEngine/LineDetector/Crossed/&1", crossed)
                await publisher.publish("ioc/v1/hoi-an/cam-own/status", b'{"online": true}')
            wanted = {"object_detected", "zone_entered", "zone_left", "stopped", "line_crossed"}
            async with asyncio.timeout(20):
                while {row["kind"] for row in await admin.fetch("select kind from sightings")} != wanted:
                    await asyncio.sleep(0.02)
                while await admin.fetchval("select state from cameras where code = 'cam-own'") != "live":
                    await asyncio.sleep(0.02)
            listening.cancel()
    assert await admin.fetchval("select count(*) from dead_letters") == 0
