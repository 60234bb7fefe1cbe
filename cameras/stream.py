"""The only place with PyAV: opens a camera's stream with deadlines, yields frames, names every failure.

Everything is decoded (a decoder that skips cannot follow), about `rate` frames a second are yielded as a view
of their luma plane, without colour conversion. A change of resolution inside a stream is just a frame of
another shape.
"""

import contextlib
import errno
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from cameras.camera import Address
from cameras.health import State
from cameras.motion import Luma
from cameras.shrink import coloured

OPTIONS = {
    "rtsp_transport": "tcp",
    "analyzeduration": "1000000",
    "probesize": "500000",
    "fpsprobesize": "0",  # the rate is not needed; without this a second or more is spent on guessing it
}
# `fflags=nobuffer` is left out: it throws the probed packets away, and with them the first key frame, so that
# the first picture comes a whole group of pictures later (4.9 s instead of 0.7 s at a key frame each 4.8 s).

OPEN_S = 8.0
READ_S = 8.0
RATE = 5.0

BT_601 = {2, 5, 6}
"""How the library numbers the matrix of BT.601, and that of a stream that says nothing (H.273, table 4)."""
FULL_RANGE = 2

Picture = npt.NDArray[np.uint8]
"""Blue, green, red; shape (height, width, 3)."""


class StreamError(Exception):
    """A stream that could not be opened or read: its state, and a sentence without secrets."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason


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


def frames(
    address: Address,
    *,
    rate: float = RATE,
    open_s: float = OPEN_S,
    read_s: float = READ_S,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Frame]:
    """Frames of a camera, about `rate` a second, until StreamError says why there are no more.

    A frame that comes while the caller is busy is decoded and dropped, never queued here.
    """
    with _opened(address, open_s, read_s) as container:
        last, due = clock(), 0.0
        for frame in _decoded(container, address):
            at = clock()
            if frame is None:
                if at - last > read_s:
                    raise StreamError(State.GARBLED, f"data come, but no picture could be decoded for {read_s:.0f} s")
                continue
            last = at
            if at >= due:
                due = max(due + 1.0 / rate, at - 1.0 / rate)
                yield Frame(frame, at)
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


@contextlib.contextmanager
def _opened(address: Address, open_s: float, read_s: float) -> Iterator[Any]:
    began = time.monotonic()
    try:
        container = av.open(address.url, options=dict(OPTIONS), timeout=(open_s, read_s))
    except (av.FFmpegError, OSError, ValueError) as error:
        # An answer that was cut off by the deadline is called invalid data by the library.
        late = time.monotonic() - began >= open_s - 0.25
        raise _named(av.ExitError(0, "") if late else error, address, opening=True) from None
    try:
        if not container.streams.video:
            raise StreamError(State.GARBLED, "the stream has no video")
        container.streams.video[0].codec_context.thread_count = 1
        yield container
    finally:
        container.close()


def _decoded(container: Any, address: Address) -> Iterator[Any]:
    """Decoded frames; None for each packet that gave none."""
    try:
        for packet in container.demux(container.streams.video[0]):
            try:
                decoded = packet.decode()
            except av.InvalidDataError:
                decoded = []
            yield from decoded or [None]
    except (av.FFmpegError, OSError) as error:
        raise _named(error, address, opening=False) from None


NO_WAY = {errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}


def _named(error: Exception, address: Address, *, opening: bool) -> StreamError:
    """The failure in our words; the library's text is left out, since it may hold the address."""
    where = f"{address.host}:{address.port}"
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return StreamError(State.UNAUTHORISED, f"{where} refuses the user name or password")
    if isinstance(error, av.error.HTTPClientError | av.error.HTTPServerError):
        return StreamError(State.REFUSED, f"{where} does not serve this stream; check its path")
    if isinstance(error, av.InvalidDataError):
        return StreamError(State.GARBLED, f"{where} answers with what is not a video stream")
    if isinstance(error, av.EOFError) and not opening:
        return StreamError(State.ENDED, "the camera ended the stream")
    if opening:
        return _knock(address, where)
    if isinstance(error, av.ExitError | TimeoutError):
        return StreamError(State.SILENT, f"{where} is connected but sends nothing")
    return StreamError(State.ENDED, f"the connection to {where} broke")


def _knock(
    address: Address, where: str, connect: Callable[..., socket.socket] = socket.create_connection
) -> StreamError:
    """Why a stream did not open: a plain TCP connection tells closed, unreachable and mute apart."""
    try:
        with connect((address.host.strip("[]"), address.port), timeout=3.0):
            return StreamError(State.SILENT, f"{where} takes the connection but does not answer")
    except ConnectionRefusedError:
        return StreamError(State.REFUSED, f"nothing listens at {where}")
    except (TimeoutError, socket.gaierror):
        return StreamError(State.UNREACHABLE, f"{where} cannot be reached; check its address and its network")
    except OSError as error:
        if error.errno in NO_WAY:
            return StreamError(State.UNREACHABLE, f"there is no way to {where}; check its network")
        return StreamError(State.REFUSED, f"{where} broke the connection off")
