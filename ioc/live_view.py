"""Live view in the camera process: fragments from the workers, to whoever watches, over unix sockets.

A camera is asked for when its first viewer comes and let go some seconds after its last. One request a connection:
the camera's code and a newline; the answer is a line of JSON, and then MP4 as it comes, each picture behind a box
that says when it was taken. A connection that is closed is the end of it, on either side.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from cameras.boxes import box, produced
from cameras.camera import Camera
from cameras.live_wire import LARGEST, Hello, Message, Part, Show, Unable, heard
from ioc.viewers import Channel, Viewer

log = logging.getLogger(__name__)

LINGER_S = 5.0
"""How long a camera is kept open after its last viewer, who may only have reloaded the page."""
START_S = 12.0
"""How long a viewer waits for the first picture before it is told that there is none."""
ASK_AGAIN_S = 2.0
STALLED_S = 10.0
"""A viewer that takes nothing for so long is cut; it may come back."""
IDLE_S = 3.0
"""Without pictures an empty box is sent so often, so that a viewer who left is noticed."""
MASKED = 2
"""So many cameras with a mask are encoded anew at once; each costs a decoder and an encoder."""
HERE = box(b"free")


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The answer's first line: the codec of what follows, or why nothing does (`unknown masked codec silent`)."""

    codec: str = ""
    why: str = ""


