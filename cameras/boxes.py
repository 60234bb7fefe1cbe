"""The boxes of a fragmented MP4 with one video track. Pure.

Sources: ISO/IEC 14496-12 (8.2 to 8.8, 8.16.5), ISO/IEC 14496-15 (5.3.3.1, 8.3.3.1), RFC 6381 3.3 (codec strings).
"""

from collections.abc import Sequence

from cameras.nal import H264_PPS, H264_SPS, H265_PPS, H265_SPS, H265_VPS, Shape, kind, plain

TIMESCALE = 90_000
"""Ticks a second of every time in the boxes."""
TRACK = 1
SYNC, NON_SYNC = 0x0200_0000, 0x0101_0000
"""Sample flags (8.8.3.1): a picture that depends on none; one that depends on others and where none can begin."""
NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900, where NTP begins to count (RFC 5905), to 1970."""
_MATRIX = b"".join(value.to_bytes(4, "big") for value in (0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000))


def number(value: int, size: int = 4) -> bytes:
    """An unsigned number of `size` bytes, big-endian."""
    return value.to_bytes(size, "big")


def box(name: bytes, *parts: bytes) -> bytes:
    """A box (4.2)."""
    body = b"".join(parts)
    return number(len(body) + 8) + name + body


def full(name: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    """A box with version and flags."""
    return box(name, number(version, 1) + number(flags, 3), *parts)


def codec_string(codec: str, sets: Sequence[bytes]) -> str:
    """What a browser is asked for (RFC 6381 3.3; ISO/IEC 14496-15, annex E): `avc1.64001F`, `hvc1.1.6.L93.B0`."""
    if codec == "h264":
        sps = _first(codec, sets, H264_SPS)
        return f"avc1.{sps[1:4].hex().upper()}"
    profile = plain(_first(codec, sets, H265_SPS))[3:15]
    space = ("", "A", "B", "C")[profile[0] >> 6]
    fits = int(f"{int.from_bytes(profile[1:5], 'big'):032b}"[::-1], 2)
    tier = "H" if profile[0] & 0x20 else "L"
    constraints = "".join(f".{byte:X}" for byte in profile[5:11].rstrip(b"\0"))
    return f"hvc1.{space}{profile[0] & 0x1F}.{fits:X}.{tier}{profile[11]}{constraints}"


def init(codec: str, sets: Sequence[bytes], shape: Shape) -> bytes:
    """The initialisation segment for parameter sets: `ftyp` and `moov`."""
    size = number(shape.width << 16) + number(shape.height << 16)
    times = number(0) * 2
    header = full(
        b"mvhd", 0, 0, times, number(TIMESCALE), number(0), number(0x10000), number(0x100, 2), bytes(10), _MATRIX,
        bytes(24), number(TRACK + 1),
    )  # fmt: skip
    track = full(b"tkhd", 0, 3, times, number(TRACK), bytes(8), bytes(8), bytes(8), _MATRIX, size)
    media = box(
        b"mdia",
        full(b"mdhd", 0, 0, times, number(TIMESCALE), number(0), number(0x55C4, 2), bytes(2)),
        full(b"hdlr", 0, 0, bytes(4), b"vide", bytes(12), b"camera\0"),
        box(
            b"minf",
            full(b"vmhd", 0, 1, bytes(8)),
            box(b"dinf", full(b"dref", 0, 0, number(1), full(b"url ", 0, 1))),
            _table(codec, sets, shape),
        ),
    )
    extends = box(b"mvex", full(b"trex", 0, 0, number(TRACK), number(1), bytes(12)))
    brands = box(b"ftyp", b"iso6", number(0), b"iso6", b"mp41")
    return brands + box(b"moov", header, box(b"trak", track, media), extends)


def _table(codec: str, sets: Sequence[bytes], shape: Shape) -> bytes:
    entry = box(
        b"avc1" if codec == "h264" else b"hvc1",
        bytes(6), number(1, 2), bytes(16), number(shape.width, 2), number(shape.height, 2),
        number(0x480000) * 2, bytes(4), number(1, 2), bytes(32), number(0x18, 2), b"\xff\xff",
        box(b"avcC", _avcc(sets, shape)) if codec == "h264" else box(b"hvcC", _hvcc(sets, shape)),
    )  # fmt: skip
    empty = (full(name, 0, 0, number(0)) for name in (b"stts", b"stsc", b"stco"))
    return box(
        b"stbl", full(b"stsd", 0, 0, number(1), entry), full(b"stsz", 0, 0, number(0), number(0)), *empty
    )  # fmt: skip


def _first(codec: str, sets: Sequence[bytes], wanted: int) -> bytes:
    return next(unit for unit in sets if kind(codec, unit) == wanted)


def _avcc(sets: Sequence[bytes], shape: Shape) -> bytes:
    sps = [unit for unit in sets if kind("h264", unit) == H264_SPS]
    pps = [unit for unit in sets if kind("h264", unit) == H264_PPS]
    more = b""
    if sps[0][1] in (100, 110, 122, 144):
        more = bytes((0xFC | shape.chroma, 0xF8 | shape.luma_bits - 8, 0xF8 | shape.chroma_bits - 8, 0))
    return b"".join((b"\1", sps[0][1:4], b"\xff", _listed(sps, 0xE0), _listed(pps, 0), more))


def _listed(units: Sequence[bytes], mark: int) -> bytes:
    return number(mark | len(units), 1) + b"".join(number(len(unit), 2) + unit for unit in units)


def _hvcc(sets: Sequence[bytes], shape: Shape) -> bytes:
    profile = plain(_first("hevc", sets, H265_SPS))[3:15]
    head = b"".join(
        (b"\1", profile, b"\xf0\0", b"\xfc", number(0xFC | shape.chroma, 1), number(0xF8 | shape.luma_bits - 8, 1),
         number(0xF8 | shape.chroma_bits - 8, 1), bytes(2), number(0x0F, 1))
    )  # fmt: skip
    arrays = []
    for wanted in (H265_VPS, H265_SPS, H265_PPS):
        units = [unit for unit in sets if kind("hevc", unit) == wanted]
        arrays.append(number(0x80 | wanted, 1) + number(len(units), 2))
        arrays += [number(len(unit), 2) + unit for unit in units]
    return head + number(3, 1) + b"".join(arrays)


def fragment(serial: int, sample: bytes, *, dts: int, duration: int, offset: int, key: bool) -> bytes:
    """A media segment of one picture: `moof` and `mdat`. Times in ticks; `offset` is that of showing it (signed)."""

    def movie(place: int) -> bytes:
        run = full(
            b"trun", 1, 0xF01, number(1), number(place), number(duration), number(len(sample)),
            number(SYNC if key else NON_SYNC), offset.to_bytes(4, "big", signed=True),
        )  # fmt: skip
        track = box(
            b"traf", full(b"tfhd", 0, 0x020000, number(TRACK)), full(b"tfdt", 1, 0, number(dts, 8)), run
        )  # fmt: skip
        return box(b"moof", full(b"mfhd", 0, 0, number(serial & 0xFFFF_FFFF)), track)

    return movie(len(movie(0)) + 8) + box(b"mdat", sample)


def produced(unix_s: float, media: int) -> bytes:
    """The box that says at which moment (seconds since 1970, UTC) the picture of a media time was taken (8.16.5)."""
    ntp = int((unix_s + NTP_EPOCH_S) * (1 << 32))
    return full(b"prft", 1, 0, number(TRACK), number(ntp, 8), number(media, 8))
