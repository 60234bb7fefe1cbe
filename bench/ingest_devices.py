"""The devices: thousands of connections that publish at QoS 1, as fast as the consumer takes it or at a rate.

Run as a program, `python -m bench.ingest_devices BOARD`: a JSON line on standard input says who the devices are
(Fleet), each further line is an Order; each is answered by one JSON line when every message of it is with the broker.
Each payload carries the moment of its sending. Values of the first devices in a hundred stand above an alarm level.
"""

import json
import random
import select
import socket
import struct
import sys
import time
from pathlib import Path

import msgspec

from bench.ingest_board import Board
from bench.ingest_mqtt import PUBACK_BYTES, PUBLISH, dial, length, text

TOPIC = "ioc/v1/{centre}/{code}/readings"
PROPERTY = "pm2_5"
STAMP = len("2026-11-22T01:02:03.456789Z")
VALUE = len("12.25")
CALM, OVER = (1000, 6999), (9000, 9999)
"""Hundredths below every limit and above the first."""
TURNS = 16
"""After so many messages a device's values come again."""
TAIL = b'},"status":"00","bat":3.71,"rssi":-71,"fw":"1.4.2","uptime":8640000}'
CHUNK = 64
"""Messages that share a stamp: well below a millisecond."""
COLLECT = 4
"""Messages a device has sent, at least, when the broker's answers are collected, while it is not waited for."""
IDLE_S = 0.001


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """Who the devices are, and where the broker is; `devices` are pairs of code and key."""

    host: str
    port: int
    centre: str
    devices: list[tuple[str, str]]
    alarms: int


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: until `seconds` have passed or `most` is sent, at `rate` a second (0: as it is taken).

    `backlog` bounds what the consumer has not done yet (0: no bound). The messages bear `run` and count from 0.
    """

    run: str
    seconds: float
    most: int
    rate: float = 0.0
    backlog: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an order: messages, the monotonic moments of the first and last send in ns, our CPU seconds."""

    sent: int
    first_ns: int
    last_ns: int
    cpu_s: float
    payload_bytes: int


class Devices:
    """The connections of a fleet."""

    def __init__(self, fleet: Fleet, board: Board) -> None:
        self._fleet = fleet
        self._board = board
        self._poll = select.epoll()
        self._lines: dict[int, socket.socket] = {}
        self._heads: list[bytes] = []
        self._heads_size = 0
        self._values = [values(fleet, turn) for turn in range(TURNS)]
        self._answered = 0
        for code, key in fleet.devices:
            line = dial(fleet.host, fleet.port, code, code, key)
            line.setblocking(False)
            self._lines[line.fileno()] = line
            self._poll.register(line, select.EPOLLIN)
        self._order = list(self._lines.values())

    def obey(self, order: Order) -> Report:
        """Send what is ordered. Raises ConnectionError when the broker ends a connection."""
        begun_cpu, begun, sent = time.process_time(), time.monotonic_ns(), 0
        last, self._answered = begun, 0
        before = self._board.get("done")
        limit = len(self._order) * COLLECT
        while sent < order.most and (time.monotonic_ns() - begun) < order.seconds * 1e9:
            due = self._due(order, begun, sent, before)
            if due > 0:
                sent = self._sweep(order.run, sent, min(due, CHUNK))
                last = time.monotonic_ns()
            else:
                time.sleep(IDLE_S)
            self._board.put("sent", sent)
            if sent - self._taken > limit:
                self._collect()
        while self._taken < sent:
            self._collect(0.2)
        size = len(self._body(order.run, 0, self._stamp())) + VALUE + len(TAIL)
        cpu = time.process_time() - begun_cpu
        return Report(sent=sent, first_ns=begun, last_ns=last, cpu_s=cpu, payload_bytes=size - 2)

    def close(self) -> None:
        """Hang up."""
        self._poll.close()
        for line in self._order:
            line.close()

    @property
    def _taken(self) -> int:
        """Messages that the broker has answered."""
        return self._answered // PUBACK_BYTES

    def _due(self, order: Order, begun: int, sent: int, before: int) -> int:
        due = order.most - sent
        if order.rate:
            due = min(due, int((time.monotonic_ns() - begun) / 1e9 * order.rate) - sent)
        if order.backlog:
            due = min(due, order.backlog - sent + self._board.get("done") - before)
        return due

    def _sweep(self, run: str, sent: int, most: int) -> int:
        """Send the next messages, each by the next device; ends early where a device's count changes."""
        count, place = divmod(sent, len(self._order))
        most = min(most, len(self._order) - place)
        body = self._body(run, count, self._stamp())
        heads = self._headed(len(body) + VALUE + len(TAIL))
        order, numbers = self._order, self._values[count % TURNS]
        for number in range(place, place + most):
            whole = b"".join((heads[number], body, numbers[number], TAIL))
            try:
                written = order[number].send(whole)
            except BlockingIOError:
                written = 0
            if written < len(whole):
                self._push(order[number], whole[written:])
        return sent + most

    def _push(self, line: socket.socket, rest: bytes) -> None:
        """Send the rest when the broker reads again."""
        line.settimeout(20.0)
        line.sendall(rest)
        line.setblocking(False)

    def _headed(self, size: int) -> list[bytes]:
        """Fixed header and topic of each device's message, for what follows the topic."""
        if self._heads_size != size:
            topics = [text(TOPIC.format(centre=self._fleet.centre, code=code)) for code, _ in self._fleet.devices]
            self._heads = [bytes((PUBLISH | 0x02,)) + length(len(topic) + size) + topic for topic in topics]
            self._heads_size = size
        return self._heads

    def _body(self, run: str, count: int, stamp: bytes) -> bytes:
        """From the packet id to the value."""
        return b'%b{"at":"%b","run":"%b","seq":%d,"values":{"%b":' % (
            struct.pack(">H", count % 65_535 + 1),
            stamp,
            run.encode(),
            count,
            PROPERTY.encode(),
        )

    def _stamp(self) -> bytes:
        """This moment, RFC 3339 with microseconds."""
        seconds, micro = divmod(time.time_ns() // 1000, 1_000_000)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)).encode() + b".%06dZ" % micro

    def _collect(self, wait_s: float = 0.0) -> None:
        """Count the broker's answers that are there. Raises ConnectionError when it hung up."""
        for number, _ in self._poll.poll(wait_s, len(self._lines)):
            answer = self._lines[number].recv(4096)
            if not answer:
                raise ConnectionError("the broker ended a device's connection; see its log")
            self._answered += len(answer)
        self._board.put("taken", self._taken)


def values(fleet: Fleet, turn: int) -> list[bytes]:
    """A value for each device, the same at every start."""
    chance = random.Random(turn)
    spans = [OVER if place < fleet.alarms else CALM for place in range(len(fleet.devices))]
    return [b"%.2f" % (chance.randint(*span) / 100) for span in spans]


def main() -> None:
    """Dial, then obey order after order until the input ends."""
    board = Board(Path(sys.argv[1]))
    devices = Devices(msgspec.json.decode(sys.stdin.readline(), type=Fleet), board)
    print("connected", flush=True)
    for line in sys.stdin:
        report = devices.obey(msgspec.json.decode(line, type=Order))
        print(json.dumps(msgspec.to_builtins(report)), flush=True)
    devices.close()


if __name__ == "__main__":
    main()
