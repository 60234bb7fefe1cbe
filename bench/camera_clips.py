"""The clips whose cost is measured: a real one made as large as cameras send it, at their rates and bit rates."""

import os
from fractions import Fraction
from pathlib import Path

import av
import msgspec

from bench.camera_truth import Truth, truth_of
from cameras.camera import Line

ROOT = Path(__file__).parents[1]
SECONDS = 8
"""How long a clip is. Each measurement takes as long, so that it sees the whole clip wherever it begins."""
KEY_S = 2
"""A key frame each so many seconds, as cameras are usually set."""
BUSY = "street_traffic"
"""The clip with cars, people and moving shadows of trees, so that there is always something to follow."""
SHIPPED = ROOT / "ioc" / "demo" / "data" / "clips" / "cars_overhead.mp4"


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """What a camera sends: H.264 without B-frames, one slice a picture, a steady number of bits a second."""

    name: str
    width: int
    height: int
    rate: int
    bits_per_s: int


SIZES = (
    Size(name="720p15", width=1280, height=720, rate=15, bits_per_s=2_000_000),
    Size(name="1080p25", width=1920, height=1080, rate=25, bits_per_s=4_000_000),
)


def real_clips() -> Path | None:
    """The folder of the annotated clips, which stand beside the repository; None when it is not on this machine."""
    folders = (parent / "shared" / "data" / "video" for parent in ROOT.parents)
    return next((folder for folder in folders if folder.is_dir()), None)


def source(folder: Path | None) -> tuple[Path, Truth]:
    """The clip to make larger ones from, with what is watched in it; a shipped one without the folder."""
    if folder is not None and (folder / f"{BUSY}.mp4").is_file():
        return folder / f"{BUSY}.mp4", truth_of(folder / f"{BUSY}.truth.json")
    middle = Line(id="L1", p1=(0.0, 0.5), p2=(1.0, 0.5), directions={"up": (0.0, -1.0), "down": (0.0, 1.0)})
    return SHIPPED, msgspec.convert({"kind": "overhead", "lines": [msgspec.to_builtins(middle)]}, Truth)


def enlarged(clip: Path, size: Size, folder: Path) -> Path:
    """The clip's first seconds at another size, as raw H.264 that a server can send over and over.

    Each picture of the clip is used at most once: at a higher rate it plays faster, at a lower one pictures are
    left out. Every picture moves; none is a copy of the one before that would cost a decoder nothing.
    """
    made = folder / f"{size.name}.h264"
    with av.open(str(clip)) as film, av.open(str(made), "w", format="h264") as out:
        stream = _encoder(out, size)
        every = max(1.0, float(film.streams.video[0].average_rate or size.rate) / size.rate)
        number = 0
        for place, frame in enumerate(film.decode(video=0)):
            if place >= number * every and number < SECONDS * size.rate:
                large = frame.reformat(size.width, size.height, "yuv420p", interpolation="BICUBIC")
                large.pts, large.time_base = number, Fraction(1, size.rate)
                large.pict_type = av.video.frame.PictureType.NONE
                out.mux(stream.encode(large))
                number += 1
        out.mux(stream.encode())
    if number < SECONDS * size.rate:
        raise ValueError(f"{clip.name} is too short: {SECONDS} s of it are needed")
    return made


def _encoder(out: "av.container.OutputContainer", size: Size) -> "av.VideoStream":
    stream = out.add_stream("libx264", rate=size.rate)
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.bit_rate = size.bits_per_s
    stream.codec_context.gop_size = KEY_S * size.rate
    stream.options = {
        "preset": "veryfast",
        "profile": "high",
        "bf": "0",
        "scenecut": "0",
        "maxrate": str(size.bits_per_s),
        "bufsize": str(2 * size.bits_per_s),
        "threads": str(min(4, os.cpu_count() or 1)),
    }
    return stream
