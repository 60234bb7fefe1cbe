"""The drawn symbol is read by another maker's reader."""

import re

import cv2
import numpy as np
import pytest

from ioc.registration.qr import QUIET, Symbol, symbol


def drawn(found: Symbol, scale: int = 8) -> np.ndarray:
    """The symbol as a picture, from its path alone."""
    picture = np.full((found.size, found.size), 255, np.uint8)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", found.path)
    assert "".join(f"M{x} {y}h{w}v1h-{b}z" for x, y, w, b in runs) == found.path
    for x, y, width, _ in runs:
        picture[int(y), int(x) : int(x) + int(width)] = 0
    return np.kron(picture, np.ones((scale, scale), np.uint8))


@pytest.mark.parametrize(
    "text",
    ["gauge-ai-nghia", "https://ioc.example.gov.vn/registry#enrol=K7QF-3M9D-0001-ZZZZ", "/registry#camera=cam-hoi-an"],
)
def test_a_reader_reads_what_was_written(text: str) -> None:
    found, *_ = cv2.QRCodeDetector().detectAndDecode(drawn(symbol(text)))
    assert found == text


def test_a_quiet_zone_stays_white() -> None:
    found = symbol("x")
    picture = drawn(found, 1)
    assert (picture[:QUIET] == 255).all()
    assert (picture[:, -QUIET:] == 255).all()


def test_a_text_that_no_symbol_holds_is_refused() -> None:
    with pytest.raises(ValueError, match=r".+"):
        symbol("x" * 5_000)
