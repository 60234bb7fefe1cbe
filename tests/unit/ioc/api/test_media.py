"""Codes in paths, and the names of base maps."""

import datetime as dt

import pytest
from aiohttp.test_utils import make_mocked_request

from ioc.api.media import BASEMAP, code_of, shown_as, steps
from ioc.api.problems import ProblemError
from ioc.data.places import BASEMAP as SHIPPED


@pytest.mark.parametrize("code", ["", "a", "Cam", "cam/x", "../x", "cam\0", "x" * 64, "é"])
def test_what_can_be_no_code_is_not_found(code: str) -> None:
    with pytest.raises(ProblemError):
        code_of(make_mocked_request("GET", "/", match_info={"code": code}))


def test_a_code_is_itself() -> None:
    assert code_of(make_mocked_request("GET", "/", match_info={"code": "gauge-ai-nghia"})) == "gauge-ai-nghia"


@pytest.mark.parametrize(
    ("state", "age_s", "shown"),
    [
        ("live", 2, "live"),
        ("live", 11, "silent"),
        ("frozen", 2, "frozen"),
        ("frozen", 99, "frozen"),
        ("ended", 99, "ended"),
    ],
)
def test_an_old_picture_is_never_live(state: str, age_s: float, shown: str) -> None:
    assert shown_as(state, dt.timedelta(seconds=age_s)) == shown


def test_every_base_map_that_is_served_is_shipped() -> None:
    assert set(SHIPPED) >= BASEMAP


def test_a_long_chart_is_made_of_hours_and_a_very_long_one_of_days() -> None:
    assert [steps(None, hours) for hours in (1, 48, 49, 1440, 1441)] == ["reading", "reading", "hour", "hour", "day"]
    assert steps("day", 1) == "day"
    with pytest.raises(ProblemError):
        steps("week", 1)
