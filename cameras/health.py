"""How a camera is: a machine without I/O. Frames, failures and ticks in; state and time of the next try out.

All times are monotonic seconds. `LIVE` needs a frame; nothing is declared on a guess.
"""

import collections
import enum
import zlib
from collections.abc import Callable

import msgspec
import numpy as np

from cameras.motion import Luma, flat


class State(enum.StrEnum):
    """The states of a camera that are detected here, in the words of the outward contract."""

    LIVE = "live"
    DEGRADED = "degraded"
    SILENT = "silent"
    FROZEN = "frozen"
    GARBLED = "garbled"
    UNAUTHORISED = "unauthorised"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ENDED = "ended"


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited, in seconds."""

    silent_s: float = 10.0
    frozen_s: float = 30.0
    first_retry_s: float = 1.0
    longest_retry_s: float = 5.0
    """So short that a camera which is back is seen again within ten seconds."""
    refused_password_s: float = 330.0
    """Between two tries of a password that was refused: at most 11 an hour, so that no account is locked."""
    proven_s: float = 10.0
    """A stream that was live for this long starts its back-off anew."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A camera's new state, since when, and why in one sentence without secrets."""

    state: State
    at: float
    reason: str


CORRUPT_WINDOW = 20
FROZEN_CYCLE = 12
"""A stuck picture is encoded anew with each key frame, so that a few slightly different ones come in turn."""
FROZEN_LEAST = 25
"""So many repeated pictures at least are needed before a camera is called frozen."""

ROWS = 8
"""Of each so many rows of a picture one is compared with those before."""


class Health:
    """The health of one camera. `jitter` gives a number in 0..1 and spreads the tries.

    `state` is None until the first picture or failure, or until silence has lasted.
    """

    def __init__(self, *, at: float, jitter: Callable[[], float], patience: Patience | None = None) -> None:
        self._patience = patience or Patience()
        self._jitter = jitter
        self._failures = 0
        self._live_since: float | None = None
        self._frame_at = at
        self._known: collections.deque[int] = collections.deque(maxlen=FROZEN_CYCLE)
        self._same_since, self._same_count = at, 0
        self._corrupt: list[bool] = []
        self.state: State | None = None
        self.reason = ""
        self.retry_at = at

    def frame(self, at: float, digest: int | None, *, corrupt: bool = False) -> Change | None:
        """A picture came. `digest` stands for its exact luma; None for a picture without any detail."""
        if self._live_since is None:
            self._live_since = at
        elif at - self._live_since >= self._patience.proven_s:
            self._failures = 0
        self._frame_at = at
        if digest is None or digest not in self._known:
            self._same_since, self._same_count = at, 0
        self._same_count += 1
        self._remember(digest)
        self._corrupt = [*self._corrupt[1 - CORRUPT_WINDOW :], corrupt]
        return self._become(*self._judge(at), at)

    def failed(self, at: float, state: State, reason: str) -> Change | None:
        """The stream could not be opened or went away; `retry_at` says when to try again."""
        self._live_since = None
        self._corrupt.clear()
        self._same_since, self._same_count = at, 0
        self._failures += 1
        self.retry_at = at + self._delay(state)
        return self._become(state, reason, at)

    def tick(self, at: float) -> Change | None:
        """Time passed: a camera that promised pictures and sends none is silent."""
        showing = self.state in {None, State.LIVE, State.FROZEN, State.GARBLED}
        if showing and at - self._frame_at >= self._patience.silent_s:
            return self._become(State.SILENT, f"no picture for {at - self._frame_at:.0f} s", at)
        return None

    def _judge(self, at: float) -> tuple[State, str]:
        if len(self._corrupt) == CORRUPT_WINDOW and sum(self._corrupt) * 2 > CORRUPT_WINDOW:
            return State.GARBLED, "more than half of the pictures are damaged"
        frozen_for = at - self._same_since
        if frozen_for >= self._patience.frozen_s and self._same_count >= FROZEN_LEAST:
            return State.FROZEN, "the same picture comes again and again"
        return State.LIVE, ""

    def _remember(self, digest: int | None) -> None:
        """Keep the digests of the last few different pictures, the newest last."""
        if digest is None:
            self._known.clear()
            return
        if digest in self._known:
            self._known.remove(digest)
        self._known.append(digest)

    def _delay(self, state: State) -> float:
        """Seconds until the next try: doubling, spread by a quarter; long after a refused password."""
        if state is State.UNAUTHORISED:
            return self._patience.refused_password_s * (1.0 + 0.1 * self._jitter())
        doubled = self._patience.first_retry_s * 2.0 ** min(self._failures - 1, 16)
        return float(min(doubled, self._patience.longest_retry_s) * (0.75 + 0.5 * self._jitter()))

    def _become(self, state: State, reason: str, at: float) -> Change | None:
        if state is self.state:
            return None
        self.state, self.reason = state, reason
        return Change(state=state, at=at, reason=reason)


def digest_of(luma: Luma) -> int | None:
    """A number for the exact bytes of every eighth row of a luma plane; None for a picture of one tone.

    A sensor's noise changes every row, so a picture that comes again is known by these rows, at an eighth of
    the cost. One tone is a dark picture or a covered lens.
    """
    return None if flat(luma) else zlib.crc32(np.ascontiguousarray(luma[::ROWS]).data)
