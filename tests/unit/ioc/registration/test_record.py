"""What one change of a record was."""

import datetime as dt

import msgspec
import pytest

from gis.position import Position
from ioc.registration.record import CameraRecord, Change, Code, DeviceRecord, changes, flat, tidy

HERE = Position(lon=108.118, lat=15.883)
DEVICE = DeviceRecord(
    code="gauge-a", name="A", centre="dai-loc", area="20500@2025-07-01", kind="river-gauge", position=HERE,
    profile="river-gauge",
)  # fmt: skip
CAMERA = CameraRecord(
    code="cam-a", name="A", centre="dai-loc", area="20500@2025-07-01", kind="street", position=HERE, bearing=90.0,
    settings={"scene": "street", "height_m": 6.0},
)  # fmt: skip


def test_a_change_names_the_field_with_what_it_was_and_became() -> None:
    after = msgspec.structs.replace(
        DEVICE, serial="7", warranty_until=dt.date(2027, 1, 31), position=Position(lon=108.2, lat=15.9), tags=("flood",)
    )
    assert changes(DEVICE, after) == (
        Change("position", [108.118, 15.883], [108.2, 15.9]),
        Change("serial", None, "7"),
        Change("tags", None, ["flood"]),
        Change("warranty_until", None, "2027-01-31"),
    )


def test_what_follows_from_a_change_is_none() -> None:
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    assert changes(DEVICE, msgspec.structs.replace(DEVICE, version=2, updated_at=now, state="lost")) == ()


def test_a_new_record_tells_what_is_known_of_it() -> None:
    told = {one.field: one.after for one in changes(None, DEVICE)}
    assert told["code"] == "gauge-a"
    assert told["lifecycle"] == "draft"
    assert "serial" not in told
    assert all(one.before is None for one in changes(None, DEVICE))


def test_a_camera_s_settings_are_fields_like_others() -> None:
    lower = msgspec.structs.replace(CAMERA, settings={"scene": "street", "height_m": 4.0, "link": "line-1"})
    assert changes(CAMERA, lower) == (Change("height_m", 6.0, 4.0), Change("link", None, "line-1"))
    assert flat(CAMERA)["scene"] == "street"
    assert "settings" not in flat(CAMERA)


def test_tags_are_tidied() -> None:
    assert tidy([" flood ", "", "flood", "bridge"]) == ("flood", "bridge")


@pytest.mark.parametrize("code", ["a", "A-gauge", "gauge/1", "gauge\n", "-gauge", "x" * 64])
def test_what_cannot_be_part_of_a_topic_is_no_code(code: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(code, Code)
