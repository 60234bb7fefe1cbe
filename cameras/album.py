"""The picture from before something went wrong: proof of what a camera used to show."""

import collections

EVERY_S = 10.0
"""How far apart the kept pictures are, in seconds: something that grows over the lens is in the newest already."""


class Album:
    """Keeps two pictures of a camera's usual view; the older one is from ten to twenty seconds ago."""

    def __init__(self) -> None:
        self._pictures: collections.deque[bytes] = collections.deque(maxlen=2)
        self._due = 0.0

    def keep(self, jpeg: bytes, at: float) -> None:
        """A picture of the usual view, taken at monotonic time `at` (s)."""
        if at >= self._due:
            self._due = at + EVERY_S
            self._pictures.append(jpeg)

    @property
    def before(self) -> bytes | None:
        """The older picture; None while there is none."""
        return self._pictures[0] if self._pictures else None
