"""Single boxes against the standard's bytes; whole streams are read back in test_fmp4.py."""

import struct

import av
import pytest

from cameras.boxes import NTP_EPOCH_S, box, codec_string, fragment, full, init, produced
from cameras.nal import Shape, kept_sets
from tests.fakes.encoded import encoded


def inside(data: bytes, *path: bytes) -> bytes:
    """The body of the first box of a path; of known boxes the fields before their children are skipped."""
    skip = {b"stsd": 8, b"dref": 8, b"avc1": 78, b"hvc1": 78}
    for name in path:
        place = 0
        while data[place + 4 : place + 8] != name:
            place += int.from_bytes(data[place : place + 4], "big")
            assert place < len(data), f"there is no {name!r}"
        data = data[place + 8 : place + int.from_bytes(data[place : place + 4], "big")][skip.get(name, 0) :]
    return data


def test_a_box_tells_its_length_and_name() -> None:
    assert box(b"free", b"ab", b"c") == b"\0\0\0\x0bfreeabc"
    assert full(b"vmhd", 1, 2, b"x") == b"\0\0\0\x0dvmhd\1\0\0\2x"


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_the_initialisation_segment_holds_size_and_parameter_sets(codec: str) -> None:
    header, _ = encoded(codec, seconds=0.2)
    sets = [unit for unit in kept_sets(codec, header.extradata)[0] if codec == "h264" or unit[0] >> 1 in (32, 33, 34)]
    made = init(codec, sets, Shape(width=320, height=240))
    entry = b"avc1" if codec == "h264" else b"hvc1"
    record = inside(made, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", entry, entry[:3] + b"C")
    assert all(unit in record for unit in sets)
    table = inside(made, b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
    assert struct.unpack(">HH", table[8 + 24 : 8 + 28]) == (320, 240)
    decoder = av.CodecContext.create(codec, "r")
    decoder.extradata = record
    decoder.open()


def test_codec_strings_are_those_of_the_standards_examples() -> None:
    assert codec_string("h264", [bytes.fromhex("6764001fac")]) == "avc1.64001F"
    sps = bytes.fromhex("420101") + bytes.fromhex("01600000030090000003000003005d") + bytes(20)
    assert codec_string("hevc", [sps]) == "hvc1.1.6.L93.90"


def test_a_fragment_tells_when_its_picture_is_decoded_and_shown() -> None:
    made = fragment(7, b"sample", dts=1 << 33, duration=3600, offset=-90, key=True)
    assert inside(made, b"mdat") == b"sample"
    assert inside(made, b"moof", b"mfhd")[4:] == b"\0\0\0\7"
    assert inside(made, b"moof", b"traf", b"tfdt")[4:] == (1 << 33).to_bytes(8, "big")
    run = inside(made, b"moof", b"traf", b"trun")
    count, place, duration, size, flags, offset = struct.unpack(">IIIIIi", run[4:])
    assert (count, duration, size, flags, offset) == (1, 3600, 6, 0x02000000, -90)
    assert made[place : place + 6] == b"sample"


def test_the_time_of_a_picture_is_told_in_ntp() -> None:
    told = inside(produced(1_700_000_000.5, 9000), b"prft")
    track, seconds, fraction, media = struct.unpack(">IIIQ", told[4:])
    assert (track, seconds - NTP_EPOCH_S, fraction, media) == (1, 1_700_000_000, 1 << 31, 9000)
