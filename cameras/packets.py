"""The encoded stream of a camera as it passes: what clips and live view are made of without decoding."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """How the packets of one stream are to be read.

    `codec` is the library's name (`h264`, `hevc`, `mjpeg`), `extradata` its parameter sets as they came with
    the stream (they may be empty and in the packets instead); `tick` is the unit of the packets' times as a
    fraction of a second (1, 90000).
    """

    codec: str
    extradata: bytes
    width: int
    height: int
    tick: tuple[int, int]


class Piece(NamedTuple):
    """One packet: bytes of one picture. `pts` and `dts` in ticks, None when the camera gave none.

    `key`: decoding can begin here. `at`: monotonic time of its arrival in seconds.
    """

    data: bytes
    pts: int | None
    dts: int | None
    key: bool
    at: float


class Tap(Protocol):
    """Who wants the packets of a stream. Called in the thread that reads the camera, so it must never wait."""

    def opened(self, header: Header) -> None:
        """A stream begins (again): what came before has nothing to do with what comes."""

    def passed(self, piece: Piece) -> None:
        """A packet came."""


class Taps:
    """Several taps as one, in their order."""

    def __init__(self, taps: Sequence[Tap]) -> None:
        self._taps = tuple(taps)

    def opened(self, header: Header) -> None:
        """Tell each."""
        for tap in self._taps:
            tap.opened(header)

    def passed(self, piece: Piece) -> None:
        """Pass to each."""
        for tap in self._taps:
            tap.passed(piece)
