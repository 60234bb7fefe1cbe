"""Uplinks of ChirpStack: one reading a frame, whoever delivers it and however often."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import believed
from sensors.codecs.chirpstack import EVENTS, decode, uplink_of
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded
from sensors.codecs.script import Scripts
from sensors.codecs.table import scripts_in
from tests.fakes.lorawan import CHIRPSTACK_TOPIC, DEPTH, behind, chirpstack
from tests.fakes.things import NOW, device

GATEWAY = device("gw")
KNOWN = {"lora-water": behind()}


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    with scripts_in(Path("nowhere")) as made:
        yield made


def read(scripts: Scripts, message: object, rest: str = CHIRPSTACK_TOPIC) -> Decoded:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return decode(payload, rest, GATEWAY, KNOWN.get, NOW, scripts)


def code_of(decoded: Decoded) -> str:
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert 0 < len(decoded.trouble.reason) < 500
    return decoded.trouble.code


def test_an_uplink_is_the_reading_of_its_device(scripts: Scripts) -> None:
    decoded = read(scripts, chirpstack())
    assert decoded.trouble is None
    stamp = decoded.readings[0].stamp
    assert (stamp.source, stamp.run, stamp.sequence) == ("lora-water", "00189440", 41)
    assert stamp.at.isoformat() == "2026-11-22T00:59:58.120934+00:00"
    assert decoded.readings[0].values[0].number == pytest.approx(4.232)


def test_the_same_frame_delivered_again_has_the_same_key(scripts: Scripts) -> None:
    again = chirpstack(deduplicationId="another", rxInfo=None)
    first, second = (read(scripts, one).readings[0].stamp.key for one in (chirpstack(), again))
    assert first == second


def test_a_device_is_found_by_its_eui_where_its_name_is_free_text(scripts: Scripts) -> None:
    known = {"70b3d57ed0061a2b": behind("70b3d57ed0061a2b")}
    event = chirpstack(deviceInfo={"deviceName": "Cầu Câu Lâu", "devEui": "70b3d57ed0061a2b"})
    decoded = decode(json.dumps(event).encode(), CHIRPSTACK_TOPIC, GATEWAY, known.get, NOW, scripts)
    assert decoded.readings[0].stamp.source == "70b3d57ed0061a2b"


def test_empty_fields_are_left_out_by_the_network() -> None:
    uplink = uplink_of(json.dumps(chirpstack(fCnt=None, fPort=None, devAddr=None, time=None)).encode())
    assert (uplink.sequence, uplink.port, uplink.run) == (0, 0, "")
    assert uplink.at.isoformat() == "2026-11-22T00:59:58.120000+00:00"


def test_what_the_network_decoded_is_known() -> None:
    uplink = uplink_of(json.dumps(chirpstack(object={"tilt": 3})).encode())
    assert (uplink.network, uplink.frame) == ({"tilt": 3}, DEPTH)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_other_events_are_counted_when_they_are_what_they_say(scripts: Scripts, event: str) -> None:
    rest = CHIRPSTACK_TOPIC.removesuffix("up") + event
    decoded = read(scripts, {"deviceInfo": {}}, rest)
    assert (decoded.counted, decoded.trouble) == ("network", None)
    assert code_of(read(scripts, {}, rest)) == "schema"
    assert code_of(read(scripts, b"\xff", rest)) == "not_json"


@pytest.mark.parametrize(
    "rest", ["", "application", "application/1/device/x/up", "application/1/device/x/command/down", "a/1/b/x/c/up"]
)
def test_another_topic_is_refused(scripts: Scripts, rest: str) -> None:
    assert code_of(read(scripts, chirpstack(), rest)) == "topic"


def test_a_device_that_is_not_under_the_gateway_is_refused(scripts: Scripts) -> None:
    stranger = chirpstack(deviceInfo={"deviceName": "other", "devEui": "ab"})
    assert code_of(read(scripts, stranger)) == "unknown_device"


BAD: list[Any] = [
    b"", b"nope", b"[]", b"[" * 99999, b"{}", chirpstack(fCnt=-1), chirpstack(fCnt=2**32), chirpstack(fPort=256),
    chirpstack(data="*"), chirpstack(data=1), chirpstack(time="soon"), chirpstack(time="2026-11-22T00:59:58"),
    chirpstack(time=None, rxInfo=None), chirpstack(deviceInfo=None), chirpstack(rxInfo={}),
]  # fmt: skip


@pytest.mark.parametrize("message", BAD, ids=range(len(BAD)))
def test_what_is_no_uplink_is_refused(scripts: Scripts, message: object) -> None:
    assert code_of(read(scripts, message)) == "schema"


def test_a_foolish_date_keeps_its_run_and_number(scripts: Scripts) -> None:
    for at in ("1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        decoded = read(scripts, chirpstack(time=at))
        assert code_of(decoded) == "date"
        assert [mark.sequence for mark in decoded.marks] == [41]


def test_too_much_is_refused_unread(scripts: Scripts) -> None:
    assert code_of(read(scripts, b"[" * (LARGEST_PAYLOAD + 1))) == "too_big"


_ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just({}) | st.just([])


@given(st.dictionaries(st.sampled_from([*chirpstack(), "object"]), _ANY, max_size=3))
def test_any_message_gives_a_reading_or_a_reason(scripts: Scripts, changed: dict[str, Any]) -> None:
    sound(read(scripts, chirpstack(**changed)))


@given(st.binary(max_size=200), st.text(max_size=40) | st.just(CHIRPSTACK_TOPIC))
def test_any_bytes_on_any_topic_give_a_reading_or_a_reason(scripts: Scripts, payload: bytes, rest: str) -> None:
    sound(read(scripts, payload, rest))


def sound(decoded: Decoded) -> None:
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert believed(got.stamp.at, NOW)
        assert "\0" not in got.stamp.run
