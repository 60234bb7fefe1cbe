"""Who watches a camera, and what waits for each: bounded, so that one who reads slowly costs nobody else anything."""

import asyncio
import collections
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cameras.boxes import TIMESCALE

GROUP_BYTES = 8 * 1024 * 1024
"""A running group of pictures that is larger is not kept; who comes then waits for the next key frame."""
QUEUE_BYTES = 8 * 1024 * 1024
"""So much waits for one viewer; then all of it is dropped, and the viewer goes on at the next key frame."""
WRITE_BYTES = 256 * 1024


class Viewer:
    """What waits for one viewer. Filled without waiting, taken in pieces."""

    def __init__(self, most: int = QUEUE_BYTES) -> None:
        self._most = most
        self._waiting: collections.deque[bytes] = collections.deque()
        self._news = asyncio.Event()
        self._skipping = True
        self.held = 0
        self.skipped = 0
        """How many pictures were left out because the viewer was slow."""

    def begin(self, init: bytes) -> None:
        """A stream begins (again): what waits of the one before is dropped."""
        self.drop()
        self._put(init)

    def add(self, picture: bytes, *, key: bool) -> None:
        """A picture for the viewer, or none of it up to a key frame when too much waits already."""
        if self._skipping and not key:
            self.skipped += 1
            return
        if self.held + len(picture) > self._most and self.held:
            self.drop()
            if not key:
                self.skipped += 1
                return
        self._skipping = False
        self._put(picture)

    def _put(self, body: bytes) -> None:
        self._waiting.append(body)
        self.held += len(body)
        self._news.set()

    def drop(self) -> None:
        """Forget what waits; the viewer goes on at the next key frame."""
        self.skipped += len(self._waiting)
        self._waiting.clear()
        self.held, self._skipping = 0, True

    def wake(self) -> None:
        """Let who waits look again."""
        self._news.set()

    async def take(self, within_s: float) -> bytes:
        """What waits, up to a piece's size; empty when nothing came in time."""
        try:
            async with asyncio.timeout(within_s):
                await self._news.wait()
        except TimeoutError:
            return b""
        taken, size = [], 0
        while self._waiting and size < WRITE_BYTES:
            taken.append(self._waiting.popleft())
            size += len(taken[-1])
        self.held -= size
        if not self._waiting:
            self._news.clear()
        return b"".join(taken)


class Channel:
    """One camera that is watched: its viewers, the running group of pictures, and the connection that feeds it."""

    def __init__(self, *, masked: bool, at: float) -> None:
        self.masked = masked
        self.viewers: set[Viewer] = set()
        self.left_at = at
        self.asked_at = at
        self.serial = 0
        self.codec = ""
        self.why = ""
        self._init = b""
        self._group: list[bytes] = []
        self._held = 0
        self._newest: tuple[int, float] | None = None
        self._feeder: asyncio.StreamWriter | None = None
        self._news = asyncio.Event()

    @property
    def fed(self) -> bool:
        """Whether a worker is connected."""
        return self._feeder is not None

    def asked(self, serial: int, at: float) -> None:
        """The camera's worker was given an order."""
        self.serial, self.asked_at = serial, at

    def fed_by(self, writer: asyncio.StreamWriter) -> None:
        """A worker has connected; one that fed before is let go."""
        self.hang_up()
        self._feeder = writer
        self.why = ""

    def hang_up(self) -> None:
        """Let the camera go."""
        if self._feeder is not None:
            self._feeder.transport.abort()
            self.lost(self._feeder)

    def lost(self, writer: asyncio.StreamWriter) -> None:
        """A connection has ended; what was kept of its stream is forgotten."""
        if self._feeder is writer:
            self._feeder = None
            self._init, self._group, self._held = b"", [], 0
            for viewer in self.viewers:
                viewer.drop()

    def unable(self, why: str) -> None:
        """The camera cannot be shown; who waits is told."""
        self.why = why
        self._wake()

    def begin(self, codec: str, init: bytes) -> None:
        """A stream begins (again)."""
        self.codec, self._init, self._group, self._held = codec, init, [], 0
        for viewer in self.viewers:
            viewer.begin(init)
        self._wake()

    def add(self, picture: bytes, *, key: bool) -> None:
        """A picture for everybody."""
        if key:
            self._group, self._held = [], 0
        if (self._group or key) and self._held + len(picture) <= GROUP_BYTES:
            self._group.append(picture)
            self._held += len(picture)
        else:
            self._group, self._held = [], 0
        for viewer in self.viewers:
            viewer.add(picture, key=key)
        if key:
            self._wake()

    def came(self, media: int, at: float) -> None:
        """A picture of a media time (ticks) came at a moment (monotonic seconds)."""
        self._newest = max(self._newest or (media, at), (media, at))

    def begins(self, at: float) -> int:
        """The media time at which a stream begins that is asked for at a moment.

        A browser that was shown later times already plays nothing of a stream that begins before them.
        """
        if self._newest is None:
            return 0
        media, came_at = self._newest
        return media + math.ceil(max(0.0, at - came_at) * TIMESCALE)

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
        for viewer in self.viewers:
            viewer.wake()

    async def started(self, within_s: float) -> str:
        """Wait for the first picture; empty when it came, else in a word why not."""
        try:
            async with asyncio.timeout(within_s):
                while not (self._init and self.codec) and not self.why:
                    await self._news.wait()
        except TimeoutError:
            return "silent"
        return self.why

    @contextmanager
    def watched(self, clock: Callable[[], float]) -> Iterator[Viewer]:
        """A viewer for as long as the block lasts; it begins with the running group of pictures."""
        viewer = Viewer()
        if self._init:
            viewer.begin(self._init)
            for number, picture in enumerate(self._group):
                viewer.add(picture, key=number == 0)
        self.viewers.add(viewer)
        try:
            yield viewer
        finally:
            self.viewers.discard(viewer)
            if not self.viewers:
                self.left_at = clock()
