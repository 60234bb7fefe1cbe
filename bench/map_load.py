"""Asks many addresses of one server in turn, on connections kept alive, and times every answer.

Run as a program: one line of JSON on standard input (`Order`), one on standard output (`Answers`). It reads no more of
an answer than where it ends, so that the server is what is measured. Each connection begins at another address.
"""

import asyncio
import sys
import time

import msgspec


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask. Every connection asks all `paths` in their order, again and again, for so many seconds."""

    host: str
    port: int
    paths: list[str]
    token: str = ""
    connections: int = 2
    seconds: float = 6.0


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """Answers a second, milliseconds of one, and bytes of one body."""

    per_s: float
    p50_ms: float
    p99_ms: float
    bytes: float
    answers: int


class Connection(asyncio.Protocol):
    """One connection: asks for the next address as soon as an answer is whole."""

    def __init__(self, requests: list[bytes], place: int) -> None:
        self._requests, self._place, self._asked = requests, place, 0.0
        self._left = bytearray()
        self._ends = -1
        self._begins = 0
        self.seconds: list[float] = []
        self.bytes = 0
        self.other = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Note a whole answer and ask again."""
        self._left += data
        if self._ends < 0:
            self._read_head()
        if self._ends == 0 and self._left.endswith(b"0\r\n\r\n"):
            self._ends = len(self._left)
        if 0 < self._ends <= len(self._left):
            self._note()

    def _read_head(self) -> None:
        end = self._left.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._left[:end]).lower()
        if not head.startswith(b"http/1.1 200"):
            self.other = head
        length = head.partition(b"content-length:")[2].partition(b"\r")[0].strip()
        self._begins = end + 4
        self._ends = self._begins + int(length) if length else 0

    def _note(self) -> None:
        self.seconds.append(time.perf_counter() - self._asked)
        self.bytes += self._ends - self._begins
        self._left.clear()
        self._ends = -1
        self._ask()

    def _ask(self) -> None:
        self.transport.write(self._requests[self._place])
        self._place = (self._place + 1) % len(self._requests)
        self._asked = time.perf_counter()


async def load(order: Order) -> Answers:
    """Ask. RuntimeError when an answer was not 200."""
    key = f"Authorization: Bearer {order.token}\r\n" if order.token else ""
    texts = [f"GET {path} HTTP/1.1\r\nHost: {order.host}:{order.port}\r\n{key}\r\n".encode() for path in order.paths]
    loop, begun = asyncio.get_running_loop(), time.perf_counter()
    places = [number * len(texts) // order.connections for number in range(order.connections)]
    opened = [
        (await loop.create_connection(lambda place=place: Connection(texts, place), order.host, order.port))[1]  # type: ignore[misc]
        for place in places
    ]
    await asyncio.sleep(order.seconds)
    took = time.perf_counter() - begun
    for one in opened:
        one.transport.abort()
    if strange := next((one.other for one in opened if one.other), b""):
        raise RuntimeError(f"an answer was not 200: {strange.decode(errors='replace')}")
    seconds = sorted(second for one in opened for second in one.seconds)
    return Answers(
        per_s=len(seconds) / took,
        p50_ms=seconds[len(seconds) // 2] * 1e3,
        p99_ms=seconds[int(len(seconds) * 0.99)] * 1e3,
        bytes=sum(one.bytes for one in opened) / len(seconds),
        answers=len(seconds),
    )


async def loaded(order: Order) -> Answers:
    """The same in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.map_load"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate(msgspec.json.encode(order))
    if process.returncode:
        raise RuntimeError("the load did not run; see the lines above")
    return msgspec.json.decode(said, type=Answers)


if __name__ == "__main__":
    _answers = asyncio.run(load(msgspec.json.decode(sys.stdin.buffer.read(), type=Order)))
    sys.stdout.buffer.write(msgspec.json.encode(_answers))
