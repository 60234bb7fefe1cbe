"""Which form of an answer is wanted."""

import contextlib

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from ioc.api.items import FORMS
from ioc.api.negotiated import JSON, form_of, takes_gzip, weight_of
from ioc.api.problems import ProblemError
from ioc.api.query import Query


def form(accept: str | None, f: str | None = None) -> str:
    request = make_mocked_request("GET", "/", headers={} if accept is None else {"Accept": accept})
    return form_of(request, Query({} if f is None else {"f": f}, {"f"}), FORMS)


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "json"),
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("text/*", "csv"),
        ("text/html, application/xhtml+xml, */*;q=0.1", "json"),
        ("application/geo+json, application/json", "json"),
        ("application/vnd.oai.openapi+json", "json"),
        ("text/csv;q=0.5, application/geo+json;q=0.9", "json"),
        ("text/csv, application/json;q=0.9", "csv"),
        ("*/*, text/csv;q=0", "json"),
        ("TEXT/CSV ; q=1", "csv"),
    ],
)
def test_the_header_chooses(accept: str | None, wanted: str) -> None:
    assert form(accept) == wanted


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/html", "application/json;q=0", "application/xml"])
def test_what_there_is_not_is_not_acceptable(accept: str) -> None:
    with pytest.raises(ProblemError) as refused:
        form(accept)
    assert refused.value.code == "not-acceptable"
    assert "text/csv" in refused.value.values["possible"]


def test_the_parameter_counts_before_the_header() -> None:
    assert form("text/html", "csv") == "csv"
    with pytest.raises(ProblemError) as refused:
        form("text/csv", "html")
    assert refused.value.values["why"] == "json | geojson | csv"


@given(st.text())
def test_any_header_has_a_weight(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert weight_of(text, JSON["json"]) <= 1 or "q" in text.lower()


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (None, False),
        ("gzip", True),
        ("br, GZIP ; q=0.1", True),
        ("gzip;q=0", False),
        ("gzip; q = 0.00", False),
        ("gzip;q=no", False),
        ("xgzip", False),
        ("*", False),
    ],
)
def test_who_names_gzip_takes_it(accept: str | None, taken: bool) -> None:
    headers = {} if accept is None else {"Accept-Encoding": accept}
    assert takes_gzip(make_mocked_request("GET", "/", headers=headers)) == taken
