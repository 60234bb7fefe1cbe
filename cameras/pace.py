"""Whether the decoding follows its camera, and what is left out while it does not. No I/O, no clock."""

from typing import Literal

Skip = Literal["nothing", "nonref", "nonkey", "all"]
"""What is not decoded: nothing, pictures that no other needs, all but key pictures, no picture at all."""

BEHIND_S = 0.5
FAR_BEHIND_S = 1.5
PATIENCE_S = 3.0
"""If leaving out does not help for so long, and he falls further behind, more is left out."""
STEADY_S = 30.0
"""Who is a little behind for so long, and no further, is not helped by it: looking less at pictures may be enough for
him, while leaving out all but key pictures makes him blind for seconds. So it is only tried that seldom."""
READING_S = 1.0
"""If not even leaving out everything helps for so long, it is the camera or its network that is late, not we."""
VAIN = 3
"""After leaving out was in vain so often, the camera's time is believed no more."""
JUMP_S = 30.0
"""A leap of the camera's own time by so much means nothing."""
DRIFT = 0.0002
"""How much faster our clock than the camera's may be."""


class Pace:
    """Compares the camera's own time with the time of arrival; all in seconds, ours monotonic."""

    def __init__(self) -> None:
        self._least: float | None = None
        self._at = 0.0
        self._since: float | None = None
        self._before = 0.0
        self._vain = 0
        self._media = 0.0
        self._skip: Skip = "nothing"

    def skip(self, media_s: float | None, at: float) -> Skip:
        """What to leave out after a packet of the camera's time `media_s` (None: it gave none) was read at `at`."""
        if media_s is None or self._vain >= VAIN:
            return "nothing"
        # Pictures out of order go back a little; some cameras give the same time for ever, which tells nothing.
        if self._least is None or media_s > self._media or self._media - media_s > JUMP_S:
            self._skip = self._judged(media_s, at)
            self._media = media_s
        return self._skip

    def _judged(self, media_s: float, at: float) -> Skip:
        late = at - media_s
        if self._least is None or late < self._least or late - self._least > JUMP_S:
            return self._begin(late, at)
        self._least += DRIFT * (at - self._at)
        self._at = at
        lag = late - self._least
        if lag < BEHIND_S:
            self._vain = 0 if self._since is not None else self._vain
            self._since = None
            return "nothing"
        if self._since is None:
            return self._leave_out("nonkey" if lag >= FAR_BEHIND_S else "nonref", lag, at)
        if lag <= self._before - BEHIND_S / 2:
            return self._leave_out(self._skip, lag, at)
        if lag >= FAR_BEHIND_S and self._skip == "nonref":
            return self._leave_out("nonkey", lag, at)
        if at - self._since < self._patience(lag):
            return self._skip  # not less before he has caught up: it would be too little again
        if self._skip == "all":
            self._vain += 1
            return self._begin(late, at)
        return self._leave_out("nonkey" if self._skip == "nonref" else "all", lag, at)

    def _patience(self, lag: float) -> float:
        if self._skip == "all":
            return READING_S
        return STEADY_S if self._skip == "nonref" and lag < self._before + BEHIND_S else PATIENCE_S

    def _leave_out(self, what: Skip, lag: float, at: float) -> Skip:
        self._since, self._before = at, lag
        return what

    def _begin(self, late: float, at: float) -> Skip:
        self._least, self._at, self._since = late, at, None
        return "nothing"
