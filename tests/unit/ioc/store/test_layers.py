"""Statements of layers carry values as parameters only."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import VN2000, Plane
from gis.layer import Layer
from gis.layers import INCIDENTS, LAYERS
from gis.position import Box
from ioc.store import layers
from ioc.store.crs import Seen
from ioc.store.layers import Form, Out, Wanted

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
BOX = Box(west=107, south=15, east=108, north=16)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_statement_finds_its_values(layer: Layer) -> None:
    wanted = Wanted(
        boxes=(BOX, BOX),
        since=NOW,
        until=NOW,
        equal={field.name: None for field in layer.fields if field.filter},
        plane=(VN2000, Plane(west=1, south=2, east=3, north=4)),
        order=tuple((field.name, bool(number % 2)) for number, field in enumerate(layer.fields) if field.sortable),
        after=("x",) * (len(layer.key) + len(layer.fields)),
        current_only=True,
    )
    values = layers.values_of(wanted, NOW) | {"limit": 1}
    for numbered in (True, False):
        plane, shape = Seen(VN2000, numbered), layers.shape_of(wanted)
        for wkt in (True, False):
            form = Form(shape=shape, plane=plane, out=Out(plane, wkt), order=wanted.order, after=True)
            layers._items_statement(layer, form).arguments(values)
        layers._count_statement(layer, Form(shape, plane)).arguments(values)


@given(st.text(min_size=1))
def test_a_value_never_enters_the_text(text: str) -> None:
    wanted = Wanted(equal={"category": text})
    statement = layers._items_statement(INCIDENTS, Form(layers.shape_of(wanted)))
    assert statement is layers._items_statement(INCIDENTS, Form(layers.shape_of(Wanted(equal={"category": "other"}))))


@given(st.text().filter(lambda name: INCIDENTS.field(name) is None))
def test_an_unknown_field_makes_no_statement(name: str) -> None:
    with pytest.raises(ValueError, match="may be filtered"):
        layers._items_statement.__wrapped__(INCIDENTS, Form((f"={name}",)))
