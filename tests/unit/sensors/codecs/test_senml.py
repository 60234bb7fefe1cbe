"""SenML: packs of RFC 8428 resolved, and nothing in them that raises or gets past."""

import datetime as dt
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gis.observation import Quality
from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded
from sensors.codecs.senml import MOST_RECORDS, Resolved, decode, resolve
from sensors.profile import Device
from tests.fakes.shared import real_examples
from tests.fakes.things import NOW, device

GAUGE = device()
T = NOW.timestamp()


def with_paths(**paths: str) -> Device:
    """A gauge that has more properties, each with its path."""
    about = GAUGE.profile.properties["water_level"]
    more = {
        name: msgspec.structs.replace(about, name=name, path=tuple(path.split("."))) for name, path in paths.items()
    }
    profile = msgspec.structs.replace(GAUGE.profile, properties=dict(GAUGE.profile.properties) | more)
    return msgspec.structs.replace(GAUGE, profile=profile)


def read(pack: object, to: Device = GAUGE) -> Decoded:
    return decode(pack if isinstance(pack, bytes) else json.dumps(pack).encode(), to, NOW)


def trouble(pack: object, to: Device = GAUGE) -> str:
    decoded = read(pack, to)
    assert decoded.readings == ()
    assert decoded.trouble is not None
    return decoded.trouble.code


def test_base_fields_hold_until_the_next_of_their_kind() -> None:
    pack = [
        {"bn": "urn:dev:ow:10e2073a01080063:", "bt": T, "bu": "m", "bv": 1, "n": "water_level", "v": 2.0},
        {"n": "water_level", "t": -60, "v": 3.0},
        {"bt": T - 120, "n": "water_level", "v": 0.5},
    ]
    readings = read(pack).readings
    assert [got.stamp.at for got in readings] == [NOW - dt.timedelta(seconds=s) for s in (120, 60, 0)]
    assert [got.values[0].number for got in readings] == [1.5, 4.0, 3.0]


@pytest.mark.parametrize(("fields", "seconds"), [({}, 0), ({"t": -5}, -5), ({"bt": -60, "t": 10}, -50), ({"t": 0}, 0)])
def test_a_time_below_two_to_the_28_is_relative_to_the_arrival(fields: dict[str, float], seconds: int) -> None:
    (got,) = read([fields | {"n": "water_level", "v": 1}]).readings
    assert got.stamp.at == NOW + dt.timedelta(seconds=seconds)


def test_records_of_one_moment_make_one_reading_and_the_pack_tells_packs_apart() -> None:
    to = with_paths(battery="battery")
    first, second = (read([{"bt": T, "n": "water_level", "v": v}, {"n": "battery", "v": 3}], to) for v in (1, 2))
    assert len(first.readings) == 1
    assert [value.property for value in first.readings[0].values] == ["water_level", "battery"]
    assert first.readings[0].stamp.key != second.readings[0].stamp.key
    assert first == read([{"bt": T, "n": "water_level", "v": 1}, {"n": "battery", "v": 3}], to)


def test_a_name_is_mapped_by_the_path_of_the_profile_before_its_last_part() -> None:
    to = with_paths(depth="urn:dev:ow:10e2073a01080063")
    (got,) = read([{"bn": "urn:dev:ow:10e2073a01080063", "v": 2, "t": T}], to).readings
    assert got.values[0].property == "depth"


@pytest.mark.parametrize(
    ("value", "number"), [({"vb": True}, 1), ({"vb": False}, 0), ({"s": 4}, 4), ({"v": 2, "s": 4}, 2)]
)
def test_booleans_and_sums_are_numbers(value: dict[str, Any], number: float) -> None:
    assert read([{"n": "water_level"} | value]).readings[0].values[0].number == number


