"""Asks one address over and over on several connections kept alive, and counts the answers of 200.

Run as a program: `python -m bench.load HOST PORT PATH CONNECTIONS SECONDS`, a bearer token on standard input;
prints answers a second. It reads no more of an answer than its length, so that the server is what is measured.
"""

import asyncio
import sys
import time


class Connection(asyncio.Protocol):
    """One connection: sends the request again as soon as its answer is whole."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._left = b""
        self.answers = 0
        self.others = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Count a whole answer and ask again."""
        self._left += data
        head, mark, body = self._left.partition(b"\r\n\r\n")
        if not mark:
            return
        place = head.lower().find(b"content-length:")
        if len(body) < int(head[place + 15 : head.find(b"\r", place) if b"\r" in head[place:] else None]):
            return
        self._left = b""
        if head.startswith(b"HTTP/1.1 200"):
            self.answers += 1
        else:
            self.others += 1
        self.transport.write(self._request)


async def load(host: str, port: int, path: str, token: str, connections: int, seconds: float) -> float:
    """Answers a second. RuntimeError when any was not 200."""
    text = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\nAccept: */*\r\n\r\n"
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: Connection(text.encode()), host, port))[1] for _ in range(connections)
    ]
    begun = time.perf_counter()
    await asyncio.sleep(seconds)
    took, answers = time.perf_counter() - begun, sum(one.answers for one in opened)
    others = sum(one.others for one in opened)
    for one in opened:
        one.transport.abort()
    if others or not answers:
        raise RuntimeError(f"{others} answers were not 200, {answers} were")
    return answers / took


if __name__ == "__main__":
    _host, _port, _path, _connections, _seconds = sys.argv[1:]
    print(asyncio.run(load(_host, int(_port), _path, sys.stdin.readline().strip(), int(_connections), float(_seconds))))
