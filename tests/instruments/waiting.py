"""Waiting for a condition, with a deadline that says what did not come; and what goes on beside a block."""

import asyncio
import inspect
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

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


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Let work that never ends go on for as long as the block lasts; when it fails, so does the block."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(work, name=name)
        yield
        task.cancel()
