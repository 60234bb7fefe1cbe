"""A process of ours that kills itself with SIGKILL at the n-th passing of a named point of the code.

    python -m tests.fakes.armed intake committing 3

Settings come from the environment, as for the process itself. The points are those that the code names by
`passing("name")`; a point that is never passed kills nobody.
"""

import asyncio
import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

PLACES = {"intake": ("ioc.intake", "intake"), "serve": ("ioc.app", "serve")}

INTAKE = (
    "gathered",
    "decoded",
    "storing",
    "committing",
    "committed",
    "acknowledged",
)
SPOOL = ("spool-written", "spool-synced", "drained")
DESK = ("desk-read", "desk-judged", "desk-saved", "desk-committed")


def work_of(process: str) -> Callable[..., Any]:
    """What the process runs."""
    module, name = PLACES[process]
    work: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return work


def kills_at(point: str, number: int) -> Callable[[str], None]:
    """A `passing` that ends this process without a word at the `number`-th passing of the point."""
    left = number

    def passing(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return passing


def main(process: str, point: str, number: int) -> None:
    """Run the process until it kills itself or is told to end."""
    from ioc.app import run_until_signal
    from ioc.settings import from_environment

    settings, passing = from_environment(), kills_at(point, number)
    work = work_of(process)
    asyncio.run(run_until_signal(lambda: work(settings, passing=passing)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
