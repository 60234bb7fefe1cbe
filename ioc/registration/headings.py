"""What columns are called: Vietnamese and English, with and without accents, and which known one an unknown is near."""

import difflib
import functools
import unicodedata
from collections.abc import Mapping, Sequence

import msgspec

from ioc.registration.record import Subject
from ioc.registration.sheet import MOST_ABOVE, MOST_ROWS, Line, Sheet, SheetError, Words, too_many

ALIKE = 0.8
"""From this likeness (Ratcliff and Obershelp) on, a known heading is offered for an unknown one."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column that is known: the field it fills, what it is called, and what else it is called by people."""

    field: str
    vi: str
    en: str
    others: tuple[str, ...] = ()
    of: tuple[Subject, ...] = ("device", "camera")

    @property
    def words(self) -> Words:
        """What it is called in both languages."""
        return Words(self.vi, self.en)


def _column(field: str, vi: str, en: str, *others: str, of: tuple[Subject, ...] = ("device", "camera")) -> Column:
    return Column(field=field, vi=vi, en=en, others=others, of=of)


_DEVICE: tuple[Subject, ...] = ("device",)
_CAMERA: tuple[Subject, ...] = ("camera",)

COLUMNS: tuple[Column, ...] = (
    _column("code", "Mã", "Code", "Mã thiết bị", "Mã camera", "Mã số", "Mã TB", "Mã hiệu thiết bị", "Device code",
            "Device ID", "Camera code", "Camera ID", "ID"),
    _column("name", "Tên", "Name", "Tên thiết bị", "Tên camera", "Tên gọi", "Device name", "Camera name", "Tên trạm"),
    _column("centre", "Trung tâm", "Centre", "Đơn vị", "Đơn vị quản lý", "Đơn vị chủ quản", "Cơ quan quản lý",
            "Mã trung tâm", "Center", "Owner", "Unit", "Owner unit"),
    _column("area", "Xã, phường", "Area", "Xã/phường", "Phường/xã", "Xã", "Phường", "Địa bàn", "Đơn vị hành chính",
            "Mã xã", "Mã ĐVHC", "Ward", "Commune", "Administrative unit"),
    _column("kind", "Loại", "Kind", "Loại thiết bị", "Loại camera", "Chủng loại", "Type", "Device type"),
    _column("profile", "Mẫu cấu hình", "Profile", "Cấu hình", "Hồ sơ thiết bị", "Device profile", of=_DEVICE),
    _column("gateway", "Bộ tập trung", "Gateway", "Cổng kết nối", "Trạm trung gian", "Thiết bị trung tâm"),
    _column("lon", "Kinh độ", "Longitude", "Lon", "Long", "Lng", "Kinh độ (WGS 84)", "Kinh độ WGS84"),
    _column("lat", "Vĩ độ", "Latitude", "Lat", "Vĩ độ (WGS 84)", "Vĩ độ WGS84"),
    _column("position", "Toạ độ", "Position", "Tọa độ", "Vị trí", "Coordinates", "Location", "Toạ độ GPS", "GPS"),
    _column("x", "X", "X VN-2000", "X (m)", "Toạ độ X", "Tọa độ X", "X (VN2000)", "Northing"),
    _column("y", "Y", "Y VN-2000", "Y (m)", "Toạ độ Y", "Tọa độ Y", "Y (VN2000)", "Easting"),
    _column("meridian", "Kinh tuyến trục", "Central meridian", "KTT", "Kinh tuyến", "Meridian", "Hệ toạ độ",
            "Hệ tọa độ", "CRS"),
    _column("approximate", "Vị trí gần đúng", "Approximate", "Toạ độ gần đúng", "Gần đúng", of=_DEVICE),
    _column("bearing", "Hướng nhìn", "Bearing", "Hướng", "Phương vị", "Góc phương vị", "Azimuth", "Heading",
            of=_CAMERA),
    _column("fov", "Góc nhìn", "Field of view", "FOV", "Góc mở", "Góc quan sát", of=_CAMERA),
    _column("height_m", "Độ cao lắp (m)", "Height (m)", "Độ cao lắp đặt", "Độ cao", "Chiều cao", "Height",
            of=_CAMERA),
    _column("tilt_deg", "Góc chúc", "Tilt", "Góc nghiêng", "Tilt (°)", of=_CAMERA),
    _column("scene", "Cảnh", "Scene", "Khung cảnh", "Loại cảnh", of=_CAMERA),
    _column("note", "Ghi chú", "Note", "Chú thích", "Mô tả", "Notes", "Remark", "Remarks", "Description", "Comment"),
    _column("lifecycle", "Vòng đời", "Lifecycle", "Tình trạng", "Trạng thái", "Life cycle", "Status"),
    _column("maker", "Hãng sản xuất", "Maker", "Hãng", "Nhà sản xuất", "Thương hiệu", "Manufacturer", "Brand",
            "Vendor", "Make"),
    _column("model", "Kiểu máy", "Model", "Model thiết bị", "Mẫu mã", "Ký hiệu", "Kiểu"),
    _column("serial", "Số sê-ri", "Serial number", "Số sê ri", "Sê-ri", "Số seri", "Số serial", "Serial", "S/N",
            "SN", "Số máy", "Serial no"),
    _column("firmware", "Phiên bản phần mềm", "Firmware", "Firmware version", "Phần mềm", "Phiên bản firmware"),
    _column("contract", "Hợp đồng", "Contract", "Số hợp đồng", "Gói thầu", "Contract number"),
    _column("warranty_until", "Hạn bảo hành", "Warranty until", "Bảo hành đến", "Bảo hành", "Ngày hết bảo hành",
            "Hết hạn bảo hành", "Thời hạn bảo hành", "Warranty", "Warranty expires"),
    _column("installed_on", "Ngày lắp đặt", "Installed on", "Ngày lắp", "Ngày đưa vào sử dụng", "Installed",
            "Installation date"),
    _column("tags", "Nhãn", "Tags", "Thẻ", "Từ khoá", "Từ khóa", "Nhóm", "Labels", "Tag"),
    _column("conformity", "Công bố hợp quy", "Conformity", "Hợp quy", "Chứng nhận hợp quy", "QCVN 135", "QCVN 135:2024",
            "Hợp quy QCVN 135", "Declaration of conformity"),
    _column("password_changed_on", "Ngày đổi mật khẩu", "Password changed on", "Đổi mật khẩu mặc định",
            "Đã đổi mật khẩu ngày", "Default password changed"),
    _column("notice_posted_on", "Ngày đặt biển báo", "Notice posted on", "Ngày niêm yết", "Biển báo ghi hình",
            "Ngày thông báo ghi hình", "Notice posted"),
    _column("purpose", "Mục đích", "Purpose", "Mục đích sử dụng", "Mục đích ghi hình"),
    _column("retention", "Nhóm lưu trữ", "Retention", "Thời hạn lưu", "Lưu trữ", "Thời hạn lưu trữ",
            "Retention class"),
)  # fmt: skip
"""Every column, in the order of templates and exports."""

