"""What a request for items asks for."""

import datetime as dt

import pytest

from gis.crs import VN2000
from gis.layers import INCIDENTS
from ioc.api.items import wanted_of
from ioc.api.problems import ProblemError
from ioc.api.query import Query


def asked(**pairs: str) -> Query:
    named = {name.replace("_crs", "-crs"): value for name, value in pairs.items()}
    return Query(named, set(named))


def test_parameters_become_what_is_wanted() -> None:
    query = asked(severity="severe", bbox="1,2,3,4", limit="5", datetime="2026-01-01T00:00:00Z/..", sortby="-count")
    wanted = wanted_of(INCIDENTS, query, dt.UTC)
    assert wanted.equal == {"severity": "severe"}
    assert wanted.boxes[0].west == 1
    assert (wanted.since, wanted.until) == (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None)
    assert wanted.order == (("count", True),)
    assert wanted.plane is None


def test_a_box_of_the_plane_comes_with_its_system() -> None:
    wanted = wanted_of(INCIDENTS, asked(bbox="1,2,3,4", bbox_crs=VN2000.uri), dt.UTC)
    assert wanted.plane is not None
    assert (wanted.boxes, wanted.plane[0], wanted.plane[1].north) == ((), VN2000, 4)


def test_an_unknown_system_is_a_problem_even_without_a_box() -> None:
    with pytest.raises(ProblemError):
        wanted_of(INCIDENTS, asked(bbox_crs="EPSG:4326"), dt.UTC)
