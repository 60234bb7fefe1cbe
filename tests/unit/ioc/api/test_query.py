"""Query parameters are read strictly."""

import contextlib
import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import EPSG4326, VN2000, Plane
from gis.layer import Field
from gis.layers import INCIDENTS, OBSERVATIONS_LATEST
from gis.position import Box
from ioc.api.problems import ProblemError
from ioc.api.query import Query, area, day, instant, interval, order, system, typed

ZONE = zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


def boxes(text: str) -> tuple[Box, ...]:
    return area(text)[0]


@given(LON, LAT, LON, LAT)
def test_a_box_is_itself(west: float, south: float, east: float, north: float) -> None:
    west, east, south, north = min(west, east), max(west, east), min(south, north), max(south, north)
    assert boxes(f"{west},{south},{east},{north}") == (Box(west=west, south=south, east=east, north=north),)
    assert boxes(f"{west},{south},-5,{east},{north},5") == boxes(f"{west},{south},{east},{north}")


def test_a_box_over_the_antimeridian_is_two() -> None:
    assert [(box.west, box.east) for box in boxes("170,-10,-170,10")] == [(170, 180), (-180, -170)]


@given(st.text())
def test_any_text_is_a_box_or_a_problem(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert 1 <= len(boxes(text)) <= 2


def test_an_order_names_fields_that_have_one_value() -> None:
    assert order(INCIDENTS, "-severity,opened_at") == (("severity", True), ("opened_at", False))
    assert order(INCIDENTS, " title") == order(INCIDENTS, "+title") == (("title", False),)
    for text in ("", "x", "title,title", "-", "--title", "sources", "title,", "geometry"):
        with pytest.raises(ProblemError) as refused:
            order(INCIDENTS, text)
        assert "severity" in refused.value.values["why"]
    with pytest.raises(ProblemError):
        order(OBSERVATIONS_LATEST, "age_s")


def test_an_unknown_system_is_told_the_known_ones() -> None:
    assert system("crs", None).axes == ("lon", "lat")
    with pytest.raises(ProblemError) as refused:
        system("crs", "http://www.opengis.net/def/crs/EPSG/0/3857")
    assert "EPSG/0/5899" in refused.value.values["why"]


def test_a_box_is_read_in_the_order_of_its_system() -> None:
    assert area("15,107,16,108", EPSG4326) == (boxes("107,15,108,16"), None)
    assert area("500000,1700000,0,510000,1710000,9", VN2000) == (
        (),
        Plane(west=500_000, south=1_700_000, east=510_000, north=1_710_000),
    )
    with pytest.raises(ProblemError):
        area("107,15,108,16", EPSG4326)


@given(st.text(alphabet="0123456789-:TZ./+e") | st.text())
def test_any_text_is_an_interval_or_a_problem(text: str) -> None:
    with contextlib.suppress(ProblemError):
        since, until = interval(text, ZONE)
        assert since is None or until is None or since <= until


@given(st.datetimes(timezones=st.just(dt.UTC)), st.datetimes(timezones=st.just(dt.UTC)))
def test_an_interval_is_itself(one: dt.datetime, other: dt.datetime) -> None:
    first, last = min(one, other), max(one, other)
    text = [at.isoformat().replace("+00:00", "Z") for at in (first, last)]
    assert interval("/".join(text), ZONE) == (first, last)
    assert interval(f"../{text[1]}", ZONE) == (None, last)
    assert interval(f"{text[0]}/", ZONE) == (first, None)
    assert interval(text[0], ZONE) == (first, first)


def test_a_bare_day_is_the_whole_local_day() -> None:
    since, until = interval("2025-07-01", ZONE)
    assert since == dt.datetime(2025, 6, 30, 17, tzinfo=dt.UTC)
    assert until is not None
    assert until - since == dt.timedelta(days=1) - dt.timedelta(microseconds=1)


@given(st.text(alphabet="0123456789-:TZ./+e") | st.text())
def test_any_text_is_a_moment_and_a_day_or_a_problem(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert instant("at", text).tzinfo is dt.UTC
    with contextlib.suppress(ProblemError):
        assert day("day", text).isoformat() == text


def test_a_moment_has_a_clock_and_an_offset_and_a_day_has_neither() -> None:
    assert instant("at", "2025-07-01T07:00:00.5+07:00") == dt.datetime(2025, 7, 1, 0, 0, 0, 500_000, tzinfo=dt.UTC)
    assert day("day", "2025-07-01") == dt.date(2025, 7, 1)
    for text in ("2025-07-01", "2025-07-01T07:00:00", "0001-01-01T00:00:00+07:00", "2025-07-01T07:00:00Z/..", ""):
        with pytest.raises(ProblemError):
            instant("at", text)
    for text in ("2025-07-01T00:00:00Z", "20250701", "2025-02-30", ""):
        with pytest.raises(ProblemError):
            day("day", text)


def test_both_ends_open_is_everything() -> None:
    assert interval("../..", ZONE) == (None, None)
    with pytest.raises(ProblemError):
        interval("/", ZONE)


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("10000", 10_000), ("10001", 10_000), ("9" * 18, 10_000)])
def test_a_limit_above_the_most_is_the_most(text: str, number: int) -> None:
    assert Query({"limit": text}, {"limit"}).whole("limit", 100, 1, 10_000) == number


@given(st.text())
def test_any_text_is_a_limit_or_a_problem(text: str) -> None:
    with contextlib.suppress(ProblemError):
        assert 1 <= Query({"limit": text}, {"limit"}).whole("limit", 100, 1, 10_000) <= 10_000


def test_unknown_names_and_what_cannot_be_stored_are_problems() -> None:
    for pairs in ({"x": "1"}, {"a": "\0"}, {"a": "\ud800"}):
        with pytest.raises(ProblemError):
            Query(pairs, {"a"})


def test_values_take_the_field_s_type() -> None:
    assert typed(Field("a", "boolean", "", ""), "true") is True
    assert typed(Field("a", "integer", "", ""), "-7") == -7
    assert typed(Field("a", "number", "", ""), "1.5") == 1.5
    for kind, text in (
        ("boolean", "yes"),
        ("integer", "1.0"),
        ("integer", "9" * 30),
        ("number", "nan"),
        ("uuid", "x"),
    ):
        with pytest.raises(ProblemError):
            typed(Field("a", kind, "", ""), text)
    with pytest.raises(ProblemError):
        typed(Field("a", "string", "", "", words=("b",)), "c")
