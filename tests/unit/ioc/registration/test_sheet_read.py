"""What a file is shows in its bytes."""

import pytest

from ioc.registration import sheet_read, sheet_xlsx
from ioc.registration.sheet import MOST_BYTES, SheetError


def known(cells: list[str]) -> int:
    return len(cells)


def test_both_kinds_are_read_whatever_they_are_called() -> None:
    assert sheet_read.read(b"Code,Name\na,b", known).lines[1].cells == ("a", "b")
    assert sheet_read.read(sheet_xlsx.written(["Code"], [["a"]], name="x"), known).lines[1].cells == ("a",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old XLS"),
        (b"%PDF-1.7", "neither"),
        (b"\x89PNG", "neither"),
        (b"\x1f\x8b\x08", "neither"),
        (b"<html>", "neither"),
        (b"PK\x05\x06" + b"\0" * 18, "neither"),
        (b"a" * (MOST_BYTES + 1), "10 MB"),
        (b"", "no rows"),
    ],
)
def test_others_are_named(data: bytes, words: str) -> None:
    with pytest.raises(SheetError, match=words):
        sheet_read.read(data, known)
