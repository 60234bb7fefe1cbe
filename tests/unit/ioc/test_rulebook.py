"""The book of rules: what is in force of what is kept; how it follows the database, tests/integration tell."""

from typing import Any

import pytest

from ioc import catalogue, data
from ioc.incidents.conditions import Needs
from ioc.rulebook import Book, Rulebook, in_force, properties, rule_of, spread
from ioc.shipping import shipped
from ioc.store.rules import Kept, Override, apart
from tests.fakes.things import NOW, rule

BODY: dict[str, Any] = {
    "category": "flood", "title": "{name}", "title_en": "{name}", "profile": "river-gauge", "property": "water_level",
    "levels": {"moderate": 1.0},
}  # fmt: skip


def kept(code: str = "r", body: dict[str, Any] = BODY, *overrides: Override, **changed: Any) -> Kept:
    about: dict[str, Any] = {"version": 3, "enabled": True, "what": "made", "at": NOW, "who": "", "reason": ""}
    return Kept(pack="p", code=code, body=body, overrides=overrides, **about | changed)


def test_every_shipped_rule_can_be_used_as_it_is_kept() -> None:
    book = Rulebook(None, catalogue.profiles(), demo=True)  # type: ignore[arg-type]
    found = [
        Kept(pack=one.pack, code=one.code, version=one.version, enabled=True, body=apart(one.content)[0],
             overrides=apart(one.content)[1], what="shipped", at=NOW, who="", reason="")
        for one in shipped(data.rule_packs())
    ]  # fmt: skip
    book.book = in_force(found, demo=True)
    assert len(book.rules) == len(found)
    assert {rule.name: book.fault(rule) for rule in book.rules if book.fault(rule)} == {}
    assert all(one in book.rules for one in catalogue.rules(demo=True))


def test_what_is_disabled_and_what_is_for_demos_is_not_in_force() -> None:
    found = [kept("a"), kept("b", enabled=False), kept("c", demo=True), kept("d", {"title": "nothing else"})]
    book = in_force(found, demo=False)
    assert [one.name for one in book.rules] == ["p/a@3"]
    assert list(book.faults) == ["p/d@3"]
    assert book.versions == {("p", code): 3 for code in "abcd"}
    assert [one.name for one in in_force(found, demo=True).rules] == ["p/a@3", "p/c@3"]


def test_limits_of_an_area_hold_in_all_that_lies_in_it_and_the_smaller_area_speaks_first() -> None:
    wide, small = ({"moderate": level} for level in (2.0, 3.0))
    overrides = (
        Override(kind="device", subject="gauge", body={}),
        Override(kind="area", subject="48", body=wide),
        Override(kind="area", subject="502@2024-09-01", body=small),
    )
    below = {"48": frozenset({"48@1", "502@2024-09-01", "1@1"}), "502@2024-09-01": frozenset({"502@2024-09-01", "1@1"})}
    one = rule_of(spread(kept("r", BODY | {"areas": ["48"]}, *overrides), below))
    assert one.levels_of("x", "48@1") == wide
    assert one.levels_of("x", "1@1") == small
    assert one.levels_of("x", "502@2024-09-01") == small
    assert one.levels_of("x", "2@1") == {"moderate": 1.0}
    assert one.levels_of("gauge", "1@1") == {}
    assert set(one.areas) == {"48", "48@1", "502@2024-09-01", "1@1"}


def test_a_rule_needs_what_those_need_that_it_needs() -> None:
    book = Rulebook(None, {}, demo=False)  # type: ignore[arg-type]
    rules = (
        rule(code="a", needs=Needs(rules=("b", "other/c"))),
        rule(code="b", needs=Needs(rules=("d",))),
        rule(code="c", pack="other"),
        rule(code="d"),
        rule(code="e"),
    )
    book.book = Book(rules, {(one.pack, one.code): 1 for one in rules})
    assert book.in_force("test/b") is rules[1]
    assert book.in_force("test/z") is None
    assert {one.name for one in book.needed(rules[0], None)} == {"test/b@1", "other/c@1", "test/d@1"}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"category": "nothing"}, "category 'nothing'"),
        ({"profile": "nothing"}, "profile 'nothing'"),
        ({"measured": "nothing"}, "property 'nothing'"),
    ],
)
def test_what_is_well_formed_may_still_not_fit_the_installation(changed: dict[str, Any], fault: str | None) -> None:
    book = Rulebook(None, catalogue.profiles(), demo=False)  # type: ignore[arg-type]
    found = book.fault(rule(**changed))
    assert (found is None) if fault is None else (found is not None and fault in found)
    assert properties(rule()) == {"water_level"}
