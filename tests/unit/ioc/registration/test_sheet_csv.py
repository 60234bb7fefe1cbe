"""CSV as programs in Viet Nam write it."""

import codecs

import pytest

from ioc.registration.headings import count
from ioc.registration.sheet import SheetError
from ioc.registration.sheet_csv import decoded, read, separator, written

TEXT = "Mã;Tên;Kinh độ\ncam-1;Cầu Ái Nghĩa;108,3\n"


def known(cells: list[str]) -> int:
    return count(cells, "device")


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
    ],
)
def test_encodings_are_found(data: bytes) -> None:
    assert read(data, known).lines[1].cells == ("cam-1", "Cầu Ái Nghĩa", "108,3")


def test_windows_1258_is_composed() -> None:
    data = "Ma\u0303;Tên\r\nc1;Ca\u0300 Ma\u0301y".encode("cp1258")
    assert read(data, known).lines[1].cells == ("c1", "Cà Máy")


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(SheetError, match="encoding"):
        decoded(b"a\x00b\x00\x00\xd8")
    with pytest.raises(SheetError):
        decoded(b"\xd2\xff\x00\x01")


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Danh sách\nMã,Tên,Nhãn\na,b,x;y;z;w\n", ","),
        (TEXT, ";"),
        ("Mã\tTên\na\t1,5\n", "\t"),
        ("Mã|Tên", "|"),
        ("x", ","),
    ],
)
def test_the_separator_is_that_of_the_headings(text: str, sign: str) -> None:
    assert separator(text, known) == sign


def test_a_told_separator_is_believed_and_counts_as_a_row() -> None:
    sheet = read(b"sep=|\r\nCode|Name\r\na|b", known)
    assert [line.number for line in sheet.lines] == [2, 3]
    assert sheet.lines[1].cells == ("a", "b")


def test_quoted_line_breaks_stay_in_their_cell_and_rows_are_counted_as_a_spreadsheet_does() -> None:
    sheet = read('Mã,Ghi chú\r\na,"một\r\nhai"\r\n\r\nb,"x, ""y"""\r\n'.encode(), known)
    assert [(line.number, line.cells) for line in sheet.lines[1:]] == [(2, ("a", "một\r\nhai")), (4, ("b", 'x, "y"'))]


def test_a_broken_file_is_refused_with_the_row() -> None:
    with pytest.raises(SheetError, match="near row 2"):
        read(b'Code,Name\na,"b\n', known)


@pytest.mark.parametrize("data", [b"a," * 400_000, b"Code\n" + b"x," * 20_000, b'Code\n"' + b"x" * 200_000 + b'"'])
def test_giants_are_refused(data: bytes) -> None:
    with pytest.raises(SheetError):
        read(data, known)


def test_what_is_written_is_read() -> None:
    rows = [["Mã", "Tên"], ["a", 'x,"y"\nz'], ["b", "'=1"]]
    assert [list(line.cells) for line in read(written(rows), known).lines] == rows
    assert not written(rows, begins=False).startswith(codecs.BOM_UTF8)
