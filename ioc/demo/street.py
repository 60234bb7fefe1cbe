"""Starts the RTSP server that stands in for the cameras of the street."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.resources import as_file, files
from pathlib import Path

from ioc.demo.clips import unwrap
from ioc.demo.seed import Street
from ioc.embedded import SetupError

SYSTEM_PYTHON = "/usr/bin/python3"
"""Debian's own Python has GStreamer's bindings; a virtual environment has not."""

READY_S = 30.0


@asynccontextmanager
async def served(clips: Mapping[str, str], folder: Path, log: Path) -> AsyncIterator[Street]:
    """Serve each camera code's clip as a looping stream for as long as the block lasts.

    Raises SetupError when GStreamer is not installed or the server does not start.
    """
    password = secrets.token_urlsafe(12)
    raw = await asyncio.to_thread(_raw, sorted(set(clips.values())), folder)
    mounts = [
        {"name": code, "path": raw[clip][0], "rate": raw[clip][1], "user": code, "password": password}
        for code, clip in sorted(clips.items())
    ]
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            SYSTEM_PYTHON,
            str(files("ioc.demo").joinpath("rtsp_server.py")),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "XDG_CACHE_HOME": str(folder)},
        )
    try:
        yield Street(port=await _ordered(process, mounts, log), password=password)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _ordered(process: asyncio.subprocess.Process, mounts: list[dict[str, str]], log: Path) -> int:
    orders, answers = process.stdin, process.stdout
    if orders is None or answers is None:
        raise RuntimeError("the RTSP server was started without its pipes")
    orders.write(json.dumps({"port": 0, "mounts": mounts}).encode() + b"\n")
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
