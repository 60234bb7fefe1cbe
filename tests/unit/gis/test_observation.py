"""Observations: finite values, words for qualities, and the same thing after a trip through the journal."""

import datetime as dt
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Notice, Observation, Quality, Reading, Reference, Report, Sighting, Value
from gis.position import Position
from gis.stamp import Stamp

NOW = dt.datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=dt.UTC)
STAMP = Stamp(centre="quang-nam", source="cam-1", at=NOW, sequence=3, run="r", position=Position(lon=108.1, lat=15.9))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_cannot_be_built(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Value("water_level", bad)


def test_qualities_have_the_words_of_the_contract_in_the_order_in_which_they_are_stored() -> None:
    assert [quality.word for quality in Quality] == ["good", "implausible", "calibrating", "fault"]
    assert [int(quality) for quality in Quality] == [0, 1, 2, 3]


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(Quality), st.booleans())
def test_a_reading_comes_back_from_msgpack_as_it_went(number: float, quality: Quality, derived: bool) -> None:
    before = Reading(stamp=STAMP, values=(Value("a", number, quality),), recorded_at=NOW, derived=derived)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode([before]), type=list[Reading | Sighting]) == [before]


def test_a_sighting_comes_back_from_msgpack_as_it_went() -> None:
    before = Sighting(id="x", stamp=STAMP, kind="zone_entered", subject="gate", track="1", box=(0.1, 0.2, 0.3, 0.4))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode([before]), type=list[Reading | Sighting]) == [before]


def test_what_people_tell_comes_back_from_msgpack_as_it_went() -> None:
    report = Report(id="x", stamp=STAMP, number="1", area="a", category="flood", severity="minor", text="ngập")
    notice = Notice(
        id="y", stamp=STAMP, sender="s", identifier="i", area="a", references=(Reference(NOW, "s", "h"),), onset=NOW
    )
    told = [report, notice]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(told), type=list[Observation]) == told
    assert notice.reference == Reference(NOW, "s", "i")


def test_observations_do_not_change_once_made() -> None:
    with pytest.raises(AttributeError):
        Reading(stamp=STAMP, values=()).derived = True  # type: ignore[misc]
