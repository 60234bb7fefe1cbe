"""The decoder: every message leaves a reading, a dead letter, or a counted trace, and none makes it raise."""

import datetime as dt
import json
import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Mark, Refusal
from sensors.codecs import ioc
from sensors.codecs.codec import Decoded, Inner
from sensors.decoder import Decoder
from sensors.intake import Message
from sensors.profile import Device
from tests.fakes.things import NOW, device

TOPIC = "ioc/v1/quang-nam/gauge-ai-nghia/readings"
GOOD = json.dumps({"at": "2026-11-22T01:00:00Z", "run": "r", "seq": 1, "values": {"water_level": 2}}).encode()


def message(payload: bytes = GOOD, topic: str = TOPIC, mid: int = 1) -> Message:
    return Message(topic, payload, mid, 1, False)


def decoder() -> Decoder:
    return Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": ioc.decode})


def refusal(payload: bytes, topic: str = TOPIC) -> Refusal:
    batch = decoder().decode([message(payload, topic)], NOW)
    assert batch.observations == ()
    assert len(batch.refusals) == 1
    return batch.refusals[0]


def test_a_good_message_becomes_a_reading_with_the_time_of_arrival() -> None:
    batch = decoder().decode([message()], NOW)
    assert (len(batch.observations), batch.refusals, batch.arrived_at) == (1, (), NOW)


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("somewhere/else", "topic"),
        ("ioc/v1/quang-nam/gauge-x/readings", "unknown_device"),
        ("ioc/v1/thang-binh/gauge-ai-nghia/readings", "wrong_centre"),
        ("ioc/v1/quang-nam/gauge-ai-nghia/events", "no_codec"),
        ("ioc/v1/quang-nam/gauge-ai-nghia/in/x", "no_codec"),
    ],
)
def test_a_message_that_is_not_ours_is_refused_counted_and_kept_whole(topic: str, code: str) -> None:
    hears = decoder()
    batch = hears.decode([message(topic=topic)], NOW)
    assert batch.observations == ()
    assert [(one.topic, one.payload, one.code) for one in batch.refusals] == [(topic, GOOD, code)]
    assert hears.refused == {code: 1}


def test_a_profile_without_a_codec_of_ours_is_refused_not_raised() -> None:
    batch = Decoder(lambda: {"gauge-ai-nghia": device()}, {}).decode([message()], NOW)
    assert batch.refusals[0].code == "no_codec"


def test_what_was_half_understood_is_kept_and_refused_both() -> None:
    payload = GOOD.replace(b'"water_level"', b'"wind": 1, "water_level"')
    batch = decoder().decode([message(payload)], NOW)
    assert len(batch.observations) == 1
    assert batch.refusals[0].code == "unknown_property"


def test_a_bad_message_costs_its_neighbours_nothing() -> None:
    bad = [message(b"nope"), message(topic="x"), message(b"[" * 10_000)]
    batch = decoder().decode([message(), *bad, message()], NOW)
    assert (len(batch.observations), len(batch.refusals)) == (2, 3)


@given(st.lists(st.tuples(st.text(), st.binary()) | st.tuples(st.just(TOPIC), st.binary()), max_size=5))
def test_no_message_raises_and_each_leaves_a_trace(raw: list[tuple[str, bytes]]) -> None:
    batch = decoder().decode([message(payload, topic) for topic, payload in raw], NOW)
    assert len(batch.observations) + len(batch.refusals) >= len(raw)


@pytest.mark.parametrize(
    ("payload", "what"), [(b'{"online": true}', "online"), (b'{"online":false, "x":1}', "offline")]
)
def test_a_status_of_a_registered_device_is_counted(payload: bytes, what: str) -> None:
    hears = decoder()
    batch = hears.decode([message(payload, "ioc/v1/quang-nam/gauge-ai-nghia/status")], NOW)
    assert (batch.observations, batch.refusals) == ((), ())
    assert hears.counted == {what: 1}
    assert hears.figures() == {f"counted_{what}": 1}


@pytest.mark.parametrize("payload", [b"", b"{}", b"true", b'{"online": 1}', b'{"online": "yes"}', b"\xff", b"[" * 9999])
def test_any_other_status_is_a_dead_letter(payload: bytes) -> None:
    assert refusal(payload, "ioc/v1/quang-nam/gauge-ai-nghia/status").code == "status"


def test_a_status_of_a_stranger_is_a_dead_letter() -> None:
    assert refusal(b'{"online": true}', "ioc/v1/quang-nam/gauge-x/status").code == "unknown_device"


