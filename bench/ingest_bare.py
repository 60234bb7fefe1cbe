"""The least that a consumer can do: split packets and acknowledge them. Run as a program; ends with its connection.

`python -m bench.ingest_bare BOARD HOST PORT USER`, the password on standard input; prints a line once it listens.
"""

import sys
import time
from pathlib import Path

from bench.ingest_board import Board
from bench.ingest_mqtt import PUBACK, PUBLISH, dial, subscribe

RECEIVE_BYTES = 262_144


def split(buffer: bytes) -> tuple[list[bytes], bytes]:
    """The packet ids of the whole QoS 1 messages in a buffer, and what is left of it."""
    ids: list[bytes] = []
    place, end = 0, len(buffer)
    while end - place >= 2:
        body, size, shift = place + 1, 0, 0
        while body < end:
            digit = buffer[body]
            size |= (digit & 0x7F) << shift
            shift += 7
            body += 1
            if digit < 0x80:
                break
        else:
            break
        if body + size > end:
            break
        if buffer[place] & 0xF0 == PUBLISH:
            at = body + 2 + (buffer[body] << 8 | buffer[body + 1])
            ids.append(buffer[at : at + 2])
        place = body + size
    return ids, buffer[place:]


def consume(board: Board, host: str, port: int, user: str, password: str, topic: str) -> None:
    """Listen until the connection ends, counting on the board what was acknowledged."""
    line = dial(host, port, "bench-bare", user, password)
    subscribe(line, topic)
    line.settimeout(None)
    print("listening", flush=True)
    head, left, done = bytes((PUBACK, 2)), b"", board.get("done")
    while received := line.recv(RECEIVE_BYTES):
        ids, left = split(left + received)
        line.sendall(b"".join([head + one for one in ids]))
        done += len(ids)
        board.put("last_done_ns", time.monotonic_ns())
        board.put("done", done)


if __name__ == "__main__":
    _board, _host, _port, _user, _topic = sys.argv[1:]
    consume(Board(Path(_board)), _host, int(_port), _user, sys.stdin.readline().strip(), _topic)
