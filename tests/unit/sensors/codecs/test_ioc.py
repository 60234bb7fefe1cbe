"""The default codec: what it reads, and that nothing it cannot read gets past it or makes it raise."""

import datetime as dt
import json
import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gis.observation import Mark, Quality, Reading
from gis.stamp import believed
from sensors.codecs.codec import LARGEST_PAYLOAD, Decoded
from sensors.codecs.ioc import MOST_IN_A_LIST, decode
from tests.fakes.things import NOW, device

GAUGE = device()
AT = "2026-11-22T01:00:00Z"


def body(**changed: Any) -> dict[str, Any]:
    return {"at": AT, "run": "b7", "seq": 7, "values": {"water_level": 2.31}} | changed


def read(payload: object) -> Decoded:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return decode(raw, GAUGE, NOW)


def one(payload: object) -> Reading:
    decoded = read(payload)
    assert decoded.trouble is None
    assert len(decoded.readings) == 1
    return decoded.readings[0]


def refusal(payload: object) -> str:
    decoded = read(payload)
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert 0 < len(decoded.trouble.reason) < 400
    return decoded.trouble.code


def test_a_whole_reading_is_stamped_with_its_device_run_number_and_time() -> None:
    got = one(body(recorded_at="2025-10-28T07:00:00+07:00", derived=True))
    assert (got.stamp.centre, got.stamp.source, got.stamp.run, got.stamp.sequence) == (
        "quang-nam", "gauge-ai-nghia", "b7", 7,
    )  # fmt: skip
    assert got.stamp.at == NOW
    assert got.recorded_at == dt.datetime(2025, 10, 28, tzinfo=dt.UTC)
    assert got.derived
    assert [(v.property, v.number, v.quality) for v in got.values] == [("water_level", 2.31, Quality.GOOD)]


def test_times_of_any_zone_are_kept_in_utc() -> None:
    got = one(body(at="2026-11-22T08:00:00.250+07:00"))
    assert got.stamp.at == NOW + dt.timedelta(milliseconds=250)
    assert got.stamp.at.utcoffset() == dt.timedelta(0)


def test_without_a_number_the_payload_itself_tells_two_readings_apart() -> None:
    plain = {"at": AT, "values": {"water_level": 2}}
    assert one(plain).stamp.sequence is None
    assert one(plain).stamp.key == one(plain).stamp.key
    assert one(plain).stamp.key != one(plain | {"values": {"water_level": 3}}).stamp.key


def test_readings_of_one_list_without_numbers_have_keys_of_their_own() -> None:
    decoded = read([{"at": AT, "values": {"water_level": level}} for level in (1, 2, 3)])
    assert len({got.stamp.key for got in decoded.readings}) == 3


def test_a_reading_has_the_same_key_alone_and_in_a_list() -> None:
    assert read([body()]).readings[0].stamp.key == one(body()).stamp.key


@pytest.mark.parametrize(
    ("status", "quality"), [("00", Quality.GOOD), ("01", Quality.CALIBRATING), ("02", Quality.FAULT)]
)
def test_the_status_codes_of_circular_10_2021_become_qualities(status: str, quality: Quality) -> None:
    assert one(body(status=status)).values[0].quality is quality


@pytest.mark.parametrize("status", ["03", "", "0", "00 ", "OK"])
def test_another_status_is_refused(status: str) -> None:
    assert refusal(body(status=status)) == "status"


@pytest.mark.parametrize(
    ("level", "quality"),
    [(-5.0, Quality.GOOD), (60.0, Quality.GOOD), (-5.01, Quality.IMPLAUSIBLE), (60.01, Quality.IMPLAUSIBLE)],
)
def test_a_value_beyond_the_physical_limits_is_kept_and_called_implausible(level: float, quality: Quality) -> None:
    assert one(body(values={"water_level": level})).values[0].quality is quality