def test_a_value_beyond_its_limits_is_implausible() -> None:
    assert read([{"n": "water_level", "v": 99}]).readings[0].values[0].quality is Quality.IMPLAUSIBLE


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ({"n": "wind", "v": 1}, "unknown_property"),
        ({"n": "", "v": 1}, "unknown_property"),
        ({"n": "water_level", "vs": "high"}, "value"),
        ({"n": "water_level", "vd": "aGk"}, "value"),
        ({"n": "water_level", "v": 1, "u": "Cel"}, "value"),
        ({"n": "water_level", "v": 1, "vb": True}, "schema"),
        ({"n": "water_level", "v": 1, "must_": 1}, "schema"),
        ({"n": "water_level", "v": 1, "bver": 11}, "schema"),
        ({"n": "water_level", "v": "1"}, "schema"),
        ({"n": "water_level"}, "empty"),
        ({"n": "water_level", "v": 1, "t": T - 3e9}, "date"),
        ({"n": "water_level", "v": 1, "t": 4102444800}, "date"),
        ({"n": "water_level", "v": 1, "t": 1e300}, "date"),
        ({"n": "water_level", "v": 1e308, "bv": 1e308}, "value"),
        (1, "schema"),
        (None, "schema"),
        ([], "schema"),
    ],
)
def test_a_bad_record_is_refused_wherever_it_stands(record: object, code: str) -> None:
    assert trouble([record]) == code
    good = [{"n": "water_level", "v": 1, "t": -9}, {"n": "water_level", "v": 2, "t": -8}]
    for place in range(3):
        decoded = read([*good[:place], record, *({"bv": 0, "bt": 0} | one for one in good[place:])])
        assert len(decoded.readings) == 2
        assert decoded.trouble is not None
        assert decoded.trouble.code == code
        assert f"record {place} of the pack" in decoded.trouble.reason


def test_two_values_of_one_property_and_moment_are_refused_by_the_second() -> None:
    decoded = read([{"n": "water_level", "v": 1}, {"n": "water_level", "v": 2}])
    assert decoded.readings[0].values[0].number == 1
    assert decoded.trouble is not None
    assert decoded.trouble.code == "repeated"


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", "not_json"), (b"{}", "schema"), (b"[", "not_json"), (b"[]", "list"), (b"\xff", "not_json"),
     (b"[" * 99999, "too_deep"), (b"[" * (LARGEST_PAYLOAD + 1), "too_big"), (b'[{"v":NaN}]', "not_json"),
     (b'[{"bn":"a:"}]', "empty"), (b"[" + b"{}," * MOST_RECORDS + b"{}]", "list")],
)  # fmt: skip
def test_what_is_no_pack_is_refused(payload: bytes, code: str) -> None:
    assert trouble(payload) == code


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 9, 10, 12])
def test_the_examples_of_the_rfc_resolve_as_published(number: int) -> None:
    folder = real_examples("payloads/senml")
    if folder is None:
        pytest.skip("the examples of RFC 8428 are not on this machine")
    expected = json.loads((folder / f"ex{number}.gen.resolved.json").read_text())
    times = [record["t"] for record in expected]
    now = dt.datetime.fromtimestamp(max(times), dt.UTC)  # what the relative ones were resolved against
    got = resolve((folder / f"ex{number}.json").read_bytes(), now)
    assert len(got) == len(expected)
    for mine, theirs in zip(got, expected, strict=True):
        assert isinstance(mine, Resolved)
        assert (mine.n, mine.u) == (theirs["n"], theirs.get("u", ""))
        assert mine.t == pytest.approx(theirs["t"], abs=1e-3)
        assert mine.value == next((theirs[name] for name in ("v", "vs", "vb", "vd") if name in theirs), None)


def sound(decoded: Decoded) -> None:
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert believed(got.stamp.at, NOW)
        assert got.values
        assert all(math.isfinite(value.number) for value in got.values)


_FIELD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("water_level")
_NAMES = st.sampled_from(["bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "v", "vs", "vb", "vd", "s", "t", "ut", "x_"])
_RECORD = st.dictionaries(_NAMES, _FIELD, max_size=6)


@given(st.lists(_RECORD | _FIELD, max_size=5))
@example([{"n": "water_level", "v": 1, "t": 1e18}])
def test_any_pack_gives_readings_or_a_reason(pack: list[object]) -> None:
    sound(read(pack))


@given(st.binary(max_size=200))
def test_any_bytes_give_readings_or_a_reason(payload: bytes) -> None:
    sound(read(payload))
