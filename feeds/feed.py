"""What every feed is, and what it needs from above: a way to call addresses, and somebody who keeps what it brings."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from feeds.cap import Alert


class Answer(Protocol):
    """What a server answered; header names in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


class Call(Protocol):
    """One request to an address that may be called. Raises OSError whose text says why not; follows no redirect."""

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int,
        within_s: float,
    ) -> Answer: ...


class Sink(Protocol):
    """Who keeps what a feed brings. Both return when it is durable, and raise when it is not."""

    async def keep(self, alert: Alert) -> bool:
        """Keep a message; False when it was here already."""

    async def refuse(self, address: str, payload: bytes, code: str, reason: str) -> None:
        """Keep a document that was not understood, and why, for people to look at; again is harmless."""


class FeedError(Exception):
    """A feed brought nothing; `code` is one word for counters, the text one sentence for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Round(msgspec.Struct, kw_only=True):
    """What one look at a feed came to. `listed` are the documents that it names, `missing` those of them that could not
    be had this time and are tried again; `why` tells of the last of them."""

    listed: int = 0
    kept: int = 0
    repeated: int = 0
    refused: int = 0
    missing: int = 0
    why: str = ""


class Feed(Protocol):
    """One neighbour that is asked again and again."""

    @property
    def code(self) -> str:
        """Its name among feeds."""

    @property
    def interval_s(self) -> float:
        """Seconds between two looks, as it is expected."""

    async def look(self, sink: Sink) -> Round:
        """Bring what is new. Raises FeedError, and whatever the sink raises; what was not kept then comes again."""
