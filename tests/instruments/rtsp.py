"""A camera's RTSP server (RFC 2326) that plays a film and misbehaves as it is told; it counts every request.

It runs in a thread with a loop of its own. What it does wrong is chosen by its fields, at any moment, for those who
watch and for those who come.
"""

import asyncio
import base64
import contextlib
import re
import struct
import threading
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Literal, Self

from tests.instruments.film import Film, number_of

Mood = Literal["playing", "mute", "keepalives", "other track", "other type"]
"""mute: nothing is sent. keepalives: sender reports alone. other track: packets on a channel that nobody asked for.
other type: packets of a payload type that was never described."""

LOOK_S = 0.02


class RtspCamera:
    """Use as `with RtspCamera(film) as camera`: it plays in a loop at `camera.url()` from each viewer's beginning.

    With `user` it wants that user and `password` (Basic) for everything but OPTIONS, as most cameras do. `requests`
    counts by method, `refused` the requests that carried credentials and were refused, `opened` the connections,
    `viewers` those who are shown something now. Of connections beyond `room` it hangs up.
    """

    def __init__(
        self, film: Film, *, user: str = "", password: str = "", port: int = 0, room: int | None = None
    ) -> None:
        self.film = film
        self.room = room
        self.user, self.password, self.port = user, password, port
        self.mood: Mood = "playing"
        self.requests: Counter[str] = Counter()
        self.refused = 0
        self.opened = 0
        self.viewers = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="rtsp-camera", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._do(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def url(self, port: int | None = None) -> str:
        """The address with its user and password; through another port when a proxy stands before it."""
        secret = f"{self.user}:{self.password}@" if self.user else ""
        return f"rtsp://{secret}127.0.0.1:{port or self.port}/live"

    def hang_up(self) -> None:
        """End every connection."""
        self._do(self._drop())

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _drop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _close(self) -> None:
        self._server.close()
        await self._drop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.opened += 1
        if self.room is not None and len(self._tasks) > self.room:
            self._tasks.discard(task)
            writer.transport.abort()
            return
        viewer = _Viewer(self, writer)
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError, ExceptionGroup):
                async with asyncio.TaskGroup() as tasks:
                    async for request in _requests(reader):
                        if viewer.answer(request):
                            tasks.create_task(viewer.play(), name="play")
                    raise asyncio.CancelledError
        finally:
            self._tasks.discard(task)
            viewer.close()


async def _requests(reader: asyncio.StreamReader) -> AsyncIterator[str]:
    """The requests of a connection; interleaved packets of the viewer (receiver reports) are read over."""
    while True:
        head = await reader.readexactly(1)
        if head == b"$":
            _, length = struct.unpack(">BH", await reader.readexactly(3))
            await reader.readexactly(length)
            continue
        yield (head + await reader.readuntil(b"\r\n\r\n")).decode()


class _Viewer:
    """One connection: its answers, and its stream over this connection (TCP) or beside it (UDP)."""

    def __init__(self, camera: RtspCamera, writer: asyncio.StreamWriter) -> None:
        self._camera = camera
        self._writer = writer
        self._udp: asyncio.DatagramTransport | None = None
        self._to: tuple[str, int] | None = None
        self._showing = False

    def close(self) -> None:
        """Let go of the connection."""
        self._camera.viewers -= self._showing
        self._showing = False
        if self._udp is not None:
            self._udp.close()
        self._writer.transport.abort()

    def answer(self, request: str) -> bool:
        """Answer a request; True when the viewer wants to be shown the film now."""
        method = request.split(" ", 1)[0]
        self._camera.requests[method] += 1
        if method != "OPTIONS" and not self._let_in(request):
            self._say(request, "401 Unauthorized", ['WWW-Authenticate: Basic realm="yard"'])
            return False
        if method == "DESCRIBE":
            self._say(request, "200 OK", ["Content-Type: application/sdp"], self._camera.film.sdp)
        elif method == "SETUP":
            self._say(request, "200 OK", ["Session: 7", f"Transport: {self._transport(request)}"])
        else:
            self._say(request, "200 OK", ["Session: 7", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN"])
        return method == "PLAY"

    def _let_in(self, request: str) -> bool:
        camera = self._camera
        if not camera.user:
            return True
        wanted = base64.b64encode(f"{camera.user}:{camera.password}".encode()).decode()
        given = re.search(r"(?im)^authorization: *basic +(\S+)", request)
        if given and given.group(1) == wanted:
            return True
        camera.refused += given is not None
        return False

    def _transport(self, request: str) -> str:
        ports = re.search(r"client_port=(\d+)", request)
        if ports is None:
            return "RTP/AVP/TCP;unicast;interleaved=0-1"
        self._to = ("127.0.0.1", int(ports.group(1)))
        return f"RTP/AVP;unicast;client_port={self._to[1]}-{self._to[1] + 1};server_port=6970-6971"

    def _say(self, request: str, status: str, lines: list[str], body: str = "") -> None:
        head = [f"RTSP/1.0 {status}", f"CSeq: {number_of(request)}", *lines, f"Content-Length: {len(body)}"]
        self._writer.write(("\r\n".join(head) + "\r\n\r\n" + body).encode())

    async def play(self) -> None:
        """Send the film at its own pace, again and again; a film that is changed begins at once."""
        loop = asyncio.get_running_loop()
        if self._to is not None:
            self._udp, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
        self._camera.viewers += 1
        self._showing = True
        sequence, shift = 0, 0.0
        while True:
            film, began = self._camera.film, loop.time()
            for at, packet in film.packets:
                while (wait := began + at - loop.time()) > 0:
                    await asyncio.sleep(min(wait, LOOK_S))
                if film is not self._camera.film:
                    break
                sequence = (sequence + 1) % 65536
                await self._send(packet, sequence, int((shift + at) * 90_000) % 2**32)
            else:
                await asyncio.sleep(max(0.0, began + film.seconds - loop.time()))
            shift += loop.time() - began

    async def _send(self, packet: bytes, sequence: int, stamp: int) -> None:
        kind, channel = packet[1], 0
        match self._camera.mood:
            case "mute":
                return
            case "keepalives":
                packet, channel = b"\x80\xc8\x00\x06" + packet[8:12] + bytes(20), 1
            case "other track":
                channel = 4
            case "other type":
                kind = (kind & 0x80) | 127
        if channel != 1:
            packet = packet[:1] + bytes([kind]) + struct.pack(">HI", sequence, stamp) + packet[8:]
        if self._udp is not None and self._to is not None:
            self._udp.sendto(packet, self._to if channel == 0 else (self._to[0], self._to[1] + 1))
        else:
            self._writer.write(b"$" + struct.pack(">BH", channel, len(packet)) + packet)
            await self._writer.drain()
