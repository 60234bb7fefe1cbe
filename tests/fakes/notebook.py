"""A channel that writes into memory what it is handed, and fails as it is told to."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ioc.tell.channel import Again, Message, Outcome, Refused, Told


class Notebook:
    """`pages` holds each message under its address, once for each sending that arrived.

    `answer` decides the outcome before anything is written: Told and Accepted write, the others do not. With `lost`
    the message is written and the sender hears Again, as when a connection breaks before the answer. While `gate` is
    cleared senders wait.
    """

    def __init__(self, answer: Callable[[Message, str], Outcome] = lambda message, address: Told()) -> None:
        self.answer = answer
        self.pages: list[tuple[str, Message]] = []
        self.asked = 0
        self.lost = False
        self.gate = asyncio.Event()
        self.gate.set()
        self._away = False

    async def send(self, message: Message, address: str) -> Outcome:
        self.asked += 1
        await self.gate.wait()
        if self._away:
            return Again(reason="nobody writes into this notebook now")
        if not address:
            return Refused(reason="a page needs a name")
        outcome = self.answer(message, address)
        if not isinstance(outcome, Again | Refused):
            self.pages.append((address, message))
            if self.lost:
                return Again(reason="the answer was lost")
        return outcome

    @contextmanager
    def away(self) -> Iterator[None]:
        """Meanwhile nothing arrives, and each sender is told to come again."""
        self._away = True
        try:
            yield
        finally:
            self._away = False
