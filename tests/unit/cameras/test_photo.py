"""Photographs from outside: pixels come through, nothing else does, and bombs cost nothing."""

import contextlib
import resource
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.photo import LARGEST, MOST_SCANS, SHOWN_SIDE, PhotoError, cleaned, dimensions

SUFFIXES = (".jpg", ".png", ".webp")


def photo(wide: int = 120, tall: int = 80, suffix: str = ".jpg") -> bytes:
    picture = np.zeros((tall, wide, 3), np.uint8)
    picture[: tall // 2, : wide // 2] = (255, 255, 255)
    return cv2.imencode(suffix, picture)[1].tobytes()


def decoded(jpeg: bytes) -> np.ndarray:
    found = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert found is not None
    return found


def png(wide: int, tall: int) -> bytes:
    """A picture of one colour: a hundred thousand pixels cost a hundred bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, tall, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (wide + 1) * min(tall, 2_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_segment(jpeg: bytes, marker: int, data: bytes) -> bytes:
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def exif(orientation: int) -> bytes:
    """An Exif segment with an orientation (tag 0x0112) and a place in it."""
    return b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0) + b"GPS 15.57 N 108.47 E"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_seen_stays(suffix: str) -> None:
    data = photo(suffix=suffix)
    assert dimensions(data) == (120, 80)
    picture = decoded(cleaned(data))
    assert picture.shape == (80, 120, 3)
    assert picture[10, 10].min() > 240
    assert picture[70, 100].max() < 15


def test_place_time_device_and_whatever_is_hidden_are_left_behind() -> None:
    data = with_segment(photo(), 0xE1, exif(1))
    data = with_segment(data, 0xFE, b"a comment with a name") + b"an archive behind the end"
    clean = cleaned(data)
    for told in (b"GPS", b"Exif", b"comment", b"archive"):
        assert told in data
        assert told not in clean


def test_the_orientation_is_carried_out() -> None:
    turned = decoded(cleaned(with_segment(photo(), 0xE1, exif(6))))
    assert turned.shape == (120, 80, 3)
    assert turned[10, 70].min() > 240
    assert turned[10, 10].max() < 15


@pytest.mark.parametrize("wide", [1_000, 2_500, 5_000, 9_000, 16_000])
def test_a_large_one_is_made_as_large_as_is_shown(wide: int) -> None:
    picture = decoded(cleaned(photo(wide, wide // 4)))
    assert picture.shape[1] == min(wide, SHOWN_SIDE)
    assert picture.shape[0] == pytest.approx(picture.shape[1] / 4, abs=2)


def refused(data: bytes) -> str:
    with pytest.raises(PhotoError) as told:
        cleaned(data)
    return told.value.code


def test_bombs_are_refused_before_they_are_decoded() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for wide, tall in ((50_000, 50_000), (8_001, 8_000), (1, 30_000), (30_000, 100)):
        assert refused(png(wide, tall)) == "size"
    assert refused(b"\xff\xd8" + b"\0" * LARGEST) == "size"
    scan = b"\xff\xda\0\x08\1\1\0\0?\0"
    assert refused(photo()[:-2] + scan * MOST_SCANS) == "size"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "format"),
        (b"GIF89a" + b"\0" * 100, "format"),
        (b"<svg onload='alert(1)'/>", "format"),
        (b"%PDF-1.7", "format"),
        (b"\xff\xd8\xff", "broken"),
        (b"\xff\xd8\xff\xe0\0", "broken"),
        (photo()[:200], "broken"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0", "broken"),
        (photo(suffix=".png")[:60], "broken"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "broken"),
        (b"RIFF\0\0\0\0WEBPABCD" + b"\0" * 20, "format"),
        (photo(8, 8), "size"),
    ],
)
def test_what_is_no_photograph_is_refused_with_a_word(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_two_frames_are_not_two_sizes() -> None:
    small = photo()
    frame = small[small.index(b"\xff\xc0") :][:19]
    assert refused(with_segment(small, 0xC0, frame[4:])) == "broken"


@given(st.data())
def test_a_damaged_one_is_a_picture_or_a_refusal(data: st.DataObject) -> None:
    whole = bytearray(photo(40, 30, data.draw(st.sampled_from(SUFFIXES))))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PhotoError):
        assert dimensions(cleaned(bytes(whole)))
