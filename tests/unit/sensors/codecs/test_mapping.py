"""The mapping codec: JSON of any shape by the paths of a profile."""

import datetime as dt
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded, whenever
from sensors.codecs.mapping import decode
from sensors.profile import Device, Path
from tests.fakes.things import NOW, device


def tank(at: Path = ("meta", "time"), seq: Path = ("n",), run: Path = ("boot",)) -> Device:
    """A tank: its level in centimetres, its lid as a boolean, its temperature as a text."""
    about = next(iter(device().profile.properties.values()))
    properties = {
        "level": msgspec.structs.replace(about, name="level", path=("data", "0", "cm"), scale=0.01),
        "lid": msgspec.structs.replace(about, name="lid"),
        "heat": msgspec.structs.replace(about, name="heat", text=True, offset=-1.0),
    }
    profile = msgspec.structs.replace(device().profile, codec="mapping", properties=properties, at=at, seq=seq, run=run)
    return msgspec.structs.replace(device("tank"), profile=profile)


BODY = {
    "meta": {"time": "2026-11-22T08:00:00+07:00"},
    "n": 7,
    "boot": 3,
    "data": [{"cm": 250}],
    "lid": True,
    "heat": "25 ℃",
}


def read(body: object, to: Device | None = None) -> Decoded:
    return decode(body if isinstance(body, bytes) else json.dumps(body).encode(), to or tank(), NOW)


def test_values_time_number_and_run_stand_where_the_profile_says() -> None:
    (got,) = read(BODY).readings
    assert (got.stamp.at, got.stamp.sequence, got.stamp.run) == (NOW, 7, "3")
    assert [(v.property, v.number) for v in got.values] == [("level", 2.5), ("lid", 1.0), ("heat", 24.0)]


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-22T01:00:00Z",
        NOW.timestamp(),
        NOW.timestamp() * 1000,
        int(NOW.timestamp()),
        "2026-11-22T01:00:00+00:00",
    ],
)
def test_a_time_is_rfc_3339_or_seconds_or_milliseconds(time: object) -> None:
    assert read(BODY | {"meta": {"time": time}}).readings[0].stamp.at == NOW


@pytest.mark.parametrize(
    ("time", "code"),
    [("2026-11-22T01:00:00", "schema"), ("soon", "schema"), (None, "schema"), (True, "schema"), ([], "schema"),
     (0, "date"), ("1970-01-01T00:00:00Z", "date"), ("2100-01-01T00:00:00Z", "date"), (1e300, "schema"),
     ("0001-01-01T00:00:00+14:00", "schema"), (4102444800, "date"), (10**400, "schema")],
)  # fmt: skip
def test_a_foolish_time_is_refused(time: object, code: str) -> None:
    decoded = read(BODY | {"meta": {"time": time}})
    assert decoded.trouble is not None
    assert decoded.trouble.code == code
    if code == "date":
        assert [(mark.run, mark.sequence) for mark in decoded.marks] == [("3", 7)]
        assert abs(decoded.trouble.skew_s or 0.0) > 1e8


@pytest.mark.parametrize(
    "changed", [{"n": -1}, {"n": 2**63}, {"n": "7"}, {"n": True}, {"boot": "x" * 65}, {"boot": "a\0"}, {"boot": []}]
)
def test_a_number_or_run_that_cannot_be_kept_is_refused(changed: dict[str, Any]) -> None:
    decoded = read(BODY | changed)
    assert decoded.trouble is not None
    assert decoded.trouble.code == "schema"


def test_without_a_number_the_payload_tells_two_apart() -> None:
    first, second = (read({"meta": BODY["meta"], "lid": lid}).readings[0].stamp for lid in (True, False))
    assert first.sequence is None
    assert first.key != second.key


def test_without_a_path_for_the_time_a_message_is_dated_by_its_arrival() -> None:
    assert read(BODY, tank(at=())).readings[0].stamp.at == NOW


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", "not_json"), (b"\xff", "not_json"), (b"[" * 99999, "too_deep"), (b" " * (LARGEST_PAYLOAD + 1), "too_big"),
     (b"1", "schema"), (b"[]", "schema"), (b"null", "schema")],
)  # fmt: skip
def test_what_is_no_object_of_the_profile_is_refused(payload: bytes, code: str) -> None:
    decoded = read(payload)
    assert decoded.trouble is not None
    assert decoded.trouble.code == code


def test_no_window_applies_where_none_is_asked_for() -> None:
    old = json.dumps(BODY | {"meta": {"time": 0}}).encode()
    assert decode(old, tank(), NOW, whenever).readings[0].stamp.at == dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
_BODY = st.fixed_dictionaries(
    {},
    optional={
        "meta": st.fixed_dictionaries({"time": st.just("2026-11-22T01:00:00Z") | _JSON}),
        "n": st.integers(-2, 2**64) | _JSON,
        "boot": st.text() | _JSON,
        "data": st.lists(st.fixed_dictionaries({"cm": _JSON})) | _JSON,
        "lid": _JSON,
        "heat": st.text() | _JSON,
    },
)


@given(_BODY | _JSON, st.booleans())
def test_any_json_gives_a_reading_or_a_reason(body: object, timed: bool) -> None:
    sound(read(body, tank(at=("meta", "time") if timed else ())))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_reading_or_a_reason(payload: bytes) -> None:
    sound(read(payload))


def sound(decoded: Decoded) -> None:
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert believed(got.stamp.at, NOW)
        assert "\0" not in got.stamp.run
        assert all(math.isfinite(value.number) for value in got.values)
