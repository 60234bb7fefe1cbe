"""Facts about where a sighting is put."""

import msgspec
import pytest

from cameras.camera import Address, Camera, GroundPoint
from cameras.place import field_of_view, ground_of, place
from gis.position import Position

HOME = Position(lon=108.30, lat=15.87)
MARKS = tuple(
    GroundPoint(x=x, y=y, lon=108.3 + east / 107_000, lat=15.87 + north / 110_600)
    for x, y, east, north in [(0.0, 0.2, 0, 40), (1.0, 0.2, 40, 40), (1.0, 1.0, 25, 0), (0.0, 1.0, 15, 0)]
)
PLAIN = Camera(code="cam-x1", centre="quang-nam", address=Address("rtsp://h/x"), scene="street", position=HOME)


def test_a_calibrated_box_stands_at_its_foot() -> None:
    """The bottom's middle lies at the near edge, half way between its corners."""
    position, error_m = place(msgspec.structs.replace(PLAIN, calibration=MARKS), (0.4, 0.7, 0.2, 0.3))
    assert position is not None
    assert position.lon == pytest.approx(108.3 + 20 / 107_000, abs=2e-6)
    assert position.lat == pytest.approx(15.87, abs=2e-6)
    assert error_m is not None
    assert 1 <= error_m < 3


def test_without_calibration_it_is_the_camera_s_own_place_and_no_error_is_claimed() -> None:
    """Also above the horizon, and when the marks fix no plane."""
    assert place(PLAIN, (0.4, 0.7, 0.2, 0.3)) == (HOME, None)
    useless = msgspec.structs.replace(PLAIN, calibration=(MARKS[0],) * 4)
    assert ground_of(useless) is None
    assert place(useless, (0.4, 0.7, 0.2, 0.3)) == (HOME, None)
    steep = msgspec.structs.replace(PLAIN, calibration=MARKS)
    assert place(steep, (0.4, -3.0, 0.2, 0.3)) == (HOME, None)


def test_the_field_of_view_comes_from_what_is_known() -> None:
    """Calibration first, then bearing and angle, else nothing."""
    assert field_of_view(PLAIN) is None
    sector = field_of_view(msgspec.structs.replace(PLAIN, bearing_deg=90.0, fov_deg=60.0), reach_m=50.0)
    assert sector is not None
    assert all(position.lon >= HOME.lon for position in sector)
    seen = field_of_view(msgspec.structs.replace(PLAIN, calibration=MARKS, bearing_deg=90.0, fov_deg=60.0))
    assert seen is not None
    assert seen != sector


def test_height_bearing_and_field_of_view_stand_in_for_marks() -> None:
    """The spot lies ahead, its error is claimed and larger than that of marks; a useless pose costs only itself."""
    posed = msgspec.structs.replace(PLAIN, bearing_deg=90.0, fov_deg=70.0, height_m=6.0, tilt_deg=30.0)
    position, error_m = place(posed, (0.4, 0.3, 0.2, 0.2))
    assert position is not None
    assert position.lon > HOME.lon
    assert position.lat == pytest.approx(HOME.lat, abs=1e-7)
    assert error_m is not None
    assert 1 < error_m < 5
    seen = field_of_view(posed)
    assert seen is not None
    assert len(seen) > 14, "not a plain sector"
    useless = msgspec.structs.replace(posed, height_m=0.0)
    assert ground_of(useless) is None
    assert place(useless, (0.4, 0.3, 0.2, 0.2)) == (HOME, None)


def test_marks_win_over_height_and_bearing() -> None:
    both = msgspec.structs.replace(PLAIN, calibration=MARKS, bearing_deg=90.0, fov_deg=70.0, height_m=6.0)
    assert ground_of(both) is ground_of(msgspec.structs.replace(PLAIN, calibration=MARKS))
