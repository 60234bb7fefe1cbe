"""A proxy between two of our processes that passes, freezes, cuts, slows, resets or swallows one direction.

It runs in a thread with a loop of its own, so that no test's work disturbs it.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from typing import Any, Literal, Self

Direction = Literal["up", "down"]
"""`up` is from the client to the server."""

CHUNK = 65536
LOOK_S = 0.01


class Proxy:
    """Use as `with Proxy(port) as proxy`: clients go to `proxy.port` of 127.0.0.1, the server is at `port`.

    Every mode holds for the connections that are there and for new ones, until the next is chosen.
    """

    def __init__(self, server: int, host: str = "127.0.0.1") -> None:
        self._server = (host, server)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: set[Direction] = set()
        self._swallowed: set[Direction] = set()
        self._resets: asyncio.TimerHandle | None = None
        self._closed = False
        self.bytes_per_s = 0.0
        self.delay_s = 0.0
        self.lingers_s = 0.0
        """Seconds from the server's last words to the end of a connection, as where a busy server ends."""
        self.port = 0
        self.accepted = 0
        self.acknowledged = 0
        """PUBACKs of MQTT (kind 4) that went up; no meaning where something else is spoken."""
        self.refusing = False

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._do(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def through(self) -> None:
        """Pass everything at once; what was held back goes on, what was swallowed is gone."""
        self._set(set(), set(), False, 0.0, 0.0)

    def freeze(self) -> None:
        """Carry nothing in either direction; sockets stay open, and new ones are taken but not answered."""
        self._set({"up", "down"}, set(), False, 0.0, 0.0)

    def cut(self) -> None:
        """End all connections with a reset, and every new one at once."""
        self._set(set(), set(), True, 0.0, 0.0)
        self.reset()

    def slow(self, bytes_per_s: float, delay_s: float = 0.0) -> None:
        """Carry so much in each direction of a connection, and each piece later by the delay."""
        self._set(set(), set(), False, bytes_per_s, delay_s)

    def half_open(self, direction: Direction) -> None:
        """Swallow what goes in one direction, as if the other end had vanished without a word."""
        self._set(set(), {direction}, False, 0.0, 0.0)

    def reset(self) -> None:
        """End the connections that are there with a reset (RST)."""
        self._do(self._abort())

    def reset_every(self, seconds: float) -> None:
        """Reset again and again; the next mode that is chosen ends this."""
        self.through()
        self._loop.call_soon_threadsafe(self._again, seconds)

    @property
    def open(self) -> int:
        """Connections that stand."""
        return len(self._links)

    def _set(
        self, held: set[Direction], swallowed: set[Direction], refusing: bool, bytes_per_s: float, delay_s: float
    ) -> None:
        async def set_now() -> None:
            self._held, self._swallowed, self.refusing = held, swallowed, refusing
            self.bytes_per_s, self.delay_s = bytes_per_s, delay_s
            if self._resets is not None:
                self._resets.cancel()
                self._resets = None

        self._do(set_now())

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def _again(self, seconds: float) -> None:
        for link in list(self._links):
            link.abort()
        self._resets = self._loop.call_later(seconds, self._again, seconds)

    async def _open(self) -> int:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=CHUNK)
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    async def _close(self) -> None:
        self._closed = True
        if self._resets is not None:
            self._resets.cancel()
        self._listener.close()
        await self._abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _abort(self) -> None:
        for link in list(self._links):
            link.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        link = _Link(writer)
        self._links.add(link)
        self.accepted += 1
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._carry(reader, writer, link)
        finally:
            link.abort()
            self._links.discard(link)
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: "_Link") -> None:
        if self.refusing:
            return
        while self._held:
            await asyncio.sleep(LOOK_S)
        there, back = await asyncio.open_connection(*self._server, limit=CHUNK)
        link.writers.append(back)
        async with asyncio.TaskGroup() as tasks:
            ways = [
                tasks.create_task(self._pump("up", reader, back), name="up"),
                tasks.create_task(self._pump("down", there, writer), name="down"),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()

    async def _pump(self, direction: Direction, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        kinds = _Kinds()
        with contextlib.suppress(OSError):
            while data := await source.read(self._piece()):
                if direction == "up":
                    self.acknowledged += kinds.count(data, 4)
                while direction in self._held:
                    await asyncio.sleep(LOOK_S)
                if direction in self._swallowed:
                    continue
                if wait := self.delay_s + (len(data) / self.bytes_per_s if self.bytes_per_s else 0.0):
                    await asyncio.sleep(wait)
                target.write(data)
                await target.drain()
        if direction == "down":
            await asyncio.sleep(self.lingers_s)

    def _piece(self) -> int:
        """A slow line carries pieces of a twentieth of a second, so that its rate is smooth."""
        return max(1, int(self.bytes_per_s / 20)) if self.bytes_per_s else CHUNK


class _Kinds:
    """Counts the packets of one direction of an MQTT connection by their kind (MQTT 5.0, 2.1)."""

    def __init__(self) -> None:
        self._left = b""

    def count(self, data: bytes, kind: int) -> int:
        """How many packets of the kind are complete with this piece."""
        data, place, found = self._left + data, 0, 0
        while (end := _end(data, place)) is not None and end <= len(data):
            found += data[place] >> 4 == kind
            place = end
        self._left = data[place:]
        return found


def _end(data: bytes, place: int) -> int | None:
    """Where the packet that begins at the place ends; None while its length is not there yet."""
    length = 0
    for number, byte in enumerate(data[place + 1 : place + 5]):
        length |= (byte & 127) << 7 * number
        if byte < 128:
            return place + 2 + number + length
    return None


class _Link:
    """One carried connection and its ends."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writers = [writer]

    def abort(self) -> None:
        """End both ends with a reset."""
        for writer in self.writers:
            own: socket.socket | None = writer.get_extra_info("socket")
            if own is not None:
                with contextlib.suppress(OSError):
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
