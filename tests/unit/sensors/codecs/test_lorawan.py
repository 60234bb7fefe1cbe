"""LoRaWAN frames: who sent them, which one it is, and what a script or the network makes of them."""

import base64
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Quality
from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded
from sensors.codecs.lorawan import Uplink, decode, names_of, owner_of, read, run_of
from sensors.codecs.script import Scripts
from sensors.codecs.table import scripts_in
from tests.fakes.lorawan import DEPTH, behind
from tests.fakes.things import NOW, device


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    with scripts_in(Path("nowhere")) as made:
        yield made


def uplink(**changed: Any) -> Uplink:
    plain: dict[str, Any] = {"names": ("a",), "run": "k", "sequence": 41, "at": NOW, "port": 1, "frame": DEPTH}
    return Uplink(**plain | changed)


def test_a_frame_is_read_by_the_script_of_the_profile_in_the_profile_s_units(scripts: Scripts) -> None:
    decoded = read(uplink(), behind(), NOW, scripts)
    assert decoded.trouble is None
    (got,) = decoded.readings
    assert (got.stamp.source, got.stamp.run, got.stamp.sequence, got.stamp.at) == ("lora-water", "k", 41, NOW)
    assert {v.property: v.number for v in got.values} == pytest.approx(
        {"water_depth": 4.232, "water_temperature": 12.9, "battery": 3.168}
    )


def test_a_text_with_its_unit_gives_its_number(scripts: Scripts) -> None:
    frame = bytes.fromhex("800001011107d000190000000000000081")
    (got,) = read(uplink(frame=frame, port=3), behind(profile="lorawan-bin"), NOW, scripts).readings
    assert {v.property: v.number for v in got.values} == {"distance": 2.0, "temperature": 25.0, "full": 0.0}


def test_without_a_script_the_network_s_own_decoding_is_taken(scripts: Scripts) -> None:
    slope = behind(profile="lorawan-slope")
    (got,) = read(uplink(network={"tilt": 181, "x": 1}), slope, NOW, scripts).readings
    assert [(v.property, v.quality) for v in got.values] == [("tilt", Quality.IMPLAUSIBLE)]
    for network in (None, {}, [], "x"):
        decoded = read(uplink(network=network), slope, NOW, scripts)
        assert decoded.trouble is not None
        assert decoded.trouble.code == "no_script"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"at": dt.datetime(1970, 1, 1, tzinfo=dt.UTC)}, "date"),
        ({"at": dt.datetime(2100, 1, 1, tzinfo=dt.UTC)}, "date"),
        ({"frame": b""}, "no_payload"),
        ({"frame": b"\x03"}, "script_error"),
        ({"frame": bytes(256)}, "frame"),
    ],
)
def test_a_refused_frame_keeps_its_run_and_number(scripts: Scripts, changed: dict[str, Any], code: str) -> None:
    decoded = read(uplink(**changed), behind(), NOW, scripts)
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert decoded.trouble.code == code
    assert [(mark.source, mark.run, mark.sequence) for mark in decoded.marks] == [("lora-water", "k", 41)]


def test_a_simulated_frame_is_marked_as_measured_by_nobody(scripts: Scripts) -> None:
    assert read(uplink(simulated=True), behind(), NOW, scripts).readings[0].derived


def test_a_device_is_tried_by_its_id_then_by_its_eui() -> None:
    assert names_of("Water-1", "70B3D57ED0061A2B") == ("water-1", "eui-70b3d57ed0061a2b", "70b3d57ed0061a2b")
    assert names_of("", "AB") == ("eui-ab", "ab")
    assert names_of("eui-ab", "AB") == ("eui-ab", "ab")
    gateway = device("gw")
    known = {"eui-ab": behind("eui-ab"), "ab": behind("ab")}
    found = owner_of(names_of("x", "AB"), gateway, known.get)
    assert found == known["eui-ab"]
    for names in (("y", "z"), ()):
        missing = owner_of(names, gateway, known.get)
        assert isinstance(missing, Decoded)
        assert missing.trouble is not None
        assert missing.trouble.code == "unknown_device"
        assert "gw" in missing.trouble.reason


def test_a_run_is_the_first_text_and_bounded() -> None:
    assert run_of("", "26AB") == "26AB"
    assert run_of("", "") == ""
    assert len(run_of("x" * 65)) == 16
    assert len(run_of("a\0")) == 16


def raw(**changed: Any) -> bytes:
    return json.dumps(
        {"at": "2026-11-22T01:00:00Z", "run": "b", "seq": 4, "port": 1, "hex": DEPTH.hex()} | changed
    ).encode()


def test_a_frame_without_a_network_brings_its_own_time_and_number(scripts: Scripts) -> None:
    (got,) = decode(raw(), behind(), NOW, scripts).readings
    assert (got.stamp.at, got.stamp.run, got.stamp.sequence) == (NOW, "b", 4)
    other = raw(hex=None, base64=base64.b64encode(DEPTH).decode())
    assert decode(other, behind(), NOW, scripts).readings == (got,)


@pytest.mark.parametrize(
    "payload",
    [b"", DEPTH, b"[", b"[" * 99999, raw(hex="xx"), raw(hex=None, base64="*"), raw(port=256), raw(seq=-1),
     raw(at="soon"), raw(at="2026-11-22T01:00:00"), raw(run="a\0"), raw(run="x" * 65), b" " * (LARGEST_PAYLOAD + 1)],
)  # fmt: skip
def test_any_other_payload_is_refused(scripts: Scripts, payload: bytes) -> None:
    decoded = decode(payload, behind(), NOW, scripts)
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert decoded.trouble.code in ("schema", "too_big")
    assert len(decoded.trouble.reason) < 400


@given(
    st.binary(max_size=60), st.integers(0, 255), st.sampled_from(["water-level", "bin", "parking", "noise", "slope"])
)
def test_any_frame_gives_a_reading_or_a_reason(scripts: Scripts, frame: bytes, port: int, kind: str) -> None:
    decoded = read(uplink(frame=frame, port=port), behind(profile=f"lorawan-{kind}"), NOW, scripts)
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert believed(got.stamp.at, NOW)
        msgspec.json.encode(got)
