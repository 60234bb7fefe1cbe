"""Tables as CSV (RFC 4180) as spreadsheet programs write it in Viet Nam, and CSV that they read again."""

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterable

from ioc.registration.sheet import (
    LONGEST_CELL,
    MOST_ABOVE,
    MOST_COLUMNS,
    MOST_ROWS,
    Line,
    Sheet,
    SheetError,
    checked,
    too_many,
    too_wide,
)

MEDIA = "text/csv"

SEPARATORS = ",;\t|"
_TOLD = re.compile(r'\A"?sep=([,;\t|])"?\r?\n', re.IGNORECASE)
_LOOKED_AT = 64 * 1024
"""Characters by which the separator is found."""

_WIDEST = 16_384
"""Columns of a spreadsheet program, filled or not."""

_LONGEST_LINE = MOST_COLUMNS * LONGEST_CELL
"""Characters of a line of text: no row that is taken is longer."""


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 by its mark or its zeros, else windows-1258. SheetError when it is none."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        way = "utf-16"
    elif data[1:2] == b"\0" or data[:1] == b"\0":
        way = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    else:
        way = "utf-8-sig"
    for one in (way, "cp1258") if way == "utf-8-sig" else (way,):
        try:
            text = data.decode(one)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetError(
        "Không đọc được bảng mã của tệp; hãy lưu lại dưới dạng CSV UTF-8 hoặc XLSX.",
        "The file's encoding cannot be read; save it as CSV UTF-8 or as XLSX.",
    )


def separator(text: str, known: Callable[[list[str]], int]) -> str:
    """The separator of columns: the one by which a row near the top has most headings that are `known`.

    Counting signs would be led astray by decimal commas, and by lists within cells.
    """
    top = "\n".join(text[:_LOOKED_AT].splitlines()[:MOST_ABOVE])
    best, most = ",", 0
    for sign in SEPARATORS:
        found = 0
        with contextlib.suppress(csv.Error):
            found = max((known(cells) for cells in csv.reader(io.StringIO(top), delimiter=sign)), default=0)
        if found > most:
            best, most = sign, found
    return best


def read(data: bytes, known: Callable[[list[str]], int]) -> Sheet:
    """A CSV file as a sheet; `known` tells how many of a row's cells are headings.

    Row numbers count rows as a spreadsheet program does, not lines of text. SheetError for what is no table.
    """
    text = decoded(data)
    if told := _TOLD.match(text):
        text = text[told.end() :]
    sign = told[1] if told else separator(text, known)
    lines: list[Line] = []
    first = 2 if told else 1
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise too_wide(first)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True), first):
            if any(cells):
                lines.append(Line(number, tuple(cells)))
            if len(cells) > _WIDEST:
                raise too_wide(number)
            if len(lines) > MOST_ROWS + MOST_ABOVE:
                raise too_many()
    except csv.Error as error:
        raise SheetError(
            f"Tệp CSV sai ở dòng {len(lines) + first}: một ô trong ngoặc kép không được đóng, hoặc dài quá "
            f"{LONGEST_CELL} ký tự.",
            f"The CSV is broken near row {len(lines) + first}: a quoted cell is not closed, or is far too long.",
        ) from error
    return checked(lines)


def written(lines: Iterable[Iterable[str]], *, begins: bool = True) -> bytes:
    """Rows as CSV in UTF-8, where the file `begins` with the mark without which spreadsheets take it for the system's
    own code page."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return (codecs.BOM_UTF8 if begins else b"") + text.getvalue().encode()
