"""Photographs from outside: judged by their content, bounded before they are decoded, encoded anew.

What a name or a header says of a picture counts for nothing. Of the file only the picture itself goes on: place, time,
device and preview that telephones write into it (Exif, XMP, comments) are left behind, and so is whatever else was
hidden in it; its orientation is carried out.
"""

import struct

import cv2
import numpy as np

LARGEST = 8 * 2**20
"""Bytes of a photograph."""

MOST_PIXELS = 64_000_000
LONGEST_SIDE = 20_000
"""A picture of more pixels, or longer, is refused before it is decoded: 50,000 pixels square are 7.5 GB in memory."""

SHOWN_SIDE = 1_920
"""The longer side of what is kept."""

QUALITY = 85
MOST_SCANS = 100
"""Scans of a progressive JPEG: each costs a pass over the whole picture, and ten are usual."""

LEAST_SIDE = 16

FORMATS = "JPEG, PNG, WebP"


class PhotoError(ValueError):
    """A picture that is not taken. `code` is format, size or broken."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def cleaned(data: bytes) -> bytes:
    """The picture as a JPEG without anything but its pixels. Takes memory for its pixels: run in a thread, one at a
    time. Raises PhotoError."""
    if len(data) > LARGEST:
        raise PhotoError("size", f"more than {LARGEST} bytes")
    width, height = dimensions(data)
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE or min(width, height) < LEAST_SIDE:
        raise PhotoError("size", f"{width} x {height} pixels")
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), _mode(width, height))
    except cv2.error as error:
        raise PhotoError("broken", "it cannot be decoded") from error
    if picture is None:
        raise PhotoError("broken", "it cannot be decoded")
    tall, wide = picture.shape[:2]
    share = SHOWN_SIDE / max(wide, tall)
    if share < 1:
        size = max(1, round(wide * share)), max(1, round(tall * share))
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    made, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not made:
        raise PhotoError("broken", "it cannot be encoded")
    return encoded.tobytes()


def _mode(width: int, height: int) -> int:
    """Decode at the smallest of the decoder's own scales that is not below what is shown."""
    side = max(width, height)
    if side >= 8 * SHOWN_SIDE:
        return cv2.IMREAD_REDUCED_COLOR_8
    if side >= 4 * SHOWN_SIDE:
        return cv2.IMREAD_REDUCED_COLOR_4
    return cv2.IMREAD_REDUCED_COLOR_2 if side >= 2 * SHOWN_SIDE else cv2.IMREAD_COLOR


def dimensions(data: bytes) -> tuple[int, int]:
    """Width and height as the file's own header says, without decoding it. Raises PhotoError."""
    try:
        if data[:8] == b"\x89PNG\r\n\x1a\n" and data[12:16] == b"IHDR":
            return struct.unpack(">II", data[16:24])
        if data[:2] == b"\xff\xd8":
            return _of_jpeg(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _of_webp(data)
    except (struct.error, IndexError) as error:
        raise PhotoError("broken", "its header is cut") from error
    raise PhotoError("format", FORMATS)


_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
"""Markers of a JPEG that begin a frame (ITU-T T.81, table B.1)."""

_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment."""


def _of_jpeg(data: bytes) -> tuple[int, int]:
    """The size of its one frame; its scans are counted (ITU-T T.81, B.1.1.2)."""
    found: tuple[int, int] | None = None
    place, scans = 2, 0
    while (place := data.find(b"\xff", place)) != -1 and place + 1 < len(data):
        marker = data[place + 1]
        if marker in (0x00, 0xFF) or marker in _ALONE:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == 0xD9:
            break
        if marker in _FRAMES:
            if found is not None:
                raise PhotoError("broken", "it has several frames")
            tall, wide = struct.unpack(">HH", data[place + 5 : place + 9])
            found = (wide, tall)
        scans += marker == 0xDA
        if scans > MOST_SCANS:
            raise PhotoError("size", f"more than {MOST_SCANS} scans")
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    if found is None:
        raise PhotoError("broken", "it has no frame")
    return found


def _of_webp(data: bytes) -> tuple[int, int]:
    """The size by the kind of its first chunk (RFC 9649, 2.5 to 2.7)."""
    kind = data[12:16]
    if kind == b"VP8X":
        return _whole(data[24:27]) + 1, _whole(data[27:30]) + 1
    if kind == b"VP8L":
        bits = struct.unpack("<I", data[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        wide, tall = struct.unpack("<HH", data[26:30])
        return wide & 0x3FFF, tall & 0x3FFF
    raise PhotoError("format", FORMATS)


def _whole(three: bytes) -> int:
    if len(three) != 3:
        raise IndexError("cut")
    return int.from_bytes(three, "little")