def test_a_faulty_device_is_faulty_whatever_its_value() -> None:
    assert one(body(values={"water_level": 99999}, status="02")).values[0].quality is Quality.FAULT


@pytest.mark.parametrize(
    "payload", [b"", b" ", b"nope", b"{", b"\xff\xfe", b"\x00", b"\xef\xbb\xbf{}", b"{'a':1}", b"[1,"]
)
def test_what_is_not_json_is_refused(payload: bytes) -> None:
    assert refusal(payload) == "not_json"


@pytest.mark.parametrize("payload", [b"", b" \n"])
def test_an_empty_payload_is_refused_as_such(payload: bytes) -> None:
    trouble = read(payload).trouble
    assert trouble is not None
    assert trouble.reason == "the payload is empty: send one reading as JSON, or a list of them"


def test_text_that_is_not_utf_8_is_refused() -> None:
    assert refusal(b'{"at":"%s","run":"\xff","values":{"water_level":1}}' % AT.encode()) == "not_json"


def test_half_a_surrogate_pair_is_refused() -> None:
    assert refusal(b'{"at":"%s","run":"\\ud800","values":{"water_level":1}}' % AT.encode()) == "not_json"


@pytest.mark.parametrize("size", [LARGEST_PAYLOAD + 1, 1 << 20, 10 << 20])
def test_a_payload_over_the_bound_is_refused_unread(size: int) -> None:
    assert refusal(b"[" * size) == "too_big"


def test_a_payload_of_exactly_the_bound_is_read() -> None:
    raw = json.dumps(body()).encode()
    assert one(raw + b" " * (LARGEST_PAYLOAD - len(raw))).stamp.sequence == 7


DEEP = "[" * 10_000 + "1" + "]" * 10_000


@pytest.mark.parametrize("payload", ["[" * 10_000, DEEP, '{"a":' * 10_000, f'{{"at":"{AT}","values":{{}},"x":{DEEP}}}'])
def test_json_nested_ten_thousand_deep_is_refused(payload: str) -> None:
    assert refusal(payload.encode()) == "too_deep"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    "form", ['{"at":"%s","values":{"water_level":%s}}', '[{"at":"%s","values":{"water_level": %s}}]']
)
def test_nan_and_infinity_are_refused_by_name(form: str, number: str) -> None:
    assert refusal((form % (AT, number)).encode()) == "not_finite"


def test_a_number_too_large_for_a_float_is_refused() -> None:
    assert refusal(f'{{"at":"{AT}","values":{{"water_level":1e999}}}}'.encode()) in ("schema", "not_finite")


def test_nul_in_a_run_is_refused() -> None:
    assert refusal(body(run="a\0b")) == "nul"


