"""Reads a camera's stream with PyAV: its packets to those who tap it, its pictures to the analysis.

Every packet is decoded (a decoder that skips cannot follow), about `rate` pictures a second are yielded as a view
of their luma plane, without colour conversion. A change of resolution inside a stream is just a frame of
another shape.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from cameras.camera import Address, Transport
from cameras.dial import StreamError as StreamError
from cameras.dial import named, opened
from cameras.health import State
from cameras.motion import Luma
from cameras.packets import Header, Piece, Tap

OPEN_S = 8.0
READ_S = 8.0
RATE = 5.0

Picture = npt.NDArray[np.uint8]
"""Blue, green, red; shape (height, width, 3)."""


class Frame:
    """One decoded picture, valid as long as it is held. `at`: monotonic (of a file: media) time, seconds."""

    def __init__(self, frame: Any, at: float) -> None:
        self._frame = frame
        self.at = at

    @property
    def corrupt(self) -> bool:
        """Whether the decoder had to make up a part of it."""
        return bool(self._frame.is_corrupt)

    @property
    def luma(self) -> Luma:
        """Brightness, shape (height, width): a view of the decoder's plane, not to be written to."""
        frame = self._frame
        if not frame.format.name.startswith(("yuv", "nv", "gray")) or frame.format.components[0].bits != 8:
            return np.asarray(frame.to_ndarray(format="gray"))
        plane = frame.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        return rows[:, : plane.width]

    def picture(self, width: int) -> Picture:
        """The picture in colour, at most `width` pixels wide, its proportions kept."""
        frame = self._frame
        wide = min(width, frame.width) // 2 * 2
        high = max(2, round(frame.height * wide / frame.width / 2) * 2)
        return np.asarray(frame.reformat(width=wide, height=high, format="bgr24").to_ndarray())


def frames(
    address: Address,
    *,
    transport: Transport = "tcp",
    tap: Tap | None = None,
    rate: float = RATE,
    open_s: float = OPEN_S,
    read_s: float = READ_S,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Frame]:
    """Frames of a camera, about `rate` a second, until StreamError says why there are no more.

    The tap has every packet before it is decoded. A frame that comes while the caller is busy is decoded and
    dropped, never queued here.
    """
    with opened(address, transport, open_s, read_s) as container:
        last, due = clock(), 0.0
        for packet in _packets(container, address, tap, read_s, clock):
            for frame in _decoded(packet):
                last = at = clock()
                if at >= due:
                    due = max(due + 1.0 / rate, at - 1.0 / rate)
                    yield Frame(frame, at)
            if clock() - last > read_s:
                raise StreamError(State.GARBLED, f"data come, but no picture could be decoded for {read_s:.0f} s")
    raise StreamError(State.ENDED, "the camera ended the stream")


def follow(
    address: Address,
    tap: Tap,
    *,
    transport: Transport = "tcp",
    open_s: float = OPEN_S,
    read_s: float = READ_S,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:
    """Give the tap every packet of a stream and decode none; yields after each, so that the caller may stop.

    Raises StreamError, at the end of the stream too.
    """
    with opened(address, transport, open_s, read_s) as container:
        for _ in _packets(container, address, tap, read_s, clock):
            yield
    raise StreamError(State.ENDED, "the camera ended the stream")


def recorded(path: Path, *, rate: float = RATE) -> Iterator[Frame]:
    """Frames of a file, about `rate` a second of its own time, as a camera would have given them."""
    with av.open(str(path)) as container:
        due = 0.0
        for frame in container.decode(container.streams.video[0]):
            at = float(frame.time)
            if at >= due - 1e-6:
                due = max(due + 1.0 / rate, at - 1.0 / rate)
                yield Frame(frame, at)


def _packets(
    container: Any, address: Address, tap: Tap | None, read_s: float, clock: Callable[[], float]
) -> Iterator[Any]:
    """The packets of the video, after the tap had them; each is awaited for `read_s` at the most."""
    stream = container.streams.video[0]
    if tap is not None:
        tap.opened(_header(stream))
    last = clock()
    try:
        # All streams are read: the library would wait without a deadline for a video among other packets.
        for packet in container.demux():
            at = clock()
            if packet.stream is not stream or not packet.size:
                if at - last > read_s:
                    raise StreamError(State.SILENT, f"{address.place} is connected but sends no picture")
                continue
            last = at
            if tap is not None:
                tap.passed(Piece(bytes(packet), packet.pts, packet.dts, bool(packet.is_keyframe), at))
            yield packet
    except (av.FFmpegError, OSError) as error:
        raise named(error, address, opening=False) from None


def _header(stream: Any) -> Header:
    context, tick = stream.codec_context, stream.time_base
    return Header(
        codec=str(context.name),
        extradata=bytes(context.extradata or b""),
        width=int(context.width),
        height=int(context.height),
        tick=(tick.numerator, tick.denominator),
    )


def _decoded(packet: Any) -> list[Any]:
    """The pictures of a packet, none of a damaged one."""
    try:
        return list(packet.decode())
    except av.InvalidDataError:
        return []
