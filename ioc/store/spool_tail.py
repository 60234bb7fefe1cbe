"""Reading the spools that other processes write: what stands in them, oldest first, and nothing is touched.

Nothing is locked, cut or set aside. What is read was written; the writer syncs it before it acknowledges. When that
fails it takes the record back, and the same messages come again. That is good enough for what is shown provisionally,
and for nothing else.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ioc.store.observations import Parcel
from ioc.store.records import HEADS, Piece, pieces_of, salt_of

log = logging.getLogger(__name__)

WINDOW = 256 * 2**10
"""Bytes that are read at once of a spool; more only for a record that is larger."""

_PARCEL = msgspec.msgpack.Decoder(Parcel)


class Tail:
    """One folder of segments. Its methods block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._name = ""
        self._salt = b""
        self._place = HEADS

    def waits(self) -> bool:
        """Whether there is any segment."""
        return next(self._folder.glob("*.seg"), None) is not None

    def read(self) -> list[bytes]:
        """The payloads of the next whole records; empty when there are none now.

        A record that is not finished is not yet there. Damaged ones are passed over once anything follows them.
        Raises OSError.
        """
        paths = sorted(self._folder.glob("*.seg"))
        if not paths or paths[-1].name < self._name:  # another process has begun to count anew
            self._name = ""
        for path in paths:
            if path.name < self._name:
                continue
            if path.name > self._name:
                self._name, self._salt = path.name, b""
            try:
                found = self._next(path)
            except FileNotFoundError:  # everything in it has gone to the store
                continue
            if found:
                return found
        return []

    def _next(self, path: Path) -> list[bytes]:
        with path.open("rb") as file:
            salt = salt_of(file.read(HEADS))
            if salt is None:
                return []
            if salt != self._salt:
                self._salt, self._place = salt, HEADS
            window = WINDOW
            while True:
                file.seek(self._place)
                data = file.read(window)
                whole = [piece for piece in pieces_of(data, 0, salt) if piece.payload is not None]
                if whole:
                    self._place += whole[-1].end
                    return [_payload(piece) for piece in whole]
                if len(data) < window:
                    return []
                window *= 2


def _payload(piece: Piece) -> bytes:
    return piece.payload or b""


class Tails:
    """All spools under one folder, whoever writes them: intakes, cameras, and what a dead one left."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._tails: dict[Path, Tail] = {}

    def waits(self) -> bool:
        """Whether anything waits on disk."""
        return any(tail.waits() for tail in self._all())

    def read(self) -> list[Parcel]:
        """The next parcels, a window of each spool; empty when there are none now. Raises OSError."""
        return [parcel for tail in self._all() for parcel in _parcels(tail.read())]

    def rewind(self) -> None:
        """Begin with the oldest record again."""
        self._tails.clear()

    def _all(self) -> list[Tail]:
        folders = sorted(path for path in self._root.glob("*") if path.is_dir())
        return [self._tails.setdefault(folder, Tail(folder)) for folder in folders]


def _parcels(payloads: list[bytes]) -> Iterator[Parcel]:
    for payload in payloads:
        try:
            yield _PARCEL.decode(payload)
        except msgspec.DecodeError:
            log.warning("a record of a spool is of another version; it is judged when it has come to the store")
