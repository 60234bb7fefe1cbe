"""Starts the RTSP server that stands in for the cameras of the street."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path

from ioc.demo.clips import unwrap
from ioc.demo.seed import HOST, Street
from ioc.embedded import SetupError
from ioc.embedded.children import Death, tail

SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's own Python has GStreamer's bindings; a virtual environment has not."""

READY_S = 30.0


class Server:
    """The RTSP server of the demo's cameras; what died can be started again on its port. `street` after `start`."""

    street: Street

    def __init__(self, mounts: list[dict[str, str]], password: str, folder: Path, log: Path) -> None:
        self._mounts = mounts
        self._password = password
        self._folder = folder
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, port: int = 0) -> None:
        """Serve on a port, a free one for 0. Raises SetupError when it does not come up."""
        with self._log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                SYSTEM_PYTHON,
                str(files("ioc.demo").joinpath("rtsp_server.py")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_CACHE_HOME": str(self._folder)},
            )
        orders = {"host": HOST, "port": port, "mounts": self._mounts}
        self.street = Street(port=await _ordered(self._process, orders, self._log), password=self._password)

    async def death(self) -> Death:
        """Wait until it ends."""
        process = self._running()
        code = await process.wait()
        return Death(name="RTSP server", code=code, last_line=tail(self._log).strip().rpartition("\n")[2])

    async def stop(self) -> None:
        """Kill it, if it still runs."""
        if self._process is None:
            return
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("the RTSP server was not started")
        return self._process


@asynccontextmanager
async def served(clips: Mapping[str, str], folder: Path, log: Path) -> AsyncIterator[Server]:
    """Serve each camera code's clip as a looping stream for as long as the block lasts.

    Raises SetupError when GStreamer is not installed or the server does not start.
    """
    password = secrets.token_urlsafe(12)
    raw = await asyncio.to_thread(_raw, sorted(set(clips.values())), folder)
    mounts = [
        {"name": code, "path": raw[clip][0], "rate": raw[clip][1], "user": code, "password": password}
        for code, clip in sorted(clips.items())
    ]
    server = Server(mounts, password, folder, log)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


async def _ordered(process: asyncio.subprocess.Process, wanted: Mapping[str, object], log: Path) -> int:
    orders, answers = process.stdin, process.stdout
    if orders is None or answers is None:
        raise RuntimeError("the RTSP server was started without its pipes")
    orders.write(json.dumps(wanted).encode() + b"\n")
    try:
        async with asyncio.timeout(READY_S):
            await orders.drain()
            answer = await answers.readline()
    except (TimeoutError, ConnectionError):
        answer = b""
    if not answer:
        raise SetupError(f"The demo's cameras do not start: is gir1.2-gst-rtsp-server-1.0 installed? See {log}.")
    return int(json.loads(answer)["port"])


def _raw(clips: list[str], folder: Path) -> dict[str, tuple[str, str]]:
    with as_file(files("ioc.demo").joinpath("data", "clips")) as shipped:
        unwrapped = unwrap([shipped / clip for clip in clips], folder)
    return {clip: (one.path, one.rate) for clip, one in zip(clips, unwrapped, strict=True)}
