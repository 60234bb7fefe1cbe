"""The demo's RTSP server as a child of a test, and a server that refuses everybody and counts."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[2] / "ioc" / "demo" / "rtsp_server.py"
SYSTEM_PYTHON = "/usr/bin/python3"


def can_serve() -> bool:
    """Whether GStreamer's RTSP server is installed for the system's Python."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
    return subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True, check=False).returncode == 0


class RtspServer:
    """Serves raw H.264 files; use as a context manager."""

    def __init__(self, mounts: Sequence[dict[str, Any]], *, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"port": port, "mounts": list(mounts)}) + "\n")
        self._process.stdin.flush()
        self.ready = json.loads(self._process.stdout.readline())
        self.port = int(self.ready["port"])

    def __enter__(self) -> "RtspServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.resume()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def url(self, name: str, user: str = "", password: str = "") -> str:
        """The address of a mount."""
        secret = f"{user}:{password}@" if user else ""
        return f"rtsp://{secret}127.0.0.1:{self.port}/{name}"

    def freeze(self) -> None:
        """Stop the process; its kernel still takes connections."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen process go on."""
        os.kill(self._process.pid, signal.SIGCONT)


class Bouncer:
    """Answers 401 to whatever is asked, and counts the connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while request := await reader.readuntil(b"\r\n\r\n"):
                count = next(line for line in request.split(b"\r\n") if line.lower().startswith(b"cseq"))
                challenge = b'WWW-Authenticate: Basic realm="yard"'
                writer.write(b"\r\n".join([b"RTSP/1.0 401 Unauthorized", count, challenge, b"", b""]))
                await writer.drain()
        writer.close()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator["Bouncer"]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
