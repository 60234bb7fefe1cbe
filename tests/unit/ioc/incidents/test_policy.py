"""The shipped categories, and what is said of those that cannot be used."""

import copy
from typing import Any

import pytest

from ioc import catalogue, data
from ioc.incidents.policy import PolicyError, policy_of


def test_the_shipped_categories_are_usable_and_every_rule_has_one() -> None:
    policy = catalogue.policy()
    assert {rule.category for rule in catalogue.rules(demo=True)} <= policy.categories.keys()
    pair = policy.pair("rescue", "flood")
    assert pair == policy.pair("flood", "rescue") is not None
    assert policy.pair("flood", "air") is None
    assert policy.category("camera").by_source
    assert not policy.category("flood").technical
    assert policy.farthest_m("flood") == 3000


def test_a_category_that_nobody_described_is_as_the_default_among_its_own() -> None:
    policy = catalogue.policy()
    assert policy.pair("strange", "strange") == policy.pair("other", "other")
    assert policy.pair("strange", "other") is None
    assert policy.category("strange") == policy.category("other")
    assert policy.partners("strange") == ("strange",)


def broken(change: Any) -> dict[str, Any]:
    raw = copy.deepcopy(data.categories())
    change(raw)
    return raw


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda raw: raw["category"]["flood"].update(hours=0), "category flood has hours = 0"),
        (lambda raw: raw["category"]["flood"].update(colour=1), "colour"),
        (lambda raw: raw["category"].pop("other"), "one called other"),
        (lambda raw: raw["pair"].append(dict(raw["pair"][0])), "twice"),
        (lambda raw: raw["pair"][0].update(of=["flood", "moon"]), "moon"),
        (lambda raw: raw["pair"][0].update(wide_m=1.0), "wide_m below near_m"),
        (lambda raw: raw["pair"][0].update(near_m=20_000.0, wide_m=20_000.0), "diameter_m"),
        (lambda raw: raw["correlation"].update(return_min=float("nan")), "return_min"),
        (lambda raw: raw.pop("correlation"), "correlation"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(change: Any, told: str) -> None:
    with pytest.raises(PolicyError, match=told) as caught:
        policy_of(broken(change))
    assert "\n" not in str(caught.value)
