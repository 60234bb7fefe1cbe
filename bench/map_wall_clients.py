"""Many walls in one process: each reads the live stream and notes when every change came.

Run as a program: one line of JSON on standard input (`Order`). It prints `open` when every wall that reads has its
picture, is then told how many changes there were, and prints one line of JSON (`Seen`) when each wall that reads has
them or LATE_S have passed. Walls that never read send their request and take nothing from their socket, whose room is
as small as the system allows. Each change carries the moment at which it was committed, in nanoseconds of the machine's
monotonic clock.
"""

import asyncio
import re
import socket
import sys
import time
from collections.abc import Callable

import msgspec

MARK = re.compile(rb'"sent_ns":([0-9]+)[,}]')
LATE_S = 30.0
"""Seconds for which a change is waited for."""

_HEAD = 4096
"""Bytes at the end of a piece that may be the beginning of a mark."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """So many walls that read, and so many that never do."""

    host: str
    port: int
    token: str
    walls: int
    silent: int = 0
    query: str = "?snapshot=1"


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of each change at each wall, the changes at each wall, resets, and streams that were cut.

    `cut_s` are the seconds from opening until a wall that never reads was cut; `opened_s` until all had a picture.
    """

    delays_ms: list[float]
    counts: list[int]
    resets: int
    ended: int
    opened_s: float
    cut_s: list[float]


class Wall(asyncio.Protocol):
    """One that reads."""

    def __init__(self, request: bytes, opened: Callable[[], None]) -> None:
        self._request, self._opened = request, opened
        self._left = b""
        self.delays: list[float] = []
        self.resets = 0
        self.ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Note the changes that are whole."""
        now, text = time.monotonic_ns(), self._left + data
        end = 0
        for found in MARK.finditer(text):
            self.delays.append((now - int(found[1])) / 1e6)
            end = found.end()
        if b"event: re" in text:
            self.resets += text.count(b"event: reset\n", end)
            if b"event: ready\n" in text:
                self._opened()
                end = max(end, text.rfind(b"event: ready\n") + 13)
        self._left = text[max(end, len(text) - _HEAD) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """The stream ended."""
        self.ended = True


class Silent(asyncio.Protocol):
    """One that never reads: its end is seen by looking at the connection, without taking a byte from it."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.cut_s: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask, and read no more."""
        assert isinstance(transport, asyncio.Transport)
        self.transport, self._began = transport, time.monotonic()
        transport.pause_reading()
        transport.write(self._request)

    def look(self) -> None:
        """Note when it was cut: the system keeps a reset as the connection's error, and refuses what is written."""
        if self.cut_s is None and (error := self.transport.get_extra_info("socket")) is not None:
            state = error.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
            if state in (7, 8):  # closed, or closed by the other side (tcp_states.h)
                self.cut_s = time.monotonic() - self._began


async def _open(order: Order, opened: asyncio.Event) -> tuple[list[Wall], list[Silent]]:
    loop, left = asyncio.get_running_loop(), set(range(order.walls))
    text = (
        f"GET /api/v1/live{order.query} HTTP/1.1\r\nHost: {order.host}\r\nAuthorization: Bearer {order.token}\r\n\r\n"
    )

    def ready(number: int) -> None:
        left.discard(number)
        if not left:
            opened.set()

    if not left:
        opened.set()
    silent = []
    for _ in range(order.silent):
        room = socket.socket()
        room.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        room.setblocking(False)
        await loop.sock_connect(room, (order.host, order.port))
        silent.append((await loop.create_connection(lambda: Silent(text.encode()), sock=room))[1])
    walls = []
    for number in range(order.walls):
        wall = Wall(text.encode(), lambda number=number: ready(number))  # type: ignore[misc]
        await loop.create_connection(lambda wall=wall: wall, order.host, order.port)  # type: ignore[misc]
        walls.append(wall)
    return walls, silent


async def _look(silent: list[Silent]) -> None:
    while True:
        for one in silent:
            one.look()
        await asyncio.sleep(0.1)


async def _have(walls: list[Wall], number: int) -> None:
    """Wait until all have so many changes, or their streams ended."""
    until = time.monotonic() + LATE_S
    while time.monotonic() < until:
        if all(len(wall.delays) >= number or wall.ended for wall in walls):
            return
        await asyncio.sleep(0.05)


async def main(order: Order) -> Seen:
    """Open, wait for what there is to be seen, and tell."""
    opened, began = asyncio.Event(), time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        walls, silent = await _open(order, opened)
        looking = tasks.create_task(_look(silent), name="look")
        async with asyncio.timeout(120):
            await opened.wait()
        opened_s = time.monotonic() - began
        print("open", flush=True)
        await _have(walls, int(await asyncio.to_thread(sys.stdin.buffer.readline) or 0))
        looking.cancel()
    return Seen(
        delays_ms=[round(delay, 2) for wall in walls for delay in wall.delays],
        counts=[len(wall.delays) for wall in walls],
        resets=sum(wall.resets for wall in walls),
        ended=sum(wall.ended for wall in walls),
        opened_s=opened_s,
        cut_s=[one.cut_s for one in silent if one.cut_s is not None],
    )


if __name__ == "__main__":
    _order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(main(_order))))
