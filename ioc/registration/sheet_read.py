"""A file that came from outside as a sheet, whatever it is called: what it is shows in its first bytes."""

from collections.abc import Callable

from ioc.registration import sheet_csv, sheet_xlsx
from ioc.registration.sheet import MOST_BYTES, Sheet, SheetError

_ZIP = b"PK\x03\x04"
_OLD = b"\xd0\xcf\x11\xe0"
"""Compound files (MS-CFB): XLS, and XLSX with a password."""

_OTHERS = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"{\\rtf", b"<", b"PK")


def read(data: bytes, known: Callable[[list[str]], int]) -> Sheet:
    """The sheet; `known` tells how many of a row's cells are headings. SheetError for what is none."""
    if len(data) > MOST_BYTES:
        raise SheetError("Tệp lớn hơn 10 MB.", "The file has more than 10 MB.")
    if data.startswith(_ZIP):
        return sheet_xlsx.read(data)
    if data.startswith(_OLD):
        raise SheetError(
            "Đây là tệp XLS đời cũ hoặc tệp có mật khẩu; hãy lưu lại dưới dạng XLSX không mật khẩu.",
            "This is an old XLS, or a file with a password; save it as XLSX without one.",
        )
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_OTHERS):
        raise SheetError(
            "Đây không phải là tệp CSV hoặc XLSX.",
            "This is neither CSV nor XLSX.",
        )
    return sheet_csv.read(data, known)
