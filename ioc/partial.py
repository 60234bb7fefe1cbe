"""Uploads that are not whole yet, on disk: what is told to be there survives a loss of power."""

import os
import uuid
from collections.abc import Iterable
from pathlib import Path

FOLDER = "uploads"
"""Below the media folder, whose own files are pictures that are whole."""


class Partials:
    """The folder of uploads: `<id>.part`. The caller lets one at a time write to an upload."""

    def __init__(self, media: Path) -> None:
        self._media = media

    @property
    def folder(self) -> Path:
        """Where they lie; made by whoever writes first."""
        return self._media / FOLDER

    def _path(self, id: uuid.UUID) -> Path:  # noqa: A002
        return self.folder / f"{id}.part"

    def write(self, id: uuid.UUID, offset: int, data: bytes) -> None:  # noqa: A002
        """Put bytes at an offset, the end of the upload; durable before this returns. What a write that was cut short
        left beyond the offset is overwritten. Raises OSError; ValueError when bytes before the offset are missing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(id)
        new = not path.exists()
        if (0 if new else path.stat().st_size) < offset:
            raise ValueError("bytes before these are missing")
        with path.open("wb" if new else "r+b") as file:
            file.truncate(offset)
            file.seek(offset)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if new:
            self._remember()

    def _remember(self) -> None:
        """Make a new name durable: fsync of a file does not cover it (fsync(2))."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, id: uuid.UUID) -> bytes:  # noqa: A002
        """All that came. Raises OSError."""
        return self._path(id).read_bytes()

    def drop(self, ids: Iterable[uuid.UUID]) -> None:
        """Forget uploads; one that is gone is fine."""
        for one in ids:
            self._path(one).unlink(missing_ok=True)

    def before(self, moment: float) -> list[uuid.UUID]:
        """Uploads to which nothing was added since a moment (seconds since 1970)."""
        found = []
        for path in self.folder.glob("*.part"):
            try:
                if path.stat().st_mtime < moment:
                    found.append(uuid.UUID(path.stem))
            except (FileNotFoundError, ValueError):
                continue
        return found
