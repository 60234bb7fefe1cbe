"""Facts about unwrapping clips."""

import os
from pathlib import Path

import av
import pytest

from ioc.demo.clips import unwrap
from tests.fakes.video import passing, write_clip


def decoded(path: Path) -> list[bytes]:
    """The luma of every picture of a file, in the order of showing."""
    with av.open(str(path)) as container:
        return [bytes(frame.planes[0]) for frame in container.decode(video=0)]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_raw_clip_shows_the_same_pictures(tmp_path: Path, b_frames: int) -> None:
    """Nothing is re-encoded, nothing lost, with B-frames or without."""
    clip = write_clip(tmp_path / "gate.mp4", passing(2.0, 12.5), b_frames=b_frames)
    raw = unwrap([clip], tmp_path / "raw")[0]
    assert (raw.name, raw.rate) == ("gate", "25/2")
    assert Path(raw.path).read_bytes().startswith(b"\0\0\0\1")
    assert decoded(Path(raw.path)) == decoded(clip)


def test_two_rounds_of_a_raw_clip_show_every_picture_twice(tmp_path: Path) -> None:
    """The seam of a loop is a key frame with its parameters, so nothing is lost there."""
    clip = write_clip(tmp_path / "gate.mp4", passing(2.0, 12.5))
    raw = Path(unwrap([clip], tmp_path)[0].path)
    (tmp_path / "twice.h264").write_bytes(raw.read_bytes() * 2)
    assert decoded(tmp_path / "twice.h264") == decoded(clip) * 2


def test_what_is_there_already_is_kept(tmp_path: Path) -> None:
    """A second start does not write again; a newer clip is unwrapped anew."""
    clip = write_clip(tmp_path / "gate.mp4", passing(0.5, 12.5))
    raw = Path(unwrap([clip], tmp_path)[0].path)
    raw.write_bytes(b"kept")
    unwrap([clip], tmp_path)
    assert raw.read_bytes() == b"kept"
    newer = raw.stat().st_mtime_ns + 10**9
    os.utime(clip, ns=(newer, newer))
    unwrap([clip], tmp_path)
    assert raw.read_bytes() != b"kept"


def test_a_clip_without_h264_is_refused_by_name(tmp_path: Path) -> None:
    """The sentence says which one."""
    with av.open(str(tmp_path / "old.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode())
    with pytest.raises(ValueError, match=r"old\.mp4 has no H\.264"):
        unwrap([tmp_path / "old.mp4"], tmp_path)
