"""The relations behind the layers have a column for everything that is described."""

import pytest

from gis.layer import Layer
from gis.layers import LAYERS
from ioc.store.layer_sources import relation_of


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_field_has_a_column(layer: Layer) -> None:
    _, columns = relation_of(layer)
    named = {*layer.key, layer.geometry, *(field.name for field in layer.fields), *(layer.span or ())}
    assert named <= set(columns)
