"""Facts about how another maker's words become ours."""

import datetime as dt
import uuid

import pytest

from cameras.camera import GroundPoint
from cameras.foreign import (
    NOWHERE,
    Eye,
    class_of,
    clipped,
    code_form,
    dated,
    life_id,
    moment_of,
    number,
    part_of_one,
    sighting,
    word,
)
from gis.position import Position
from tests.fakes.things import NOW

HERE = Position(lon=108.33, lat=15.88)
EYE = Eye(code="cam-1", centre="hoi-an", position=HERE)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("2026-11-22T01:00:00Z", 0.0),
        ("2026-11-22T01:00:00", 0.0),
        ("2026-11-22T08:00:00.5+07:00", 0.5),
        ("2026-11-22T01:00:00.123456789Z", 0.123456),
        (1795309200, 0.0),
        (1795309200123, 0.123),
        ("1795309200.25", 0.25),
    ],
)
def test_a_time_is_read_in_the_forms_that_makers_use(said: object, seconds: float) -> None:
    assert moment_of(said) == NOW + dt.timedelta(seconds=seconds)


@pytest.mark.parametrize("said", ["0000-00-00T00:00:00Z", "", None, "soon", 1e300, float("nan"), True, []])
def test_what_is_no_time_is_none(said: object) -> None:
    assert moment_of(said) is None


def test_a_time_that_is_not_believed_says_by_how_much() -> None:
    assert dated(NOW, NOW) is None
    trouble, nothing = dated(NOW + dt.timedelta(hours=2), NOW), dated(None, NOW)
    assert trouble is not None
    assert trouble.skew_s == 7200
    assert nothing is not None
    assert "set the camera's clock" in nothing.reason


def test_names_and_classes_take_our_form() -> None:
    assert code_form("Front_Door 2") == "front-door-2"
    assert code_form("Kho/Cổng") == "kho-c-ng"
    assert [class_of(name) for name in ("Human", "car", "Motorcycle/bicycle", "Dog", "umbrella", "")] == [
        "person", "vehicle", "two-wheeler", "animal", "umbrella", "object",
    ]  # fmt: skip
    assert word("a\nb\0c" * 100, 5) == "a b c"


def test_numbers_are_finite_and_trust_lies_between_0_and_1() -> None:
    assert [number(one) for one in ("3.5", 2, True, "x", float("inf"), None, "nan")] == [3.5, 2.0, *[None] * 5]
    assert [part_of_one(one) for one in (0.86, "86", 86.5, -1, 400, None)] == [0.86, 0.86, 0.865, None, None, None]


def test_a_life_has_one_id_wherever_it_is_made() -> None:
    """A UUID version 7 of its beginning."""
    one = life_id(NOW, "cam-1", "rule")
    assert one == life_id(NOW, "cam-1", "rule")
    assert one != life_id(NOW, "cam-2", "rule")
    assert uuid.UUID(one).version == 7
    assert uuid.UUID(one).int >> 80 == int(NOW.timestamp() * 1000)


def test_each_phase_of_a_life_has_a_key_of_its_own_made_of_what_was_said() -> None:
    life = life_id(NOW, "x")
    start = sighting(EYE, at=NOW, kind="motion", life=life, phase="start")
    again = sighting(EYE, at=NOW, kind="motion", life=life, phase="start")
    end = sighting(EYE, at=NOW, kind="motion", life=life, phase="end")
    assert start == again
    assert start.id == end.id
    assert start.stamp.key != end.stamp.key
    assert (start.stamp.centre, start.stamp.source, start.stamp.position) == ("hoi-an", "cam-1", HERE)


def test_a_box_is_put_on_the_ground_unless_the_picture_s_size_was_guessed() -> None:
    marks = tuple(
        GroundPoint(x=x, y=y, lon=108.33 + east / 107_000, lat=15.88 + north / 110_600)
        for x, y, east, north in [(0.0, 0.2, 0, 40), (1.0, 0.2, 40, 40), (1.0, 1.0, 25, 0), (0.0, 1.0, 15, 0)]
    )
    eye = Eye(code="cam-1", centre="hoi-an", position=HERE, calibration=marks)
    exact = sighting(eye, at=NOW, kind="motion", life=life_id(NOW, "x"), box=(0.4, 0.7, 0.2, 0.3))
    guess = sighting(eye, at=NOW, kind="motion", life=life_id(NOW, "x"), box=(0.4, 0.7, 0.2, 0.3), exact=False)
    assert exact.stamp.position is not None
    assert exact.stamp.position.lon == pytest.approx(108.33 + 20 / 107_000, abs=2e-6)
    assert exact.error_m is not None
    assert (guess.stamp.position, guess.error_m) == (HERE, None)


def test_a_box_stays_within_the_picture() -> None:
    assert clipped(-0.2, 0.5, 0.4, 1.7) == (0.0, 0.5, 0.4, 0.5)
    assert clipped(0.6, 0.6, 0.2, 0.2) == (0.2, 0.2, 0.4, 0.4)
    assert clipped(1.5, 0.1, 2.0, 0.2) == NOWHERE
