"""The street in one process: many devices at a broker, and a ledger of what they sent and what was taken over.

    python -m tests.instruments.generator PLAN.json

SIGTERM ends the sending early. It exits with 0 when everything was acknowledged, else with 1 after `patience_s`.
"""

import asyncio
import contextlib
import datetime as dt
import heapq
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.instruments.ledger import Sent, digest_of, payload_of
from tests.instruments.poisons import KINDS, poison
from tests.instruments.wire import PING_S, Wire

TICK_S = 0.01


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a generator does.

    `rates` are pairs of seconds and messages a second, one after the other; `most` ends them early. A share
    `repeats` of the messages is sent twice more, within `late_s` and shuffled. A share `back_dated` has an event
    time up to `back_s` ago. Every `poison_every`-th message is poison. Every `storm_s` all connections are cut and
    dialled at once. A connection owes at most `window` messages.
    """

    host: str = "127.0.0.1"
    port: int
    user: str = ""
    password: str = ""
    ledger: str
    centre: str
    devices: list[str]
    properties: list[str]
    run: str
    rates: list[tuple[float, float]]
    most: int = 0
    connections: int = 4
    repeats: float = 0.0
    late_s: float = 1.0
    back_dated: float = 0.0
    back_s: float = 7 * 86400.0
    poison_every: int = 0
    storm_s: float = 0.0
    window: int = 2000
    patience_s: float = 120.0
    seed: int = 1


class Generator:
    """Devices in turn, each counting its own messages; a device always speaks over the same connection."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._file = os.open(plan.ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._random = random.Random(plan.seed)
        self._wires = [
            Wire(f"{plan.run}-{number}", plan.user, plan.password, self._taken) for number in range(plan.connections)
        ]
        self._number = 0
        self._counts = dict.fromkeys(plan.devices, 0)
        self._later: list[tuple[float, int, str, bytes, int]] = []
        self._stop = asyncio.Event()

    async def run(self) -> bool:
        """Send as planned; True when the broker has acknowledged everything in time."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        async with asyncio.TaskGroup() as tasks:
            keepers = [tasks.create_task(self._keep(wire), name="wire") for wire in self._wires]
            keepers.append(tasks.create_task(self._storm(), name="storm"))
            await self._send()
            well = await self._finish()
            for keeper in keepers:
                keeper.cancel()
        if well:
            self._write([f"e 0 {_now()}"])
        return well

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        last, owed, end = loop.time(), 0.0, loop.time()
        for seconds, rate in self._plan.rates:
            end += seconds
            while loop.time() < end and not self._stop.is_set() and not self._done():
                await asyncio.sleep(TICK_S)
                owed = min(owed + (loop.time() - last) * rate, max(rate, 1.0))
                last = loop.time()
                owed -= self._round(int(owed))
                self._repeat(loop.time())

    def _done(self) -> bool:
        return bool(self._plan.most) and self._number >= self._plan.most

    async def _finish(self) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._plan.patience_s
        while self._later or any(wire.pending for wire in self._wires):
            if loop.time() > deadline:
                return False
            await asyncio.sleep(TICK_S)
            self._repeat(loop.time())
        return True

    def _round(self, most: int) -> int:
        """Send up to `most` new messages, and say how many. The ledger has them before the wires do."""
        if self._plan.most:
            most = min(most, self._plan.most - self._number)
        new = list(self._new(most))
        self._write([line for line, *_ in new])
        for _, number, topic, payload, wire in new:
            self._wires[wire].send(number, topic, payload)
        return len(new)

    def _new(self, most: int) -> Iterator[tuple[str, int, str, bytes, int]]:
        devices, plan, skipped, made = self._plan.devices, self._plan, 0, 0
        rooms = [0 if wire.full or not wire.open else plan.window - len(wire.pending) for wire in self._wires]
        while made < most and skipped < len(devices):
            index = (self._number + skipped) % len(devices)
            wire = index % len(self._wires)
            if rooms[wire] <= 0:
                skipped += 1
                continue
            rooms[wire] -= 1
            made += 1
            self._number += 1
            yield self._message(devices[index], wire)

    def _message(self, device: str, wire: int) -> tuple[str, int, str, bytes, int]:
        plan, number = self._plan, self._number
        if plan.poison_every and number % plan.poison_every == 0:
            kind = KINDS[number // plan.poison_every % len(KINDS)]
            bad = poison(kind, number, plan.centre, device, dt.datetime.now(dt.UTC))
            return f"p {number} {_now()} {kind} {digest_of(bad.payload)}", number, bad.topic, bad.payload, wire
        self._counts[device] += 1
        at = _now()
        if plan.back_dated and self._random.random() < plan.back_dated:
            at -= self._random.randrange(int(plan.back_s * 1000))
        value = (self._counts[device] * 7919 + number * 31) % 1000 / 100
        sent = Sent(number=number, sent=0, device=device, run=plan.run, seq=self._counts[device], at=at, value=value)
        topic, payload = f"ioc/v1/{plan.centre}/{device}/readings", payload_of(sent, plan.properties)
        if plan.repeats and self._random.random() < plan.repeats:
            for _ in range(2):
                due = asyncio.get_running_loop().time() + self._random.random() * plan.late_s
                heapq.heappush(self._later, (due, number, topic, payload, wire))
        return f"s {number} {_now()} {device} {plan.run} {sent.seq} {at} {value}", number, topic, payload, wire

    def _repeat(self, now: float) -> None:
        due = []
        while self._later and self._later[0][0] <= now:
            due.append(heapq.heappop(self._later))
        self._write([f"r {number} {_now()}" for _, number, *_ in due])
        for _, number, topic, payload, wire in due:
            self._wires[wire].send(number, topic, payload)

    def _taken(self, numbers: list[int]) -> None:
        now = _now()
        self._write([f"a {number} {now}" for number in numbers])

    def _write(self, lines: list[str]) -> None:
        if lines:
            os.write(self._file, ("\n".join(lines) + "\n").encode())

    async def _keep(self, wire: Wire) -> None:
        """Dial whenever the connection is gone, ping it while it stands."""
        loop = asyncio.get_running_loop()
        pinged = loop.time()
        while True:
            if wire.down:
                with contextlib.suppress(OSError):
                    await loop.create_connection(lambda: wire, self._plan.host, self._plan.port)
            elif loop.time() - pinged > PING_S:
                wire.ping()
                pinged = loop.time()
            await asyncio.sleep(0.1 + self._random.random() * 0.1)

    async def _storm(self) -> None:
        while self._plan.storm_s:
            await asyncio.sleep(self._plan.storm_s)
            for wire in self._wires:
                wire.drop()


def _now() -> int:
    return time.time_ns() // 1_000_000


async def _main(plan: Plan) -> bool:
    return await Generator(plan).run()


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(_main(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan))) else 1)
