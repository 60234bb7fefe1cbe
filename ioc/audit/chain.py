"""The chain of the audit trail: each row's hash covers the row and the hash before it.

A row's hash is SHA-256 over its canonical form: a JSON array in UTF-8 without spaces,

    ["ioc-audit-1", seq, previous, sealed_at, id, at, who, act, kind, thing, centre, area, address, outcome,
     before, after, text]

with hashes in lower-case hexadecimal, times in RFC 3339 UTC with six decimals and `Z`, members of objects sorted
by their names' code points, and numbers as IEEE doubles or 64-bit integers in their shortest form. The first row
follows 32 zero bytes. `seq` counts 1, 2, 3 … in the order of sealing, which need not be the order of `at`.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
import orjson

FORM = "ioc-audit-1"
ZERO = bytes(32)
"""What the first row follows."""

Outcome = Literal["done", "refused", "failed"]


class Head(msgspec.Struct, frozen=True):
    """A link of the chain: its place and its hash."""

    seq: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash.hex()}"


START = Head(0, ZERO)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it was written with its deed; `at` is aware. `centre` None: no centre's affair."""

    id: int
    at: dt.datetime
    who: str
    act: str
    kind: str
    thing: str
    centre: str | None
    area: str | None
    address: str
    outcome: str
    before: Any
    after: Any
    text: str


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """A row with its seal."""

    entry: Entry
    seq: int
    previous: bytes
    hash: bytes
    sealed_at: dt.datetime

    @property
    def head(self) -> Head:
        """The link that it is."""
        return Head(self.seq, self.hash)


class Fault(msgspec.Struct, frozen=True):
    """The first thing that is wrong: at which place of the chain, and one sentence."""

    kind: Literal["changed", "link", "gap", "removed", "order", "rewritten", "unsealed"]
    seq: int
    sentence: str


def written(at: dt.datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def digest(entry: Entry, seq: int, previous: bytes, sealed_at: dt.datetime) -> bytes:
    """The hash of a row at a place of the chain. TypeError for values that JSON cannot hold."""
    form = [FORM, seq, previous.hex(), written(sealed_at)]
    for name in Entry.__struct_fields__:
        value = getattr(entry, name)
        form.append(written(value) if isinstance(value, dt.datetime) else value)
    return hashlib.sha256(orjson.dumps(form, option=orjson.OPT_SORT_KEYS)).digest()


def seal(entries: Iterable[Entry], behind: Head, sealed_at: dt.datetime) -> list[Sealed]:
    """The rows in their order behind a link."""
    chained: list[Sealed] = []
    seq, previous = behind.seq, behind.hash
    for entry in entries:
        seq += 1
        made = digest(entry, seq, previous, sealed_at)
        chained.append(Sealed(entry=entry, seq=seq, previous=previous, hash=made, sealed_at=sealed_at))
        previous = made
    return chained


class Inspection:
    """Follows a chain from its start (or, for a part of it, from its first row) and stops at the first fault.

    `anchors` are links known from elsewhere (the stored head, the head file, the security centre): the chain must
    hold each of them unchanged.
    """

    def __init__(self, anchors: Sequence[Head] = (), *, part: bool = False) -> None:
        self._fixed = {anchor.seq: {one.hash for one in anchors if one.seq == anchor.seq} for anchor in anchors}
        self._last: Head | None = None if part else START
        self.rows = 0
        self.fault: Fault | None = None

    @property
    def last(self) -> Head:
        """The newest link that was found good."""
        return self._last or START

    def take(self, row: Sealed) -> bool:
        """The next row; False as soon as there is a fault."""
        if self.fault is None:
            self.fault = self._judge(row)
        if self.fault is None:
            self._last = row.head
            self.rows += 1
        return self.fault is None

    def _judge(self, row: Sealed) -> Fault | None:
        last = self._last or Head(row.seq - 1, row.previous)
        seq, id_ = row.seq, row.entry.id
        if seq > last.seq + 1:
            gone = f"row {last.seq + 1} is" if seq == last.seq + 2 else f"rows {last.seq + 1} to {seq - 1} are"
            return Fault("gap", last.seq + 1, f"{gone} missing: row {seq} (id {id_}) comes after row {last.seq}")
        if seq <= last.seq:
            return Fault("order", seq, f"row {seq} (id {id_}) comes after row {last.seq}: it was added or moved")
        if digest(row.entry, seq, row.previous, row.sealed_at) != row.hash:
            what = f"{row.entry.act} by {row.entry.who or 'a stranger'}"
            return Fault("changed", seq, f"row {seq} (id {id_}, {what}) is not what was sealed: it was changed")
        if row.previous != last.hash:
            return Fault("link", seq, f"row {seq} (id {id_}) does not follow row {last.seq}: the link is broken")
        if self._fixed.get(seq, {row.hash}) != {row.hash}:
            return Fault("rewritten", seq, f"row {seq} (id {id_}) is not the row that was known under that number")
        return None

    def end(self) -> Fault | None:
        """No row follows: what an anchor knows beyond the last row was removed."""
        newest = max(self._fixed, default=0)
        if self.fault is None and newest > self.last.seq:
            first = self.last.seq + 1
            gone = f"row {first} was" if first == newest else f"rows {first} to {newest} were"
            self.fault = Fault("removed", first, f"{gone} removed from the end: row {newest} is known to have existed")
        return self.fault


def verify(rows: Iterable[Sealed], anchors: Sequence[Head] = (), *, part: bool = False) -> Inspection:
    """A chain from its start to its end, or a contiguous part of it."""
    inspection = Inspection(anchors, part=part)
    for row in rows:
        if not inspection.take(row):
            return inspection
    inspection.end()
    return inspection
