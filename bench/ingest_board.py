"""Numbers that the processes of a round share: what was sent, what the broker took, what the consumer has done.

A file of eight-byte counters, mapped into each process. Each counter has one writer; a write is one aligned store.
"""

import mmap
import struct
from pathlib import Path

NAMES = ("sent", "taken", "done", "last_done_ns")
_ONE = struct.Struct("=q")


class Board:
    """The counters of a file. The first process makes it with `Board.make`."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), len(NAMES) * _ONE.size)

    @classmethod
    def make(cls, path: Path) -> "Board":
        """A new file, all zero."""
        path.write_bytes(bytes(len(NAMES) * _ONE.size))
        return cls(path)

    def put(self, name: str, value: int) -> None:
        """Write a counter."""
        _ONE.pack_into(self._map, NAMES.index(name) * _ONE.size, value)

    def get(self, name: str) -> int:
        """Read a counter."""
        number: int = _ONE.unpack_from(self._map, NAMES.index(name) * _ONE.size)[0]
        return number
