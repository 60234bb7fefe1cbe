"""Clips of evidence: the time before a sighting from memory, the time after it as it comes, into one MP4.

Of a camera without a mask the packets are written as they came. Of a camera with one only what was masked is ever
written: a clip that was encoded anew while there is a turn (`Turns`), else a sheet of masked key frames. What cannot
be masked or written leaves nothing behind, and costs no sighting.
"""

import collections
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from cameras.outbox import Outbox
from cameras.packets import Header, Piece
from cameras.picture import WIDTH, jpeg, sheet
from cameras.privacy import Mask, Turn, Turns
from cameras.reencode import Reencoder, SizeChangedError, stills
from cameras.remux import PLAYED, Remux
from cameras.timeline import depth
from cameras.wire import Clipped, Made

log = logging.getLogger(__name__)

PENDING = 16 * 1024 * 1024
"""Bytes of a clip that wait for the disk; then the clip ends early, and says so."""
STILLS = 9
WAKE_S = 0.5


class Clip:
    """One clip that is being made. The camera's thread adds to it and ends it, the writer's thread takes from it."""

    def __init__(self, camera: str, number: int, header: Header, mask: Mask, turn: Turn | None) -> None:
        self.camera, self.number, self.header, self.mask = camera, number, header, mask
        self.turn = turn
        self.began: float | None = None
        self.maker: Maker | None = None
        anew = bool(mask) or header.codec not in PLAYED
        self.made: Made = "remuxed" if not anew else "masked" if turn is not None else "stills"
        self._guard = threading.Lock()
        self._pending: collections.deque[Piece] = collections.deque()
        self._bytes = 0
        self._ended = False

    def add(self, pieces: Sequence[Piece]) -> None:
        """Let it show these packets, too; never waits."""
        with self._guard:
            for piece in pieces:
                if self._ended or (self.made == "stills" and not piece.key):
                    continue
                if self.began is None:
                    self.began = piece.at
                self._pending.append(piece)
                self._bytes += len(piece.data)
                if self._bytes > PENDING:
                    log.warning("a clip of camera %s ends early: the disk does not keep up", self.camera)
                    self._ended = True

    def end(self) -> None:
        """It has shown enough."""
        with self._guard:
            self._ended = True

    def take(self) -> tuple[list[Piece], bool]:
        """What was added since, and whether that was all."""
        with self._guard:
            taken = list(self._pending)
            if self.made != "stills" or self._ended:
                self._pending.clear()
                self._bytes = 0
                return taken, self._ended
            return [], False


