"""Shipped profiles and rule packs in the types of the rooms that use them."""

from typing import Any

import msgspec

from ioc import data
from ioc.incidents.rules import Rule
from sensors.profile import Profile, Property


def profiles() -> dict[str, Profile]:
    """Every shipped profile by its code."""
    return {code: _profile(code, table) for code, table in data.profiles().items()}


def _profile(code: str, table: dict[str, Any]) -> Profile:
    properties = {
        name: Property(
            name=name,
            unit=about["unit"],
            title=about["name"],
            title_en=about["name_en"],
            minimum=float(about["min"]),
            maximum=float(about["max"]),
        )
        for name, about in table["property"].items()
    }
    return Profile(
        code=code,
        kind=table["name"],
        codec=table["codec"],
        interval_s=float(table["interval_s"]),
        properties=properties,
        retention=table.get("retention", "standard"),
    )


def rules(*, demo: bool) -> tuple[Rule, ...]:
    """The rules of every shipped pack; packs marked as the demo's only when asked for.

    Raises msgspec.ValidationError naming the member of a rule that is not as agreed.
    """
    return tuple(
        msgspec.convert(rule | {"pack": pack["pack"]["code"], "version": pack["pack"]["version"]}, Rule)
        for pack in data.rule_packs()
        if demo or not pack["pack"].get("demo", False)
        for rule in pack["rule"]
    )
