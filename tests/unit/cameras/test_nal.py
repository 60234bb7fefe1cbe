"""NAL units as cameras send them, against a decoder's own reading of the same parameter sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.nal import (
    H264_PPS,
    H264_SPS,
    H265_PPS,
    H265_SPS,
    H265_VPS,
    Bits,
    annexb_units,
    h264_shape,
    h265_shape,
    kept_sets,
    kind,
    lengthened,
    plain,
    prefixed_units,
)
from tests.fakes.encoded import encoded

WANTED = {"h264": [H264_SPS, H264_PPS], "hevc": [H265_VPS, H265_SPS, H265_PPS]}


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 360), (1280, 720), (322, 182), (1920, 1080)])
def test_the_size_is_that_of_the_pictures(codec: str, width: int, height: int) -> None:
    header, pieces = encoded(codec, seconds=0.2, width=width, height=height)
    shape_of, wanted = (h264_shape, H264_SPS) if codec == "h264" else (h265_shape, H265_SPS)
    units = annexb_units(pieces[0].data)
    shape = shape_of(next(unit for unit in units if kind(codec, unit) == wanted))
    assert (shape.width, shape.height, shape.chroma, shape.luma_bits) == (width, height, 1, 8)
    assert header.width == width


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("annexb", [True, False])
def test_parameter_sets_of_a_stream_are_found_in_both_forms(codec: str, annexb: bool) -> None:
    header, pieces = encoded(codec, seconds=0.2, annexb=annexb)
    sets, length = kept_sets(codec, header.extradata)
    assert [kind(codec, unit) for unit in sets if kind(codec, unit) in WANTED[codec]] == WANTED[codec]
    assert length == (0 if annexb else 4)
    units = annexb_units(pieces[0].data) if annexb else prefixed_units(pieces[0].data, length)
    assert prefixed_units(lengthened(units)) == units
    assert any(kind(codec, unit) == (5 if codec == "h264" else 19) or kind(codec, unit) == 20 for unit in units)


def test_start_codes_of_three_and_four_bytes_part_units() -> None:
    assert annexb_units(b"\0\0\0\1\x67ab\0\0\1\x68c\0\0\0\1\x65d\0") == [b"\x67ab", b"\x68c", b"\x65d"]
    assert annexb_units(b"no start code") == []


def test_a_unit_that_is_cut_off_is_left_out() -> None:
    assert prefixed_units(b"\0\0\0\2ab\0\0\0\5cd") == [b"ab"]


def test_numbers_are_read_bit_by_bit() -> None:
    bits = Bits(bytes([0b1_010_011_0, 0b0100_0010, 0b1_0000000]))
    assert [bits.ue() for _ in range(4)] == [0, 1, 2, 3]
    assert bits.se() == -2
    with pytest.raises(ValueError, match="cut off"):
        bits.u(40)
    with pytest.raises(ValueError, match=r"without end|cut off"):
        Bits(bytes(20)).ue()


def test_bytes_against_start_codes_are_taken_out() -> None:
    assert plain(b"\x67\0\0\3\1\0\0\3\0") == b"\x67\0\0\1\0\0\0"


@given(st.binary(max_size=100))
def test_garbage_is_refused_in_words(data: bytes) -> None:
    for shape_of in (h264_shape, h265_shape):
        try:
            shape = shape_of(data)
        except ValueError:
            continue
        assert shape.width > 0
        assert shape.height > 0


@given(st.binary(max_size=100), st.sampled_from(["h264", "hevc"]))
def test_no_extradata_breaks_the_reader(data: bytes, codec: str) -> None:
    units, length = kept_sets(codec, b"\1" + data)
    assert all(units)
    assert 0 <= length <= 4
