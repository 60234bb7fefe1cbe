"""Facts about which registered camera a message of another maker belongs to."""

import datetime as dt
import json
from typing import Any

import msgspec

from gis.position import Position
from ioc.foreign import CameraCodecs, Eyes, eye_of, overheard, tried
from ioc.store.registry import CameraRow
from sensors.codecs.codec import whenever
from sensors.topics import address_of
from tests.fakes.eyes import ej, frigate
from tests.fakes.things import NOW

HERE = Position(lon=108.33, lat=15.88)


def row(code: str, centre: str = "hoi-an", **settings: Any) -> CameraRow:
    return CameraRow(
        code=code, centre=centre, area="a", name=code, kind="street", position=HERE, bearing=90.0, fov=60.0,
        settings={"scene": "square", **settings},
    )  # fmt: skip


def test_a_camera_is_found_by_its_code_its_names_and_their_form_under_its_own_gateway() -> None:
    rows = {one.code: one for one in (
        row("front-door", gateway="rec-1"), row("cam-2", gateway="rec-1", known_as=["Cổng 2"]),
        row("cam-3", gateway="rec-2"), row("cam-4", centre="tam-ky", gateway="rec-1"), row("cam-5"),
    )}  # fmt: skip
    find = Eyes(lambda: rows).under("rec-1", "hoi-an")
    assert [eye.code if (eye := find(name)) else None for name in
            ("front_door", "front-door", "Cổng 2", "cam-3", "cam-4", "cam-5", "")] == [
        "front-door", "front-door", "cam-2", None, None, None, None,
    ]  # fmt: skip


def test_a_camera_that_is_registered_later_is_found_then() -> None:
    rows: dict[str, CameraRow] = {}
    eyes = Eyes(lambda: rows)
    assert eyes.under("rec-1", "hoi-an")("cam-1") is None
    rows = {"cam-1": row("cam-1", gateway="rec-1")}
    assert eyes.under("rec-1", "hoi-an")("cam-1") is not None


def test_what_is_registered_puts_boxes_on_the_ground() -> None:
    eye = eye_of(row("cam-1", frame=[1280, 720], height_m=6.0, tilt_deg=30.0, gateway="x", lines=[]))
    assert (eye.frame, eye.scene, eye.bearing_deg, eye.height_m) == ((1280.0, 720.0), "square", 90.0, 6.0)
    assert eye.position == HERE


def test_settings_that_cannot_be_read_cost_only_themselves() -> None:
    eye = eye_of(row("cam-1", frame="wide"))
    assert (eye.code, eye.position, eye.frame) == ("cam-1", HERE, None)


def test_a_camera_reads_by_its_own_codec_and_only_there() -> None:
    codecs = CameraCodecs(lambda: {"cam-1": row("cam-1", codec="onvif-ej"), "cam-2": row("cam-2")})

    def asked(topic: str) -> Any:
        return codecs.camera(ej({"ObjectId": "1"}, Rule="r"), address_of(topic), NOW)

    assert asked("ioc/v1/hoi-an/cam-9/events") is None
    seen = asked("ioc/v1/hoi-an/cam-1/events").sightings
    assert [(one.stamp.source, one.kind) for one in seen] == [("cam-1", "line_crossed")]
    assert asked("ioc/v1/tam-ky/cam-1/events").trouble.code == "wrong_centre"
    assert asked("ioc/v1/hoi-an/cam-2/events").trouble.code == "no_codec"
    assert asked("ioc/v1/hoi-an/cam-1/readings").trouble.code == "no_codec"


