"""Facts about units of H.264 and HEVC, against what PyAV itself makes of them."""

from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.annexb import START, length_size, parameter_sets, sets_of, with_start_codes
from cameras.remux import Remux
from tests.fakes.secret import pieces


@pytest.mark.parametrize(("codec", "name", "number"), [("libx264", "h264", 2), ("libx265", "hevc", 3)])
def test_a_key_frame_s_sets_are_found_and_no_other_s(codec: str, name: str, number: int) -> None:
    """Sequence and picture sets; with HEVC video sets, too."""
    _, given_ = pieces(1.0, codec=codec)
    found = parameter_sets(name, given_[0].data)
    assert found.count(START) == number
    assert parameter_sets(name, given_[1].data) == b""


@pytest.mark.parametrize(("codec", "name"), [("libx264", "h264"), ("libx265", "hevc")])
def test_packets_of_an_mp4_become_those_of_a_stream(tmp_path: Path, codec: str, name: str) -> None:
    """The record's sets and the packets with lengths can be decoded as if they had come by RTSP."""
    header, given_ = pieces(1.0, codec=codec)
    remux = Remux(tmp_path / "x.mp4", header, given_[0])
    for piece in given_:
        remux.add(piece)
    remux.close()
    with av.open(str(tmp_path / "x.mp4")) as container:
        record = bytes(container.streams.video[0].codec_context.extradata)
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    assert length_size(name, record) == 4
    decoder = av.CodecContext.create(name, "r")
    data = sets_of(name, record) + b"".join(with_start_codes(name, record, one) for one in packets)
    parsed = [*decoder.parse(data), *decoder.parse(None)]
    assert sum(len(decoder.decode(packet)) for packet in [*parsed, None]) == len(given_)


def test_a_stream_with_start_codes_is_left_as_it_is() -> None:
    header, given_ = pieces(0.5, global_header=True)
    assert length_size("h264", header.extradata) == 0
    assert with_start_codes("h264", header.extradata, given_[0].data) is given_[0].data
    assert sets_of("h264", header.extradata).count(START) == header.extradata.count(b"\0\0\1")


@given(st.binary(max_size=300), st.sampled_from(["h264", "hevc"]), st.binary(max_size=60))
def test_no_bytes_are_too_strange(data: bytes, codec: str, record: bytes) -> None:
    """They come from cameras."""
    assert len(parameter_sets(codec, data)) <= 2 * len(data) + 4
    assert len(with_start_codes(codec, b"\1" + record, data)) <= 5 * len(data)
    sets_of(codec, b"\1" + record)


@pytest.mark.parametrize(
    ("codec", "data", "sets"),
    [
        ("h264", b"\0\0\0\1\x67AB\0\0\0\1\x68C\0\0\1\x65picture", b"\0\0\0\1\x67AB\0\0\0\1\x68C"),
        ("h264", b"\0\0\0\1\x41picture", b""),
        ("hevc", b"\0\0\0\1\x40\1V\0\0\0\1\x42\1S\0\0\0\1\x26\1picture", b"\0\0\0\1\x40\1V\0\0\0\1\x42\1S"),
        ("mjpeg", b"\xff\xd8\0\0\1\x67", b""),
        ("h264", b"", b""),
    ],
)
def test_the_parameter_sets_of_a_packet_are_found(codec: str, data: bytes, sets: bytes) -> None:
    assert parameter_sets(codec, data) == sets
