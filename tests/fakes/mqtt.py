"""A broker and a sink in memory that write down, in one order, what was done to them."""

import asyncio
from collections.abc import Sequence

from sensors.intake import Batch, Message


class FakeBroker:
    """Hands out the given rounds of messages, then waits for ever. `order` is shared with the sink."""

    def __init__(self, rounds: Sequence[Sequence[Message]], order: list[str]) -> None:
        self._rounds = list(rounds)
        self._order = order
        self.acknowledged: list[int] = []
        self._told = asyncio.Event()
        self.empty = asyncio.Event()

    async def gather(self, most: int, linger_s: float) -> Sequence[Message]:
        """The next round, at most `most` messages of it; `linger_s` is not waited for."""
        if not self._rounds:
            self.empty.set()
            await asyncio.Event().wait()
        self._order.append("gather")
        return self._rounds.pop(0)[:most]

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Note the packet ids in the order in which they were acknowledged."""
        self._order.append("acknowledge")
        self.acknowledged += [message.mid for message in messages]
        self._told.set()

    async def until(self, acknowledged: Sequence[int]) -> None:
        """Wait until as many are acknowledged; they must be these."""
        while len(self.acknowledged) < len(acknowledged):
            self._told.clear()
            await self._told.wait()
        assert self.acknowledged == list(acknowledged)


class FakeSink:
    """Keeps batches in a list; while `open` is clear it does not return, and `error` it raises."""

    def __init__(self, order: list[str]) -> None:
        self._order = order
        self.batches: list[Batch] = []
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.error: Exception | None = None

    async def keep(self, batch: Batch) -> None:
        """Keep the batch when the sink is open."""
        self._order.append("keep")
        self.asked.set()
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.batches.append(batch)
        self._order.append("kept")
