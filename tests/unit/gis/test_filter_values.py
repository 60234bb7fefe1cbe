"""Literals: what is exact stays exact, what cannot be held is refused."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gis.filter_tree import FilterError, Literal
from gis.filter_values import day, end_of, instant, kind_of, storable, typed


def test_numbers_are_whole_where_they_can_be() -> None:
    assert typed(2.0, "number") == Literal("integer", 2)
    assert typed(2**62 + 1, "integer") == Literal("integer", 2**62 + 1)
    assert typed(2.5, "integer") == Literal("number", 2.5)
    assert typed(1e300, "integer") == Literal("number", 1e300)
    with pytest.raises(FilterError, match="finite"):
        typed(10**400, "number")


def test_kinds_of_literals() -> None:
    found = [kind_of(raw) for raw in (True, 1, "x", {"date": "x"}, {"timestamp": "x"})]
    assert found == ["boolean", "number", "string", "date", "datetime"]
    with pytest.raises(FilterError):
        kind_of({"day": "x"})


def test_moments_are_in_utc() -> None:
    assert instant("2026-11-26T07:00:00.1234567+07:00") == dt.datetime(2026, 11, 26, 0, 0, 0, 123456, dt.UTC)
    assert day("2026-11-26") == dt.date(2026, 11, 26)
    for wrong in ("2026-02-30", "26-11-2026", 3, "2026-11-26T00:00:00Z"):
        with pytest.raises(FilterError):
            day(wrong)


def test_ends_of_days() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    last = end_of({"date": "2026-11-26"}, "datetime", zone, last=True)
    assert last.value == dt.datetime(2026, 11, 26, 16, 59, 59, 999999, dt.UTC)
    assert end_of("2026-11-26", "date", zone, last=True) == Literal("date", dt.date(2026, 11, 26))
    for wrong in (None, 3, [], {"date": 3}, {"x": 1}, "0001-01-01"):
        with pytest.raises(FilterError):
            end_of(wrong, "datetime", zone, last=False)


def test_text_that_postgresql_cannot_hold() -> None:
    assert storable("漢") == "漢"
    for wrong in ("\0", "\udc00"):
        with pytest.raises(FilterError):
            storable(wrong)
