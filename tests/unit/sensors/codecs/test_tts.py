"""Uplinks of The Things Stack: one reading a frame, whoever delivers it and however often."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded
from sensors.codecs.script import Scripts
from sensors.codecs.table import scripts_in
from sensors.codecs.tts import EVENTS, decode, uplink_of
from tests.fakes.lorawan import DEPTH, TTS_TOPIC, behind, tts
from tests.fakes.things import NOW, device

GATEWAY = device("gw")
KNOWN = {"lora-water": behind()}


@pytest.fixture(scope="module")
def scripts() -> Iterator[Scripts]:
    with scripts_in(Path("nowhere")) as made:
        yield made


def read(scripts: Scripts, message: object, rest: str = TTS_TOPIC) -> Decoded:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    return decode(payload, rest, GATEWAY, KNOWN.get, NOW, scripts)


def code_of(decoded: Decoded) -> str:
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert 0 < len(decoded.trouble.reason) < 500
    return decoded.trouble.code


def test_an_uplink_is_the_reading_of_its_device(scripts: Scripts) -> None:
    decoded = read(scripts, tts())
    assert decoded.trouble is None
    stamp = decoded.readings[0].stamp
    assert (stamp.source, stamp.run, stamp.sequence) == ("lora-water", "AYfg8rhha5n+FWx0ZaAprA==", 41)
    assert stamp.at.isoformat() == "2026-11-22T00:59:58.120934+00:00"
    assert decoded.readings[0].values[0].number == pytest.approx(4.232)


def test_the_same_frame_delivered_again_has_the_same_key(scripts: Scripts) -> None:
    again = tts() | {"received_at": "2026-11-22T00:59:59.9Z", "correlation_ids": ["as:up:02"]}
    again["uplink_message"]["rx_metadata"] = []
    first, second = (read(scripts, one).readings[0].stamp.key for one in (tts(), again))
    assert first == second


def test_a_new_session_is_a_new_run(scripts: Scripts) -> None:
    keys = {read(scripts, tts(session_key_id=key, f_cnt=0)).readings[0].stamp.key for key in ("a", "b")}
    assert len(keys) == 2


def test_empty_fields_are_left_out_by_the_network(scripts: Scripts) -> None:
    uplink = uplink_of(json.dumps(tts(f_cnt=None, f_port=None, session_key_id=None)).encode())
    assert (uplink.sequence, uplink.port, uplink.run) == (0, 0, "260B1F2E")
    late = uplink_of(json.dumps(tts(received_at=None)).encode())
    assert late.at.isoformat() == "2026-11-22T00:59:58.330000+00:00"


def test_what_the_network_decoded_and_simulated_is_known() -> None:
    uplink = uplink_of(json.dumps(tts(decoded_payload={"tilt": 3}) | {"simulated": True}).encode())
    assert (uplink.network, uplink.simulated, uplink.frame) == ({"tilt": 3}, True, DEPTH)


@pytest.mark.parametrize("event", EVENTS)
def test_other_events_are_counted_when_they_are_what_they_say(scripts: Scripts, event: str) -> None:
    rest = f"v3/app/devices/lora-water/{event}"
    decoded = read(scripts, {"end_device_ids": {}, EVENTS[event]: {}}, rest)
    assert (decoded.counted, decoded.trouble) == ("network", None)
    assert code_of(read(scripts, {}, rest)) == "schema"
    assert code_of(read(scripts, b"\xff", rest)) == "not_json"


@pytest.mark.parametrize(
    "rest", ["", "v3", "v3/app@ttn/devices/x", "v3/app@ttn/devices/x/down/push", "v2/app/devices/x/up", "a/b/c/d/up"]
)
def test_another_topic_is_refused(scripts: Scripts, rest: str) -> None:
    assert code_of(read(scripts, tts(), rest)) == "topic"


def test_a_device_that_is_not_under_the_gateway_is_refused_by_name(scripts: Scripts) -> None:
    stranger = tts() | {"end_device_ids": {"device_id": "other", "dev_eui": "AB"}}
    decoded = read(scripts, stranger)
    assert code_of(decoded) == "unknown_device"
    assert decoded.trouble is not None
    assert "other or eui-ab or ab" in decoded.trouble.reason


BAD: list[Any] = [
    b"", b"nope", b"[]", b"[" * 99999, b"{}", tts(f_cnt=-1), tts(f_cnt=2**32), tts(f_port=256), tts(frm_payload="*"),
    tts(frm_payload="é"), tts(f_cnt="1"), tts(received_at="soon"), {"end_device_ids": {}, "uplink_message": {}},
    tts(received_at="2026-11-22T00:59:58"),
]  # fmt: skip


@pytest.mark.parametrize("message", BAD, ids=range(len(BAD)))
def test_what_is_no_uplink_is_refused(scripts: Scripts, message: object) -> None:
    assert code_of(read(scripts, message)) == "schema"


def test_a_foolish_date_keeps_its_run_and_number(scripts: Scripts) -> None:
    for at in ("1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        decoded = read(scripts, tts(received_at=at))
        assert code_of(decoded) == "date"
        assert [mark.sequence for mark in decoded.marks] == [41]


def test_too_much_is_refused_unread(scripts: Scripts) -> None:
    assert code_of(read(scripts, b"[" * (LARGEST_PAYLOAD + 1))) == "too_big"


_ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just({}) | st.just([])
_FIELD = st.sampled_from(["f_cnt", "f_port", "frm_payload", "received_at", "session_key_id", "decoded_payload"])


@given(st.dictionaries(_FIELD, _ANY, max_size=3), st.dictionaries(st.sampled_from(list(tts())), _ANY, max_size=1))
def test_any_message_gives_a_reading_or_a_reason(
    scripts: Scripts, inner: dict[str, Any], outer: dict[str, Any]
) -> None:
    sound(read(scripts, tts(**inner) | outer))


@given(st.binary(max_size=200), st.text(max_size=40) | st.just(TTS_TOPIC))
def test_any_bytes_on_any_topic_give_a_reading_or_a_reason(scripts: Scripts, payload: bytes, rest: str) -> None:
    sound(read(scripts, payload, rest))


def sound(decoded: Decoded) -> None:
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert believed(got.stamp.at, NOW)
        assert "\0" not in got.stamp.run
