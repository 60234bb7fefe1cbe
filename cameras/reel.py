"""The packets of the last seconds of a camera, in memory alone: the time before a sighting. Nothing is decoded."""

import collections
import threading

import msgspec

from cameras.annexb import parameter_sets
from cameras.packets import Header, Piece

SECONDS = 8.0
MOST = 4 * 1024 * 1024
"""Bytes of packets that one stream may hold; a group of pictures that is larger is not held at all."""


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """What a reel holds now: it begins with a key frame, and is of one stream."""

    header: Header
    pieces: tuple[Piece, ...]


class Reel:
    """A tap that keeps at least the last `seconds` from a key frame on, where `most` bytes allow it.

    `passed` and `opened` come from the thread that reads the camera, `strip` from any.
    """

    def __init__(self, *, seconds: float = SECONDS, most: int = MOST) -> None:
        self._seconds = seconds
        self._most = most
        self._guard = threading.Lock()
        self._header: Header | None = None
        self._sets = b""
        self._groups: collections.deque[list[Piece]] = collections.deque()
        self._bytes: collections.deque[int] = collections.deque()

    @property
    def size(self) -> int:
        """Bytes held now."""
        return sum(self._bytes)

    def opened(self, header: Header) -> None:
        """A stream begins: what was held is let go."""
        with self._guard:
            self._sets = b""
            self._begin(header)

    def passed(self, piece: Piece) -> bool:
        """Keep a packet. Whether the stream changed with it, so that it begins anew without being opened anew."""
        with self._guard:
            if self._header is None:
                return False
            changed = piece.key and self._changed(piece, self._header)
            if piece.key:
                self._groups.append([])
                self._bytes.append(0)
            if self._groups:
                self._groups[-1].append(piece)
                self._bytes[-1] += len(piece.data)
                self._let_go(piece.at)
            return changed

    def strip(self) -> Strip | None:
        """What is held; None before a key frame."""
        with self._guard:
            if self._header is None or not self._groups:
                return None
            pieces = tuple(piece for group in self._groups for piece in group)
            return Strip(header=self._header, pieces=pieces)

    def _begin(self, header: Header) -> None:
        self._header = header
        self._groups.clear()
        self._bytes.clear()

    def _changed(self, piece: Piece, header: Header) -> bool:
        """Whether a key frame brings other parameter sets than the last that did: another size, another profile."""
        sets = parameter_sets(header.codec, piece.data)
        if not sets or sets == self._sets:
            return False
        changed, self._sets = self._sets != b"", sets
        if changed:
            self._begin(msgspec.structs.replace(header, extradata=sets))
        return changed

    def _let_go(self, at: float) -> None:
        """The oldest groups: those that are not needed for the time, and those over the bound."""
        while len(self._groups) > 1 and at - self._groups[1][0].at >= self._seconds:
            self._drop()
        while self._groups and sum(self._bytes) > self._most:
            self._drop()

    def _drop(self) -> None:
        self._groups.popleft()
        self._bytes.popleft()
