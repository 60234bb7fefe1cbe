"""What ground a camera sees follows from how it stands and looks."""

import msgspec

from gis.position import Position
from ioc import sites
from ioc.store.registry import CameraRow

MARKS = [
    {"x": x, "y": y, "lon": 108.33 + east / 107_000, "lat": 15.88 + north / 110_600}
    for x, y, east, north in [(0.0, 0.2, 0, 40), (1.0, 0.2, 40, 40), (1.0, 1.0, 25, 0), (0.0, 1.0, 15, 0)]
]
ROW = CameraRow(
    code="cam-1", centre="hoi-an", area="20410@2025-07-01", name="Cầu An Hội", kind="street",
    position=Position(lon=108.33, lat=15.88), bearing=90.0, fov=60.0,
    settings={"scene": "street", "height_m": 6.0, "tilt_deg": 15.0},
)  # fmt: skip


def test_a_camera_looks_where_it_is_turned_and_marks_win_over_that() -> None:
    sited = sites.sited(ROW)
    assert sited.view
    assert all(corner.lon >= 108.3299 for corner in sited.view), "it looks east"
    turned = sites.sited(msgspec.structs.replace(ROW, bearing=270.0))
    assert all(corner.lon <= 108.3301 for corner in turned.view)
    marked = sites.sited(msgspec.structs.replace(ROW, settings={**ROW.settings, "calibration": MARKS}))
    assert marked.view not in (sited.view, ())
