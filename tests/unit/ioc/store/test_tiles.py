"""Statements of tiles."""

import pytest

from gis.layer import Layer
from gis.layers import LAYERS
from ioc.store import tiles


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_statement_finds_its_values(layer: Layer) -> None:
    values = dict.fromkeys(("z", "x", "y", "today", "margin", "tolerance", "now"))
    tiles._tile_statement(layer).arguments(values)
