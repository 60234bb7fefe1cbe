"""What one record alone shows to be wrong."""

from typing import Any

import msgspec
import pytest

from gis.footprint import GroundPoint
from ioc.api.problems import ProblemError
from ioc.api.register_forms import marked, watchable
from tests.unit.ioc.registration.test_record import CAMERA

SQUARE = tuple(GroundPoint(x=x, y=y, lon=108 + x / 1000, lat=15 - y / 1000) for x in (0.1, 0.9) for y in (0.1, 0.9))


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"onvif": "http://root:secret@192.0.2.7/onvif"}, "bad-value"),
        ({"onvif": "http://192.0.2.7/onvif?user=root&password=secret"}, "bad-value"),
        ({"onvif": "gopher://192.0.2.7/"}, "bad-value"),
        ({"main": "rtsp://root:secret@192.0.2.7/"}, "bad-value"),
        ({"main": "/user=root_password=secret_channel=1_stream=0.sdp"}, "bad-value"),
        ({"main": "rtsp://192.0.2.7/live?pwd=secret"}, "bad-value"),
        ({"masks": [[[0, 0], [99, 0], [1, 1]]]}, "bad-value"),
        ({"calibration": [{"x": 0.1, "y": 0.1, "lon": 108.0, "lat": 15.0}]}, "bad-value"),
        ({"calibration": [{"x": 0.5, "y": 0.5, "lon": 108.0, "lat": 15.0}] * 4}, "marks-refused"),
    ],
)
def test_what_the_camera_room_could_not_use_is_refused(settings: dict[str, Any], code: str) -> None:
    watchable(CAMERA)
    plain = {"main": "/cam/realmonitor?channel=1&subtype=0", "onvif": "http://192.0.2.7/onvif/device_service"}
    watchable(msgspec.structs.replace(CAMERA, settings={"scene": "street", **plain}))
    with pytest.raises(ProblemError) as refused:
        watchable(msgspec.structs.replace(CAMERA, settings={"scene": "street", **settings}))
    assert refused.value.code == code
    assert "secret" not in repr(refused.value.values)


def test_four_marks_give_a_ground_and_none_give_none() -> None:
    assert marked(SQUARE) is not None
    assert marked(()) is None