class Hub:
    """The cameras that are watched now.

    `tell` gives an order to a camera's worker (False when it has none now), `camera` finds one by its code,
    `feed` is the path of the socket at which workers answer, `turns` the folder of the turns to encode anew.
    Use as `async with hub.serve(path)`.
    """

    def __init__(
        self,
        tell: Callable[[str, Show], bool],
        camera: Callable[[str], Camera | None],
        feed: Path,
        turns: Path,
        now: Callable[[], dt.datetime],
        *,
        linger_s: float = LINGER_S,
        start_s: float = START_S,
    ) -> None:
        self._tell = tell
        self._camera = camera
        self._feed = feed
        self._turns = turns
        self._now = now
        self._linger_s = linger_s
        self._start_s = start_s
        self._channels: dict[str, Channel] = {}
        self._serial = 0
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def figures(self) -> dict[str, int]:
        """How many cameras are open for viewers, how many viewers watch, what was left out for slow ones."""
        viewers = [viewer for channel in self._channels.values() for viewer in channel.viewers]
        skipped = sum(viewer.skipped for viewer in viewers)
        return {"live_cameras": len(self._channels), "live_viewers": len(viewers), "live_skipped": skipped}

    @asynccontextmanager
    async def serve(self, path: Path) -> AsyncIterator[None]:
        """Answer for as long as the block lasts; the sockets are for this account alone."""
        async with contextlib.AsyncExitStack() as stack:
            for place, answer in ((self._feed, self._hear), (path, self._answer)):
                place.unlink(missing_ok=True)
                await stack.enter_async_context(await asyncio.start_unix_server(answer, place, limit=LARGEST))
                os.chmod(place, 0o600)  # noqa: PTH101
            stack.callback(self._end)
            tasks = await stack.enter_async_context(asyncio.TaskGroup())
            tending = tasks.create_task(self._tend(), name="live-view")
            try:
                yield
            finally:
                tending.cancel()

    def _end(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what a worker sends of one camera, until it or we hang up."""
        channel: Channel | None = None
        self._open.add(writer)
        try:
            async with asyncio.timeout(STALLED_S):
                hello = await heard(reader)
            channel = self._asked_for(hello)
            if channel is None:
                return
            channel.fed_by(writer)
            while True:
                message = await heard(reader)
                if self._asked_for(hello) is not channel:  # a mask may have come since
                    return
                if isinstance(message, Part):
                    self._pass_on(channel, message)
                elif isinstance(message, Unable):
                    channel.unable(message.why)
                    return
        except (EOFError, OSError, TimeoutError, ValueError):
            return
        finally:
            self._open.discard(writer)
            writer.close()
            if channel is not None:
                channel.lost(writer)

    def _asked_for(self, hello: Message) -> Channel | None:
        """The channel whose last order is answered; None for a camera with a mask that comes without it."""
        if not isinstance(hello, Hello):
            return None
        channel, camera = self._channels.get(hello.camera), self._camera(hello.camera)
        if channel is None or channel.serial != hello.serial or camera is None:
            return None
        return channel if hello.masked or not camera.masks else None

    def _pass_on(self, channel: Channel, part: Part) -> None:
        if part.init:
            channel.begin(part.codec, part.data)
            return
        channel.came(part.media, time.monotonic() - part.age_s)
        taken = self._now() - dt.timedelta(seconds=part.age_s)
        channel.add(produced(taken.timestamp(), part.media) + part.data, key=part.key)

    async def _tend(self) -> None:
        """Ask again for what is watched and does not come; let go what nobody watches."""
        while True:
            await asyncio.sleep(0.5)
            at = time.monotonic()
            for code, channel in list(self._channels.items()):
                if not channel.viewers and at - channel.left_at >= self._linger_s:
                    channel.hang_up()
                    del self._channels[code]
                elif channel.viewers and not channel.fed and at - channel.asked_at >= ASK_AGAIN_S:
                    self._ask(code, channel)

    def _ask(self, code: str, channel: Channel) -> None:
        camera = self._camera(code)
        channel.masked = camera is not None and bool(camera.masks)
        if camera is None or (channel.masked and self._masked(code) >= MASKED):
            channel.unable("masked" if channel.masked else "unknown")
            return
        self._serial, at = self._serial + 1, time.monotonic()
        channel.asked(self._serial, at)
        path, turns, begins = str(self._feed), str(self._turns), channel.begins(at)
        self._tell(code, Show(camera=code, path=path, serial=self._serial, turns=turns, begins=begins))

    def _channel(self, code: str) -> Channel | str:
        """The channel of a camera, opened when there is none; or in a word why there can be none."""
        camera = self._camera(code)
        if camera is None:
            return "unknown"
        if camera.masks and self._masked(code) >= MASKED:
            return "masked"
        channel, at = self._channels.get(code), time.monotonic()
        if channel is None:
            channel = self._channels[code] = Channel(masked=bool(camera.masks), at=at)
            self._ask(code, channel)
        elif channel.why and at - channel.asked_at >= ASK_AGAIN_S:
            channel.why = ""  # what was in the way then may be gone
            self._ask(code, channel)
        return channel

    def _masked(self, beside: str) -> int:
        """How many other cameras with a mask are open."""
        others = (channel for code, channel in self._channels.items() if code != beside)
        return sum(channel.masked and not channel.why for channel in others)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one viewer until it is gone, stalls, or the camera cannot be shown."""
        self._open.add(writer)
        try:
            async with asyncio.timeout(STALLED_S):
                code = (await reader.readline()).decode("ascii", "replace").strip()
            channel = self._channel(code)
            if isinstance(channel, str):
                writer.write(_line(Head(why=channel)))
                return
            with channel.watched(time.monotonic) as viewer:
                async with asyncio.TaskGroup() as tasks:
                    sending = tasks.create_task(self._send(channel, viewer, writer), name="live-viewer")
                    leaving = tasks.create_task(_until_closed(reader), name="live-viewer-leaves")
                    await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
                    sending.cancel()
                    leaving.cancel()
        except (TimeoutError, OSError, ValueError):
            writer.transport.abort()
        finally:
            self._open.discard(writer)
            writer.close()

    async def _send(self, channel: Channel, viewer: Viewer, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            why = await channel.started(self._start_s)
            writer.write(_line(Head(codec=channel.codec, why=why)))
            while not why:
                body = await viewer.take(IDLE_S)
                writer.write(body or HERE)
                try:
                    async with asyncio.timeout(STALLED_S):
                        await writer.drain()
                except TimeoutError:
                    writer.transport.abort()  # close() alone would hold for ever what is not read
                    return
                if channel.why:
                    return


def _line(head: Head) -> bytes:
    return msgspec.json.encode(head) + b"\n"


async def _until_closed(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(OSError):
        while await reader.read(1024):
            pass


class Watching:
    """A camera that is watched: `why` is empty and `codec` told, or there is nothing to see. Iterate for the MP4."""

    def __init__(self, head: Head, reader: asyncio.StreamReader) -> None:
        self.codec, self.why = head.codec, head.why
        self._reader = reader

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while body := await self._reader.read(256 * 1024):
            yield body


class LiveViewClient:
    """Asks the camera process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @asynccontextmanager
    async def watching(self, code: str) -> AsyncIterator[Watching]:
        """Watch a camera for as long as the block lasts. Raises OSError when the camera process is away."""
        reader, writer = await asyncio.open_unix_connection(self.path)
        try:
            writer.write(code.encode("ascii", "replace") + b"\n")
            async with asyncio.timeout(START_S + STALLED_S):
                line = await reader.readline()
            try:
                head = msgspec.json.decode(line, type=Head)
            except msgspec.MsgspecError:
                raise ConnectionError("the camera process does not answer") from None
            yield Watching(head, reader)
        finally:
            writer.transport.abort()
