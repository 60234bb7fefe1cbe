"""Reads a camera's stream with PyAV: its packets to those who tap it, its pictures to the analysis.

Every packet is decoded while we can follow, about `rate` pictures a second are yielded as a view
of their luma plane, without colour conversion. A change of resolution inside a stream is just a frame of
another shape.
"""

import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import av
import msgspec
import numpy as np
import numpy.typing as npt

from cameras.annexb import parameter_sets
from cameras.camera import Address, Transport
from cameras.dial import StreamError as StreamError
from cameras.dial import named, opened, thrifty
from cameras.health import State
from cameras.motion import Luma
from cameras.pace import Pace
from cameras.packets import Header, Piece, Tap
from cameras.shrink import coloured

OPEN_S = 8.0
READ_S = 8.0
RATE = 5.0

BT_601 = {2, 5, 6}
"""How the library numbers the matrix of BT.601, and that of a stream that says nothing (H.273, table 4)."""
FULL_RANGE = 2

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
        return _view(frame.planes[0])

    def picture(self, width: int) -> Picture:
        """The picture in colour, at most `width` pixels wide, its proportions kept."""
        frame = self._frame
        wide = min(width, frame.width) // 2 * 2
        high = max(2, round(frame.height * wide / frame.width / 2) * 2)
        if frame.format.name == "yuv420p" and frame.colorspace in BT_601 and frame.color_range != FULL_RANGE:
            luma, blue, red = (_view(plane) for plane in frame.planes)
            return coloured(luma, blue, red, wide, high)
        return np.asarray(frame.reformat(width=wide, height=high, format="bgr24").to_ndarray())


def _view(plane: Any) -> Luma:
    """The bytes of a plane, shape (height, width), without what the decoder keeps beside each row."""
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


class Tally:
    """What became of a camera's packets: pictures decoded, pictures looked at, pictures that were due and came while
    the caller was busy, packets that were not decoded because we were behind the camera."""

    def __init__(self) -> None:
        self.decoded = self.analysed = self.dropped = self.skipped = 0


