"""Knocks at an RTSP server before a stream is opened: asks for its description, and names what goes wrong.

FFmpeg, which opens streams, follows a server that sends elsewhere, and has no way to be forbidden that. So it is only
let near a server that described the stream to us just now without sending us away.
"""

import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import msgspec

from cameras.camera import Address
from cameras.failure import NO_WAY, StreamError
from cameras.health import State
from cameras.rtsp_describe import Describe, Reply, RtspError, Video, video_of
from cameras.soap import Account, Nonce

CONNECT_S = 3.0
"""Seconds (monotonic) that the connection may take to be made."""


class Described(msgspec.Struct, frozen=True):
    """A stream that was described: its first video, and how long the server took to say so in seconds."""

    video: Video
    took_s: float


def account_of(address: Address) -> Account | None:
    """The account of an address, None when it has none."""
    parts = urlsplit(address.url)
    return Account(unquote(parts.username), unquote(parts.password or "")) if parts.username else None


def knock(
    address: Address,
    within_s: float,
    *,
    nonce: Nonce = os.urandom,
    clock: Callable[[], float] = time.monotonic,
    connect: Callable[..., socket.socket] = socket.create_connection,
) -> Described:
    """Ask for the description of an RTSP stream, within so many seconds. Raises StreamError."""
    began = clock()
    talk = Describe(address.url, account_of(address), nonce)
    try:
        with contextlib.closing(_connected(address, min(CONNECT_S, within_s), connect)) as line:
            reply = _conversation(line, talk, began + within_s, clock)
    except StreamError:
        raise
    except RtspError as error:
        raise StreamError(State.GARBLED, f"{address.place}: {error}; check port and address") from None
    except TimeoutError:
        raise StreamError(State.SILENT, f"{address.place} takes the connection but does not answer") from None
    except OSError:
        raise StreamError(State.REFUSED, f"{address.place} broke the connection off") from None
    return Described(judged(address, reply), clock() - began)


def _connected(address: Address, within_s: float, connect: Callable[..., socket.socket]) -> socket.socket:
    place = address.place
    try:
        line = connect((address.host.strip("[]"), address.port), timeout=within_s)
    except ConnectionRefusedError:
        raise StreamError(State.REFUSED, f"nothing listens at {place}") from None
    except (TimeoutError, socket.gaierror):
        reason = f"{place} cannot be reached; check its address and its network"
        raise StreamError(State.UNREACHABLE, reason) from None
    except OSError as error:
        if error.errno in NO_WAY:
            raise StreamError(State.UNREACHABLE, f"there is no way to {place}; check its network") from None
        raise StreamError(State.REFUSED, f"{place} broke the connection off") from None
    if address.scheme != "rtsps":
        return line
    try:
        return _unchecked().wrap_socket(line)
    except (ssl.SSLError, OSError):
        line.close()
        raise StreamError(State.GARBLED, f"{place} does not speak TLS; try rtsp:// instead of rtsps://") from None


def _unchecked() -> ssl.SSLContext:
    """TLS whose certificate is not checked: cameras sign their own, and FFmpeg does not check them either."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _conversation(line: socket.socket, talk: Describe, until: float, clock: Callable[[], float]) -> Reply:
    said = talk.begin()
    while talk.reply is None:
        left = until - clock()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        if said:
            line.sendall(said)
        data = line.recv(65536)
        if not data:
            raise RtspError("it closes without a word of RTSP")
        said = talk.feed(data)
    return talk.reply


def judged(address: Address, reply: Reply) -> Video:
    """The video of an answer. Raises StreamError for every answer that describes none."""
    place, status = address.place, reply.status
    if 300 <= status < 400:
        reason = f"{place} sends elsewhere, which is not followed; register the address it sends to"
        raise StreamError(State.REFUSED, reason, "redirect")
    if status in (401, 403):
        raise StreamError(State.UNAUTHORISED, f"{place} refuses the user name or password")
    if status >= 400 or status < 200:
        raise StreamError(State.REFUSED, f"{place} does not serve this stream; check its path")
    video = video_of(reply.body)
    if video is None:
        raise StreamError(State.GARBLED, f"{place} describes a stream without video")
    return video
