"""XLSX both ways: texts stay texts, and what a program typed reads as people see it."""

import datetime as dt
import io

import pytest
import xlsxwriter

from ioc.registration import sheet_xlsx
from ioc.registration.sheet import SheetError
from ioc.registration.sheet_xlsx import read, text_of, written

DAY = dt.datetime(2026, 11, 26)  # noqa: DTZ001  (a workbook knows no zone)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"),
        (12345678901234.0, "12345678901234"),
        (1e-7, "0.0000001"),
        (108.3279, "108.3279"),
        (1.5e20, "150000000000000000000"),
        (DAY, "2026-11-26"),
        (DAY.date(), "2026-11-26"),
        (DAY + dt.timedelta(hours=8), "2026-11-26 08:00:00"),
        (True, "true"),
        ("007", "007"),
        (7, "7"),
    ],
)
def test_typed_cells_read_as_people_see_them(value: sheet_xlsx.Cell, text: str) -> None:
    assert text_of(value) == text


def workbook(*rows: list[object], hidden_first: bool = False, start: int = 0) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        if hidden_first:
            first = book.add_worksheet("notes")
            first.write_string(0, 0, "not this one")
        sheet = book.add_worksheet("list")
        if hidden_first:
            sheet.activate()
            first.hide()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for row, cells in enumerate(rows, start):
            for column, cell in enumerate(cells):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(row, column, dt.datetime.combine(cell, dt.time()), day)
                else:
                    sheet.write(row, column, cell)
    return made.getvalue()


def test_the_first_sheet_that_is_seen_is_read_with_its_row_numbers() -> None:
    data = workbook(["Mã", "Số sê-ri", "Hạn"], ["a", 12345678901.0, dt.date(2028, 12, 31)], hidden_first=True, start=3)
    assert [(line.number, line.cells) for line in read(data).lines] == [
        (4, ("Mã", "Số sê-ri", "Hạn")),
        (5, ("a", "12345678901", "2028-12-31")),
    ]


def test_what_is_written_holds_texts_alone() -> None:
    cells = ["=1+1", "007", "http://a.vn", "1E5", "+84", ""]
    data = written(
        ["a", "b", "c", "d", "e", "f"], [cells], name="devices", choices={1: ["x", "y"]}, choices_name="Giá trị"
    )
    assert list(read(data).lines[1].cells) == cells[:-1]
    assert b"<f>" not in data


def test_what_is_no_workbook_is_refused() -> None:
    with pytest.raises(SheetError):
        read(b"PK\x03\x04 nothing of a kind")