def frames(
    address: Address,
    *,
    transport: Transport = "tcp",
    tap: Tap | None = None,
    entered: Callable[[], None] = lambda: None,
    tally: Tally | None = None,
    rate: float = RATE,
    open_s: float = OPEN_S,
    read_s: float = READ_S,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[Frame, None, None]:
    """Frames of a camera, about `rate` a second, until StreamError says why there are no more.

    `entered` is called when the stream is open. The tap has every packet before it is decoded. A frame that comes
    while the caller is busy is dropped, never queued; whoever falls behind the camera decodes only what others are
    made from, then key pictures alone, at last nothing, until he has caught up.
    """
    with opened(address, transport, open_s, read_s) as container:
        entered()
        chosen = _Chosen(container.streams.video[0], rate, tally or Tally())
        last = clock()
        for packet in _packets(container, address, tap, read_s, clock):
            for frame in chosen.decoded(packet, clock()):
                last = at = clock()
                if chosen.takes(frame, at):
                    yield Frame(frame, at)
            if clock() - last > read_s:
                raise StreamError(State.GARBLED, f"data come, but no picture could be decoded for {read_s:.0f} s")
    raise StreamError(State.ENDED, "the camera ended the stream")


class _Chosen:
    """Which packets of a stream are decoded, and which pictures are looked at."""

    def __init__(self, stream: Any, rate: float, tally: Tally) -> None:
        self._context = stream.codec_context
        self._tick = float(stream.time_base)
        self._step = 1.0 / rate
        self._tally = tally
        self._pace = Pace()
        self._keys_only = self._references_only = False
        self._due = 0.0
        self._taken = -1e9

    def decoded(self, packet: Any, at: float) -> list[Any]:
        """The pictures of a packet; none of a damaged one, or of one that is left out."""
        # Not the time of decoding, which the library makes up, and often wrongly.
        skip = self._pace.skip(None if packet.pts is None else packet.pts * self._tick, at)
        # What follows a picture that was left out cannot be decoded: only a key picture ends this.
        self._keys_only = skip in ("nonkey", "all") or (self._keys_only and not packet.is_keyframe)
        if skip == "all" or (self._keys_only and not packet.is_keyframe):
            self._tally.skipped += 1
            return []
        if (skip == "nonref") is not self._references_only:
            self._references_only = skip == "nonref"
            self._context.skip_frame = "NONREF" if self._references_only else "DEFAULT"
        try:
            pictures = list(packet.decode())
        except av.InvalidDataError:
            return []
        self._tally.decoded += len(pictures)
        self._tally.skipped += skip == "nonref" and not pictures
        return pictures

    def takes(self, frame: Any, at: float) -> bool:
        """Whether a picture is looked at."""
        media = at if frame.pts is None else frame.pts * self._tick
        if at >= self._due:
            self._due = max(self._due + self._step, at - self._step)
            self._taken = media
            self._tally.analysed += 1
            return True
        if media - self._taken >= 1.5 * self._step:
            self._taken = media
            self._tally.dropped += 1
        return False


def follow(
    address: Address,
    tap: Tap,
    *,
    transport: Transport = "tcp",
    open_s: float = OPEN_S,
    read_s: float = READ_S,
    clock: Callable[[], float] = time.monotonic,
) -> Generator[None, None, None]:
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
        thrifty(container.streams.video[0])
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
    tapped = _Tapped(tap, stream) if tap is not None else None
    began = last = clock()
    try:
        # All streams are read: the library would wait without a deadline for a video among other packets.
        for packet in container.demux():
            at = clock()
            # After its deadline the library still gives away what it held back, and waits once more.
            if at - last >= read_s:
                raise _silent(address)
            if packet.stream is not stream or not packet.size:
                continue
            if address.scheme == "file" and packet.pts is not None:
                time.sleep(max(0.0, began + float(packet.pts * stream.time_base) - at))
            last = at
            if tapped is not None:
                tapped.passes(packet, at)
            yield packet
            last = clock()
    except (av.FFmpegError, OSError) as error:
        late = clock() - last >= read_s - 0.25
        raise _silent(address) if late else named(error, address, opening=False) from None


class _Tapped:
    """Gives a tap the packets of a stream, and its header again when its parameter sets change."""

    def __init__(self, tap: Tap, stream: Any) -> None:
        self._tap = tap
        self._header = _header(stream)
        self._sets = b""
        tap.opened(self._header)

    def passes(self, packet: Any, at: float) -> None:
        """A packet came at monotonic time `at`."""
        data, key = bytes(packet), bool(packet.is_keyframe)
        sets = parameter_sets(self._header.codec, data) if key else b""
        if sets and self._sets not in (b"", sets):
            width, height = _size(self._header.codec, data)
            self._header = msgspec.structs.replace(self._header, extradata=sets, width=width, height=height)
            self._tap.opened(self._header)
        self._sets = sets or self._sets
        self._tap.passed(Piece(data, packet.pts, packet.dts, key, at))


def _size(codec: str, data: bytes) -> tuple[int, int]:
    """Width and height of a key picture; 0, 0 of one that cannot be decoded."""
    decoder: Any = av.CodecContext.create(codec, "r")
    try:
        pictures = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    except av.FFmpegError:
        pictures = []
    return (pictures[0].width, pictures[0].height) if pictures else (0, 0)


def _silent(address: Address) -> StreamError:
    return StreamError(State.SILENT, f"{address.place} is connected but sends no picture")


def _header(stream: Any) -> Header:
    context, tick = stream.codec_context, stream.time_base
    return Header(
        codec=str(context.name),
        extradata=bytes(context.extradata or b""),
        width=int(context.width),
        height=int(context.height),
        tick=(tick.numerator, tick.denominator),
    )
