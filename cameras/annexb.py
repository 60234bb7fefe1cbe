"""Network abstraction layer units of H.264 and HEVC: the parameter sets in a packet, and Annex B (ITU-T H.264, H.265).

Bytes in, bytes out; what is no such unit is left alone.
"""

from collections.abc import Iterator

START = b"\0\0\0\1"
_SHORT = b"\0\0\1"


def units(data: bytes) -> Iterator[bytes]:
    """The units of a packet with start codes, without them."""
    begin = data.find(_SHORT)
    while begin >= 0:
        begin += 3
        end = data.find(_SHORT, begin)
        yield data[begin : end if end >= 0 else len(data)].rstrip(b"\0")
        begin = end


def is_set(codec: str, unit: bytes) -> bool | None:
    """Whether a unit is a parameter set; None for one that carries picture."""
    if not unit:
        return False
    if codec == "hevc":
        kind = (unit[0] >> 1) & 63
        return None if kind < 32 else kind in (32, 33, 34)
    kind = unit[0] & 31
    return None if 1 <= kind <= 5 else kind in (7, 8)


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The parameter sets before the picture in a packet with start codes, behind such; empty when it has none."""
    found = b""
    for unit in units(data):
        wanted = is_set(codec, unit)
        if wanted is None:
            break
        if wanted:
            found += START + unit
    return found


def with_start_codes(codec: str, extradata: bytes, data: bytes) -> bytes:
    """A packet as Annex B. Where `extradata` is a record of ISO/IEC 14496-15 its lengths become start codes."""
    size = length_size(codec, extradata)
    if size == 0:
        return data
    made, at = b"", 0
    while at + size <= len(data):
        length = int.from_bytes(data[at : at + size], "big")
        at += size
        made += START + data[at : at + length]
        at += length
    return made


def length_size(codec: str, extradata: bytes) -> int:
    """How many bytes the length before each unit has; 0 where there are start codes."""
    if not extradata or extradata[0] != 1:
        return 0
    place = 21 if codec == "hevc" else 4
    return (extradata[place] & 3) + 1 if len(extradata) > place else 0


def sets_of_record(codec: str, extradata: bytes) -> bytes:
    """The parameter sets of a stream's extradata behind start codes, whether it is a record or has them already."""
    if length_size(codec, extradata) == 0:
        return extradata
    return b"".join(START + unit for unit in (_hvcc(extradata) if codec == "hevc" else _avcc(extradata)))


def _avcc(record: bytes) -> Iterator[bytes]:
    """ISO/IEC 14496-15, 5.3.3.1: a number of sequence sets, then a number of picture sets."""
    at = 5
    for bits in (31, 255):
        if at >= len(record):
            return
        count, at = record[at] & bits, at + 1
        for _ in range(count):
            length = int.from_bytes(record[at : at + 2], "big")
            yield record[at + 2 : at + 2 + length]
            at += 2 + length


def _hvcc(record: bytes) -> Iterator[bytes]:
    """ISO/IEC 14496-15, 8.3.3.1: arrays, each of one kind of set."""
    at = 23
    for _ in range(record[22] if len(record) > 22 else 0):
        count, at = int.from_bytes(record[at + 1 : at + 3], "big"), at + 3
        for _ in range(count):
            length = int.from_bytes(record[at : at + 2], "big")
            yield record[at + 2 : at + 2 + length]
            at += 2 + length
