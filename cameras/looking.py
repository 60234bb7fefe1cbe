"""One look at a stream, as a process of its own: what it is, and one picture. Run as `python -m cameras.looking`.

The order comes on standard input (JSON, one line), so that no password stands in process arguments, and may come late:
what takes long is loading the decoder. A decoder that crashes, hangs or eats memory takes only this process with it.
"""

import resource
import sys
import time
from collections.abc import Iterator
from typing import Any

import av
import msgspec

from cameras.camera import Address
from cameras.dial import named, opened
from cameras.failure import StreamError
from cameras.health import State
from cameras.looking_wire import Look, Order
from cameras.picture import WIDTH, jpeg
from cameras.privacy import Mask
from cameras.stream import Frame

MOST_CPU_S = 20
MOST_MEMORY = 2 * 2**30
WATCH_S = 1.2
"""So long the stream is watched after its first picture, to count pictures a second."""
LARGEST_SIDE = 8192
QUALITY = 75


def look(order: Order) -> Look:
    """Open a stream, take its first whole picture, count for a moment. Never raises for what a stream does."""
    address = Address(order.url)
    until = time.monotonic() + order.within_s
    try:
        with opened(address, "tcp", order.within_s, order.within_s) as container:
            return _seen(container, address, until)
    except StreamError as error:
        return Look(failure=error.code, reason=error.reason)


def _seen(container: Any, address: Address, until: float) -> Look:
    video = container.streams.video[0]
    times: list[float] = []
    shown: Any = None
    enough = until
    try:
        for packet in _packets(container, video, until):
            if packet.pts is not None:
                times.append(float(packet.pts * packet.time_base))
            for frame in packet.decode() if shown is None else ():
                if not frame.is_corrupt:
                    shown, enough = frame, min(until, time.monotonic() + WATCH_S)
                    break
            if time.monotonic() >= enough:
                break
    except (av.FFmpegError, OSError, ValueError) as error:
        if shown is None:
            raise named(error, address, opening=False) from None
    if shown is None:
        raise StreamError(State.SILENT, f"{address.place} sent no whole picture in time; try again")
    if max(shown.width, shown.height) > LARGEST_SIDE:
        raise StreamError(State.GARBLED, f"the picture is larger than {LARGEST_SIDE} pixels; choose a smaller stream")
    picture = jpeg(Frame(shown, 0.0).picture(WIDTH), Mask(()), QUALITY)
    name = video.codec_context.name
    return Look(codec=name, width=shown.width, height=shown.height, fps=rate_of(times), picture=picture)


def _packets(container: Any, video: Any, until: float) -> Iterator[Any]:
    for packet in container.demux(video):
        yield packet
        if time.monotonic() >= until:
            return


def rate_of(times: list[float]) -> float | None:
    """Pictures a second by the stream's own times; None when there are too few to tell."""
    ordered = sorted(set(times))
    if len(ordered) < 4:
        return None
    return round((len(ordered) - 1) / (ordered[-1] - ordered[0]), 1)


def confine() -> None:
    """Bound what this process may use, whatever a stream makes its decoder do."""
    for what, most in ((resource.RLIMIT_CPU, MOST_CPU_S), (resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(what)[1]
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, hard))


def main() -> None:
    """Read one order, write one answer."""
    confine()
    line = sys.stdin.buffer.readline()
    if line:
        sys.stdout.buffer.write(msgspec.json.encode(look(msgspec.json.decode(line, type=Order))))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
