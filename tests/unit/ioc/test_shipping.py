"""What a newer pack changes of a rule: whatever is as the pack shipped it, and nothing that people made."""

from typing import Any

import pytest

from ioc import data, shipping
from ioc.shipping import Renewal, Shipped, renewal, shipped
from ioc.store.rules import Kept, Override, apart
from tests.fakes.things import NOW

OLD: dict[str, Any] = {"title": "old", "devices": {"a": {"minor": 1.0}, "b": {"minor": 1.0}}}


def kept(content: dict[str, Any], was: dict[str, Any] | None = None) -> Kept:
    body, overrides = apart(content)
    about: dict[str, Any] = {"enabled": True, "what": "made", "at": NOW, "who": "", "reason": ""}
    return Kept(pack="p", code="r", version=1, body=body, overrides=overrides, shipped=was, **about)


def offered(content: dict[str, Any]) -> Shipped:
    return Shipped(pack="p", code="r", version=2, demo=False, content=content)


def override(subject: str, body: Any) -> Override:
    return Override(kind="device", subject=subject, body=body)


def test_what_nobody_changed_follows_its_pack() -> None:
    new = {"title": "new", "devices": {"a": {"minor": 2.0}, "c": {"minor": 3.0}}}
    assert renewal(kept(OLD, OLD), offered(new)) == Renewal(
        body={"title": "new"},
        overrides=(override("a", {"minor": 2.0}), override("b", None), override("c", {"minor": 3.0})),
    )


@pytest.mark.parametrize(
    ("mine", "new", "wanted"),
    [
        (OLD | {"title": "mine"}, OLD | {"title": "new"}, Renewal()),
        (OLD | {"devices": {"a": {"minor": 9.0}, "b": {"minor": 1.0}}}, OLD | {"devices": {}},
         Renewal(overrides=(override("b", None),))),
        (OLD | {"devices": {"a": {"minor": 1.0}}}, OLD | {"devices": {"a": {"minor": 1.0}, "b": {"minor": 2.0}}},
         Renewal()),
        (OLD | {"devices": {**OLD["devices"], "c": {"minor": 5.0}}}, OLD | {"title": "new"},
         Renewal(body={"title": "new"})),
        (OLD, OLD, Renewal()),
    ],
)  # fmt: skip
def test_what_people_made_stays(mine: dict[str, Any], new: dict[str, Any], wanted: Renewal) -> None:
    assert renewal(kept(mine, OLD), offered(new)) == wanted


def test_a_rule_that_people_made_under_the_name_of_a_shipped_one_is_left_alone() -> None:
    assert renewal(kept(OLD), offered({"title": "new"})).empty


def test_packs_are_read_as_the_database_gives_them_back() -> None:
    found = {f"{one.pack}/{one.code}": one for one in shipped(data.rule_packs())}
    assert len(found) == sum(len(pack["rule"]) for pack in data.rule_packs())
    assert all("code" not in one.content and "enabled" not in one.content for one in found.values())
    river = found["river-levels/river-level"]
    assert apart(river.content)[0]["profile"] == "river-gauge"
    assert {one.kind for one in apart(river.content)[1]} == {"device"}
    assert shipping.shipped([{"pack": {"code": "p", "version": 3}, "rule": [{"code": "r", "enabled": False}]}]) == [
        Shipped(pack="p", code="r", version=3, demo=False, content={}, enabled=False)
    ]
