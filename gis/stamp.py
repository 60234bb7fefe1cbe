"""Who, where, when, which one: the identity of everything observed, made only of what the source sent."""

import datetime as dt
import hashlib
import re
import uuid

import msgspec

from gis.position import Position

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}\Z")

BELIEVED_PAST = dt.timedelta(days=366)
"""A source's time older than this, seen from arrival, is not believed."""

BELIEVED_FUTURE = dt.timedelta(minutes=10)
"""A source's time further ahead than this, seen from arrival, is not believed."""


MOST_CODES = 65536
"""Codes that are remembered as good, so that the same few need no second look."""

_good: set[str] = set()


def is_code(text: str) -> bool:
    """Whether the text may name a centre, device, camera or gateway."""
    if text in _good:
        return True
    if CODE.match(text) is None:
        return False
    if len(_good) >= MOST_CODES:
        _good.clear()
    _good.add(text)
    return True


class Stamp(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Identity of an observation.

    `at` is the source's own time, aware, kept in UTC. `run` changes whenever the source counts anew.
    `sequence` is None for a source that does not count; `digest` of the payload then tells two
    observations of the same moment apart. Raises ValueError for a naive time or an unknown code form.
    """

    centre: str
    source: str
    at: dt.datetime
    run: str = ""
    sequence: int | None = None
    digest: str = ""
    position: Position | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a time without a zone cannot be placed; send RFC 3339 with an offset")
        if not is_code(self.centre) or not is_code(self.source):
            raise ValueError("a centre or source code is 2 to 63 lower-case letters, digits and hyphens")
        if self.sequence is None and not self.digest:
            raise ValueError("without a sequence number the digest of the payload is needed")

    @property
    def key(self) -> tuple[str, str, str, int, str, dt.datetime]:
        """What makes two deliveries of one observation the same."""
        return (
            self.centre,
            self.source,
            self.run,
            -1 if self.sequence is None else self.sequence,
            self.digest,
            self.at,
        )


def believed(at: dt.datetime, now: dt.datetime) -> bool:
    """Whether a source's time lies in the window in which a date is believed."""
    return now - BELIEVED_PAST <= at <= now + BELIEVED_FUTURE


def digest_of(payload: bytes) -> str:
    """Sixteen hexadecimal digits of the payload's SHA-256."""
    return hashlib.sha256(payload).hexdigest()[:16]


def uuid7(now: dt.datetime, entropy: bytes) -> uuid.UUID:
    """A UUID version 7 (RFC 9562, 5.7) of the millisecond of `now` and ten bytes of entropy."""
    if len(entropy) != 10:
        raise ValueError("ten bytes of entropy are needed")
    milliseconds = int(now.timestamp() * 1000)
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(entropy)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