FAULT = Words("Lỗi", "What is wrong")
"""The column of refused rows that says why; what stands in it is not read again."""

PASSED_OVER = ("STT", "TT", "No", "No.", "#", "Số thứ tự", FAULT.vi, FAULT.en, "Phiên bản", "Version")
"""Headings of columns that say nothing of a thing."""


class Heading(msgspec.Struct, frozen=True):
    """A heading that is not known, and the known one that may be meant; empty when none is near."""

    text: str
    near: str


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The rows under the headings. `places` are the fields by the place of their column, `texts` the headings as
    they stand in the file, `unknown` those that mean nothing here."""

    texts: tuple[str, ...]
    places: Mapping[int, str]
    unknown: tuple[Heading, ...]
    lines: tuple[Line, ...]


def folded(text: str) -> str:
    """A heading without accents, case, spaces and signs."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(sign for sign in plain if sign.isalnum())


@functools.cache
def _known(subject: Subject) -> Mapping[str, str]:
    """Folded headings to fields; the field's own name is one."""
    found: dict[str, str] = {}
    for column in columns(subject):
        for name in (column.vi, column.en, column.field, *column.others):
            found.setdefault(folded(name), column.field)
    return found


_PASSED_OVER = frozenset(folded(name) for name in PASSED_OVER)


def columns(subject: Subject) -> tuple[Column, ...]:
    """The columns of devices, or of cameras."""
    return tuple(column for column in COLUMNS if subject in column.of)


@functools.lru_cache(maxsize=4096)
def field_of(text: str, subject: Subject) -> str | None:
    """The field that a heading means; a remark in brackets, a unit perhaps, is passed over where it is not known."""
    known = _known(subject)
    return known.get(folded(text)) or known.get(folded(text.partition("(")[0])) or None


def count(cells: Sequence[str], subject: Subject) -> int:
    """How many of a row's cells are headings of different fields."""
    return len({field for cell in cells[:200] if cell and (field := field_of(cell[:200], subject))})


def table(sheet: Sheet, subject: Subject) -> Table:
    """The table of a sheet, its headings found among the first rows. SheetError where there is none."""
    top = sheet.lines[:MOST_ABOVE]
    head = max(range(len(top)), key=lambda number: (count(top[number].cells, subject), -number))
    fields: dict[int, str] = {}
    unknown = []
    for place, text in enumerate(top[head].cells):
        field = field_of(text, subject)
        if field is not None and field in fields.values():
            raise _twice(text, next(top[head].cells[at] for at, one in fields.items() if one == field))
        if field is not None:
            fields[place] = field
        elif text and folded(text) not in _PASSED_OVER:
            unknown.append(text)
    if "code" not in fields.values():
        raise SheetError(
            "Không thấy cột “Mã”; tệp cần một dòng tiêu đề có cột “Mã” (hãy tải tệp mẫu).",
            "There is no column “Code”; the file needs a row of headings with it (download the template).",
        )
    if len(sheet.lines) - head - 1 > MOST_ROWS:
        raise too_many()
    rest = [column for column in columns(subject) if column.field not in fields.values()]
    near = tuple(Heading(text, _near(text, rest)) for text in unknown)
    return Table(texts=top[head].cells, places=fields, unknown=near, lines=sheet.lines[head + 1 :])


def _near(text: str, rest: Sequence[Column]) -> str:
    """What the column is called of which any name is most like an unknown heading, of those that the file lacks."""
    names = {
        folded(name): column.en if name.isascii() else column.vi
        for column in rest
        for name in (column.vi, column.en, *column.others)
    }
    found = difflib.get_close_matches(folded(text)[:60], names, n=1, cutoff=ALIKE)
    return names[found[0]] if found else ""


def _twice(one: str, other: str) -> SheetError:
    return SheetError(
        f"Hai cột “{other}” và “{one}” cùng một ý nghĩa; hãy bỏ một cột.",
        f"The columns “{other}” and “{one}” mean the same; take one of them out.",
    )
