"""NAL units of H.264 and H.265: how a packet holds them, and what their parameter sets say. Pure.

Sources: ITU-T H.264 (08/2021) 7.3.2.1.1 and annex B, ITU-T H.265 (09/2023) 7.3.2.2 and annex B, ISO/IEC 14496-15
5.3.3.1 and 8.3.3.1 (how files hold them).
"""

from collections.abc import Sequence

import msgspec

START = b"\0\0\1"
H264_SPS, H264_PPS = 7, 8
H265_VPS, H265_SPS, H265_PPS = 32, 33, 34
_WITH_CHROMA = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
"""H.264 profiles whose parameter sets tell of chroma and scaling."""


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """What a sequence parameter set says: the size in pixels, the chroma format, the bits of a sample."""

    width: int
    height: int
    chroma: int = 1
    luma_bits: int = 8
    chroma_bits: int = 8


def annexb_units(data: bytes) -> list[bytes]:
    """The NAL units between start codes; their trailing zeros belong to the start code that follows."""
    found = []
    begin = data.find(START)
    while begin >= 0:
        end = data.find(START, begin + 3)
        unit = data[begin + 3 : end if end >= 0 else len(data)].rstrip(b"\0")
        if unit:
            found.append(unit)
        begin = end
    return found


def prefixed_units(data: bytes, size: int = 4) -> list[bytes]:
    """The NAL units behind their lengths of `size` bytes; what is cut off is left out."""
    found, place = [], 0
    while place + size <= len(data):
        length = int.from_bytes(data[place : place + size], "big")
        unit = data[place + size : place + size + length]
        if len(unit) < length or not unit:
            break
        found.append(unit)
        place += size + length
    return found


def kept_sets(codec: str, extradata: bytes) -> tuple[list[bytes], int]:
    """The parameter sets that came with a stream, and the bytes of a length in its packets (0: start codes)."""
    if extradata[:1] != b"\1":
        return annexb_units(extradata), 0
    return _avcc(extradata) if codec == "h264" else _hvcc(extradata)


def _avcc(record: bytes) -> tuple[list[bytes], int]:
    found, place = [], 5
    for mask in (0x1F, 0xFF):
        number, place = (record[place] & mask if place < len(record) else 0), place + 1
        for _ in range(number):
            length = int.from_bytes(record[place : place + 2], "big")
            found.append(record[place + 2 : place + 2 + length])
            place += 2 + length
    return [unit for unit in found if unit], (record[4] & 3) + 1 if len(record) > 4 else 4


def _hvcc(record: bytes) -> tuple[list[bytes], int]:
    found, place = [], 23
    for _ in range(record[22] if len(record) > 22 else 0):
        number, place = int.from_bytes(record[place + 1 : place + 3], "big"), place + 3
        for _ in range(number):
            length = int.from_bytes(record[place : place + 2], "big")
            found.append(record[place + 2 : place + 2 + length])
            place += 2 + length
    return [unit for unit in found if unit], (record[21] & 3) + 1 if len(record) > 21 else 4


def kind(codec: str, unit: bytes) -> int:
    """The type of a NAL unit."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def plain(unit: bytes) -> bytes:
    """A NAL unit without the bytes that keep start codes out of it."""
    return unit.replace(b"\0\0\3", b"\0\0")


class Bits:
    """Reads a byte string bit by bit. Raises ValueError behind its end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def u(self, bits: int) -> int:
        """An unsigned number of so many bits."""
        if bits > self._left:
            raise ValueError("the parameter set is cut off")
        self._left -= bits
        return self._value >> self._left & ((1 << bits) - 1)

    def ue(self) -> int:
        """An unsigned Exp-Golomb number (H.264, 9.1)."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("the parameter set holds a number without end")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb number."""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def h264_shape(sps: bytes) -> Shape:
    """What an H.264 sequence parameter set says. Raises ValueError when it is not a whole one."""
    bits = Bits(plain(sps)[1:])
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    chroma, luma_bits, chroma_bits = 1, 8, 8
    if profile in _WITH_CHROMA:
        chroma = bits.ue()
        if chroma == 3:
            bits.u(1)
        luma_bits, chroma_bits = 8 + bits.ue(), 8 + bits.ue()
        bits.u(1)
        _skip_scaling(bits, 12 if chroma == 3 else 8)
    bits.ue()
    _skip_order(bits)
    bits.ue()
    bits.u(1)
    wide, high = bits.ue() + 1, bits.ue() + 1
    frames_only = bits.u(1)
    bits.u(1 if frames_only else 2)
    across = 2 if chroma in (1, 2) else 1
    down = (2 if chroma == 1 else 1) * (2 - frames_only)
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.u(1) else (0, 0, 0, 0)
    return Shape(
        width=_positive(wide * 16 - across * (left + right)),
        height=_positive(high * 16 * (2 - frames_only) - down * (top + bottom)),
        chroma=chroma,
        luma_bits=luma_bits,
        chroma_bits=chroma_bits,
    )


def _skip_scaling(bits: Bits, lists: int) -> None:
    if not bits.u(1):
        return
    for number in range(lists):
        if not bits.u(1):
            continue
        last = following = 8
        for _ in range(16 if number < 6 else 64):
            if following:
                following = (last + bits.se()) % 256
            last = following or last


def _skip_order(bits: Bits) -> None:
    """The way in which the order of pictures is counted."""
    way = bits.ue()
    if way == 0:
        bits.ue()
    elif way == 1:
        bits.u(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()


def h265_shape(sps: bytes) -> Shape:
    """What an H.265 sequence parameter set says. Raises ValueError when it is not a whole one."""
    bits = Bits(plain(sps)[2:])
    bits.u(4)
    layers = bits.u(3)
    bits.u(1)
    bits.u(96)
    marks = [(bits.u(1), bits.u(1)) for _ in range(layers)]
    if layers:
        bits.u(2 * (8 - layers))
    for profile, level in marks:
        bits.u(88 * profile + 8 * level)
    bits.ue()
    chroma = bits.ue()
    if chroma == 3:
        bits.u(1)
    wide, high = bits.ue(), bits.ue()
    across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1)
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.u(1) else (0, 0, 0, 0)
    return Shape(
        width=_positive(wide - across * (left + right)),
        height=_positive(high - down * (top + bottom)),
        chroma=chroma,
        luma_bits=8 + bits.ue(),
        chroma_bits=8 + bits.ue(),
    )


def _positive(size: int) -> int:
    if not 0 < size <= 65535:
        raise ValueError(f"the parameter set gives a size of {size}")
    return size


def lengthened(units: Sequence[bytes]) -> bytes:
    """NAL units, each behind its length in four bytes."""
    return b"".join(part for unit in units for part in (len(unit).to_bytes(4, "big"), unit))
