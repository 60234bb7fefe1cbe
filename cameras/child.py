"""Workers as child processes: started, heard, ended."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import msgspec

from cameras.wire import Report, length_of, report_of


async def hear(reports: asyncio.StreamReader, hung_s: float) -> Report | str:
    """The next report, or in words why there is none; empty when the worker closed its pipe."""
    try:
        async with asyncio.timeout(hung_s):
            return report_of(await reports.readexactly(length_of(await reports.readexactly(4))))
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""
    except TimeoutError:
        return f"its worker said nothing for {hung_s:.0f} s and is started again"
    except (msgspec.MsgspecError, ValueError):
        return "its worker said what nobody understands and is started again"


async def end(process: asyncio.subprocess.Process) -> None:
    """Kill a process that still runs, wait for it, and close its pipes.

    Not through its own `kill`, which may reap one that just ended before asyncio has read how.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    if process.stdin is not None:
        process.stdin.close()
    if process.stdout is not None:
        await process.stdout.read()  # to its end, because only then the pipe is closed


async def spawn() -> asyncio.subprocess.Process:
    """Start a worker with an environment of its own, so that it inherits no secret of ours."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cameras.worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env={"LANG": "C.UTF-8"},
    )
