"""Addresses of cameras' streams, with the host that was judged in place of the name.

What opens a stream (FFmpeg) resolves names by itself, so it is given none: a name is resolved here, judged by what may
be called (`ioc/outbound.py`), and the stream is opened at that very address, whatever the name says afterwards.
"""

from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from cameras.camera import Address
from ioc.outbound import OutboundError, Target

HOLD_S = 600.0
"""For so long a name is not asked for again: a camera that gets another address is found within this time."""
AGAIN_S = 20.0
"""So long after it had no address."""


class Judge(Protocol):
    """Resolves a host once and says whether it may be called."""

    async def pinned(self, host: str, port: int) -> Target:
        """Where the connection goes. Raises OutboundError."""


def at(url: str, host: str) -> str:
    """The address with another host, everything else the same."""
    parts = urlsplit(url)
    account, mark, place = parts.netloc.rpartition("@")
    port = place.rpartition("]")[2].rpartition(":")[2] if ":" in place.rpartition("]")[2] else ""
    bare = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{account}{mark}{bare}{':' + port if port else ''}").geturl()


class Pins:
    """Judged addresses by host and port. `clock` gives monotonic seconds.

    A name that cannot be resolved for a while keeps the address that it had, which was judged.
    """

    def __init__(self, judge: Judge, clock: Callable[[], float]) -> None:
        self._judge, self._clock = judge, clock
        self._held: dict[tuple[str, int], tuple[str | OutboundError, float]] = {}

    async def pinned(self, url: str) -> str:
        """The address of a stream as it may be opened; a file's, and what is none, as it is. Raises OutboundError."""
        try:
            address = Address(url)
        except ValueError:
            return url  # whoever opens it says what is wrong with it
        if address.scheme == "file":
            return url
        return at(url, await self._host(address.host, address.port))

    async def _host(self, host: str, port: int) -> str:
        held = self._held.get((host, port))
        if held is None or self._clock() >= held[1]:
            held = self._held[host, port] = await self._asked(host, port, held[0] if held is not None else None)
        if isinstance(held[0], OutboundError):
            raise held[0]
        return held[0]

    async def _asked(
        self, host: str, port: int, before: str | OutboundError | None
    ) -> tuple[str | OutboundError, float]:
        try:
            target = await self._judge.pinned(host, port)
        except OutboundError as error:
            stays = error.code == "unresolved" and isinstance(before, str)
            return before if stays and before is not None else error, self._clock() + AGAIN_S
        return target.address, self._clock() + HOLD_S
