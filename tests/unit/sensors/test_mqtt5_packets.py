"""The parser: whole packets out, whatever the pieces that come in; garbage ends it and nothing else."""

from itertools import pairwise

import mqtt5
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sensors.mqtt5_packets import Parser

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""The codec's own way to say that a text is not UTF-8, before it panics."""

TOPICS = st.text("abz09/ -Đàẵ漢😀", min_size=1, max_size=80)
PACKETS = st.one_of(
    st.builds(
        lambda topic, payload, packet_id, duplicate: mqtt5.PublishPacket(
            topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id, duplicate=duplicate
        ),
        TOPICS,
        st.one_of(st.binary(max_size=300), st.sampled_from([b"x" * 20_000, b"x" * 130])),
        st.integers(1, 65_535),
        st.booleans(),
    ),
    st.builds(mqtt5.PubAckPacket, st.integers(1, 65_535)),
    st.just(mqtt5.PingRespPacket()),
)


def fed(parser: Parser, data: bytes, cuts: list[int]) -> list[bytes]:
    """What comes out, written again, when the bytes come in pieces."""
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [packet.write() for start, end in pairwise(edges) for packet in parser.feed(data[start:end])]


@given(st.lists(PACKETS, max_size=12), st.lists(st.integers(0, 100_000), max_size=30))
def test_the_pieces_make_no_difference(packets: list[mqtt5.Packet], cuts: list[int]) -> None:
    written = [packet.write() for packet in packets]
    parser = Parser()
    assert fed(parser, b"".join(written), cuts) == written
    assert parser.trouble is None


@given(st.lists(PACKETS, max_size=4))
def test_one_byte_at_a_time_is_enough(packets: list[mqtt5.Packet]) -> None:
    written = [packet.write() for packet in packets]
    data = b"".join(written)[:2000]
    whole = [one for number, one in enumerate(written) if sum(map(len, written[: number + 1])) <= len(data)]
    assert fed(Parser(), data, list(range(len(data)))) == whole


@settings(deadline=None)  # a panic of the codec takes its time
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=10))
@example(b"\x32\x08\x00\x02\xff\xfe\x00\x05\x00x", [])  # a topic that is not UTF-8
@example(b"\x32\x07\x00\x00\x00\x05\x00x", [])
@example(b"\x32\xff\xff\xff\xff\x7f", [1, 2, 3, 4, 5])
@example(b"\x40\x02\x00", [])
def test_garbage_never_raises_and_pieces_make_no_difference_to_it(data: bytes, cuts: list[int]) -> None:
    whole, pieces = Parser(), Parser()
    assert fed(whole, data, []) == fed(pieces, data, cuts)
    assert str(whole.trouble) == str(pieces.trouble)


@given(PACKETS, st.binary(min_size=1, max_size=100))
def test_what_came_before_the_garbage_counts_and_nothing_after(packet: mqtt5.Packet, more: bytes) -> None:
    parser = Parser()
    assert [one.write() for one in parser.feed(packet.write() + b"\xff\xff\xff\xff\xff\xff" + more)] == [packet.write()]
    assert parser.trouble is not None
    assert parser.feed(packet.write()) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x32\x08\x00\x02\xff\xfe\x00\x05\x00x",  # a topic that is not UTF-8
        b"\x32\x04\x00\x0aab",  # a topic longer than its packet
        b"\x36\x06\x00\x01a\x00\x01\x00",  # QoS 3
        b"\x00\x00",
        b"\x30\x04\x00\x00\x00x",  # no topic and no alias
    ],
)
def test_what_the_codec_cannot_read_is_trouble(data: bytes) -> None:
    parser = Parser()
    assert parser.feed(data) == []
    assert parser.trouble is not None
