"""The RTSP server of the benchmarks: the demo's, with any number of streams of given files."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bench.ingest_site import cpu_of
from ioc.demo.street import SYSTEM_PYTHON

SCRIPT = Path(__file__).parents[1] / "ioc" / "demo" / "rtsp_server.py"
READY_S = 30.0


class Server:
    """A running RTSP server."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self.port = port

    def urls(self, name: str, count: int) -> list[str]:
        """The addresses of the first streams of a name."""
        return [f"rtsp://127.0.0.1:{self.port}/{name}-{number}" for number in range(count)]

    def cpu_s(self) -> float:
        """CPU seconds so far."""
        return cpu_of(self._process.pid)


@asynccontextmanager
async def served(files: Mapping[str, tuple[Path, int]], count: int) -> AsyncIterator[Server]:
    """Serve each name's file (raw H.264, pictures a second) as NAME-0 … for as long as the block lasts.

    Raises RuntimeError when the server does not start.
    """
    mounts = [
        {"name": f"{name}-{number}", "path": str(path), "rate": f"{rate}/1"}
        for name, (path, rate) in files.items()
        for number in range(count)
    ]
    process = await asyncio.create_subprocess_exec(
        SYSTEM_PYTHON,
        str(SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Server(process, await _ordered(process, mounts))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ordered(process: asyncio.subprocess.Process, mounts: Sequence[Mapping[str, str]]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"port": 0, "mounts": list(mounts)}).encode() + b"\n")
    async with asyncio.timeout(READY_S):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("the RTSP server does not start: is gir1.2-gst-rtsp-server-1.0 installed?")
    return int(json.loads(line)["port"])