def test_our_own_receipts_come_back_to_us_and_are_counted() -> None:
    hears = decoder()
    ours = b'{"run": "b7", "through": 12, "missing": [[3, 4], [7, 7]]}'
    assert hears.decode([message(ours, "ioc/v1/quang-nam/gauge-ai-nghia/receipts")], NOW).refusals == ()
    assert hears.counted == {"receipt": 1}


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b'{"run": "b", "through": 1}', b'{"run": 1, "through": 1, "missing": []}',
     b'{"run": "b", "through": 1, "missing": [[1]]}',
     json.dumps({"run": "b", "through": 1, "missing": [[1, 1]] * 101}).encode()],
)  # fmt: skip
def test_any_other_receipt_is_a_dead_letter(payload: bytes) -> None:
    assert refusal(payload, "ioc/v1/quang-nam/gauge-ai-nghia/receipts").code == "receipt"


def test_a_refusal_names_its_source_and_which_of_its_messages_it_was() -> None:
    got = refusal(GOOD.replace(b"2026-11-22", b"1970-01-01"))
    assert (got.code, got.source) == ("date", "gauge-ai-nghia")
    assert got.skew_s is not None
    assert got.skew_s < -1e9
    assert got.marks == (
        Mark(source="gauge-ai-nghia", run="r", sequence=1, at=dt.datetime(1970, 1, 1, 1, tzinfo=dt.UTC)),
    )


@pytest.mark.parametrize(
    ("topic", "source"),
    [
        ("x", ""),
        ("ioc/v1/quang-nam/gauge-x/readings", ""),
        ("ioc/v1/thang-binh/gauge-ai-nghia/readings", "gauge-ai-nghia"),
    ],
)
def test_a_stranger_is_no_source(topic: str, source: str) -> None:
    assert refusal(GOOD, topic).source == source


def test_a_codec_that_fails_costs_its_own_message_alone() -> None:
    def broken(payload: bytes, source: Device, arrived_at: dt.datetime) -> Decoded:
        raise KeyError("x")

    batch = Decoder(lambda: {"gauge-ai-nghia": device()}, {"ioc": broken}).decode([message()], NOW)
    assert [one.code for one in batch.refusals] == ["codec"]


def test_a_gateway_s_codec_is_given_the_rest_of_the_topic_and_the_devices_under_it() -> None:
    things = {
        "gw": msgspec.structs.replace(device("gw"), profile=msgspec.structs.replace(device().profile, codec="net")),
        "mine": msgspec.structs.replace(device("mine"), gateway="gw"),
        "not-mine": device("not-mine"),
        "elsewhere": msgspec.structs.replace(device("elsewhere", centre="hoi-an"), gateway="gw"),
    }
    seen: list[tuple[str, list[bool]]] = []

    def net(payload: bytes, rest: str, gateway: Device, inner: Inner, arrived_at: dt.datetime) -> Decoded:
        seen.append((rest, [inner(code) is not None for code in ("mine", "not-mine", "elsewhere", "nobody")]))
        return Decoded(counted="network")

    hears = Decoder(lambda: things, {}, {"net": net})
    assert hears.decode([message(b"", "ioc/v1/quang-nam/gw/in/a/b@c/d")], NOW).refusals == ()
    assert seen == [("a/b@c/d", [True, False, False, False])]
    assert hears.counted == {"network": 1}


PLACES = ("somewhere", "ioc", "v1", "ioc/v1", "quang-nam", "gauge-ai-nghia", "readings", "status", "receipts", "in", "")


def test_ten_thousand_fuzzed_messages_on_fuzzed_topics_are_rows_dead_letters_or_counted() -> None:
    """Seeded, so that a failure comes again; the faults try a million."""
    dice = random.Random(4)
    hears = decoder()
    sent = rows = dead = 0
    for _ in range(10):
        batch = []
        for _ in range(1000):
            raw = bytearray(GOOD if dice.random() < 0.7 else b'{"online": true}')
            for _ in range(dice.randrange(4)):
                raw[dice.randrange(len(raw))] = dice.randrange(256)
            topic = TOPIC if dice.random() < 0.5 else "/".join(dice.choices(PLACES, k=dice.randrange(1, 7)))
            batch.append(message(bytes(raw[: dice.randrange(len(raw) + 1)] if dice.random() < 0.2 else raw), topic))
        sent += len(batch)
        kept = hears.decode(batch, NOW)
        rows, dead = rows + len(kept.observations), dead + len(kept.refusals)
    assert sent == 10_000
    assert min(rows, dead) > 500
    assert rows + dead + hears.counted.total() == sent
