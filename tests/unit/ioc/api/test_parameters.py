"""The parameters of items, as the OpenAPI document tells them."""

import pytest

from gis.layer import Layer
from gis.layers import INCIDENTS, LAYERS
from ioc.api.items import _TAKEN
from ioc.api.parameters import of_items


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.id)
def test_every_parameter_that_is_read_is_told_once(layer: Layer) -> None:
    told = [one["name"] for one in of_items(layer)]
    assert sorted(told) == sorted({*_TAKEN, *(field.name for field in layer.fields if field.scalar)})


def test_values_are_told() -> None:
    told = {one["name"]: one for one in of_items(INCIDENTS)}
    assert told["severity"]["schema"]["enum"] == ["minor", "moderate", "severe", "extreme"]
    assert "-severity" in told["sortby"]["schema"]["items"]["enum"]
    for name in ("limit", "bbox", "datetime"):
        assert (told[name]["required"], told[name]["style"], told[name]["explode"]) == (False, "form", False)
