"""The checker: sorts every message of a ledger by what the centre's database says of it.

kept, refused with a reason, reported missing by the centre itself, not acknowledged, **lost** (acknowledged and
nowhere, or kept as something else than was sent) or **twice**. Only lost and twice fail, and rows of nobody.
"""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import asyncpg
import msgspec

from tests.instruments.ledger import Ledger, Sent, digest_of, payload_of

Key = tuple[str, str, int]


class Row(msgspec.Struct, frozen=True):
    """One kept value."""

    device: str
    run: str
    seq: int
    at: int
    property: str
    value: float


class Letter(msgspec.Struct, frozen=True):
    """One dead letter."""

    digest: str
    reason: str
    stamp: Key | None = None


class Found(msgspec.Struct, frozen=True):
    """What the centre has: kept values, dead letters, and the messages that it says itself are missing."""

    rows: Sequence[Row]
    letters: Sequence[Letter]
    missing: frozenset[Key] = frozenset()


class Account(msgspec.Struct, kw_only=True):
    """Where every message of a ledger is. `again` counts dead letters beyond the first of a message."""

    kept: int = 0
    refused: int = 0
    unacknowledged: int = 0
    again: int = 0
    named: list[Sent] = []
    lost: list[Sent] = []
    twice: list[Sent] = []
    foreign: list[Row] = []

    @property
    def missing(self) -> int:
        """How many are `named` by the centre itself as missing."""
        return len(self.named)

    @property
    def well(self) -> bool:
        """Whether the promise held."""
        return not (self.lost or self.twice or self.foreign)

    def __str__(self) -> str:
        wrong = [f"{one.device}/{one.run}/{one.seq or one.kind}" for one in (*self.lost, *self.twice)][:5]
        return (
            f"kept {self.kept}, refused {self.refused}, reported missing {self.missing}, "
            f"not acknowledged {self.unacknowledged}, lost {len(self.lost)}, twice {len(self.twice)}, "
            f"of nobody {len(self.foreign)}{', the first: ' + ' '.join(wrong) if wrong else ''}"
        )


def account(ledger: Ledger, found: Found, properties: Sequence[str]) -> Account:
    """Sort every message of the ledger; each counts once, under the worst that is true of it."""
    result = Account()
    rows: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in found.rows:
        rows[row.device, row.run, row.seq].append(row)
    letters = Counter(letter.digest for letter in found.letters if letter.reason)
    stamps = {letter.stamp for letter in found.letters if letter.reason and letter.stamp}
    for sent in ledger.messages.values():
        own = rows.pop(sent.key, []) if not sent.kind else []
        number = letters[sent.digest or digest_of(payload_of(sent, properties))] if sent.kind or not own else 0
        result.again += max(number - 1, 0)
        if own and _doubled(own):
            result.twice.append(sent)
        elif own and _as_sent(sent, own, properties):
            result.kept += 1
        elif own:
            result.lost.append(sent)
        elif number or sent.key in stamps:
            result.refused += 1
        elif sent.acknowledged is None:
            result.unacknowledged += 1
        elif sent.key in found.missing:
            result.named.append(sent)
        else:
            result.lost.append(sent)
    result.foreign = [row for left in rows.values() for row in left]
    return result


def _doubled(rows: Sequence[Row]) -> bool:
    return max(Counter(row.property for row in rows).values()) > 1


def _as_sent(sent: Sent, rows: Sequence[Row], properties: Sequence[str]) -> bool:
    """Whether every property is there, with the moment and the value that were sent."""
    return {row.property for row in rows} == set(properties) and all(
        (row.at, row.value) == (sent.at, sent.value) for row in rows
    )


_KEPT = """
select device, run, coalesce(seq, -1) as seq, (extract(epoch from at) * 1000)::bigint as at, property, value
from outside.kept
"""


async def collect(url: str, missing: Iterable[Key] = ()) -> Found:
    """Everything that is kept and refused, read as the role that reads from outside; a row not counted is seq -1."""
    connection = await asyncpg.connect(url, timeout=30)
    try:
        kept = await connection.fetch(_KEPT)
        refused = await connection.fetch("select head, bytes, reason from outside.dead_letters")
    finally:
        await connection.close()
    return Found([Row(*row) for row in kept], [_letter(*row) for row in refused], frozenset(missing))


def _letter(head: bytes, length: int, reason: str) -> Letter:
    """A dead letter as it is recognised: by its bytes, or by the stamp where a decoded reading was refused."""
    digest = f"{length}:{digest_of(head).split(':')[1]}"
    try:
        stamp = json.loads(head)["stamp"]
        key = (stamp["source"], stamp.get("run", ""), int(stamp["sequence"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return Letter(digest, reason)
    return Letter(digest, reason, key)


def late_by(sent: Sent, moment: dt.datetime) -> float:
    """Seconds from the acknowledgement of a message to a moment."""
    return moment.timestamp() - (sent.acknowledged or 0) / 1000