def test_a_camera_that_moved_is_heard_under_its_former_centre_also_by_its_gateway() -> None:
    moved = {
        "cam-1": msgspec.structs.replace(row("cam-1", codec="onvif-ej"), former=("tam-ky",)),
        "cam-2": msgspec.structs.replace(row("cam-2", gateway="rec-1"), former=("tam-ky",)),
    }
    for centre, heard in (("hoi-an", True), ("tam-ky", True), ("nui-thanh", False)):
        said = CameraCodecs(lambda: moved).camera(
            ej({"ObjectId": "1"}, Rule="r"), address_of(f"ioc/v1/{centre}/cam-1/events"), NOW
        )
        assert said is not None
        assert [one.stamp.centre for one in said.sightings] == (["hoi-an"] if heard else [])
        assert (Eyes(lambda: moved).under("rec-1", centre)("cam-2") is not None) == heard


def test_a_camera_s_status_and_its_will_are_its_state() -> None:
    codecs = CameraCodecs(lambda: {"cam-1": row("cam-1", codec="onvif-ej")})
    address = address_of("ioc/v1/hoi-an/cam-1/status")

    def said(payload: bytes) -> Any:
        return codecs.camera(payload, address, NOW)

    assert [said(b'{"online": %s}' % word).states[0].state for word in (b"true", b"false")] == ["live", "unreachable"]
    assert said(b"online").trouble.code == "status"


def test_one_memory_holds_what_goes_on_from_message_to_message() -> None:
    codecs = CameraCodecs(lambda: {"cam-1": row("cam-1", codec="onvif-ej")})
    address = address_of("ioc/v1/hoi-an/cam-1/in/onvif-ej/VideoSource/MotionAlarm/&1")

    def step(holds: bool, minute: int) -> Any:
        said = ej({"State": holds}, at=f"2026-11-22T00:{minute}:00Z", Source="1")
        decoded = codecs.camera(said, address, NOW)
        assert decoded is not None
        return decoded.sightings[0]

    start, end = step(True, 50), step(False, 51)
    assert (start.id, start.phase, end.phase) == (end.id, "start", "end")


def test_what_a_recorder_repeats_is_counted_and_not_refused() -> None:
    codecs = CameraCodecs(dict)
    address = address_of("ioc/v1/hoi-an/rec-1/in/frigate/reviews")
    decoded = codecs.gateway("frigate", b"{}", address, NOW)
    assert (decoded.trouble, decoded.counted) == (None, "frigate_not_kept")
    cleared = address_of("ioc/v1/hoi-an/rec-1/in/cam/onvif-ej/VideoSource/MotionAlarm/&1")
    decoded = codecs.gateway("onvif-ej", b"", cleared, NOW)
    assert (decoded.trouble, decoded.counted) == (None, "onvif_ej_empty")


def test_a_payload_is_tried_without_any_register() -> None:
    told = tried("frigate", json.dumps(frigate("new", {}, camera="Sân_Sau")).encode(), "", NOW, whenever)
    assert told.sightings[0].stamp.source == "s-n-sau"
    old = tried("onvif-ej", ej({"IsMotion": True}, at="2001-01-01T00:00:00Z"), "", NOW, whenever)
    assert old.sightings[0].stamp.at == dt.datetime(2001, 1, 1, tzinfo=dt.UTC)


def test_what_a_technician_overheard_is_taken_line_by_line() -> None:
    """As mosquitto_sub prints it, with topics and without; anything else stays whole."""
    assert overheard(b'frigate/events {"a": 1}\nfrigate/reviews {"b": 2}\n', "") == [
        ("frigate/events", b'{"a": 1}'), ("frigate/reviews", b'{"b": 2}'),
    ]  # fmt: skip
    assert overheard(b'{"a": 1}\n{"b": 2}', "t") == [("t", b'{"a": 1}'), ("t", b'{"b": 2}')]
    for whole in (b'{"a":\n 1}', b"<a>\n</a>", b"[{}]", b"", b"x y", b"\xff {}\n}"):
        assert overheard(whole, "t") == [("t", whole)]
    lines = b"\n".join(
        b"frigate/events " + json.dumps(one).encode() for one in (frigate("new", {}), frigate("end", {}))
    )
    told = tried("frigate", lines, "", NOW, whenever)
    assert [one.phase for one in told.sightings] == ["start", "end"]
    assert len({one.id for one in told.sightings}) == 1
