"""What a killed centre left running: found by our own path in its command line, and ended."""

import asyncio
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from ioc.embedded.errors import SetupError


def processes_with(argument: str) -> list[int]:
    """The ids of processes that have exactly this argument (a path of ours) in their command line."""
    wanted = os.fsencode(argument)
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and int(entry.name) != os.getpid() and wanted in _arguments(entry)
    ]


def _arguments(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


async def end(argument: str, signals: Iterable[signal.Signals], patience_s: float) -> None:
    """End every process with this argument: each signal in turn, waiting `patience_s` seconds after each.

    Raises SetupError when one still runs after the last signal.
    """
    for number in signals:
        for pid in processes_with(argument):
            _signal(pid, number)
        if await _gone(argument, patience_s):
            return
    if left := ", ".join(map(str, processes_with(argument))):
        raise SetupError(f"A server of an earlier start still runs (process {left}): stop it and start again.")


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise SetupError(f"Process {pid} of another user still serves this state dir: stop it first.") from error


async def _gone(argument: str, patience_s: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while processes_with(argument):
        if loop.time() > deadline:
            return False
        await asyncio.sleep(0.05)
    return True
