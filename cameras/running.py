"""The running group of pictures of a stream, kept for whoever begins to watch; and queues that never make it wait."""

import collections
import threading

from cameras.packets import Header, Piece, Tap

GROUP_BYTES = 6 * 1024 * 1024
"""A group of pictures that is larger is not kept; who comes then waits for the next key frame."""
GROUP_PIECES = 1500
QUEUE_BYTES = 4 * 1024 * 1024
"""So much waits for a writer that is slow; then everything up to the next key frame is left out."""


class Running:
    """A tap that keeps the pictures since the last key frame and passes all on to the taps that joined.

    They are shared, not copied, with whoever else keeps the stream's packets.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._header: Header | None = None
        self._group: list[Piece] = []
        self._held = 0
        self._at: float | None = None
        self._taps: list[Tap] = []

    def opened(self, header: Header) -> None:
        """A stream begins (again)."""
        with self._guard:
            self._header, self._held = header, 0
            self._group.clear()
            for tap in self._taps:
                tap.opened(header)

    def passed(self, piece: Piece) -> None:
        """A packet came."""
        with self._guard:
            self._at = piece.at
            if piece.key:
                self._group.clear()
                self._held = 0
            if (self._group or piece.key) and self._held + len(piece.data) <= GROUP_BYTES:
                self._group.append(piece)
                self._held += len(piece.data)
                if len(self._group) > GROUP_PIECES:
                    self._group.clear()
            else:
                self._group.clear()
            for tap in self._taps:
                tap.passed(piece)

    def join(self, tap: Tap) -> None:
        """Pass on from now, beginning with the running group of pictures."""
        with self._guard:
            if self._header is not None:
                tap.opened(self._header)
                for piece in self._group:
                    tap.passed(piece)
            self._taps.append(tap)

    def leave(self, tap: Tap) -> None:
        """Pass nothing on any more."""
        with self._guard:
            self._taps = [one for one in self._taps if one is not tap]

    def fresh(self, since: float) -> bool:
        """Whether a packet came after a moment (monotonic seconds)."""
        return self._at is not None and self._at > since


class Queue:
    """From the thread that reads a camera to the one that writes: a tap that never waits and holds a bound of bytes.

    What does not fit is left out up to the next key frame that does. `skipped` counts the packets left out.
    """

    def __init__(self, most: int = QUEUE_BYTES) -> None:
        self._most = most
        self._ready = threading.Condition()
        self._waiting: collections.deque[Header | Piece] = collections.deque()
        self._held = 0
        self._skipping = False
        self.skipped = 0

    def opened(self, header: Header) -> None:
        """A stream begins (again): what waits of the one before is forgotten."""
        with self._ready:
            self._waiting.clear()
            self._waiting.append(header)
            self._held, self._skipping = 0, False
            self._ready.notify()

    def passed(self, piece: Piece) -> None:
        """A packet came."""
        with self._ready:
            if self._skipping and not piece.key:
                self.skipped += 1
                return
            self._skipping = self._held + len(piece.data) > self._most and bool(self._held)
            if self._skipping:
                self.skipped += 1
                return
            self._waiting.append(piece)
            self._held += len(piece.data)
            self._ready.notify()

    def take(self, timeout_s: float) -> Header | Piece | None:
        """The next one, None when none came in time."""
        with self._ready:
            if not self._ready.wait_for(lambda: self._waiting, timeout_s):
                return None
            one = self._waiting.popleft()
            if isinstance(one, Piece):
                self._held -= len(one.data)
            return one
