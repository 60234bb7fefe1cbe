"""A publisher of MQTT 3.1.1 at QoS 1 of the instruments' own, which shares no line with the intake.

Like a device it keeps a message until its PUBACK, and sends it again (DUP) after a new connection.
"""

import asyncio
import struct
from collections.abc import Callable

KEEPALIVE_S = 60
PING_S = 15.0

_CONNACK, _PUBACK = 0x20, 0x40
_DUP = 0x08


def connect(client: str, user: str, password: str) -> bytes:
    """CONNECT with a clean session (MQTT 3.1.1, 3.1)."""
    flags = 0x02 | (0xC0 if user else 0)
    texts = [client, user, password] if user else [client]
    return _packet(
        0x10, _text("MQTT") + bytes((4, flags)) + struct.pack(">H", KEEPALIVE_S) + b"".join(map(_text, texts))
    )


def publish(topic: str, mid: int, payload: bytes) -> bytes:
    """PUBLISH at QoS 1 (3.3)."""
    return _packet(0x32, _text(topic) + struct.pack(">H", mid) + payload)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack(">H", len(raw)) + raw


def _packet(kind: int, body: bytes) -> bytes:
    length, head = len(body), bytearray((kind,))
    while True:
        length, digit = divmod(length, 128)
        head.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(head) + body


class Wire(asyncio.Protocol):
    """One connection and what it still owes. `taken` is told the numbers that the broker acknowledged."""

    def __init__(self, client: str, user: str, password: str, taken: Callable[[list[int]], None]) -> None:
        self._hello = connect(client, user, password)
        self._taken = taken
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._mid = 0
        self.pending: dict[int, tuple[int, bytes]] = {}
        self.refused = 0
        self.open = False
        self.full = False

    @property
    def down(self) -> bool:
        """Whether there is no connection, not even one that begins."""
        return self._transport is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who we are."""
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._buffer, self.full = transport, b"", False
        transport.write(self._hello)

    def connection_lost(self, exc: Exception | None) -> None:
        """What is owed stays owed."""
        self._transport, self.open = None, False

    def pause_writing(self) -> None:
        """The socket takes no more for now."""
        self.full = True

    def resume_writing(self) -> None:
        """The socket takes more again."""
        self.full = False

    def data_received(self, data: bytes) -> None:
        """CONNACK opens, PUBACK takes what was owed; both have four bytes, a PINGRESP two."""
        self._buffer += data
        position, numbers = 0, []
        while len(self._buffer) - position >= 2 and len(self._buffer) - position >= 2 + self._buffer[position + 1]:
            kind, length = self._buffer[position] & 0xF0, self._buffer[position + 1]
            body = self._buffer[position + 2 : position + 2 + length]
            position += 2 + length
            if kind == _PUBACK:
                owed = self.pending.pop(int.from_bytes(body[:2]), None)
                numbers += [owed[0]] if owed else []
            elif kind == _CONNACK:
                self._opened(body[1])
        self._buffer = self._buffer[position:]
        if numbers:
            self._taken(numbers)

    def _opened(self, code: int) -> None:
        if code or self._transport is None:
            self.refused += 1
            self.drop()
            return
        self.open = True
        self._transport.writelines(bytes((packet[0] | _DUP,)) + packet[1:] for _, packet in self.pending.values())

    def send(self, number: int, topic: str, payload: bytes) -> None:
        """Owe a message, and send it when the connection is open."""
        self._mid = self._mid % 65535 + 1
        while self._mid in self.pending:
            self._mid = self._mid % 65535 + 1
        packet = publish(topic, self._mid, payload)
        self.pending[self._mid] = (number, packet)
        if self.open and self._transport is not None:
            self._transport.write(packet)

    def ping(self) -> None:
        """Keep an idle connection alive."""
        if self.open and self._transport is not None:
            self._transport.write(b"\xc0\x00")

    def drop(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()
