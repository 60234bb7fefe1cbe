"""The form of a spool's segments: checksummed records, so that what was synced is read again whole or not at all.

A segment is its head twice, then records. Numbers are little-endian.

    head    name of the form (8 bytes), salt (16 random bytes), their CRC (4)
    record  mark (4), length of the payload (4), its messages (4), their arrival in microseconds since 1970 (8),
            CRC of the payload (4), CRC of all of these (4); then the payload

The CRC is `zlib.crc32` (ISO 3309), begun with the segment's salt, so that bytes which a device has sent never
pass for a record. It finds accidents; who may write our disk is not kept out by it.
"""

import struct
import zlib
from collections.abc import Iterator

import msgspec

FORM = b"IOCSPL1\n"
MARK = b"\xf5\x1cR1"

_HEAD = struct.Struct("<8s16sI")
_RECORD = struct.Struct("<4sIIqII")
HEADS = 2 * _HEAD.size
"""Bytes of a segment before its first record."""

OVERHEAD = _RECORD.size
"""Bytes of a record beside its payload."""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a segment. `payload` is None where no record can be read; `torn`: it was never finished."""

    start: int
    end: int
    payload: bytes | None = None
    messages: int = 0
    arrived: int = 0
    torn: bool = False


def _crc(data: bytes | memoryview, salt: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(salt))


def heads_of(salt: bytes) -> bytes:
    """What a segment begins with."""
    return _HEAD.pack(FORM, salt, zlib.crc32(FORM + salt)) * 2


def salt_of(data: bytes) -> bytes | None:
    """The salt of a segment, None when neither of its two heads can be read."""
    for start in (0, _HEAD.size):
        if len(data) >= start + _HEAD.size:
            form, salt, crc = _HEAD.unpack_from(data, start)
            if form == FORM and crc == zlib.crc32(FORM + salt):
                return bytes(salt)
    return None


def record_of(payload: bytes, messages: int, arrived: int, salt: bytes) -> bytes:
    """A record as it is written."""
    head = struct.pack("<4sIIqI", MARK, len(payload), messages, arrived, _crc(payload, salt))
    return head + struct.pack("<I", _crc(head, salt)) + payload


def _head_at(data: bytes, at: int, salt: bytes) -> tuple[int, int, int, int] | None:
    """Length, messages, arrival and CRC of the record at a place, None when there is no head of one."""
    if at + _RECORD.size > len(data) or data[at : at + 4] != MARK:
        return None
    _, length, messages, arrived, crc, own = _RECORD.unpack_from(data, at)
    return (length, messages, arrived, crc) if own == _crc(data[at : at + _RECORD.size - 4], salt) else None


def pieces_of(data: bytes, start: int, salt: bytes) -> Iterator[Piece]:
    """What stands in a segment from a place on: every byte belongs to one piece, and never to a wrong record."""
    while start < len(data):
        found = _head_at(data, start, salt)
        if found is None:
            piece = _unreadable(data, start, salt)
        else:
            length, messages, arrived, crc = found
            body = start + _RECORD.size
            payload = data[body : body + length]
            if len(payload) < length:
                piece = Piece(start, len(data), torn=True)
            elif _crc(payload, salt) != crc:
                piece = Piece(start, body + length)
            else:
                piece = Piece(start, body + length, payload, messages, arrived)
        yield piece
        start = piece.end


def _unreadable(data: bytes, start: int, salt: bytes) -> Piece:
    after = data.find(MARK, start + 1)
    while after >= 0:
        if _head_at(data, after, salt) is not None:
            return Piece(start, after)
        after = data.find(MARK, after + 1)
    rest = data[start:]
    return Piece(start, len(data), torn=len(rest) < _RECORD.size or not any(rest))
