"""Tables as XLSX (ECMA-376 part 1): read with calamine, written with XlsxWriter; the only file that knows either."""

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import xlsxwriter
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum
from xlsxwriter.utility import xl_range_abs
from xlsxwriter.worksheet import Worksheet

from ioc.registration.sheet import MOST_ABOVE, MOST_ROWS, Line, Sheet, SheetError, checked
from ioc.registration.workbook import safe

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_PLAIN = 1e15
"""Whole numbers below this are exact in a workbook, which keeps binary numbers of 53 bits."""


def text_of(value: Cell) -> str:
    """A cell as people see it: no `1.0` for 1, no exponent, a day as 2026-11-26, yes as `true`."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case dt.datetime():
            return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
    return str(value)


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < _PLAIN:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def read(data: bytes) -> Sheet:
    """The first sheet of a workbook that is not hidden. SheetError for what is no workbook, or asks for too much."""
    content = safe(data)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            found = _first(book)
            above = found.start[0] if found.start is not None else 0
            rows = found.to_python(skip_empty_area=True, nrows=2 * (MOST_ROWS + MOST_ABOVE))
    except (CalamineError, ValueError, OverflowError) as error:
        raise SheetError(
            "Không đọc được bảng tính này; hãy mở bằng phần mềm bảng tính và lưu lại dưới dạng XLSX.",
            "This workbook cannot be read; open it in a spreadsheet program and save it as XLSX again.",
        ) from error
    return checked(
        [
            Line(number, tuple(text_of(value) for value in row))
            for number, row in enumerate(rows, above + 1)
            if any(value != "" for value in row)
        ]
    )


def _first(book: CalamineWorkbook) -> CalamineSheet:
    for one in book.sheets_metadata:
        if one.typ == SheetTypeEnum.WorkSheet and one.visible == SheetVisibleEnum.Visible:
            return book.get_sheet_by_name(one.name)
    raise SheetError("Tệp không có trang tính nào.", "The workbook has no sheet.")


def written(
    headings: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    name: str,
    choices: Mapping[int, Sequence[str]] | None = None,
    choices_name: str = "",
) -> bytes:
    """A workbook of texts alone: no cell is a number, a link or a formula, so that a code keeps its zeros.

    `choices` are the values among which a person may choose in a column (from 0); they are listed on a second sheet.
    """
    made = io.BytesIO()
    # Nothing is guessed of a text: neither a formula nor an address nor a number.
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(made, plain) as book:
        text, head = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.set_column(column, column, max(12, min(40, len(heading) + 4)), text)
            sheet.write_string(0, column, heading, head)
        for row, cells in enumerate(lines, 1):
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row, column, cell, text)
        if choices:
            _offer(sheet, book.add_worksheet(choices_name), choices, headings)
    return made.getvalue()


def _offer(sheet: Worksheet, second: Worksheet, choices: Mapping[int, Sequence[str]], headings: Sequence[str]) -> None:
    for place, (column, values) in enumerate(choices.items()):
        for row, value in enumerate((headings[column], *values)):
            second.write_string(row, place, value)
        source = f"='{second.get_name()}'!{xl_range_abs(1, place, max(1, len(values)), place)}"
        # A warning, not a wall: another value is judged when the file comes.
        about = {"validate": "list", "source": source, "error_type": "warning"}
        sheet.data_validation(1, column, MOST_ROWS, column, about)
