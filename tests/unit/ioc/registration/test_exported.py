"""Records as rows of texts."""

import datetime as dt

from gis.position import Position
from ioc.registration.exported import cells, choices, example, headings, written
from ioc.registration.record import CameraRecord, DeviceRecord
from tests.unit.ioc.registration.test_rows import KNOWN

DEVICE = DeviceRecord(
    code="a1", name="=1", centre="hoi-an", area="20410@2025-07-01", kind="rain", position=Position(lon=108.1, lat=15.0),
    profile="rain-gauge", approximate=True, warranty_until=dt.date(2028, 1, 2), tags=("a", "b"), lifecycle="retired",
)  # fmt: skip
CAMERA = CameraRecord(
    code="c1", name="C", centre="hoi-an", area="old", kind="street", position=Position(lon=108.1234567, lat=15.5),
    bearing=12.5, fov=70.0, settings={"scene": "street", "height_m": 6.0, "gateway": "gw", "known_as": ["x"]},
)  # fmt: skip


def test_a_record_is_texts_in_the_readers_language() -> None:
    told = dict(zip(headings("device", "vi"), cells(DEVICE, {"20410@2025-07-01": "20410"}, "vi"), strict=True))
    assert (told["Mã"], told["Tên"], told["Xã, phường"]) == ("a1", "'=1", "20410")
    assert (told["Kinh độ"], told["Vĩ độ"], told["Vị trí gần đúng"]) == ("108.1", "15", "có")
    assert (told["Hạn bảo hành"], told["Nhãn"], told["Vòng đời"]) == ("2028-01-02", "a, b", "Đã thanh lý")
    english = dict(zip(headings("camera", "en"), cells(CAMERA, {}, "en"), strict=True))
    assert (english["Area"], english["Bearing"], english["Field of view"]) == ("old", "12.5", "70")
    assert (english["Height (m)"], english["Gateway"], english["Tilt"]) == ("6", "gw", "")
    assert (english["Longitude"], english["Lifecycle"]) == ("108.1234567", "Draft")


def test_no_column_holds_an_address_or_a_key() -> None:
    for subject in ("device", "camera"):
        fields = {column.field for column in written(subject)}
        assert not fields & {"address", "key", "password", "settings", "photo", "x", "y"}


def test_a_template_says_what_may_be_chosen() -> None:
    for subject in ("device", "camera"):
        offered = {written(subject)[place].field: values for place, values in choices(subject, KNOWN, "en").items()}
        assert offered["lifecycle"] == ["Draft", "Approved", "Active", "Suspended", "Retired"]
        assert offered["area"] == ["20410"]
        assert len(example(subject, KNOWN)) == len(written(subject))
