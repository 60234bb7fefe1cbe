"""What is absent stays, and what is null is emptied."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from ioc.api.models_register import (
    MOST_AT_ONCE,
    CameraFields,
    ChangedCamera,
    ChangedDevice,
    ChangedDevices,
    DeviceFields,
    NewCamera,
    NewDevice,
    Planar,
)

PLAIN: dict[str, Any] = {"code": "gauge-1", "name": "Một", "position": [108.2, 15.6], "profile": "river-gauge"}


def test_a_member_that_is_absent_is_told_from_one_that_is_null() -> None:
    found = msgspec.convert({"expected_version": 1, "warranty_until": None, "maker": ""}, ChangedDevice)
    assert (found.warranty_until, found.maker, found.model) == (None, "", UNSET)
    assert msgspec.convert({"expected_version": 1}, ChangedCamera).calibration is UNSET


def test_a_place_is_a_pair_or_in_another_system() -> None:
    assert msgspec.convert(PLAIN, NewDevice).position == (108.2, 15.6)
    planar = msgspec.convert(PLAIN | {"position": {"crs": "vn2000", "x": 548e3, "y": 1725e3}}, NewDevice).position
    assert isinstance(planar, Planar)


@pytest.mark.parametrize(
    ("wrong", "model"),
    [
        (PLAIN | {"colour": "red"}, NewDevice),
        (PLAIN | {"code": "Gauge 1"}, NewDevice),
        (PLAIN | {"position": [15.6, 108.2]}, NewDevice),
        (PLAIN | {"position": {"crs": "EPSG:3857", "x": 1, "y": 2}}, NewDevice),
        ({"code": "cam-1", "name": "x", "position": [108, 15], "bearing": 360}, NewCamera),
        ({"code": "cam-1", "name": "x", "position": [108, 15], "masks": [[[0, 0], [1, 1]]]}, NewCamera),
        ({"code": "cam-1", "name": "x", "position": [108, 15], "lines": [{"id": "l", "p1": [0, 0]}]}, NewCamera),
        ({"name": "x"}, ChangedDevice),
        ({"codes": []}, ChangedDevices),
        ({"codes": [{"code": "gauge-1", "expected_version": 1}] * (MOST_AT_ONCE + 1)}, ChangedDevices),
        ({"codes": [{"code": "gauge-1", "expected_version": 1}], "step": "forget"}, ChangedDevices),
    ],
)  # fmt: skip
def test_what_is_no_record_is_refused(wrong: dict[str, Any], model: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, model)


def test_whatever_is_entered_can_be_changed_but_the_code() -> None:
    for new, fields in ((NewDevice, DeviceFields), (NewCamera, CameraFields)):
        assert set(new.__struct_fields__) - {"code", "reason"} == set(fields.__struct_fields__)
