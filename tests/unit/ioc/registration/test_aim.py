"""Marks are of one picture."""

import msgspec
import pytest

from gis.position import Position
from ioc.registration.aim import aimed
from ioc.registration.record import CameraRecord
from tests.unit.ioc.registration.test_record import CAMERA

MARKS = [{"x": x, "y": y, "lon": 108.0, "lat": 15.0} for x in (0.1, 0.9) for y in (0.1, 0.9)]
MARKED = msgspec.structs.replace(CAMERA, settings={"scene": "street", "calibration": MARKS})


@pytest.mark.parametrize(
    ("after", "stay"),
    [
        (msgspec.structs.replace(MARKED, name="B"), True),
        (msgspec.structs.replace(MARKED, position=Position(lon=108.118004, lat=15.883)), True),
        (msgspec.structs.replace(MARKED, position=Position(lon=108.1181, lat=15.883)), False),
        (msgspec.structs.replace(MARKED, bearing=91.0), False),
        (msgspec.structs.replace(MARKED, bearing=None), False),
    ],
)
def test_they_go_when_the_camera_moves_or_turns(after: CameraRecord, stay: bool) -> None:
    found = aimed(MARKED, after)
    assert ("calibration" in found.settings) is stay
    assert found.settings["scene"] == "street"


def test_new_ones_stay() -> None:
    anew = [MARKS[0] | {"lon": 108.1}, *MARKS[1:]]
    turned = msgspec.structs.replace(MARKED, bearing=91.0, settings={"calibration": anew})
    assert aimed(MARKED, turned) == turned
