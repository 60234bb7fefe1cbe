"""How soon a worker that ended may be started again. No I/O, no clock."""

import collections

PROMPT = 5
"""So many restarts within the window are prompt."""
WINDOW_S = 60.0
PROMPT_S = 0.5
SLOW_S = 30.0


class Budget:
    """Prompt restarts while they are few, then slow ones."""

    def __init__(self) -> None:
        self._restarts: collections.deque[float] = collections.deque()

    def delay(self, at: float) -> float:
        """Seconds to wait before the restart that becomes due at monotonic time `at` (s)."""
        while self._restarts and at - self._restarts[0] >= WINDOW_S:
            self._restarts.popleft()
        self._restarts.append(at)
        return PROMPT_S if len(self._restarts) <= PROMPT else SLOW_S
