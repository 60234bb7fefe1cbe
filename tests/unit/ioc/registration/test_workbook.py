"""Workbooks are found to be harmless before anything parses them."""

import io
import zipfile

import pytest

from ioc.registration import sheet_xlsx
from ioc.registration.sheet import SheetError
from ioc.registration.workbook import MOST_PARTS, safe
from tests.fakes.workbooks import BOMBS, repacked

PLAIN = sheet_xlsx.written(["Code", "Name"], [["a", "b"]], name="x")


def test_only_what_is_needed_is_handed_on() -> None:
    data = repacked(PLAIN, {"xl/media/image1.png": b"\x89PNG", "xl/embeddings/other.xlsx": PLAIN})
    with zipfile.ZipFile(io.BytesIO(safe(data))) as kept:
        names = kept.namelist()
    assert "xl/worksheets/sheet1.xml" in names
    assert not [name for name in names if not name.endswith((".xml", ".rels"))]
    assert sheet_xlsx.read(data).lines[1].cells == ("a", "b")


def test_cells_that_are_only_coloured_count_for_nothing() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>Code</t></is></c></row>'
        b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData></worksheet>'
    )
    assert len(sheet_xlsx.read(repacked(PLAIN, {"xl/worksheets/sheet1.xml": sheet})).lines) == 1


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused(name: str) -> None:
    with pytest.raises(SheetError):
        sheet_xlsx.read(BOMBS[name]())


def test_too_many_parts_are_refused() -> None:
    with pytest.raises(SheetError, match="too much"):
        safe(repacked(PLAIN, {f"xl/{number}.xml": b"<a/>" for number in range(MOST_PARTS)}))
