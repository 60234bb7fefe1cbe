"""Slows down guessing: counts failures a key, in bounded memory, without a clock of its own."""

from collections import OrderedDict


class Throttle:
    """Allows `burst` failures a key within `window` seconds; older ones are forgiven evenly."""

    def __init__(self, *, burst: int = 10, window: float = 60.0, keys: int = 10_000) -> None:
        self._rate = burst / window
        self._burst = burst
        self._keys = keys
        self._seen: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def _level(self, key: str, at: float) -> float:
        level, since = self._seen.get(key, (0.0, at))
        return max(0.0, level - max(0.0, at - since) * self._rate)

    def wait(self, key: str, at: float) -> float:
        """Seconds until the key may try again; 0 when it may now. `at` is monotonic time in seconds."""
        over = self._level(key, at) - (self._burst - 1)
        return max(0.0, over / self._rate)

    def failed(self, key: str, at: float) -> None:
        """Count one failure; the key that failed longest ago is forgotten when there are too many."""
        self._seen[key] = (self._level(key, at) + 1.0, at)
        self._seen.move_to_end(key)
        while len(self._seen) > self._keys:
            self._seen.popitem(last=False)

    def passed(self, key: str) -> None:
        """Forget the failures of a key that has proved itself."""
        self._seen.pop(key, None)
