"""The loop of a listener to MQTT: gather, decode, hand to the sink, and only then acknowledge."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from gis.observation import Observation, Refusal

BATCH = 1000
"""Most messages of one transaction."""

LINGER_S = 0.02
"""How long, in seconds, a batch waits for more messages."""


class Message(msgspec.Struct, frozen=True):
    """A message as the broker delivered it. `session` tells which connection may acknowledge it."""

    topic: str
    payload: bytes
    mid: int
    session: int
    duplicate: bool


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """What one round of listening brought, with the time of arrival in UTC."""

    arrived_at: dt.datetime
    observations: tuple[Observation, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class Broker(Protocol):
    """Where messages come from."""

    async def gather(self, most: int, linger_s: float) -> Sequence[Message]:
        """Wait for a message, then take what is there within the linger, `most` at the most."""

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker, in order, that these are safe; those of an ended session are left alone."""


class Decodes(Protocol):
    """What makes observations and refusals of messages (`sensors.decoder.Decoder`)."""

    def decode(self, messages: Sequence[Message], arrived_at: dt.datetime) -> Batch:
        """Decode a batch; never raises."""


class Sink(Protocol):
    """Somewhere that keeps a batch. When `keep` returns, all of it is durable; it does not return before."""

    async def keep(self, batch: Batch) -> None:
        """Make the batch durable."""


async def listen(broker: Broker, decoder: Decodes, sink: Sink, now: Callable[[], dt.datetime]) -> None:
    """Run until cancelled. A message is acknowledged when, and only when, the sink has made it durable."""
    while True:
        messages = await broker.gather(BATCH, LINGER_S)
        await sink.keep(decoder.decode(messages, now()))
        broker.acknowledge(messages)
