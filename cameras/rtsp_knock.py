"""Knocks at an RTSP server before a stream is opened: asks for its description, and names what goes wrong.

FFmpeg, which opens streams, follows a server that sends elsewhere, and has no way to be forbidden that. So it is only
let near a server that described the stream to us just now without sending us away.
"""

import contextlib
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

import msgspec

from cameras.camera import Address
from cameras.failure import NO_WAY, StreamError
from cameras.health import State
from cameras.rtsp_describe import Describe, Reply, RtspError, Video, video_of
from cameras.soap import Account, Nonce

CONNECT_S = 3.0
"""Seconds (monotonic) that the connection may take to be made."""

UNAVAILABLE = 503
AGAIN_S = 0.2
"""Seconds after which a server is asked again that is not available now: it may be clearing away after somebody."""


class Described(msgspec.Struct, frozen=True):
    """A stream that was described: its first video, and how long the server took to say so in seconds."""

    video: Video
    took_s: float


def account_of(address: Address) -> Account | None:
    """The account of an address, None when it has none."""
    parts = urlsplit(address.url)
    return Account(unquote(parts.username), unquote(parts.password or "")) if parts.username else None


@contextlib.contextmanager
def knocked(
    address: Address,
    within_s: float,
    *,
    nonce: Nonce = os.urandom,
    clock: Callable[[], float] = time.monotonic,
    connect: Callable[..., socket.socket] = socket.create_connection,
) -> Iterator[Described]:
    """The description of an RTSP stream, asked for within so many seconds. Raises StreamError.

    Our connection stays open for as long as the block lasts, so that the stream may be opened meanwhile: a server that
    shares one encoder among its clients refuses whoever comes while it clears away after the last one.
    """
    until = clock() + within_s
    with contextlib.ExitStack() as stack:
        reply, took_s = _answered(stack, address, until, nonce, clock, connect)
        yield Described(judged(address, reply), took_s)


def _answered(
    stack: contextlib.ExitStack,
    address: Address,
    until: float,
    nonce: Nonce,
    clock: Callable[[], float],
    connect: Callable[..., socket.socket],
) -> tuple[Reply, float]:
    """The answer and how long it took, the connection left open on the stack; who is not available is asked once more,
    if there is time."""
    for again in (True, False):
        began = clock()
        line = stack.enter_context(_connected(address, min(CONNECT_S, until - clock()), connect))
        reply, took_s = _answer(address, line, until, nonce, clock), clock() - began
        if reply.status != UNAVAILABLE or not again or until - clock() <= 2 * AGAIN_S:
            break
        stack.close()
        time.sleep(AGAIN_S)
    return reply, took_s


def _answer(address: Address, line: socket.socket, until: float, nonce: Nonce, clock: Callable[[], float]) -> Reply:
    try:
        return _conversation(line, Describe(address.url, account_of(address), nonce), until, clock)
    except RtspError as error:
        raise StreamError(State.GARBLED, f"{address.place}: {error}; check port and address") from None
    except TimeoutError:
        raise StreamError(State.SILENT, f"{address.place} takes the connection but does not answer") from None
    except OSError:
        reason = f"{address.place} broke the connection off without a word of RTSP; check port and address"
        raise StreamError(State.GARBLED, reason) from None


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
