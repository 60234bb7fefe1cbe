"""Statements of tiles."""

import datetime as dt

import pytest

from gis.layer import Layer
from gis.layers import AREAS, CLUSTERED_BELOW, INCIDENTS, LAYERS
from ioc.store import tiles
from ioc.store.statements import BOUND

DAY = dt.date(2026, 1, 1)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_statement_finds_its_values(layer: Layer) -> None:
    values = tiles.values((3, 1, 2), DAY, 10) | {f"bound_{name}": "" for name in BOUND}
    for ready in (tiles.statement(layer, clustered=False), tiles.whole(layer)):
        assert ready is None or ready.arguments(values)
    if layer.clustered_below:
        tiles.statement(layer, clustered=True).arguments(values)


def test_shapes_are_never_gathered() -> None:
    with pytest.raises(ValueError, match="clusters"):
        tiles.statement(AREAS, clustered=True)


def test_one_zoom_parts_clusters_from_features() -> None:
    assert tiles.drawing(INCIDENTS, CLUSTERED_BELOW - 1) == tiles.Drawing(clustered=True, full=tiles.FULL)
    assert not tiles.drawing(INCIDENTS, CLUSTERED_BELOW).clustered
    assert tiles.drawing(AREAS, 0) == tiles.Drawing(clustered=False, full=tiles.FULL_OF_SHAPES)
