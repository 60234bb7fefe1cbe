"""A log file that another process writes, read as it grows: only the lines that hold a mark.

The writer never waits for us and does not know us. What was written before we began is passed over; a file that is not
there yet is read from its beginning once it is, as is one that took its place or was emptied. One that could not be
opened or read is followed from its end once it can, so that no line is given twice.
"""

import contextlib
import os
import stat
from pathlib import Path

CHUNK = 1 << 20
LONGEST = 1 << 16
"""Bytes of a line; of a longer one its parts are lines."""


class Followed:
    """One file. `lines` gives what came since, at most a chunk of it; it never raises for what the file does.

    What is no regular file is not opened.
    """

    def __init__(self, path: Path, mark: bytes) -> None:
        self._path = path
        self._mark = mark
        self._from_end = True
        self._rest = b""
        self._file = self._opened()

    @property
    def open(self) -> bool:
        """Whether the file was there and could be read at the last look."""
        return self._file is not None

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
            self._from_end = True
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
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            self._from_end = not isinstance(error, FileNotFoundError)
            return None
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            self._from_end = True
            return None
        if self._from_end:
            os.lseek(file, 0, os.SEEK_END)
            self._from_end = False
        return file
