"""A rule as it is answered; whole requests are tried in tests/integration/test_rules.py."""

from typing import Any

import pytest

from ioc.api.problems import ProblemError
from ioc.api.rules import body_of, told
from ioc.store.rules import Kept, Override
from tests.fakes.things import NOW

SHIPPED = {"title": "pack", "sources": ["a", "b"], "devices": {"c": {"minor": 1.0}}}


def kept(body: dict[str, Any], shipped: dict[str, Any] | None = None) -> Kept:
    about: dict[str, Any] = {"enabled": True, "what": "made", "at": NOW, "who": "", "reason": ""}
    override = Override(kind="device", subject="c", body={"minor": 1.0})
    return Kept(pack="p", code="r", version=2, newest=2, body=body, shipped=shipped, overrides=(override,), **about)


@pytest.mark.parametrize(
    ("body", "shipped", "origin", "of_pack"),
    [
        ({"title": "mine"}, None, "people", None),
        ({"title": "pack", "sources": ["a", "b"]}, SHIPPED, "pack", None),
        ({"title": "mine"}, SHIPPED, "changed", {"title": "pack", "sources": ["a", "b"]}),
    ],
)
def test_whose_a_rule_is(
    body: dict[str, Any], shipped: dict[str, Any] | None, origin: str, of_pack: dict[str, Any] | None
) -> None:
    answer = told(kept(body, shipped))
    assert (answer.name, answer.origin, answer.pack_rule) == ("p/r@2", origin, of_pack)
    assert answer.fault == "Object missing required field `category`"
    assert [(one.kind, one.subject, one.levels) for one in answer.overrides] == [("device", "c", {"minor": 1.0})]


def test_devices_that_the_reader_may_not_see_are_left_out() -> None:
    answer = told(kept({"title": "mine", "sources": ["a", "b"]}, SHIPPED), {"b"})
    assert answer.rule["sources"] == ["a"]
    assert answer.pack_rule == {"title": "pack", "sources": ["a"]}


@pytest.mark.parametrize("member", ["pack", "code", "version", "devices", "area_levels"])
def test_what_is_no_part_of_a_body_is_refused(member: str) -> None:
    with pytest.raises(ProblemError, match="unknown-member"):
        body_of({"title": "x", member: "y"})
    assert body_of({"title": "x", member: "y"}, [member]) == {"title": "x"}
