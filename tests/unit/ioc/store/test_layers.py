"""Statements of layers carry values as parameters only."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.layer import Layer
from gis.layers import INCIDENTS, LAYERS
from gis.position import Box
from ioc.store import layers
from ioc.store.layers import Wanted

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BOX = Box(west=107, south=15, east=108, north=16)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_statement_finds_its_values(layer: Layer) -> None:
    wanted = Wanted(
        boxes=(BOX, BOX),
        since=NOW,
        until=NOW,
        equal={field.name: None for field in layer.fields if field.filter},
        after=("x",) * len(layer.key),
        current_only=True,
    )
    values = layers._values(wanted, NOW) | {"limit": 1}
    shape = (*layers._shape(wanted), "after")
    for prepared in (layers._items_statement(layer, shape), layers._count_statement(layer, shape[:-1])):
        prepared.arguments(values)


@given(st.text(min_size=1))
def test_a_value_never_enters_the_text(text: str) -> None:
    wanted = Wanted(equal={"category": text})
    statement = layers._items_statement(INCIDENTS, layers._shape(wanted))
    assert statement is layers._items_statement(INCIDENTS, layers._shape(Wanted(equal={"category": "other"})))


@given(st.text().filter(lambda name: INCIDENTS.field(name) is None))
def test_an_unknown_field_makes_no_statement(name: str) -> None:
    with pytest.raises(ValueError, match="may be filtered"):
        layers._items_statement.__wrapped__(INCIDENTS, (f"={name}",))
