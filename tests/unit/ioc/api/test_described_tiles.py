"""The documents about tile sets."""

import pytest

from gis.layer import Layer
from gis.layers import CAMERA_FOV, CLUSTERED_BELOW, INCIDENTS, LAYERS
from ioc.api import described_tiles
from ioc.api.described import QUAD

BASE = "https://ioc.example/ogc"
EXTENT = (107.0, 14.9, 109.0, 16.2)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_link_stays_below_the_base_or_names_the_scheme(layer: Layer) -> None:
    listed, whole = described_tiles.tilesets(layer, BASE), described_tiles.tileset(layer, BASE, EXTENT)
    for document in (listed, *listed["tilesets"], whole):
        assert all(link["href"].startswith(BASE) or link["href"] == QUAD for link in document["links"])
    assert {link["rel"].rpartition("/")[2] for link in whole["links"]} == {"self", "item", "tiling-scheme"}
    assert [one["id"] for one in whole["vector_layers"]] == [one["id"] for one in whole["layers"]]


def test_what_tiles_add_is_described() -> None:
    whole = described_tiles.tileset(INCIDENTS, BASE, EXTENT)
    features, clusters, meta = whole["vector_layers"]
    assert features["fields"]["severity"] == "string"
    assert clusters["maxzoom"] == CLUSTERED_BELOW - 1
    words = {"n_extreme", "n_severe", "n_moderate", "n_minor"}
    assert set(clusters["fields"]) == {"id", "n", "worst", *words}
    assert set(meta["fields"]) == {"n_total", "n_dropped", *(f"n_dropped{word[1:]}" for word in words)}


def test_views_begin_at_a_zoom_at_which_they_can_be_seen() -> None:
    whole = described_tiles.tileset(CAMERA_FOV, BASE, EXTENT)
    assert whole["minzoom"] == CAMERA_FOV.drawn_from
    assert [one["geometryDimension"] for one in whole["layers"]] == [2, 0]
