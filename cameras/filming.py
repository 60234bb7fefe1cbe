"""One camera's film: the last seconds of its streams in memory, and the clip that shows an event.

A clip of a camera with two streams is cut from the main one, which is therefore read all the time, though not
decoded (cameras/mainstream.py).
"""

import threading
import time
from collections.abc import Iterator

from cameras.camera import Camera
from cameras.clips import Clip, Clips
from cameras.cutting import Cutting
from cameras.event import Event
from cameras.mainstream import MainStream
from cameras.packets import Header, Piece, Tap, Taps
from cameras.privacy import Mask
from cameras.reel import Reel, Strip

FRESH_S = 3.0
"""A stream whose last packet is older has nothing to show of now."""
LATE_S = 2.0
"""A clip waits so long beyond its end for packets that do not come any more."""


class Film:
    """Taps the stream that is analysed, and `main`, the one of evidence, if the camera has another; rides along with
    the camera's post.

    Clips are cut from the main stream while that is there, else from the analysed one; a masked camera's packets are
    in memory alone. `clips` None: nothing is kept and no clip is made. `beside` has the packets of the main stream,
    too, while it is read (`reads_main`).
    """

    def __init__(
        self,
        camera: Camera,
        mask: Mask,
        clips: Clips | None,
        beside: Tap | None = None,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self._camera = camera.code
        self._mask = mask
        self._clips = clips
        self._cutting = Cutting(numbers=numbers)
        self._left = False
        self._guard = threading.RLock()
        self._clip: Clip | None = None
        self._from: _Feed | None = None
        self._analysed = _Feed(self, keeps=clips is not None)
        self.main = _Feed(self, keeps=clips is not None)
        self._stream: MainStream | None = None
        if clips is not None and camera.main not in {None, camera.address}:
            taps = Taps((self.main, *([] if beside is None else [beside])))
            self._stream = MainStream(camera, taps, self._comes)
            threading.Thread(target=self._stream.watch, name=f"film-{camera.code}", daemon=True).start()

    @property
    def reads_main(self) -> bool:
        """Whether a main stream is read here all the time."""
        return self._stream is not None

    @property
    def size(self) -> int:
        """Bytes of packets in memory."""
        return self._analysed.reel.size + self.main.reel.size

    def shows(self, event: Event) -> int:
        """The number of the clip that shows an event; 0 when there is none."""
        with self._guard:
            self._end_if_over(event.at)
            clips, found = self._clips, self._strip(event.at)
            if clips is None or self._left or (found is None and self._clip is None):
                return 0
            number, begins = self._cutting.ask(event)
            if begins and found is None:
                self._end()
                return 0
            if begins and found is not None:
                feed, strip = found
                self._end_clip()
                self._from = feed
                self._clip = clips.begin(self._camera, number, strip.header, self._mask)
                self._clip.add(since(strip, event.at - self._cutting.before_s))
            return number

    def tick(self, at: float) -> None:
        """Time passed: a clip whose stream is silent ends, too."""
        with self._guard:
            self._end_if_over(at - LATE_S)

    def opened(self, header: Header) -> None:
        """The analysed stream begins (again)."""
        self._analysed.opened(header)

    def passed(self, piece: Piece) -> None:
        """A packet of the analysed stream."""
        self._analysed.passed(piece)

    def hear(self, command: object) -> None:
        """No command is for the film."""

    def leave(self) -> None:
        """The camera is watched no more: its clip ends now."""
        if self._stream is not None:
            self._stream.leave()
        with self._guard:
            self._left = True  # its post may still be looking at a picture, and nobody would end another clip
            self._end()

    def begun(self, feed: "_Feed") -> None:
        """A stream begins: a clip of it ends."""
        with self._guard:
            if feed is self._from:
                self._end()

    def came(self, feed: "_Feed", piece: Piece) -> None:
        """A packet came."""
        with self._guard:
            if self._clip is not None and feed is self._from:
                self._clip.add((piece,))
                self._end_if_over(piece.at)

    def _comes(self) -> bool:
        """Whether the packets of the analysed stream come now."""
        return time.monotonic() - self._analysed.last < FRESH_S

    def _strip(self, at: float) -> "tuple[_Feed, Strip] | None":
        for feed in (self.main, self._analysed):
            strip = feed.reel.strip()
            if strip is not None and strip.pieces[-1].at >= at - FRESH_S:
                return feed, strip
        return None

    def _end_if_over(self, at: float) -> None:
        if self._cutting.over(at):
            self._end()

    def _end(self) -> None:
        self._cutting.close()
        self._end_clip()

    def _end_clip(self) -> None:
        if self._clip is not None:
            self._clip.end()
        self._clip = self._from = None


class _Feed:
    """A tap: into the reel, and into the clip that is being made."""

    def __init__(self, film: Film, *, keeps: bool) -> None:
        self._film = film
        self._keeps = keeps
        self.reel = Reel()
        self.last = -FRESH_S
        """When its newest packet came, in monotonic seconds."""

    def opened(self, header: Header) -> None:
        """A stream begins (again)."""
        self._film.begun(self)
        if self._keeps:
            self.reel.opened(header)

    def passed(self, piece: Piece) -> None:
        """A packet came."""
        self.last = piece.at
        if self.reel.passed(piece):
            self._film.begun(self)
        self._film.came(self, piece)


def since(strip: Strip, at: float) -> tuple[Piece, ...]:
    """The packets of a strip from the last key frame on that is not after a moment."""
    begin = 0
    for number, piece in enumerate(strip.pieces):
        if piece.at > at:
            break
        if piece.key:
            begin = number
    return strip.pieces[begin:]
