"""Headings as people write them."""

import pytest

from ioc.registration.headings import COLUMNS, FAULT, Heading, columns, count, field_of, folded, table
from ioc.registration.sheet import MOST_ROWS, Line, Sheet, SheetError


def sheet(*rows: tuple[str, ...]) -> Sheet:
    return Sheet(tuple(Line(number, cells) for number, cells in enumerate(rows, 1)))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Mã", "code"), ("MÃ THIẾT BỊ", "code"), ("ma thiet bi", "code"), ("Tên", "name"), ("Kinh độ", "lon"),
        ("KINH DO", "lon"), ("Vĩ độ (WGS 84)", "lat"), ("X", "x"), ("Y (m)", "y"), ("Đơn vị", "centre"),
        ("Trung tâm", "centre"), ("Loại", "kind"), ("Số sê-ri", "serial"), ("so seri", "serial"), ("S/N", "serial"),
        ("Hạn bảo hành", "warranty_until"), ("Hạn  bảo-hành:", "warranty_until"), ("warranty_until", "warranty_until"),
        ("Vòng đời/lifecycle", None), ("Hãng sản xuất (nếu biết)", "maker"), ("Màu", None),
    ],
)  # fmt: skip
def test_what_a_heading_means(text: str, field: str | None) -> None:
    assert field_of(text, "device") == field


def test_no_two_columns_share_a_name_and_all_have_two_languages() -> None:
    for subject in ("device", "camera"):
        names: dict[str, str] = {}
        for column in columns(subject):
            assert column.vi != column.en or column.field in ("model", "x", "y")
            for name in {folded(one) for one in (column.vi, column.en, column.field, *column.others)}:
                assert names.setdefault(name, column.field) == column.field, name
    assert len({column.field for column in COLUMNS}) == len(COLUMNS)


def test_cameras_have_columns_of_their_own() -> None:
    assert field_of("Hướng nhìn", "camera") == "bearing"
    assert field_of("Hướng nhìn", "device") is None
    assert count(["Mã", "Tên", "Mã thiết bị", "", "Gì"], "device") == 2


def test_headings_are_found_under_a_title() -> None:
    found = table(sheet(("DANH SÁCH THIẾT BỊ",), ("STT", "Mã", "Tên"), ("1", "a", "A")), "device")
    assert found.places == {1: "code", 2: "name"}
    assert [line.number for line in found.lines] == [3]
    assert found.unknown == ()


def test_an_unknown_heading_is_named_with_the_nearest_that_the_file_lacks() -> None:
    found = table(sheet(("Mã", "Hạn bảo hnàh", "Màu sơn", "Serail number", FAULT.vi), ("a",)), "device")
    assert found.unknown == (
        Heading("Hạn bảo hnàh", "Hạn bảo hành"),
        Heading("Màu sơn", ""),
        Heading("Serail number", "Serial number"),
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("Tên", "Loại"), ("a", "b")], "no column “Code”"),
        ([("Mã", "Tên", "Mã thiết bị"), ("a", "b", "c")], "“Mã” and “Mã thiết bị”"),
        ([("Mã",), *[("a",)] * (MOST_ROWS + 1)], "10000 rows"),
    ],
)
def test_what_is_no_table_of_things_is_refused(rows: list[tuple[str, ...]], words: str) -> None:
    with pytest.raises(SheetError, match=words):
        table(sheet(*rows), "device")
