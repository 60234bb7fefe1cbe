"""The segments of a spool in a folder: appended and synced, found again after any end, taken oldest first.

A file is written by the process that made it alone, and never again after an error: the kernel may have dropped
what a failed fsync was to write, and say so only once.
"""

import datetime as dt
import errno
import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from ioc.store.records import HEADS, OVERHEAD, Piece, heads_of, pieces_of, record_of, salt_of

log = logging.getLogger(__name__)

LARGEST = 16 * 2**20
"""Bytes after which a segment is full, unless the limit asks for smaller ones."""

SMALLEST = 64 * 2**10
PROBE = 4096
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def moment(piece: Piece) -> dt.datetime:
    """When a record arrived."""
    return EPOCH + dt.timedelta(microseconds=piece.arrived)


class SpoolError(Exception):
    """The disk does not take a record now; `code` is spool_full, disk_full, fsync_failed or disk_error."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Disk:
    """What is asked of the disk, so that a test can let it fail. All may raise OSError."""

    def create(self, path: Path) -> int:
        """Make a file that nobody else may read, and open it for appending."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, descriptor: int, data: bytes) -> None:
        """Append all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]

    def sync(self, descriptor: int) -> None:
        """Return when the file is on the disk."""
        os.fsync(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Return when the folder's entries are on the disk: fsync of a file does not cover its name (fsync(2))."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Segment(msgspec.Struct):
    """One file: how far it is good, and what of it is still to be taken."""

    path: Path
    salt: bytes
    size: int
    batches: int = 0
    messages: int = 0


class Head(msgspec.Struct, frozen=True):
    """The oldest records that are still to be taken; `end` is where in their segment the rest begins."""

    pieces: list[Piece]
    segment: Segment
    end: int


class Segments:
    """The records of one folder in their order. Its methods block; they may be called from any thread."""

    def __init__(
        self, folder: Path, limit: int, *, disk: Disk | None = None, passing: Callable[[str], None] = lambda point: None
    ) -> None:
        self._folder = folder
        self._aside = folder / "damaged"
        self._disk = disk or Disk()
        self._passing = passing
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._place = HEADS
        self._read: tuple[Path | None, int, bytes] = (None, 0, b"")
        self._writing: int | None = None
        self._number = 0
        self._failed = ""
        self._full = max(SMALLEST, min(LARGEST, limit // 8))
        self.limit = limit
        self.cut = 0
        """Bytes of torn records that were cut off when the folder was opened."""
        self.damaged = 0
        """Stretches that could not be read and were set aside, since the folder exists."""
        self.sync_failures = 0
        self.oldest_at: dt.datetime | None = None
        """When the oldest record that is still to be taken arrived, or the one before it."""

    @property
    def size(self) -> int:
        """Bytes of all segments."""
        return sum(segment.size for segment in self._segments)

    @property
    def batches(self) -> int:
        """Records that are still to be taken."""
        return sum(segment.batches for segment in self._segments)

    @property
    def messages(self) -> int:
        """Messages of these records."""
        return sum(segment.messages for segment in self._segments)

    def open(self) -> None:
        """Find what is there. Raises OSError when the folder cannot be used."""
        with self._lock:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for above in (self._folder.parent, self._folder.parent.parent):
                self._disk.sync_folder(above)
            (self._folder / "probe").unlink(missing_ok=True)
            self._aside.mkdir(mode=0o700, exist_ok=True)
            for path in sorted(self._folder.glob("*.seg")):
                self._number = int(path.stem)
                self._enter(path)
            self.damaged = len(list(self._aside.iterdir()))
            names = (path.name[:12] for path in self._aside.iterdir())
            self._number = max([self._number, *(int(name) for name in names if name.isdigit())])
            if self.cut:
                log.warning("%s: %d bytes of a record that was never finished are cut off", self._folder, self.cut)
            if self.damaged:
                log.error("%s: %d damaged stretches are set aside; see damaged/ in it", self._folder, self.damaged)

    def _enter(self, path: Path) -> None:
        data = path.read_bytes()
        salt = salt_of(data)
        if salt is None and len(data) >= HEADS and any(data):
            path.rename(self._aside / path.name)
            return
        if salt is None:
            self.cut += len(data)
            path.unlink()
            return
        segment = Segment(path, salt, len(data))
        for piece in pieces_of(data, HEADS, salt):
            if piece.payload is not None:
                segment.batches += 1
                segment.messages += piece.messages
                self.oldest_at = self.oldest_at or moment(piece)
            elif piece.torn:
                self._cut(segment, piece)
            else:
                self._set_aside(segment, piece.start, data[piece.start : piece.end])
        if segment.batches:
            self._segments.append(segment)
        else:
            path.unlink()

    def _cut(self, segment: Segment, piece: Piece) -> None:
        self.cut += piece.end - piece.start
        segment.size = piece.start
        os.truncate(segment.path, piece.start)

    def _set_aside(self, segment: Segment, start: int, data: bytes) -> None:
        """Keep what cannot be read, under a name that is the same when it is met again."""
        path = self._aside / f"{segment.path.stem}-{start}.bin"
        if path.exists() and path.stat().st_size == len(data):
            return
        path.unlink(missing_ok=True)
        descriptor = self._disk.create(path)
        try:
            self._disk.write(descriptor, data)
            self._disk.sync(descriptor)
        finally:
            os.close(descriptor)
        self._disk.sync_folder(self._aside)
        self.damaged += 1
        log.error("%s: a record is damaged and set aside as damaged/%s", self._folder, path.name)

    def append(self, payload: bytes, messages: int, arrived_at: dt.datetime) -> None:
        """Make a record durable. Raises SpoolError when that is not possible now; then it is not in the spool."""
        arrived = (arrived_at - EPOCH) // dt.timedelta(microseconds=1)
        with self._lock:
            needed = OVERHEAD + len(payload)
            if self.size + needed + HEADS > self.limit:
                raise SpoolError("spool_full", f"the spool has reached its limit of {self.limit} bytes")
            step = self._failed or "disk_error"
            try:
                if self._failed:
                    self._probe()
                    step = "disk_error"
                new = self._writing is None or self._segments[-1].size + needed > self._full
                descriptor, segment = self._begin() if new else (self._writing, self._segments[-1])
                assert descriptor is not None  # noqa: S101 - told to the type checker
                self._disk.write(descriptor, record_of(payload, messages, arrived, segment.salt))
                self._passing("spool-written")
                step = "fsync_failed"
                self._disk.sync(descriptor)
                if new:
                    self._disk.sync_folder(self._folder)
            except OSError as error:
                self.sync_failures += step == "fsync_failed" != self._failed
                raise self._gave_up(error, step) from error
            self._passing("spool-synced")
            if not self.batches:
                self.oldest_at = arrived_at
            segment.size += needed
            segment.batches += 1
            segment.messages += messages

    def _begin(self) -> tuple[int, Segment]:
        self._end()
        self._number += 1
        path, salt = self._folder / f"{self._number:012d}.seg", os.urandom(16)
        self._writing = self._disk.create(path)
        self._segments.append(Segment(path, salt, HEADS))
        self._disk.write(self._writing, heads_of(salt))
        return self._writing, self._segments[-1]

    def _end(self) -> None:
        """Write no more to the newest segment."""
        if self._writing is not None:
            descriptor, self._writing = self._writing, None
            os.close(descriptor)

    def _gave_up(self, error: OSError, step: str) -> SpoolError:
        """Leave the segment, without what was not synced; the next one is begun after a probe."""
        code = self._failed = "disk_full" if error.errno in FULL else step
        log.error("%s does not take a record (%s): %s", self._folder, code, error.strerror)
        if self._writing is not None:
            segment = self._segments[-1]
            try:
                os.ftruncate(self._writing, segment.size)
            except OSError as more:  # the record that is not in the spool may come again, which is harmless
                log.warning("%s could not be shortened (%s)", segment.path, more.strerror)
            self._end()
            if not segment.batches:
                self._remove(segment)
        return SpoolError(code, f"the disk under {self._folder} does not take a record: {error.strerror}")

    def _probe(self) -> None:
        """Whether the disk takes anything. Raises OSError."""
        path = self._folder / "probe"
        path.unlink(missing_ok=True)
        descriptor = self._disk.create(path)
        try:
            self._disk.write(descriptor, bytes(PROBE))
            self._disk.sync(descriptor)
            self._disk.sync_folder(self._folder)
        finally:
            os.close(descriptor)
            path.unlink(missing_ok=True)
        self._failed = ""

    def head(self, most: int, messages: int = 2**62) -> Head | None:
        """The oldest records, None when there are none. Raises OSError.

        `most` at the most, and no more after so many messages.
        """
        with self._lock:
            while self._segments and self._segments[0].batches:
                segment = self._segments[0]
                found: list[Piece] = []
                data, base = self._rest(segment)
                end = self._place
                for piece in pieces_of(data, self._place - base, segment.salt):
                    if piece.payload is not None:
                        found.append(piece)
                    else:
                        self._set_aside(segment, base + piece.start, data[piece.start : piece.end])
                    end = base + piece.end
                    if len(found) == most or sum(piece.messages for piece in found) >= messages:
                        break
                if found:
                    return Head(found, segment, end)
                segment.batches = segment.messages = 0  # damaged after it was found good
                self._done(segment)
            return None

    def _rest(self, segment: Segment) -> tuple[bytes, int]:
        """The bytes of the first segment that are still to be taken, and where in the file they begin."""
        path, base, data = self._read
        if path != segment.path or base + len(data) <= self._place:
            with segment.path.open("rb") as file:
                file.seek(self._place)
                base, data = self._place, file.read(segment.size - self._place)
            self._read = (segment.path, base, data)
        return data, base

    def drop(self, head: Head) -> None:
        """The records of a head are kept elsewhere: go on behind them. Raises OSError."""
        with self._lock:
            segment = head.segment
            segment.batches -= len(head.pieces)
            segment.messages -= sum(piece.messages for piece in head.pieces)
            self._place = head.end
            self.oldest_at = moment(head.pieces[-1])
            if not segment.batches or self._place >= segment.size:
                self._done(segment)

    def set_aside(self, head: Head, piece: Piece) -> None:
        """Keep a record apart that is whole and yet cannot be understood. Raises OSError."""
        with self._lock:
            self._set_aside(head.segment, piece.start, piece.payload or b"")

    def _done(self, segment: Segment) -> None:
        if len(self._segments) == 1:
            self._end()
        self._passing("drained")
        self._remove(segment)

    def _remove(self, segment: Segment) -> None:
        if segment is self._segments[0]:
            self._place = HEADS
        self._segments.remove(segment)
        segment.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Write no more; everything that was made durable stays."""
        with self._lock:
            self._end()
