"""A single connection on which a test sends given messages, and waits until the broker has taken them over."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from tests.instruments.servers import OwnBroker
from tests.instruments.waiting import until
from tests.instruments.wire import Wire

WINDOW = 1000


class Street:
    """Use as `async with opened(broker, client) as street`."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def send(self, messages: Iterable[tuple[str, bytes]]) -> int:
        """Send messages of topic and payload; returns their number once all are acknowledged."""
        number = 0
        for topic, payload in messages:
            if len(self._wire.pending) >= WINDOW:
                await until(lambda: len(self._wire.pending) < WINDOW // 2 or self._wire.down, 60, "acknowledgements")
            assert not self._wire.down, f"the broker ended the connection near {topic[:80]!r}"
            self._wire.send(number, topic, payload)
            number += 1
        await until(lambda: not self._wire.pending or self._wire.down, 60, "acknowledgements")
        assert not self._wire.down, "the broker ended the connection"
        return number


@asynccontextmanager
async def opened(broker: OwnBroker, client: str) -> AsyncIterator[Street]:
    """A connection as the account that may write for every device."""
    wire = Wire(client, "ioc-outside", broker.keys["ioc-outside"], lambda numbers: None)
    await asyncio.get_running_loop().create_connection(lambda: wire, "127.0.0.1", broker.port)
    await until(lambda: wire.open or wire.down, 10, "the broker's welcome")
    assert wire.open, "the broker refused us"
    try:
        yield Street(wire)
    finally:
        wire.drop()
