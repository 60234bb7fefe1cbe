"""How soon a worker that ended may be started again, and when its cameras are under suspicion. No I/O, no clock."""

import collections

PROMPT = 5
"""So many restarts within WINDOW_S are prompt."""
PATIENT = 20
"""So many within LONG_WINDOW_S are at least soon."""
SUSPICIOUS = 2
"""At so many within LONG_WINDOW_S it is no accident."""
WINDOW_S = 60.0
LONG_WINDOW_S = 600.0
PROMPT_S = 0.5
SOON_S = 5.0
SLOW_S = 60.0


class Budget:
    """Prompt restarts while they are few, then slower ones. `suspected`: the first is no accident either."""

    def __init__(self, *, suspected: bool = False) -> None:
        self._suspected = suspected
        self._restarts: collections.deque[float] = collections.deque()

    @property
    def suspicious(self) -> bool:
        """Whether the worker ended often enough to look for the camera that ends it."""
        return len(self._restarts) >= (1 if self._suspected else SUSPICIOUS)

    def delay(self, at: float) -> float:
        """Seconds to wait before the restart that becomes due at monotonic time `at` (s)."""
        while self._restarts and at - self._restarts[0] >= LONG_WINDOW_S:
            self._restarts.popleft()
        self._restarts.append(at)
        if sum(at - restart < WINDOW_S for restart in self._restarts) <= PROMPT:
            return PROMPT_S
        return SOON_S if len(self._restarts) <= PATIENT else SLOW_S
