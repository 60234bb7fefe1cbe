"""A line between a browser and a server that can be cut: at once, or in the middle of what is being sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """A TCP relay. While it is cut, connections are closed as soon as they are made, as where nobody answers."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self._left: int | None = None
        self.up = True
        self.cuts = 0
        self.sent = 0
        """Bytes that went to the server."""
        self.url = ""

    def cut(self) -> None:
        """Nothing goes through any more; what was on its way is lost."""
        self.up, self._left = False, None
        self.cuts += 1
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self, cut_after: int | None = None) -> None:
        """It works again; until so many more bytes went to the server, where that is given."""
        self.up, self._left = True, cut_after

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: bool) -> None:
        while data := await reader.read(4096):
            if counted:
                self.sent += len(data)
            if counted and self._left is not None:
                rest, self._left = data[: self._left], self._left - len(data)
                if self._left <= 0:
                    writer.write(rest)
                    await writer.drain()
                    self.cut()
                    return
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser."""
        if not self.up:
            writer.transport.abort()
            return
        back, forth = await asyncio.open_connection(*self._target)
        self._open |= {writer, forth}
        try:
            with suppress(ConnectionError):
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._quiet(reader, forth, True), name="up")
                    tasks.create_task(self._quiet(back, writer, False), name="down")
        finally:
            for one in (writer, forth):
                self._open.discard(one)
                one.close()

    async def _quiet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counted: bool) -> None:
        with suppress(ConnectionError):
            await self._pass(reader, writer, counted)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """A line to a server's address; its own is `url`."""
    host, port = url.removeprefix("http://").split(":")
    line = Line(host, int(port))
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        line.cut()
        server.close()
        await server.wait_closed()
