"""What a request for items asks for."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layers import INCIDENTS, LAYERS, OBSERVATIONS_LATEST
from ioc.api.ogc import _after, _mark, wanted_of
from ioc.api.problems import ProblemError
from ioc.api.query import Query


def test_parameters_become_what_is_wanted() -> None:
    pairs = {"severity": "severe", "bbox": "1,2,3,4", "limit": "5", "datetime": "2026-01-01T00:00:00Z/.."}
    wanted = wanted_of(INCIDENTS, Query(pairs, set(pairs)), dt.UTC)
    assert wanted.equal == {"severity": "severe"}
    assert wanted.boxes[0].west == 1
    assert (wanted.since, wanted.until) == (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), None)


def test_a_mark_reads_back() -> None:
    assert _after(OBSERVATIONS_LATEST, _mark(OBSERVATIONS_LATEST, "gauge-một:p")) == ("gauge-một", "p")


@given(st.text())
def test_any_text_is_a_mark_or_a_problem(text: str) -> None:
    for layer in LAYERS.values():
        try:
            assert len(_after(layer, text)) == len(layer.key)
        except ProblemError:
            continue


def test_the_id_of_another_layer_is_no_mark() -> None:
    with pytest.raises(ProblemError):
        _after(INCIDENTS, _mark(INCIDENTS, "gauge-one"))
