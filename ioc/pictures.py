"""The newest pictures of cameras, from the camera process to the API over a unix socket.

One request a connection: the camera's code and a newline; the answer is a line of JSON and the JPEG.
"""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

ANSWER_S = 3.0
LARGEST = 8 * 1024 * 1024


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The newest picture of a camera: JPEG bytes, when it was taken (UTC), and the camera's state now."""

    jpeg: bytes
    taken_at: dt.datetime
    state: str


class _Head(msgspec.Struct):
    taken_at: dt.datetime | None
    state: str
    bytes: int


@asynccontextmanager
async def serve(path: Path, newest: Callable[[str], Picture | None]) -> AsyncIterator[None]:
    """Answer for as long as the block lasts; the socket is for this account alone."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                code = (await reader.readline()).decode("ascii", "replace").strip()
                found = newest(code)
                head = _Head(found.taken_at, found.state, len(found.jpeg)) if found else _Head(None, "", 0)
                writer.write(msgspec.json.encode(head) + b"\n" + (found.jpeg if found else b""))
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            writer.transport.abort()  # close() alone would hold the picture for one who never reads it
        finally:
            writer.close()

    server = await asyncio.start_unix_server(answer, path)
    os.chmod(path, 0o600)  # noqa: PTH101
    async with server:
        yield


class PictureClient:
    """Asks the camera process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def newest(self, code: str) -> Picture | None:
        """The newest picture, None when there is none or the answer is no picture.

        Raises OSError when the camera process is away or does not answer in time.
        """
        try:
            question = code.encode("ascii") + b"\n"
            async with asyncio.timeout(ANSWER_S):
                reader, writer = await asyncio.open_unix_connection(self._path)
                try:
                    writer.write(question)
                    head = msgspec.json.decode(await reader.readline(), type=_Head)
                    if head.taken_at is None or head.bytes > LARGEST:
                        return None
                    jpeg = await reader.readexactly(head.bytes)
                    return Picture(jpeg=jpeg, taken_at=head.taken_at, state=head.state)
                finally:
                    writer.close()
        except (EOFError, ValueError):  # no whole picture, no line, no length, or a code that is not ASCII
            return None
