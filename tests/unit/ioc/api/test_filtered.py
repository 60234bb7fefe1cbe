"""Filters of requests."""

import datetime as dt

import pytest

from gis.crs import EPSG4326, VN2000
from gis.filter_tree import Compare, Spatial
from gis.layers import INCIDENTS
from ioc.access.scope import EVERYTHING
from ioc.api.filtered import patient, where_of
from ioc.api.problems import ProblemError
from ioc.api.query import Query
from ioc.store.database import Database
from ioc.store.filtering import CostlyFilterError
from tests.conftest import Fresh


def where(**pairs: str) -> object:
    named = {name.replace("_", "-"): value for name, value in pairs.items()}
    return where_of(INCIDENTS, Query(named, set(named)), dt.UTC)


def test_both_languages_say_the_same() -> None:
    text = where(filter="category = 'flood'")
    assert isinstance(text, Compare)
    json = '{"op":"=","args":[{"property":"category"},"flood"]}'
    assert where(filter=json, filter_lang="cql2-json") == text
    assert where() is None


def test_a_geometry_is_read_in_its_system() -> None:
    plain = where(filter="S_INTERSECTS(geometry, POINT(108 15.5))")
    assert isinstance(plain, Spatial)
    assert where(filter="S_INTERSECTS(geometry, POINT(15.5 108))", filter_crs=EPSG4326.uri) == plain
    assert where(filter="S_INTERSECTS(geometry, POINT(527000 1714000))", filter_crs=VN2000.uri) != plain


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("filter", {"filter": "nothing = 1"}),
        ("filter", {"filter": "("}),
        ("filter", {"filter": ""}),
        ("filter-lang", {"filter": "TRUE", "filter_lang": "cql-text"}),
        ("filter-lang", {"filter_lang": "sql"}),
        ("filter-crs", {"filter_crs": "EPSG:3857"}),
    ],
)
def test_what_cannot_be_used_is_named(name: str, pairs: dict[str, str]) -> None:
    with pytest.raises(ProblemError) as refused:
        where(**pairs)
    assert refused.value.values["name"] == name


async def test_a_filter_that_takes_too_long_is_a_problem(fresh: Fresh) -> None:
    found = where_of(INCIDENTS, Query({"filter": "TRUE"}, {"filter"}), dt.UTC)
    async with Database.open(fresh.url()) as database, database.transaction(EVERYTHING, read_only=True) as transaction:
        with pytest.raises(ProblemError):
            async with patient(transaction, found):
                raise CostlyFilterError("narrow the filter")
        async with patient(transaction, None):
            pass
