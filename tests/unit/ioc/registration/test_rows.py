"""Rows read into fields, each cell by itself."""

from gis.position import Box
from ioc.registration.headings import table
from ioc.registration.record import Subject
from ioc.registration.rows import Known, Offer, Row, read, reading
from ioc.registration.sheet import Line, Sheet

HOME = Box(west=107.2, south=14.9, east=109.0, north=16.3)
KNOWN = Known(
    centres={"hoi-an": ("Hội An",)}, areas={"20410@2025-07-01": ("20410", "Phường Hội An")},
    profiles={"rain-gauge": ("Trạm đo mưa",)}, retention={"standard": ()}, scenes={"street": ("Đường phố",)},
)  # fmt: skip


def rows(head: str, *lines: str, subject: Subject = "device") -> list[Row]:
    found = [Line(number, tuple(text.split("|"))) for number, text in enumerate((head, *lines), 1)]
    return read(table(Sheet(tuple(found)), subject), reading(subject, KNOWN, HOME))


def test_cells_become_fields() -> None:
    (row,) = rows(
        "Mã|Tên|Kinh độ|Vĩ độ|Đơn vị|Xã|Mẫu cấu hình|Hạn bảo hành|Nhãn|Vòng đời|Số sê-ri",
        "R-1|Cầu|108,3279|15,8801|Hội An|phuong hoi an|Trạm đo mưa|31/12/2028|a, b|Nháp|'-00A",
    )
    assert (row.number, row.code, row.cells, row.stopped) == (2, "r-1", [], False)
    assert row.fields == {
        "name": "Cầu", "centre": "hoi-an", "area": "20410@2025-07-01", "profile": "rain-gauge",
        "warranty_until": "2028-12-31", "tags": ("a", "b"), "lifecycle": "draft", "serial": "-00A",
        "position": [108.3279, 15.8801],
    }  # fmt: skip


def test_an_empty_cell_says_nothing_and_a_dash_empties() -> None:
    (row,) = rows("Mã|Tên|Hạn bảo hành|Ghi chú|Nhãn|Hãng", "a1||-|–|—|")
    assert row.fields == {"warranty_until": None, "note": "", "tags": ()}
    (row,) = rows("Mã|Tên|Kinh độ|Vĩ độ", "a1|-|-|15")
    assert {cell.field for cell in row.cells} == {"name", "lon"}


def test_rows_without_anything_of_a_thing_are_left_out() -> None:
    assert [row.number for row in rows("STT|Mã|Tên", "1||", "2|a1|A", "3||B")] == [3, 4]


def test_a_code_twice_names_both_rows() -> None:
    first, other, third = rows("Mã|Tên", "a1|A", "A1|B", "a1|C")
    assert [cell.en for cell in first.cells] == ["The code a1 stands in row 3, too."]
    assert (
        [cell.en for cell in other.cells] == [cell.en for cell in third.cells] == ["The code a1 stands in row 2, too."]
    )


def test_what_is_wrong_is_said_with_what_may_be_meant() -> None:
    (row,) = rows("Mã|Tên|Kinh độ|Vĩ độ|Hạn bảo hành", "a1|A|15.8801|108.3279|12/31/2028")
    assert row.mendable
    assert {cell.field: cell.offer for cell in row.cells} == {
        "warranty_until": Offer("31/12/2028"),
        "lon": Offer("15.8801, 108.3279", (108.3279, 15.8801)),
    }
    assert row.offered == {"warranty_until": "2028-12-31", "position": [108.3279, 15.8801]}
    (row,) = rows("Mã|Tên|Kinh độ|Vĩ độ", "|A|15.8801|108.3279")
    assert row.stopped
    assert not row.mendable


def test_cameras_have_fields_of_their_own() -> None:
    (row,) = rows("Mã|Hướng|FOV|Độ cao|Cảnh", "c1|360|70|6 m|Đường phố", subject="camera")
    assert row.fields == {"bearing": 0.0, "fov": 70.0, "height_m": 6.0, "scene": "street"}
