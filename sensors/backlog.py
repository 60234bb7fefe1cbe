"""Messages that have arrived and wait for the loop of the intake: bounded, so that the broker keeps the rest."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from sensors.intake import Message

MOST_WAITING = 20_000
"""Messages at which reading stops. The broker's overshoot of our receive maximum stays far below."""

MOST_WAITING_BYTES = 64 * 1024 * 1024
"""Bytes of payload at which reading stops."""

GATHERED_BYTES = 1024 * 1024
"""Bytes of payload after which no more is gathered at once: a gateway's list holds a thousand readings in 60 kB, and
all that is gathered is kept in one transaction, which has to end in time."""


class Backlog:
    """A queue of one event loop, filled by one connection or several.

    `put` always takes: what has been read cannot be given back. Whoever reads looks at `full` and stops;
    `room` calls them back, once each, when half of it is gathered.
    """

    def __init__(self, most: int = MOST_WAITING, most_bytes: int = MOST_WAITING_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._queue: deque[Message] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._stopped: list[Callable[[], None]] = []

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def full(self) -> bool:
        """Whether whoever reads from the broker should stop."""
        return self.full_with(0, 0)

    def full_with(self, messages: int, payload_bytes: int) -> bool:
        """The same when so much more is on its way here. Any thread may ask."""
        return len(self._queue) + messages >= self._most or self._bytes + payload_bytes >= self._most_bytes

    def put(self, messages: Sequence[Message]) -> None:
        """Take messages in the order of receipt."""
        self._queue.extend(messages)
        self._bytes += sum([len(message.payload) for message in messages])
        self._arrived.set()

    def when_there_is_room(self, resume: Callable[[], None]) -> None:
        """Call `resume` once, when half of the backlog is gathered."""
        self._stopped.append(resume)

    async def gather(self, most: int, linger_s: float) -> list[Message]:
        """Wait for a message, then take what is there within `linger_s` seconds: `most` at the most, and no further
        one after GATHERED_BYTES."""
        while not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        if len(self._queue) < most and self._bytes < GATHERED_BYTES:
            await asyncio.sleep(linger_s)
        taken: list[Message] = []
        taken_bytes = 0
        while self._queue and len(taken) < most and taken_bytes < GATHERED_BYTES:
            taken.append(self._queue.popleft())
            taken_bytes += len(taken[-1].payload)
        self._bytes -= taken_bytes
        if self._stopped and len(self._queue) * 2 <= self._most and self._bytes * 2 <= self._most_bytes:
            stopped, self._stopped = self._stopped, []
            for resume in stopped:
                resume()
        return taken