class Clips:
    """Makes the clips of a worker in the folder of drafts; `run` is the one thread that writes."""

    def __init__(self, folder: Path, outbox: Outbox, turns: Turns | None = None) -> None:
        self._folder = folder
        self._outbox = outbox
        self._turns = turns or Turns(folder)
        self._wake = threading.Condition()
        self._open: list[Clip] = []

    def begin(self, camera: str, number: int, header: Header, mask: Mask) -> Clip:
        """A new clip of a stream; add to it and end it."""
        turn = None
        if mask or header.codec not in PLAYED:
            with suppress(OSError):  # without a turn there are stills
                turn = self._turns.take()
        clip = Clip(camera, number, header, mask, turn)
        with self._wake:
            self._open.append(clip)
            self._wake.notify()
        return clip

    def run(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Write what there is, for as long as it is wanted."""
        while wanted():
            with self._wake:
                self._wake.wait(WAKE_S)
                clips = list(self._open)
            for clip in clips:
                if self.step(clip):
                    with self._wake:
                        self._open.remove(clip)

    def step(self, clip: Clip) -> bool:
        """Write what was added to a clip since; whether it is done with."""
        try:
            if not self._written(clip):
                return False
            self._report(clip, self._finished(clip))
        except Exception as error:
            # The text may hold anything; its type is enough. Nothing of the clip stays.
            log.exception("a clip of camera %s could not be made", clip.camera)
            self._report(clip, self._given_up(clip, f"it could not be made ({type(error).__name__}); see the log"))
        return True

    def _written(self, clip: Clip) -> bool:
        """Whether that was all: a size that changes ends a clip."""
        pieces, last = clip.take()
        try:
            if clip.maker is None and pieces:
                clip.maker = maker(clip, self._folder, pieces)
            if clip.maker is not None:
                clip.maker.add(pieces)
        except SizeChangedError:
            clip.end()
            return True
        return last

    def _report(self, clip: Clip, clipped: Clipped) -> None:
        if clip.turn is not None:
            clip.turn.give_back()
        self._outbox.put(clipped, clip.began or 0.0)

    def _finished(self, clip: Clip) -> Clipped:
        if clip.maker is None:
            return self._given_up(clip, "the stream ended before its first key frame")
        path = clip.maker.close()
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").digest()
            os.fsync(file.fileno())
        return Clipped(
            camera=clip.camera,
            clip=clip.number,
            made=clip.made,
            file=path.name,
            sha256=sha256,
            bytes=path.stat().st_size,
            seconds=clip.maker.seconds,
        )

    def _given_up(self, clip: Clip, reason: str) -> Clipped:
        clip.end()
        if clip.maker is not None:
            clip.maker.give_up()
        return Clipped(camera=clip.camera, clip=clip.number, made=clip.made, reason=reason)


class Maker:
    """Makes one file out of packets: as they came."""

    def __init__(self, folder: Path, header: Header) -> None:
        self._header = header
        self._path = folder / f"{secrets.token_hex(12)}.{self.suffix}"
        self._remux: Remux | None = None
        self._closed = False

    suffix = "mp4"

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self._remux.seconds if self._remux is not None else 0.0

    def add(self, pieces: Sequence[Piece]) -> None:
        """Write packets. Raises OSError, ValueError."""
        self._write(self._header, pieces)

    def close(self) -> Path:
        """Complete the file and return it. Raises OSError; ValueError when there was nothing to write."""
        if self._remux is None:
            raise ValueError("no picture of the clip could be read")
        self._closed = True
        self._remux.close()
        return self._path

    def give_up(self) -> None:
        """Leave nothing behind. Never raises."""
        if self._remux is not None and not self._closed:
            with suppress(Exception):
                self._remux.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _write(self, header: Header, pieces: Sequence[Piece]) -> None:
        for piece in pieces:
            if self._remux is None:
                self._remux = Remux(self._path, header, piece, held_back=depth(pieces))
            self._remux.add(piece)


class MaskedMaker(Maker):
    """Decodes, masks and encodes anew; only what was masked reaches the disk."""

    def __init__(self, folder: Path, header: Header, mask: Mask) -> None:
        super().__init__(folder, header)
        self._anew = Reencoder(header, mask)
        self._at = 0.0

    def add(self, pieces: Sequence[Piece]) -> None:
        """Write what comes of these packets. Raises SizeChangedError after writing what came before."""
        for piece in pieces:
            self._at = piece.at
            self._masked(self._anew.take(piece))

    def close(self) -> Path:
        """Complete the file with what the encoder still has."""
        with suppress(SizeChangedError):
            self._masked(self._anew.finish(self._at))
        return super().close()

    def _masked(self, made: Sequence[Piece]) -> None:
        if self._anew.header is not None:
            self._write(self._anew.header, made)


class StillsMaker(Maker):
    """A sheet of masked key frames: what there is when too many streams are encoded anew already."""

    suffix = "jpg"

    def __init__(self, folder: Path, header: Header, mask: Mask) -> None:
        super().__init__(folder, header)
        self._mask = mask
        self._keys: list[Piece] = []

    @property
    def seconds(self) -> float:
        """From the first picture to the last."""
        return self._keys[-1].at - self._keys[0].at if self._keys else 0.0

    def add(self, pieces: Sequence[Piece]) -> None:
        """Remember the key frames, in memory."""
        self._keys += [piece for piece in pieces if piece.key]

    def close(self) -> Path:
        """Mask at most nine of them, evenly chosen, and write the sheet. Raises OSError, ValueError."""
        keys = [self._keys[round(n * (len(self._keys) - 1) / (STILLS - 1))] for n in range(STILLS)] \
            if len(self._keys) > STILLS else self._keys  # fmt: skip
        picture = sheet(stills(self._header, keys, self._mask, WIDTH))
        self._path.write_bytes(jpeg(picture, Mask()))  # each picture of the sheet is masked already
        return self._path


def maker(clip: Clip, folder: Path, pieces: Sequence[Piece]) -> Maker:
    """What makes a clip of this kind. Raises OSError, ValueError."""
    if clip.made == "remuxed":
        return Maker(folder, clip.header)
    if clip.made == "masked":
        return MaskedMaker(folder, clip.header, clip.mask)
    return StillsMaker(folder, clip.header, clip.mask)
