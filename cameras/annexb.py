"""Packets with start codes (annex B), as streams have them, and the parameter sets before a picture. Pure."""

from cameras.nal import H264_PPS, H264_SPS, H265_PPS, H265_SPS, H265_VPS, annexb_units, kept_sets, kind, prefixed_units

START = b"\0\0\0\1"
_SETS = {"h264": frozenset({H264_SPS, H264_PPS}), "hevc": frozenset({H265_VPS, H265_SPS, H265_PPS})}
_PICTURE = {"h264": range(1, 6), "hevc": range(32)}
_HEAD = 4096
"""Bytes at the beginning of a packet among which its parameter sets are looked for."""


def parameter_sets(codec: str, data: bytes) -> bytes:
    """The parameter sets before the picture in a packet with start codes, behind such; empty when it has none, or is of
    a codec that has none."""
    if codec not in _SETS:
        return b""
    found = b""
    for unit in annexb_units(data[:_HEAD]):
        if kind(codec, unit) in _PICTURE[codec]:
            break
        if kind(codec, unit) in _SETS[codec]:
            found += START + unit
    return found


def with_start_codes(codec: str, extradata: bytes, data: bytes) -> bytes:
    """A packet with start codes. Where `extradata` is a record of ISO/IEC 14496-15 its lengths are replaced."""
    size = length_size(codec, extradata)
    return data if size == 0 else b"".join(START + unit for unit in prefixed_units(data, size))


def length_size(codec: str, extradata: bytes) -> int:
    """How many bytes the length before each unit has; 0 where there are start codes."""
    return kept_sets(codec, extradata)[1] if codec in _SETS else 0


def sets_of(codec: str, extradata: bytes) -> bytes:
    """The parameter sets of a stream's extradata behind start codes, however they came."""
    return b"".join(START + unit for unit in kept_sets(codec, extradata)[0])
