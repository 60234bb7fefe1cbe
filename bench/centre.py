"""A demo centre of its own for a benchmark: started, timed, measured, stopped."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

READY = "IOC ready: "
START_S = 180.0


class Centre:
    """A running demo; `account` is its demo.json, `started_s` the seconds until it was ready."""

    def __init__(self, process: asyncio.subprocess.Process, account: dict[str, Any], started_s: float) -> None:
        self.process = process
        self.account = account
        self.started_s = started_s

    @property
    def token(self) -> str:
        """The administrator's bearer token."""
        token: str = self.account["accounts"]["admin"]["token"]
        return token

    def memory_mb(self) -> dict[str, float]:
        """Private memory (USS) of each of its processes by name and number, in MB; what is shared is nobody's."""
        found: dict[str, float] = {}
        for pid in sorted(_tree(self.process.pid)):
            with suppress(OSError):
                found[f"{_name(pid)}:{pid}"] = private_mb(pid)
        return found


@asynccontextmanager
async def state_dir() -> AsyncIterator[Path]:
    """A short, empty state dir that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ioc-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def centre(state: Path, **settings: str) -> AsyncIterator[Centre]:
    """A demo on a state dir for as long as the block lasts. RuntimeError with its output when it does not start."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    environment |= {"IOC_STATE_DIR": str(state), **settings}
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "ioc",
        "demo",
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=Path(__file__).parents[1],
    )
    try:
        await _until_ready(process)
        started_s = time.monotonic() - begun
        yield Centre(process, json.loads((state / "demo.json").read_bytes()), started_s)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process) -> None:
    if process.stdout is None:
        raise RuntimeError("the demo was started without a pipe")
    said: list[str] = []
    async with asyncio.timeout(START_S):
        async for line in process.stdout:
            said.append(line.decode(errors="replace"))
            if said[-1].startswith(READY):
                return
    raise RuntimeError("the demo did not start:\n" + "".join(said[-20:]))


def _tree(root: int) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    text = b" ".join(words).decode(errors="replace").strip()
    for known in ("ioc serve", "ioc intake", "ioc cameras", "ioc demo", "cameras.worker", "rtsp_server", "mosquitto"):
        if known in text:
            return known.replace("ioc ", "")
    return "postgres" if "postgres" in text else Path(words[0].decode(errors="replace")).name


def private_mb(pid: int) -> float:
    """Private memory (USS) of a process in MB. Raises OSError when it has ended."""
    return _private_kb(pid) / 1024


def _private_kb(pid: int) -> int:
    kept = ("Private_Clean:", "Private_Dirty:", "Private_Hugetlb:")
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(kept))
