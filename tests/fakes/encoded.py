"""Streams of packets made by a real encoder, as a camera gives them: with or without times, B-frames, two sizes."""

import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from cameras.packets import Header, Piece
from tests.fakes.video import Luma, passing

RATE = 12.5


def encoded(
    codec: str = "h264",
    *,
    seconds: float = 3.0,
    b_frames: int = 0,
    width: int = 320,
    height: int = 240,
    annexb: bool = True,
    pictures: list[Luma] | None = None,
) -> tuple[Header, list[Piece]]:
    """The header and packets of a passing square: a key frame a second; start codes as over RTSP, or lengths."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("clip.ts" if annexb else "clip.mp4")
        with av.open(str(path), "w") as container:
            _encode(container, codec, pictures or passing(seconds, RATE, width=width, height=height), b_frames)
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            packets = [packet for packet in container.demux(stream) if packet.size]
            header = Header(
                codec=codec,
                extradata=bytes(stream.codec_context.extradata or b""),
                width=width,
                height=height,
                tick=(stream.time_base.numerator, stream.time_base.denominator),
            )
    pieces = [
        Piece(bytes(packet), packet.pts, packet.dts, bool(packet.is_keyframe), 100.0 + number / RATE)
        for number, packet in enumerate(packets)
    ]
    return header, pieces


def _encode(container: av.container.OutputContainer, codec: str, pictures: list[Luma], b_frames: int) -> None:
    stream = container.add_stream("libx264" if codec == "h264" else "libx265", rate=Fraction(25, 2))
    stream.height, stream.width = pictures[0].shape
    stream.pix_fmt = "yuv420p"
    stream.codec_context.gop_size = 12
    if codec == "h264":
        stream.options = {"preset": "ultrafast", "bf": str(b_frames)}
    else:
        quiet = f"bframes={b_frames}:keyint=12:log-level=error:repeat-headers=1"
        stream.options = {"preset": "ultrafast", "x265-params": quiet}
    for picture in pictures:
        colour = np.repeat(picture[:, :, None], 3, axis=2)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(colour, format="bgr24")))
    container.mux(stream.encode())