@pytest.mark.parametrize(
    "at", ["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_date_of_another_age_is_refused(at: str) -> None:
    assert refusal(body(at=at)) == "date"


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_recorded_moment_that_utc_does_not_have_is_refused(at: str) -> None:
    assert refusal(body(recorded_at=at)) == "date"


@pytest.mark.parametrize(
    "at", ["2026-11-22T01:00:00", "2026-11-22", "soon", "", 1795309200, None, "2026-13-01T00:00:00Z"]
)
def test_a_time_without_a_zone_or_no_time_at_all_is_refused(at: object) -> None:
    assert refusal(body(at=at)) == "schema"


@pytest.mark.parametrize("missing", ["at", "values"])
def test_a_reading_without_its_time_or_values_is_refused(missing: str) -> None:
    assert refusal({name: value for name, value in body().items() if name != missing}) == "schema"


@pytest.mark.parametrize("seq", [-1, 2**63, 10**30, 1.5, 1.0, "1", True])
def test_a_sequence_number_is_a_whole_number_that_bigint_holds(seq: object) -> None:
    assert refusal(body(seq=seq)) == "schema"


@pytest.mark.parametrize("seq", [0, 2**63 - 1])
def test_the_smallest_and_largest_sequence_numbers_are_taken(seq: int) -> None:
    assert one(body(seq=seq)).stamp.sequence == seq


def test_a_run_has_at_most_64_characters() -> None:
    assert one(body(run="r" * 64)).stamp.run == "r" * 64
    assert refusal(body(run="r" * 65)) == "schema"


@pytest.mark.parametrize("value", ["2.3", True, None, [1], {"v": 1}])
def test_values_are_numbers(value: object) -> None:
    assert refusal(body(values={"water_level": value})) == "schema"


@pytest.mark.parametrize("values", [None, [], 1, "x"])
def test_values_stand_in_an_object(values: object) -> None:
    assert refusal(body(values=values)) == "schema"


def test_a_reading_with_no_values_is_refused() -> None:
    assert refusal(body(values={})) == "empty"


def test_a_property_that_the_device_does_not_have_is_refused_by_name() -> None:
    decoded = read(body(values={"wind": 3}))
    assert decoded.readings == ()
    assert decoded.trouble is not None
    assert decoded.trouble.code == "unknown_property"
    assert "wind" in decoded.trouble.reason


def test_the_known_values_of_a_reading_are_kept_beside_an_unknown_one() -> None:
    decoded = read(body(values={"wind": 3, "water_level": 1, "a\0": 2}))
    assert [value.property for value in decoded.readings[0].values] == ["water_level"]
    assert decoded.trouble is not None
    assert decoded.trouble.code == "unknown_property"
    assert "\0" not in decoded.trouble.reason


def test_members_that_we_do_not_know_are_ignored() -> None:
    assert one(body(battery="low", gateway={"rssi": -90})).stamp.sequence == 7


def test_the_last_of_doubled_members_counts() -> None:
    got = one(f'{{"at":"{AT}","seq":1,"seq":2,"values":{{"water_level":1,"water_level":2}}}}'.encode())
    assert (got.stamp.sequence, got.values[0].number) == (2, 2.0)
    assert len(got.values) == 1


def test_a_list_of_a_thousand_is_taken_and_of_a_thousand_and_one_refused() -> None:
    assert MOST_IN_A_LIST == 1000
    many = [body(seq=seq) for seq in range(MOST_IN_A_LIST)]
    assert [got.stamp.sequence for got in read(many).readings] == list(range(MOST_IN_A_LIST))
    assert refusal([*many, body(seq=1001)]) == "list"
    assert refusal([]) == "list"


BAD = [1, None, "x", [], {}, body(at="soon"), body(seq=-1), body(values={"wind": 1}), body(at="1970-01-01T00:00:00Z")]


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("bad", BAD)
def test_one_bad_item_of_a_list_costs_nothing_but_itself(bad: object, place: int) -> None:
    good = [body(seq=1), body(seq=3)]
    decoded = read([*good[:place], bad, *good[place:]])
    assert [got.stamp.sequence for got in decoded.readings] == [1, 3]
    assert decoded.trouble is not None
    assert f"reading {place} of the list" in decoded.trouble.reason


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    "poison",
    [
        b'{"at":"%s","run":"a\\u0000","seq":2,"values":{"water_level":1}}',
        b'{"at":"%s","run":"r","seq":2,"values":{"water_level":1e999}}',
        b'{"at":"%s","run":"r","seq":2,"values":{"water_level":1},"status":"\\u0000"}',
    ],
)
def test_a_value_that_would_poison_its_batch_is_refused_wherever_it_stands(poison: bytes, place: int) -> None:
    parts = [json.dumps(body(seq=seq)).encode() for seq in (1, 3)]
    parts.insert(place, poison % AT.encode())
    decoded = read(b"[" + b",".join(parts) + b"]")
    assert [got.stamp.sequence for got in decoded.readings] == [1, 3]
    assert decoded.trouble is not None


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_number_that_json_does_not_have_spoils_its_whole_list_by_name(number: bytes, place: int) -> None:
    parts = [json.dumps(body(seq=seq)).encode() for seq in (1, 3)]
    parts.insert(place, b'{"at":"%s","values":{"water_level":%s}}' % (AT.encode(), number))
    assert refusal(b"[" + b",".join(parts) + b"]") == "not_finite"


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ({"at": "1970-01-01T07:00:00+07:00"}, dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
        ({"at": "0001-01-01T00:00:00+14:00"}, None),
        ({"at": "2026-11-22T01:00:00"}, None),
        ({"at": None}, None),
        ({"values": "x"}, NOW),
        ({"values": {}}, NOW),
        ({"values": {"wind": 1}}, NOW),
        ({"status": "09"}, NOW),
    ],
)
def test_a_refused_reading_keeps_its_run_and_number(changed: dict[str, Any], at: dt.datetime | None) -> None:
    decoded = read(body(**changed))
    assert decoded.readings == ()
    assert decoded.marks == (Mark(source=GAUGE.code, run="b7", sequence=7, at=at),)
    assert read([body(seq=1), body(**changed)]).marks == decoded.marks


