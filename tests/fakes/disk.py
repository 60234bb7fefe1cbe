"""Disks for the spool: one that fails when told, one that remembers what it was asked, and a store in memory."""

import asyncio
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from ioc.store.observations import Parcel
from ioc.store.outcome import NotTakenError
from ioc.store.segments import Disk


def named(descriptor: int) -> str:
    """The name of an open file."""
    return Path(f"/proc/self/fd/{descriptor}").readlink().name


class FailingDisk(Disk):
    """A real disk whose fsync or write fails as long as `sync_error` or `write_error` (an errno) is set.

    A failing write leaves half of the data behind, as a real one may.
    """

    def __init__(self) -> None:
        self.sync_error = self.write_error = 0
        self.synced: list[str] = []
        """The name of each file that was synced, in order."""

    def write(self, descriptor: int, data: bytes) -> None:
        """Write, or fail halfway."""
        if self.write_error:
            os.write(descriptor, data[: len(data) // 2])
            raise OSError(self.write_error, os.strerror(self.write_error))
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Sync, or fail."""
        self.synced.append(named(descriptor))
        if self.sync_error:
            raise OSError(self.sync_error, os.strerror(self.sync_error))
        super().sync(descriptor)


class RecordingDisk(Disk):
    """Writes down each write and each sync as (what, file name, data)."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, str, bytes]] = []

    def create(self, path: Path) -> int:
        """Note the file."""
        self.steps.append(("create", path.name, b""))
        return super().create(path)

    def write(self, descriptor: int, data: bytes) -> None:
        """Note what is written."""
        self.steps.append(("write", named(descriptor), bytes(data)))
        super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Note that all of the file so far is on the disk."""
        self.steps.append(("sync", named(descriptor), b""))


class FakeStore:
    """Takes parcels into a list unless `refusal` (a code of ioc.store.outcome) is set.

    While `gate` is clear an attempt waits. With `unknown` the next attempt takes the parcels and still fails, as a
    connection that is lost during COMMIT.
    """

    def __init__(self) -> None:
        self.taken: list[Parcel] = []
        self.transactions: list[int] = []
        self.refusal = ""
        self.unknown = False
        self.probes = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def attempt(self, parcels: Sequence[Parcel], *, patience_s: float = 2.0, again: bool = False) -> None:
        """Take them or say why not."""
        await self.gate.wait()
        self._refuse()
        self.taken += parcels
        self.transactions.append(len(parcels))
        if self.unknown:
            self.unknown = False
            raise NotTakenError("store_away", ConnectionResetError(errno.ECONNRESET, "lost during COMMIT"))

    async def probe(self) -> None:
        """Whether it takes anything."""
        self.probes += 1
        self._refuse()

    def _refuse(self) -> None:
        if self.refusal:
            raise NotTakenError(self.refusal, ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
