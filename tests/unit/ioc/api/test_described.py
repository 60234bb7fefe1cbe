"""The documents about collections."""

import pytest

from gis.layer import Layer
from gis.layers import LAYERS
from ioc.api import described, schemas

BASE = "https://ioc.example/ogc"


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_link_stays_below_the_base(layer: Layer) -> None:
    extent = (107.0, 14.9, 109.0, 16.2)
    documents = (
        described.landing(BASE),
        described.collection(layer, BASE, extent),
    )
    for document in documents:
        assert document["links"]
        assert all(link["href"].startswith(BASE.removesuffix("/ogc")) for link in document["links"])


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_the_schema_has_one_geometry_and_every_field(layer: Layer) -> None:
    properties = schemas.schema(layer, BASE, "en")["properties"]
    roles = [one.get("x-ogc-role") for one in properties.values()]
    assert roles.count("primary-geometry") == 1
    assert set(properties) == {"geometry", *(field.name for field in layer.fields)}
