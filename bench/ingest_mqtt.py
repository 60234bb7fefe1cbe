"""The few MQTT 3.1.1 packets that a load needs (OASIS, 2014), written and split by hand so that they cost little."""

import socket
import struct

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
PUBACK_BYTES = 4
PATIENCE_S = 20.0


def text(value: str) -> bytes:
    """A string with its length ahead (1.5.3)."""
    encoded = value.encode()
    return struct.pack(">H", len(encoded)) + encoded


def length(number: int) -> bytes:
    """The remaining length of a packet (2.2.3)."""
    found = bytearray()
    while True:
        number, digit = divmod(number, 128)
        found.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(found)


def packet(kind: int, body: bytes) -> bytes:
    """A whole packet."""
    return bytes((kind,)) + length(len(body)) + body


def dial(host: str, port: int, client: str, user: str, password: str) -> socket.socket:
    """A clean session without keep-alive. Raises ConnectionError when the broker does not let us in."""
    line = socket.create_connection((host, port), timeout=PATIENCE_S)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    flags = 0x80 | 0x40 | 0x02
    body = text("MQTT") + bytes((4, flags, 0, 0)) + text(client) + text(user) + text(password)
    line.sendall(packet(CONNECT, body))
    answer = line.recv(4, socket.MSG_WAITALL)
    if len(answer) < 4 or answer[0] != CONNACK or answer[3] != 0:
        raise ConnectionError(f"the broker does not let {client} in: {answer.hex() or 'it hung up'}")
    return line


def subscribe(line: socket.socket, topic: str) -> None:
    """Subscribe at QoS 1 and wait until it is granted. Raises ConnectionError when it is not."""
    line.sendall(packet(SUBSCRIBE, struct.pack(">H", 1) + text(topic) + b"\x01"))
    answer = line.recv(5, socket.MSG_WAITALL)
    if len(answer) < 5 or answer[0] != SUBACK or answer[4] > 2:
        raise ConnectionError(f"the broker does not let us listen to {topic}: {answer.hex()}")
