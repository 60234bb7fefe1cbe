"""The stream of a camera decoded, masked and encoded anew (H.264): what a camera with a mask may give outside.

A fence of PyAV, like `cameras/stream.py`. Only pictures that have been masked ever reach the encoder, and the masked
picture is a copy, since the decoder still needs its own.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from cameras.packets import Header, Piece
from cameras.privacy import Mask, Plane
from cameras.timeline import Clock

Picture = npt.NDArray[np.uint8]
"""Blue, green, red; shape (height, width, 3)."""

WIDEST = 1920
"""Wider pictures are made smaller: two of them at once must fit on two cores."""
KEY_S = 1.0
"""A key frame comes at least each so many seconds."""

_OPTIONS = {"preset": "ultrafast", "crf": "25", "bf": "0", "threads": "1"}
_LIVE = {"tune": "zerolatency"}


class SizeChangedError(Exception):
    """The pictures of a stream changed their size: begin with a new Reencoder."""


class Reencoder:
    """Takes the pieces of one stream, gives masked pieces; the times stay those of the stream.

    `take` begins at a key frame and skips what cannot be decoded. `live` encodes without delay, at a small cost in
    size. `header` is known with the first piece that comes out. Raises SizeChangedError, and av.FFmpegError or
    ValueError when nothing can be decoded or encoded at all.
    """

    def __init__(self, header: Header, mask: Mask, *, live: bool = False) -> None:
        self._tick = Fraction(*header.tick)
        self._clock = Clock(self._tick)
        self._mask = mask
        self._live = live
        self._decoder: Any = av.CodecContext.create(header.codec, "r")
        if header.extradata:
            self._decoder.extradata = header.extradata
        self._decoder.thread_count = 1
        self._encoder: Any = None
        self._source: tuple[int, int] | None = None
        self._begun = False
        self._last: int | None = None
        self._key_at: int | None = None
        self.header: Header | None = None

    def take(self, piece: Piece) -> list[Piece]:
        """What is ready after one more piece."""
        self._begun = self._begun or piece.key
        if not self._begun:
            return []
        packet = av.Packet(piece.data)
        packet.time_base = self._tick
        packet.pts = self._clock.of(piece)
        try:
            frames = self._decoder.decode(packet)
        except av.InvalidDataError:
            return []
        return [made for frame in frames for made in self._masked(frame, piece.at)]

    def finish(self, at: float) -> list[Piece]:
        """What is left when no more pieces come. `at`: monotonic time in seconds."""
        made: list[Piece] = []
        try:
            for frame in self._decoder.decode(None):
                made += self._masked(frame, at)
        except av.FFmpegError:
            made = list(made)  # what could be decoded stands
        if self._encoder is not None:
            made += self._pieces(self._encoder.encode(None), at)
        return made

    def _masked(self, frame: Any, at: float) -> Iterator[Piece]:
        if self._source is None:
            self._source = (frame.width, frame.height)
        elif self._source != (frame.width, frame.height):
            raise SizeChangedError(f"{self._source[0]}x{self._source[1]} became {frame.width}x{frame.height}")
        if frame.pts is None or (self._last is not None and frame.pts <= self._last):
            return
        self._last = frame.pts
        covered = covered_copy(frame, self._mask)
        covered.pts, covered.time_base = frame.pts, self._tick
        if self._key_at is None or (frame.pts - self._key_at) * self._tick >= KEY_S:
            self._key_at = frame.pts
            covered.pict_type = av.video.frame.PictureType.I
        if self._encoder is None:
            self._open(covered)
        yield from self._pieces(self._encoder.encode(covered), at)

    def _open(self, picture: Any) -> None:
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = picture.width, picture.height, "yuv420p"
        encoder.time_base, encoder.framerate = self._tick, Fraction(25)
        encoder.flags |= av.codec.context.Flags.global_header
        encoder.options = _OPTIONS | (_LIVE if self._live else {})
        encoder.thread_count = 1
        encoder.open()
        self._encoder = encoder
        self.header = Header(
            codec="h264",
            extradata=bytes(encoder.extradata or b""),
            width=picture.width,
            height=picture.height,
            tick=(self._tick.numerator, self._tick.denominator),
        )

    def _pieces(self, packets: list[Any], at: float) -> list[Piece]:
        return [Piece(bytes(one), one.pts, one.dts, bool(one.is_keyframe), at) for one in packets]


def stills(header: Header, pieces: Sequence[Piece], mask: Mask, width: int) -> list[Picture]:
    """The pictures of key frames with their mask, at most `width` wide; those that cannot be decoded are left out."""
    found = []
    for piece in pieces:
        decoder: Any = av.CodecContext.create(header.codec, "r")
        if header.extradata:
            decoder.extradata = header.extradata
        try:
            frames = [*decoder.decode(av.Packet(piece.data)), *decoder.decode(None)]
        except av.InvalidDataError:
            continue
        for frame in frames[:1]:
            wide = min(width, frame.width) // 2 * 2
            high = max(2, round(frame.height * wide / frame.width / 2) * 2)
            small = covered_copy(frame, mask).reformat(width=wide, height=high, format="bgr24")
            found.append(np.asarray(small.to_ndarray()))
    return found


def covered_copy(frame: Any, mask: Mask) -> Any:
    """A copy of a decoded picture in 4:2:0 of even size, at most WIDEST wide, with its mask."""
    wide = min(frame.width, WIDEST) // 2 * 2
    high = max(2, round(frame.height * wide / frame.width / 2) * 2)
    plain = frame.reformat(width=wide, height=high, format="yuv420p")
    copy = av.VideoFrame(wide, high, "yuv420p")
    planes = []
    for theirs, ours in zip(plain.planes, copy.planes, strict=True):
        plane = _rows(ours)
        np.copyto(plane, _rows(theirs))
        planes.append(plane)
    mask.cover(*planes)
    return copy


def _rows(plane: Any) -> Plane:
    """A view of a plane without the padding of its lines."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
