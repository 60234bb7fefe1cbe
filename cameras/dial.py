"""Opens a camera's stream with deadlines, and gives every failure its name. With PyAV, like cameras/stream.py.

The library itself prints nothing (PyAV switches FFmpeg's log off), and of its errors only the kind is used: their
texts may hold the address.
"""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import av

from cameras.camera import Address, Transport
from cameras.failure import NO_WAY
from cameras.failure import StreamError as StreamError
from cameras.health import State
from cameras.rtsp_knock import knocked

OPTIONS = {
    "analyzeduration": "1000000",
    "probesize": "500000",
    "fpsprobesize": "0",  # the rate is not needed; without this a second or more is spent on guessing it
}
# `fflags=nobuffer` is left out: it throws the probed packets away, and with them the first key frame, so that
# the first picture comes a whole group of pictures later (4.9 s instead of 0.7 s at a key frame each 4.8 s).

RTSP = {
    # A camera's sound is never fetched: nobody here may listen, and packets of sound must not pass for life.
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtp,udp,tcp,tls",
}
# A redirection is not followed over HTTP. Over RTSP the library follows it and has no way to be forbidden that, so
# `knocked` asks first whether there is one.
HTTP = {"protocol_whitelist": "http,https,tcp,tls", "max_redirects": "0"}
FILE = {"protocol_whitelist": "file"}


def about(address: Address, transport: Transport) -> tuple[str | None, dict[str, str]]:
    """The library's format (None: by its content) and options for an address."""
    match address.scheme:
        case "http" | "https":
            return "mpjpeg", OPTIONS | HTTP
        case "file":
            return None, OPTIONS | FILE
    return "rtsp", OPTIONS | RTSP | {"rtsp_transport": transport}


@contextlib.contextmanager
def opened(address: Address, transport: Transport, open_s: float, read_s: float) -> Iterator[Any]:
    """The library's container of a stream with video, for as long as the block lasts. Raises StreamError."""
    container = _introduced(address, transport, open_s, read_s)
    try:
        if not container.streams.video:
            raise StreamError(State.GARBLED, "the stream has no video")
        thrifty(container.streams.video[0])
        yield container
    finally:
        container.close()


def _introduced(address: Address, transport: Transport, open_s: float, read_s: float) -> Any:
    """The library's container, of an RTSP server only after a knock, which has `open_s` too. Raises StreamError."""
    if address.scheme not in ("rtsp", "rtsps"):
        return _dialled(address, transport, open_s, read_s)
    with knocked(address, open_s):
        began = time.monotonic()
        try:
            return _dialled(address, transport, open_s, read_s)
        except StreamError:
            left = began + open_s - time.monotonic()
            if left < open_s / 2:
                raise
    # A camera that has room for one connection took ours for it, which is closed now.
    return _dialled(address, transport, left, read_s)


def _dialled(address: Address, transport: Transport, open_s: float, read_s: float) -> Any:
    """The library's container. Raises StreamError."""
    began = time.monotonic()
    form, options = about(address, transport)
    try:
        return av.open(address.location, format=form, options=options, timeout=(open_s, read_s))
    except (av.FFmpegError, OSError, ValueError) as error:
        # An answer that was cut off by the deadline is called invalid data by the library.
        late = time.monotonic() - began >= open_s - 0.25
        raise named(av.ExitError(0, "") if late else error, address, opening=True) from None


def thrifty(stream: Any) -> None:
    """Let a stream's decoder work in the caller's thread, and leave out the filter that smooths block edges.

    That filter is a fifth of the decoding (H.264), and what is analysed is made small anyway. Pictures differ from
    fully decoded ones by about a grey value until the next key frame; a clip is remuxed and not touched by this.
    """
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"skip_loop_filter": "all"}


def named(error: Exception, address: Address, *, opening: bool) -> StreamError:
    """The failure in our words; the library's text is left out, since it may hold the address."""
    where = address.place
    if isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError):
        return StreamError(State.UNAUTHORISED, f"{where} refuses the user name or password")
    if isinstance(error, av.error.HTTPClientError | av.error.HTTPServerError):
        return StreamError(State.REFUSED, f"{where} does not serve this stream; check its path")
    if isinstance(error, av.InvalidDataError):
        return StreamError(State.GARBLED, f"{where} answers with what is not a video stream")
    if isinstance(error, av.EOFError) and not opening:
        return StreamError(State.ENDED, "the camera ended the stream")
    late = isinstance(error, av.ExitError | TimeoutError)
    if opening:
        return _knock(address, where, late=late) if address.scheme != "file" else _no_file(where)
    if late:
        return StreamError(State.SILENT, f"{where} is connected but sends nothing")
    return StreamError(State.ENDED, f"the connection to {where} broke")


def _no_file(where: str) -> StreamError:
    return StreamError(State.REFUSED, f"{where} cannot be played; check that it is there and may be read")


def _knock(
    address: Address, where: str, *, late: bool, connect: Callable[..., socket.socket] = socket.create_connection
) -> StreamError:
    """Why a stream did not open: a plain TCP connection tells closed, unreachable and mute apart.

    `late`: the deadline passed; else the other side said something that ended it.
    """
    try:
        with connect((address.host.strip("[]"), address.port), timeout=3.0):
            if not late:
                return StreamError(State.REFUSED, f"{where} does not serve this stream here; check its address")
            return StreamError(State.SILENT, f"{where} takes the connection but does not answer")
    except ConnectionRefusedError:
        return StreamError(State.REFUSED, f"nothing listens at {where}")
    except (TimeoutError, socket.gaierror):
        return StreamError(State.UNREACHABLE, f"{where} cannot be reached; check its address and its network")
    except OSError as error:
        if error.errno in NO_WAY:
            return StreamError(State.UNREACHABLE, f"there is no way to {where}; check its network")
        return StreamError(State.REFUSED, f"{where} broke the connection off")
