"""QR codes (ISO/IEC 18004) as a path of an SVG drawing."""

from typing import NamedTuple

import segno

QUIET = 4
"""Modules of white around the symbol (ISO/IEC 18004, 6.3.8)."""


class Symbol(NamedTuple):
    """A symbol of `size` modules a side, quiet zone included; `path` fills its dark ones, one unit each."""

    size: int
    path: str


def symbol(text: str) -> Symbol:
    """The symbol of a text, of level M: a seventh of it may be scratched. Raises ValueError when it is too long."""
    rows = [bytes(row) for row in segno.make(text, error="m", micro=False, boost_error=False).matrix]
    path = "".join(_runs(row, number + QUIET) for number, row in enumerate(rows))
    return Symbol(len(rows) + 2 * QUIET, path)


def _runs(row: bytes, top: int) -> str:
    found, at = "", 0
    while (begin := row.find(1, at)) >= 0:
        at = row.find(0, begin)
        at = len(row) if at < 0 else at
        found += f"M{begin + QUIET} {top}h{at - begin}v1h-{at - begin}z"
    return found
