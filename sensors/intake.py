"""The loop of a listener to MQTT: gather, decode, hand to the sink, and only then acknowledge."""

import asyncio
import datetime as dt
from collections.abc import Callable, Coroutine, Sequence
from typing import Protocol

import msgspec

from gis.observation import CameraState, Observation, Refusal

BATCH = 2000
"""Most messages of one transaction."""

LINGER_S = 0.02
"""How long, in seconds, a batch waits for more messages."""

PIECE = 50
"""Messages that are decoded without a pause. A payload script may take a tenth of a second for each, and a broker that
gets no word for half a minute ends the connection: what was kept meanwhile would come again, and again as slowly."""

AHEAD = 1
"""Decoded batches that wait while one is kept; one more may be gathered."""


class Message(msgspec.Struct, frozen=True, gc=False):
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
    states: tuple[CameraState, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.observations or self.refusals or self.states)


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


async def listen(
    broker: Broker,
    decoder: Decodes,
    sink: Sink,
    now: Callable[[], dt.datetime],
    *,
    foresee: Callable[[Batch], None] = lambda batch: None,
    passing: Callable[[str], None] = lambda point: None,
) -> None:
    """Run until cancelled. A message is acknowledged when, and only when, the sink has made it durable.

    While the sink keeps one batch the next is gathered and decoded; acknowledgements keep the order of receipt.
    `foresee` is told of a batch as soon as it is decoded, when the sink still works on the one before it.
    `passing` is told the kill points "gathered", "decoded" and "acknowledged".
    """
    ahead: asyncio.Queue[tuple[Sequence[Message], Batch]] = asyncio.Queue(AHEAD)

    async def gather() -> None:
        while True:
            messages = await broker.gather(BATCH, LINGER_S)
            passing("gathered")
            batch = await _decoded(decoder, messages, now())
            passing("decoded")
            foresee(batch)
            await ahead.put((messages, batch))

    async def keep() -> None:
        while True:
            messages, batch = await ahead.get()
            if not batch.empty:
                await sink.keep(batch)
            broker.acknowledge(messages)
            passing("acknowledged")

    await _both(gather(), keep())


async def _both(gather: Coroutine[None, None, None], keep: Coroutine[None, None, None]) -> None:
    """Run both; what the first to fail raises ends the other, and is raised alone."""
    failed: Exception | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(gather, name="gather")
            tasks.create_task(keep, name="keep")
    except ExceptionGroup as group:
        failed = group.exceptions[0]
    if failed is not None:
        raise failed


async def _decoded(decoder: Decodes, messages: Sequence[Message], arrived_at: dt.datetime) -> Batch:
    """Decode in pieces, between which everything else goes on."""
    first = decoder.decode(messages[:PIECE], arrived_at)
    if len(messages) <= PIECE:
        return first
    observations, refusals, states = list(first.observations), list(first.refusals), list(first.states)
    for start in range(PIECE, len(messages), PIECE):
        await asyncio.sleep(0)
        piece = decoder.decode(messages[start : start + PIECE], arrived_at)
        observations += piece.observations
        refusals += piece.refusals
        states += piece.states
    return Batch(
        arrived_at=arrived_at, observations=tuple(observations), refusals=tuple(refusals), states=tuple(states)
    )
