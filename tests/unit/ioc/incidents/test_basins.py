"""Rivers as data."""

from typing import Any

import pytest

from ioc import catalogue
from ioc.incidents.basins import basins_of
from ioc.incidents.policy import PolicyError

RAW: dict[str, Any] = {"hours": 48, "categories": ["flood"], "flow": [{"upstream": "a", "downstream": "b"}]}


def test_the_shipped_rivers_know_all_that_lies_above_and_below() -> None:
    basins = catalogue.basins()
    assert basins.related("gauge-cau-lau") == {
        "gauge-giao-thuy": False,
        "gauge-nong-son": False,
        "gauge-ai-nghia": False,
        "gauge-hoi-khach": False,
        "gauge-thanh-my": False,
        "gauge-hoi-an": True,
    }
    assert basins.related("gauge-tam-ky") == {}
    assert basins.categories <= catalogue.policy().categories.keys()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"flow": [*RAW["flow"], {"upstream": "b", "downstream": "a"}]}, "upstream of itself"),
        ({"hours": 0}, "hours"),
        ({"depth": 1}, "depth"),
        ({"categories": 3}, "categories"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        basins_of(RAW | changed)
