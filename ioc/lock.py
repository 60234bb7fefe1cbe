"""One centre per state dir: a lock that the kernel gives back when its holder dies, however it dies."""

import contextlib
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class HeldError(Exception):
    """Another process holds the lock; `pid` is its id, 0 where it did not leave one."""

    def __init__(self, path: Path, pid: int) -> None:
        super().__init__(f"process {pid} holds {path}")
        self.path = path
        self.pid = pid


class Lock:
    """An exclusive lock on a file, held from entering to leaving the `with` block.

    The file stays behind; only the kernel's lock counts. Children do not inherit it.
    Raises HeldError at once when somebody else holds it, and OSError when the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def __enter__(self) -> Self:
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).strip()
            os.close(descriptor)
            raise HeldError(self._path, int(holder) if holder.isdigit() else 0) from None
        with contextlib.suppress(OSError):  # on a full disk the lock counts without the name of its holder
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
