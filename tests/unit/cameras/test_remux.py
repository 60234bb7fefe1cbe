"""Clips without encoding: what is in them is what came, in front stands the index, times begin at 0."""

import itertools
from pathlib import Path

import av
import pytest

from cameras.packets import Header, Piece
from cameras.remux import Remux
from cameras.timeline import depth
from tests.fakes.secret import decoded, pieces


def written(path: Path, header: Header, given: list[Piece]) -> Remux:
    remux = Remux(path, header, given[0], held_back=depth(given))
    for piece in given:
        remux.add(piece)
    remux.close()
    return remux


@pytest.mark.parametrize(
    ("codec", "b_frames", "global_header", "tag"),
    [("libx264", 0, False, "avc1"), ("libx264", 2, False, "avc1"), ("libx264", 0, True, "avc1"),
     ("libx265", 2, False, "hvc1"), ("libx265", 0, True, "hvc1")],
)  # fmt: skip
def test_a_clip_is_a_valid_mp4_of_the_same_pictures(
    tmp_path: Path, codec: str, b_frames: int, global_header: bool, tag: str
) -> None:
    """With the parameter sets in the packets or beside them, with and without pictures in another order."""
    header, given = pieces(3.0, codec=codec, b_frames=b_frames, global_header=global_header)
    path = tmp_path / "clip.mp4"
    remux = written(path, header, given)
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.codec_tag == tag
        assert (stream.start_time, stream.frames) == (0, len(given))
        assert float(stream.duration * stream.time_base) == pytest.approx(3.0, abs=0.2)
        times = [packet.dts for packet in container.demux(stream) if packet.size]
    assert all(a < b for a, b in itertools.pairwise(times))
    with av.open(str(path)) as container:
        shown = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    assert all((one == two).all() for one, two in zip(shown, decoded(header, given), strict=True))
    assert remux.seconds == pytest.approx(3.0, abs=0.01)


def test_packets_with_lengths_are_written_too(tmp_path: Path) -> None:
    """As they come from a file."""
    header, given = pieces(1.0)
    written(tmp_path / "one.mp4", header, given)
    with av.open(str(tmp_path / "one.mp4")) as container:
        stream = container.streams.video[0]
        tick = (stream.time_base.numerator, stream.time_base.denominator)
        again = Header(codec="h264", extradata=bytes(stream.codec_context.extradata), width=640, height=360, tick=tick)
        packets = [
            Piece(bytes(one), one.pts, one.dts, one.is_keyframe, 0.0) for one in container.demux(stream) if one.size
        ]
    written(tmp_path / "two.mp4", again, packets)
    with av.open(str(tmp_path / "two.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == len(given)


@pytest.mark.parametrize("data", [b"", b"no picture at all", b"\0\0\0\1\x67"])
def test_what_is_no_stream_leaves_no_file(tmp_path: Path, data: bytes) -> None:
    header, _ = pieces(0.2)
    with pytest.raises(ValueError, match="first packet"):
        Remux(tmp_path / "x.mp4", header, Piece(data, 0, 0, True, 0.0))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    header, given = pieces(0.2)
    with pytest.raises(OSError, match="No such file"):
        written(tmp_path / "gone" / "x.mp4", header, given)
