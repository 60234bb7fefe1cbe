"""Messages from nobody's imagination: valid ones, valid ones with damage, odd JSON and plain noise, on such topics.

Every valid message has a run of its own, so that what was kept can be traced to what was sent.
"""

import json
import random
from collections.abc import Sequence

import msgspec

from tests.instruments.ledger import moment


class Fuzzed(msgspec.Struct, frozen=True):
    """One message; `run` is the run that it was made with, empty when it was made without."""

    topic: str
    payload: bytes
    run: str


_SEGMENTS = (
    "readings",
    "readings/",
    "events",
    "in/up",
    "in/a/b/c",
    "",
    "Readings",
    "ín",
    "..",
    "x" * 70,
    "a b",
    "🌧",
    "%s",
)
_TEXTS = ("", "\\u0000", "\\ud800", "\\n", "é", "🌧", "null", "1e999", "'; drop table readings; --", "=1+1", "a" * 200)
_NUMBERS = (
    "0",
    "-0",
    "-1",
    "1e308",
    "1e309",
    "-1e-400",
    "9223372036854775808",
    "0.1",
    "1.0",
    "NaN",
    "Infinity",
    "01",
    "1e5",
)
_TIMES = (
    "2026-02-30T00:00:00Z",
    "1970-01-01T00:00:00Z",
    "2100-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "now",
    "0",
)


class Fuzz:
    """An endless source of messages for some devices, the same for the same seed and `now_ms`."""

    def __init__(self, seed: int, centre: str, devices: Sequence[str], now_ms: int) -> None:
        self._random = random.Random(seed)
        self._centre = centre
        self._devices = devices
        self._now = now_ms
        self._number = 0

    def message(self) -> Fuzzed:
        """The next one."""
        self._number += 1
        run = f"{self._random.getrandbits(48):012x}"
        match self._random.choices(("valid", "list", "damaged", "odd", "noise"), (25, 5, 50, 12, 8))[0]:
            case "valid":
                payload = self._valid(run)
            case "list":
                payload = b"[" + b",".join(self._valid(run) for _ in range(self._random.randrange(1, 5))) + b"]"
            case "damaged":
                payload = self._damaged(self._valid(run))
            case "odd":
                payload, run = self._odd(3).encode("utf-8", "replace"), ""
            case _:
                payload, run = self._random.randbytes(self._random.randrange(300)), ""
        return Fuzzed(self._topic(), payload, run)

    def _topic(self) -> str:
        device = self._random.choice(self._devices)
        parts = ["ioc", "v1", self._centre, device, "readings"]
        if self._random.random() < 0.25:
            parts[self._random.randrange(2, 5)] = self._random.choice(_SEGMENTS)
        if self._random.random() < 0.05:
            parts = parts[: self._random.randrange(2, 5)] + parts[self._random.randrange(2, 5) :]
        return "/".join(["ioc", "v1", *parts[2:]]) if len(parts) > 2 else "ioc/v1/"

    def _valid(self, run: str) -> bytes:
        self._number += 1
        at = moment(self._now - self._number)
        value = self._random.randrange(1000) / 100
        return json.dumps({"at": at, "run": run, "seq": self._number, "values": {"rain_sum": value}}).encode()

    def _damaged(self, payload: bytes) -> bytes:
        damaged = bytearray(payload)
        for _ in range(self._random.randrange(1, 4)):
            place = self._random.randrange(len(damaged) + 1)
            match self._random.randrange(6):
                case 0:
                    damaged[place : place + 1] = self._random.randbytes(1)
                case 1:
                    del damaged[place : place + self._random.randrange(1, 9)]
                case 2:
                    damaged[place:place] = self._random.choice(_TEXTS).encode()
                case 3:
                    damaged[place:place] = damaged[place : place + self._random.randrange(1, 20)]
                case 4:
                    del damaged[place:]
                case _:
                    self._exchange(damaged)
        return bytes(damaged)

    def _exchange(self, damaged: bytearray) -> None:
        """Another number or another time where one stood."""
        key, values = self._random.choice(((b'"seq": ', _NUMBERS), (b'"rain_sum": ', _NUMBERS), (b'"at": "', _TIMES)))
        start = damaged.find(key)
        if start >= 0:
            end = start + len(key)
            stop = min((found for mark in b',}"' if (found := damaged.find(mark, end)) >= 0), default=len(damaged))
            damaged[end:stop] = self._random.choice(values).encode()

    def _odd(self, depth: int) -> str:
        """JSON, or nearly, of the members that a codec looks for."""
        match self._random.randrange(5 if depth else 3):
            case 0:
                return self._random.choice(_NUMBERS)
            case 1:
                return f'"{self._random.choice(_TEXTS)}"'
            case 2:
                return self._random.choice(("null", "true", "{}", "[]", "", "[[[[[[[["))
            case 3:
                return "[" + ",".join(self._odd(depth - 1) for _ in range(self._random.randrange(4))) + "]"
            case _:
                names = ("at", "run", "seq", "values", "status", "recorded_at", "derived", "rain_sum", "", "__proto__")
                members = (f'"{self._random.choice(names)}":{self._odd(depth - 1)}' for _ in range(4))
                return "{" + ",".join(members) + "}"
