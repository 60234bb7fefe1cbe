"""Text is bounded before the grammar sees it."""

import pytest

from gis import cql2
from gis.filter_tree import FilterError

WRONG = {
    "": "empty",
    "a = 'x'" + " " * cql2.LENGTH: "characters at most",
    "a = ": "cannot be read as CQL2: line 1, character",
    "a = 'x": "cannot be read",
    "(a = 1": "is not closed",
    "(" * (cql2.NESTED + 1) + "a = 1" + ")" * (cql2.NESTED + 1): "within each other",
    "(" * 12 + "a = 1 AND " * 100 + "a = 1" + ")" * 12: "too much within parentheses",
    "NOT " * 20 + "a = 1": "one after the other",
    "a = " + "-" * 20 + "1": "one after the other",
    "a = 'x\0'": "U+0000",
    "S_INTERSECTS(geometry, POINT Z (1 1))": "as well-known text",
    "a = 1; drop table incidents": "cannot be read",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:30])
def test_text_that_cannot_be_used(text: str) -> None:
    with pytest.raises(FilterError, match=WRONG[text].replace("(", "\\(").replace("+", "\\+")):
        cql2.parse(text)


@pytest.mark.parametrize("text", ["{", "[" * 200, '{"op": NaN}', '"\\ud800"', "", "x"])
def test_json_that_cannot_be_used(text: str) -> None:
    with pytest.raises(FilterError):
        cql2.parse(text, "cql2-json")


def test_parentheses_within_text_count_for_nothing() -> None:
    assert cql2.parse("title = '" + "(" * 200 + "''" + "'") == {
        "op": "=",
        "args": [{"property": "title"}, "(" * 200 + "'"],
    }
    assert cql2.parse('{"op": "' + "[" * 300 + '"}', "cql2-json") == {"op": "[" * 300}


def test_other_languages_are_not_read() -> None:
    with pytest.raises(FilterError, match="cql2-text, cql2-json"):
        cql2.parse("a = 1", "cql-text")
