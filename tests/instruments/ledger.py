"""The ledger: what a generator sent and what the broker acknowledged, written line by line as it happened.

A line is whole or does not count, so that the generator may be killed as well. A message stands in the ledger
before its first byte leaves, and as acknowledged only after the broker's PUBACK was read:

    s <number> <ms> <device> <run> <seq> <at> <value>   a good message; every property carries the value
    p <number> <ms> <kind> <sha256>                     a message that has to be refused
    r <number> <ms>                                     sent again
    a <number> <ms>                                     acknowledged by the broker
    e 0 <ms>                                            the generator ended by itself, all acknowledged

`ms` and `at` are milliseconds since 1970 in UTC.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

HEAD = 4096
"""Bytes of a refused payload that the centre keeps (contract, MQTT)."""


class Sent(msgspec.Struct, kw_only=True):
    """One message. `acknowledged` is the moment of its first PUBACK in ms, None while there was none."""

    number: int
    sent: int
    device: str = ""
    run: str = ""
    seq: int = 0
    at: int = 0
    value: float = 0.0
    kind: str = ""
    digest: str = ""
    repeats: int = 0
    acknowledged: int | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """What names a good message."""
        return self.device, self.run, self.seq


def payload_of(sent: Sent, properties: Sequence[str]) -> bytes:
    """The bytes of a good message in the default codec; the same whenever they are asked for."""
    values = ",".join(f'"{name}":{sent.value}' for name in properties)
    return f'{{"at":"{moment(sent.at)}","run":"{sent.run}","seq":{sent.seq},"values":{{{values}}}}}'.encode()


def moment(ms: int) -> str:
    """Milliseconds since 1970 as RFC 3339."""
    return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def digest_of(payload: bytes) -> str:
    """What a payload is recognised by among the dead letters: its length and the SHA-256 of its head."""
    return f"{len(payload)}:{hashlib.sha256(payload[:HEAD]).hexdigest()}"


class Ledger(msgspec.Struct, kw_only=True):
    """What a ledger file says: the messages by number, and whether the generator came to its own end."""

    messages: dict[int, Sent]
    ended: bool = False

    @property
    def acknowledged(self) -> list[Sent]:
        """What the broker has taken over from the devices."""
        return [one for one in self.messages.values() if one.acknowledged is not None]


def read(path: Path) -> Ledger:
    """Read a ledger; a torn last line is left out. Raises ValueError for a line that no generator writes."""
    ledger = Ledger(messages={})
    text = path.read_bytes() if path.exists() else b""
    for line in text[: text.rfind(b"\n") + 1].decode().splitlines():
        _enter(ledger, line.split(" "))
    return ledger


def _enter(ledger: Ledger, words: list[str]) -> None:
    letter, number, ms = words[0], int(words[1]), int(words[2])
    match letter, words[3:]:
        case "s", [device, run, seq, at, value]:
            ledger.messages[number] = Sent(
                number=number, sent=ms, device=device, run=run, seq=int(seq), at=int(at), value=float(value)
            )
        case "p", [kind, digest]:
            ledger.messages[number] = Sent(number=number, sent=ms, kind=kind, digest=digest)
        case "r", []:
            ledger.messages[number].repeats += 1
        case "a", []:
            if ledger.messages[number].acknowledged is None:
                ledger.messages[number].acknowledged = ms
        case "e", []:
            ledger.ended = True
        case _:
            raise ValueError(f"no generator writes the line {' '.join(words)!r}")


class Tally:
    """Counts the lines of a growing ledger without reading anything twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.sent = 0
        self.acknowledged = 0
        self.ended = False

    def look(self) -> "Tally":
        """Count what came since the last look."""
        if not self._path.exists():
            return self
        with self._path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._offset += len(whole)
        for line in whole.splitlines():
            self.sent += line[:1] in b"sp"
            self.acknowledged += line[:1] == b"a"
            self.ended |= line[:1] == b"e"
        return self
