"""A spreadsheet as rows of text cells with the row numbers that people see, and why a file cannot be read as one."""

import unicodedata
from typing import NamedTuple

import msgspec

MOST_BYTES = 10 * 2**20
"""Bytes of a file."""

MOST_ROWS = 10_000
"""Rows of things."""

MOST_ABOVE = 50
"""Rows that may stand above the things: a title, whose list it is, the headings."""

MOST_COLUMNS = 100

LONGEST_CELL = 4_000
"""Characters."""

SPACES = " \t\r\n\u00a0\u2007\u202f\ufeff\u200b"


class Words(NamedTuple):
    """A sentence in both languages."""

    vi: str
    en: str

    def told(self, language: str) -> str:
        """The sentence in a reader's language."""
        return self.en if language == "en" else self.vi


class SheetError(Exception):
    """A file cannot be read as a table; `words` say why and what to do."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.words = Words(vi, en)


class Line(msgspec.Struct, frozen=True):
    """A row with its number as a spreadsheet program shows it, from 1."""

    number: int
    cells: tuple[str, ...]


class Sheet(msgspec.Struct, frozen=True):
    """The rows that hold anything, in their order."""

    lines: tuple[Line, ...]


def neat(text: str) -> str:
    """A cell's text as it is compared and kept: composed (NFC), without spaces around."""
    return unicodedata.normalize("NFC", text).strip(SPACES)


def checked(lines: list[Line]) -> Sheet:
    """A sheet of rows, the empty ones left out. SheetError for what is too much."""
    kept = []
    for line in lines:
        cells = tuple(neat(cell) for cell in line.cells)
        while cells and not cells[-1]:
            cells = cells[:-1]
        if not cells:
            continue
        if len(cells) > MOST_COLUMNS:
            raise too_wide(line.number)
        if (longest := max(len(cell) for cell in cells)) > LONGEST_CELL:
            raise too_long(line.number, longest)
        kept.append(Line(line.number, cells))
        if len(kept) > MOST_ROWS + MOST_ABOVE:
            raise too_many()
    if not kept:
        raise SheetError("Tệp không có dòng nào.", "The file has no rows.")
    return Sheet(tuple(kept))


def too_wide(row: int) -> SheetError:
    """For a row of too many columns."""
    return SheetError(
        f"Dòng {row} có hơn {MOST_COLUMNS} cột; hãy bỏ các cột thừa.",
        f"Row {row} has more than {MOST_COLUMNS} columns; take out those that are not needed.",
    )


def too_long(row: int, length: int) -> SheetError:
    """For a cell of too much text."""
    return SheetError(
        f"Dòng {row} có một ô dài {length} ký tự; mỗi ô có nhiều nhất {LONGEST_CELL} ký tự.",
        f"Row {row} has a cell of {length} characters; a cell may have {LONGEST_CELL} at most.",
    )


def too_many() -> SheetError:
    """For too many rows."""
    return SheetError(
        f"Tệp có hơn {MOST_ROWS} dòng; hãy chia thành nhiều tệp.",
        f"The file has more than {MOST_ROWS} rows; divide it into several files.",
    )
