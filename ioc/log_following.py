"""A log file that another process writes, read as it grows: only the lines that hold a mark.

The writer never waits for us and does not know us. What was written before we began is passed over; a file that is not
there yet is read from its beginning once it is, as is one that took its place or was emptied.
"""

import contextlib
import os
from pathlib import Path

CHUNK = 1 << 20
LONGEST = 1 << 16
"""Bytes of a line; of a longer one its parts are lines."""


class Followed:
    """One file. `lines` gives what came since, at most a chunk of it; it never raises for what the file does."""

    def __init__(self, path: Path, mark: bytes) -> None:
        self._path = path
        self._mark = mark
        self._file = self._opened()
        self._rest = b""
        if self._file is not None:
            os.lseek(self._file, 0, os.SEEK_END)

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def lines(self) -> tuple[list[bytes], bool]:
        """The new whole lines that hold the mark, without their ends, and whether there may be more already."""
        try:
            chunk = self._read()
        except OSError:
            self.close()
            return [], False
        text = self._rest + chunk
        end = text.rfind(b"\n") + 1
        if len(text) - end > LONGEST:
            end = len(text)
        self._rest = text[end:]
        return self._marked(text[:end]), len(chunk) == CHUNK

    def _marked(self, text: bytes) -> list[bytes]:
        found, at = [], text.find(self._mark)
        while at >= 0:
            begin, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
            end = len(text) if end < 0 else end
            found.append(text[begin:end])
            at = text.find(self._mark, end)
        return found

    def _read(self) -> bytes:
        if self._file is None:
            self._file, self._rest = self._opened(), b""
        if self._file is None:
            return b""
        about = os.fstat(self._file)
        if about.st_size < os.lseek(self._file, 0, os.SEEK_CUR):
            os.lseek(self._file, 0, os.SEEK_SET)
            self._rest = b""
        chunk = os.read(self._file, CHUNK)
        if not chunk and self._replaced(about):
            self.close()
        return chunk

    def _replaced(self, about: os.stat_result) -> bool:
        with contextlib.suppress(FileNotFoundError):
            return not os.path.samestat(about, self._path.stat())
        return False

    def _opened(self) -> int | None:
        with contextlib.suppress(OSError):
            return os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        return None
