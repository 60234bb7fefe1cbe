"""What a worker sends of a camera that somebody watches: MessagePack over a socket of its own, never over the pipe
of the reports, so that no sighting waits behind a picture.

Each message stands behind its length (four bytes, big-endian). The connection is the whole of the agreement: the
receiver closes it when nobody watches any more.
"""

from typing import Protocol

import msgspec

LARGEST = 32 * 1024 * 1024


class Show(msgspec.Struct, frozen=True, kw_only=True, tag="show"):
    """An order to a worker: connect to the unix socket `path` and send there what a camera shows.

    `serial` stands in the greeting, so that the receiver knows which order is answered. `turns` is the folder of the
    turns (`cameras.privacy.Turns`) that a camera with a mask needs.
    """

    camera: str
    path: str
    serial: int
    turns: str
    begins: int = 0
    """The media time, in ticks, at which it begins: who watches on has the times before it from another connection."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message: which order this connection answers, and whether what follows is masked."""

    camera: str
    serial: int
    masked: bool = False


class Part(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """A fragment: see `cameras.fmp4.Fragment`. `age_s` since its packet came, at the moment of sending."""

    data: bytes
    init: bool
    key: bool
    media: int
    codec: str
    age_s: float


class Unable(msgspec.Struct, frozen=True, kw_only=True, tag="unable"):
    """The camera cannot be shown live: in one word (`codec`, `masked`), and no more comes."""

    why: str


Message = Hello | Part | Unable

_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def framed(message: Message) -> bytes:
    """A message behind its length. Raises ValueError over the bound."""
    body = msgspec.msgpack.encode(message)
    if len(body) > LARGEST:
        raise ValueError(f"a message of {len(body)} bytes is over the bound of {LARGEST}")
    return len(body).to_bytes(4, "big") + body


class Source(Protocol):
    """Where messages are read from."""

    async def readexactly(self, n: int, /) -> bytes:
        """So many bytes."""


async def heard(source: Source) -> Message:
    """The next message. Raises EOFError at the end, ValueError for anything else."""
    length = int.from_bytes(await source.readexactly(4), "big")
    if length > LARGEST:
        raise ValueError(f"a message of {length} bytes is over the bound of {LARGEST}")
    return _decoder.decode(await source.readexactly(length))
