"""Evidence pictures on disk, under names that we make, each with its digest."""

import asyncio
import datetime as dt
import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from ioc.store.sightings import StoredPicture

log = logging.getLogger(__name__)

KEPT = dt.timedelta(days=30)
"""How long a sighting's picture is kept unless it is held (law 91/2025, article 32: no longer than needed)."""

SWEEP_S = 3600.0


class Gallery:
    """Writes pictures into one folder as `<id>.jpg`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def hang(self, picture: UUID, source: str, jpeg: bytes, taken_at: dt.datetime) -> StoredPicture:
        """Write a picture, durable before this returns. Raises OSError when the disk does not take it."""
        await asyncio.to_thread(self._write, picture, jpeg)
        return StoredPicture(
            id=str(picture),
            source=source,
            sha256=hashlib.sha256(jpeg).digest(),
            bytes=len(jpeg),
            taken_at=taken_at,
            expires_at=taken_at + KEPT,
        )

    def _write(self, picture: UUID, jpeg: bytes) -> None:
        final = self._folder / f"{picture}.jpg"
        draft = final.with_suffix(".part")
        try:
            with draft.open("wb") as file:
                file.write(jpeg)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(final)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        self._remember()

    def _remember(self) -> None:
        """Make the folder's new entry durable: fsync of a file does not cover its name (fsync(2))."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def keep_clean(self, now: Callable[[], dt.datetime]) -> None:
        """Sweep once an hour until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self.sweep, now() - KEPT)
            except OSError as error:
                log.error("old pictures could not be removed (%s); trying again in an hour", error.strerror)
            await asyncio.sleep(SWEEP_S)

    def sweep(self, before: dt.datetime) -> int:
        """Remove the pictures and drafts older than a moment and return how many. Raises OSError."""
        ours = [*self._folder.glob("*.jpg"), *self._folder.glob("*.part")]
        old = [path for path in ours if path.stat().st_mtime < before.timestamp()]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)
