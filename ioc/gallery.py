"""Evidence on disk: pictures and clips under names that we make, each with its digest, within a bound."""

import asyncio
import datetime as dt
import errno
import hashlib
import logging
import os
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal
from uuid import UUID

from ioc.retention import MediaClass, media_classes
from ioc.store.media import SUFFIXES, StoredPicture

log = logging.getLogger(__name__)

BOUND = 20 * 2**30
"""Bytes of evidence, where nothing else is set."""
RESERVE = 512 * 2**20
"""Bytes of the disk that evidence leaves to the database and the spool; a twentieth of a small disk."""

_DRAFT = re.compile(r"[0-9a-f]{24}\.(jpg|mp4)\Z")


class FullError(OSError):
    """There is no room for evidence within the bound or on the disk, and nothing that may go."""

    def __init__(self, size: int) -> None:
        super().__init__(errno.ENOSPC, f"there is no room for {size} bytes of evidence, and all that is there is held")


async def _no_room(size: int) -> bool:
    return False


class Gallery:
    """The media folder: `<id>.jpg` and `<id>.mp4`, and `drafts` for clips that are not registered yet.

    `make_room` is asked for bytes when the bound is reached. Nothing is ever overwritten. `make` False: whoever writes
    makes the folder.
    """

    def __init__(
        self, folder: Path, bound: int = BOUND, *, classes: dict[str, MediaClass] | None = None, make: bool = True
    ) -> None:
        self.folder = folder
        self.bound = bound
        self.drafts = folder / "drafts"
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.drafts.mkdir(mode=0o700, exist_ok=True)
        self._classes = classes or media_classes()
        self.make_room: Callable[[int], Awaitable[bool]] = _no_room
        self.used = 0
        """Bytes of the files in the folder, as they were counted last and were added since."""
        self.full = False
        """Whether evidence is refused now, because there is no room."""
        self.refused = 0
        """How many files there was no room for."""

    async def hang(
        self, picture: UUID, source: str, jpeg: bytes, taken_at: dt.datetime, retention: str = "sighting"
    ) -> StoredPicture:
        """Write a picture, durable before this returns. Raises OSError when the disk does not take it, and
        FileExistsError when one of this id lies there."""
        await self._room(len(jpeg))
        await asyncio.to_thread(self._write, self.folder / f"{picture}.jpg", jpeg)
        self.used += len(jpeg)
        return self.described(picture, source, jpeg, taken_at, retention)

    def described(
        self, picture: UUID, source: str, jpeg: bytes, taken_at: dt.datetime, retention: str = "sighting"
    ) -> StoredPicture:
        """What is to be registered of a picture that was hung."""
        return StoredPicture(
            id=str(picture),
            source=source,
            sha256=hashlib.sha256(jpeg).digest(),
            bytes=len(jpeg),
            taken_at=taken_at,
            expires_at=self.expiry(retention, taken_at),
            retention=retention,
        )

    async def adopt(self, clip: StoredPicture, draft: str) -> StoredPicture:
        """Take a file that is durable in `drafts` into the folder under its id; durable before this returns.

        Raises OSError, after which the draft is gone; ValueError for what is no name of a draft.
        """
        if not _DRAFT.match(draft):
            raise ValueError("this is no name of a draft")
        path = self.drafts / draft
        try:
            await self._room(clip.bytes)
            await asyncio.to_thread(self._move, path, self.folder / f"{clip.id}{SUFFIXES[clip.content_type]}")
        except OSError:
            path.unlink(missing_ok=True)
            raise
        self.used += clip.bytes
        return clip

    def expiry(self, retention: str, taken_at: dt.datetime) -> dt.datetime:
        """When a file of a class goes."""
        return taken_at + dt.timedelta(days=self._classes[retention].days)

    def short(self, size: int = 0) -> bool:
        """Whether there is no room for so many bytes."""
        disk = shutil.disk_usage(self.folder)
        return self.used + size > self.bound or disk.free - size < min(RESERVE, disk.total // 20)

    async def _room(self, size: int) -> None:
        if self.short(size) and not await self.make_room(size):
            self.refused += 1
            if not self.full:
                log.error("evidence is not kept any more: there is no room and all of it is held; sightings are kept")
            self.full = True
            raise FullError(size)
        if self.full:
            log.warning("evidence is kept again")
        self.full = False

    def _write(self, final: Path, data: bytes) -> None:
        draft = final.with_suffix(".part")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self._move(draft, final)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def _move(self, draft: Path, final: Path) -> None:
        if final.exists():
            raise FileExistsError(errno.EEXIST, "evidence is never overwritten")
        draft.replace(final)
        self._remember()

    def _remember(self) -> None:
        """Make the folder's new entry durable: fsync of a file does not cover its name (fsync(2))."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def measure(self) -> None:
        """Count the bytes in the folder. Raises OSError."""
        with os.scandir(self.folder) as entries:
            self.used = sum(entry.stat().st_size for entry in entries if entry.is_file(follow_symlinks=False))

    def figures(self) -> dict[str, int]:
        """How it stands, in whole numbers."""
        return {"media_bytes": self.used, "media_refused": self.refused, "media_full": int(self.full)}


Drift = Literal["missing", "changed"]


def compare(path: Path, sha256: bytes) -> Drift | None:
    """What is wrong with a file of evidence; None when it is as it was written."""
    try:
        with path.open("rb") as file:
            return None if hashlib.file_digest(file, "sha256").digest() == sha256 else "changed"
    except FileNotFoundError:
        return "missing"