@pytest.mark.parametrize(
    "payload",
    [
        b"nope",
        body(values={}, seq=None),
        body(values={}, seq=-1),
        body(values={}, run="a\0"),
        body(run=1),
        body(seq=True),
    ],
)
def test_what_has_no_number_that_can_be_read_has_no_mark(payload: object) -> None:
    assert read(payload).marks == ()


def test_how_far_a_time_is_off_is_told() -> None:
    early, late = (read(body(at=at)).trouble for at in ("1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"))
    assert early is not None
    assert late is not None
    assert early.skew_s == -NOW.timestamp()
    assert (late.skew_s or 0) > 2e9


def test_a_list_in_a_list_is_refused() -> None:
    assert refusal([[body()]]) == "schema"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_MEMBERS = {
    "at": st.sampled_from([AT, "2026-11-22T01:00:00", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"]) | _JSON,
    "run": st.text() | _JSON,
    "seq": st.integers(-5, 2**64) | _JSON,
    "values": st.dictionaries(st.sampled_from(["water_level", "wind", "a\0"]), st.floats() | _JSON) | _JSON,
    "status": st.sampled_from(["00", "01", "02"]) | _JSON,
    "recorded_at": st.sampled_from([AT, "9999-12-31T23:59:59-14:00"]) | _JSON,
    "derived": st.booleans() | _JSON,
}
_NEARLY = st.fixed_dictionaries({}, optional=_MEMBERS)


def sound(decoded: Decoded) -> None:
    """Readings, a trouble, or both; and every reading one that can be kept."""
    assert decoded.readings or decoded.trouble is not None
    for got in decoded.readings:
        assert got.values
        assert all(math.isfinite(value.number) for value in got.values)
        assert believed(got.stamp.at, NOW)
        assert "\0" not in got.stamp.run
        assert got.stamp.run.encode().decode() == got.stamp.run
        assert got.stamp.source == GAUGE.code
    if decoded.trouble is not None:
        assert decoded.trouble.code
        assert decoded.trouble.reason


@given(st.binary(max_size=400))
@example(b"[")
@example(b'{"x": "a, NaN"')
def test_any_bytes_give_readings_or_a_trouble_and_never_raise(payload: bytes) -> None:
    sound(decode(payload, GAUGE, NOW))


@settings(max_examples=300)
@given(_NEARLY | st.lists(_NEARLY, max_size=5) | _JSON)
def test_anything_like_a_reading_gives_readings_or_a_trouble_and_never_raises(payload: object) -> None:
    sound(decode(json.dumps(payload).encode(), GAUGE, NOW))


@given(st.data())
def test_a_payload_cut_or_damaged_anywhere_never_raises(data: st.DataObject) -> None:
    raw = bytearray(json.dumps([body(), body(seq=8)]).encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255))
    sound(decode(bytes(raw), GAUGE, NOW))
    sound(decode(bytes(raw[:place]), GAUGE, NOW))
