"""Clips with a coloured secret in one place of a grey street, and whether any picture shows a trace of it."""

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from cameras.packets import Header, Piece

Colour = npt.NDArray[np.uint8]

LEFT, TOP, RIGHT, BOTTOM = 0.6, 0.25, 0.8, 0.55
MASK = (((LEFT, TOP), (RIGHT, TOP), (RIGHT, BOTTOM), (LEFT, BOTTOM)),)
"""The polygon that a person would draw around it, no more."""

TRACE = 24
"""A saturation (largest minus smallest of blue, green, red) that no grey picture has after encoding."""


def street(number: int, width: int = 640, height: int = 360) -> Colour:
    """Picture `number`: grey, something grey moves below, and the secret is red and green and changes."""
    rows = (np.linspace(60, 170, height)[:, None] * np.ones(width)).astype(np.uint8)
    picture = np.repeat(rows[:, :, None], 3, axis=2)
    x = (number * 5) % width
    picture[int(0.7 * height) : int(0.9 * height), x : x + width // 8] = 230
    left, right = int(np.ceil(LEFT * width)), int(RIGHT * width)
    top, bottom = int(np.ceil(TOP * height)), int(BOTTOM * height)
    secret = picture[top:bottom, left:right]
    secret[:] = (0, 0, 255)
    secret[::2, :: 3 + number % 3] = (0, 255, 0)
    return picture


def pieces(
    seconds: float,
    *,
    width: int = 640,
    height: int = 360,
    rate: int = 12,
    key_s: float = 1.0,
    codec: str = "libx264",
    b_frames: int = 0,
    begin: float = 100.0,
    global_header: bool = False,
) -> tuple[Header, list[Piece]]:
    """The stream of such a street, as a tap is told of it; monotonic time begins at `begin`."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, 90_000), Fraction(rate)
    encoder.gop_size = round(rate * key_s)
    encoder.options = {"preset": "ultrafast", "bf": str(b_frames), "x265-params": f"log-level=none:bframes={b_frames}"}
    if global_header:
        encoder.flags |= av.codec.context.Flags.global_header
    encoder.thread_count = 1
    encoder.open()
    packets = []
    for number in range(round(seconds * rate)):
        frame = av.VideoFrame.from_ndarray(street(number, width, height), format="bgr24")
        frame.pts = number * 90_000 // rate
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    made = [
        Piece(bytes(one), one.pts, one.dts, bool(one.is_keyframe), begin + number / rate)
        for number, one in enumerate(packets)
    ]
    name = {"libx264": "h264", "libx265": "hevc"}.get(codec, codec)
    extradata = bytes(encoder.extradata or b"") if global_header else b""
    return Header(codec=name, extradata=extradata, width=width, height=height, tick=(1, 90_000)), made


def raw(path: Path, streams: Sequence[list[Piece]]) -> Path:
    """The pieces of streams, one behind the other, as a raw H.264 file that the demo's server can loop."""
    path.write_bytes(b"".join(piece.data for stream in streams for piece in stream))
    return path


def decoded(header: Header, given: Sequence[Piece]) -> Iterator[Colour]:
    """The pictures of a stream."""
    decoder = av.CodecContext.create(header.codec, "r")
    if header.extradata:
        decoder.extradata = header.extradata
    for data in [*(piece.data for piece in given), None]:
        for frame in decoder.decode(None if data is None else av.Packet(data)):
            yield frame.to_ndarray(format="bgr24")


def pictures_in(data: bytes) -> Iterator[Colour]:
    """Every picture of a JPEG or of a video file."""
    if data[:2] == b"\xff\xd8":
        yield cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        return
    with av.open(io.BytesIO(data)) as container:
        for frame in container.decode(container.streams.video[0]):
            yield frame.to_ndarray(format="bgr24")


def trace(picture: Colour) -> int:
    """The strongest colour in a picture; the street is grey, so above TRACE it is the secret's."""
    return int((picture.max(axis=2).astype(int) - picture.min(axis=2)).max())
