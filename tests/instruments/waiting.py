"""Waiting for a condition, with a deadline that says what did not come."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_S = 0.02


async def until(condition: Callable[[], T | Awaitable[T]], seconds: float, what: str, every_s: float = LOOK_S) -> T:
    """The first true answer of the condition. Raises AssertionError naming `what` when it does not come in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        found: T = await answer if inspect.isawaitable(answer) else answer
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        await asyncio.sleep(every_s)
