"""Who asked a worker for a live view: a unix socket that takes what comes."""

import asyncio
import contextlib
import socket
import tempfile
import threading
from pathlib import Path

from cameras.live_wire import Message, Show, framed, heard


class Receiver:
    """Use as a context manager; it takes one connection."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ioc-r-", dir="/tmp"))
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(self.folder / "feed"))
        self._listening.listen()
        self._listening.settimeout(10)
        self._taken: socket.socket | None = None
        self.ended = threading.Event()

    def __enter__(self) -> "Receiver":
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        self._listening.close()

    def order(self, camera: str, serial: int = 1) -> Show:
        """The order to connect here."""
        return Show(camera=camera, path=str(self.folder / "feed"), serial=serial, turns=str(self.folder))

    def messages(self, number: int, within_s: float = 10.0) -> list[Message]:
        """So many messages, fewer when the sender hangs up or says nothing for a while."""
        if self._taken is None:
            self._taken, _ = self._listening.accept()
            self._taken.settimeout(within_s)
        found: list[Message] = []
        with contextlib.suppress(EOFError, OSError):
            while len(found) < number:
                head = self._exactly(4)
                body = self._exactly(int.from_bytes(head, "big"))
                found.append(asyncio.run(_parsed(head + body)))
        return found

    def _exactly(self, size: int) -> bytes:
        assert self._taken is not None
        found = b""
        while len(found) < size:
            more = self._taken.recv(size - len(found))
            if not more:
                self.ended.set()
                raise EOFError
            found += more
        return found

    def hang_up(self) -> None:
        """Close the connection."""
        if self._taken is not None:
            self._taken.close()


async def _parsed(data: bytes) -> Message:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    found = await heard(reader)
    assert framed(found) == data
    return found
