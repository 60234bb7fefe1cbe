"""Filters as they come: CQL2 text and CQL2 JSON (OGC 21-065r2), bounded before they are read.

The grammar of the library is written in Rust. It ends the process on some thousand nested parentheses, and reads what
stands in parentheses twice at each level when it cannot be read: twenty of them cost seconds. So nesting is bounded,
and what reading could cost at most is counted beforehand.
"""

import re
from typing import Any

import cql2
import orjson

from gis.filter_tree import FilterError
from gis.filter_values import storable

LENGTH = 4_000
"""Characters of a filter."""

NESTED = 24
"""How many parentheses, brackets or braces may be open at once."""

COST = 60_000
"""Characters that the grammar may come to read, each counted twice for each parenthesis around it: at most 0.1 s."""

_QUOTED = re.compile(r"'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)")
_CHAIN = re.compile(r"(?:\bnot\b[\s(]*|[-+!~][\s(]*){17,}", re.IGNORECASE)
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_OPENING = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}

LANGUAGES = ("cql2-text", "cql2-json")


def parse(text: str, lang: str = "cql2-text") -> Any:
    """The filter in the form of CQL2 JSON, not yet checked (`gis/filters.py`). Raises FilterError."""
    if lang not in LANGUAGES:
        raise FilterError(f"filter-lang is one of {', '.join(LANGUAGES)}")
    if len(text) > LENGTH:
        raise FilterError(f"a filter may have {LENGTH} characters at most")
    if not text.strip():
        raise FilterError("the filter is empty; leave the parameter out")
    return _text(text) if lang == "cql2-text" else _json(text)


def _text(text: str) -> Any:
    bare = _QUOTED.sub(lambda found: "q" * len(found[0]), storable(text))
    _bounded(bare)
    if _CHAIN.search(bare):
        raise FilterError("a filter may not have so many NOT or signs one after the other")
    try:
        return cql2.parse_text(text).to_json()
    except cql2.ParseError as error:
        raise FilterError(f"the filter cannot be read as CQL2{_place(str(error))}") from error
    except Exception as error:  # what the library raises for a geometry that has the form, but not the numbers
        raise FilterError("a geometry of the filter cannot be read as well-known text") from error


def _bounded(bare: str) -> None:
    depth = cost = 0
    for sign in bare:
        depth = max(depth + _OPENING.get(sign, 0), 0)
        cost += 1 << min(depth, NESTED)
        if depth > NESTED:
            raise FilterError(f"a filter may have {NESTED} parentheses within each other at most")
    if depth:
        raise FilterError("a parenthesis of the filter is not closed")
    if cost > COST:
        raise FilterError("the filter has too much within parentheses; write it with fewer of them, or as cql2-json")


def _place(said: str) -> str:
    """Where the grammar gave up, as the library's message begins."""
    found = re.search(r"--> (\d{1,6}):(\d{1,6})", said)
    return f": line {found[1]}, character {found[2]}" if found else ""


def _json(text: str) -> Any:
    depth = 0
    for sign in _JSON_TEXT.sub("", text):
        depth += _OPENING.get(sign, 0)
        if depth > 4 * NESTED:
            raise FilterError(f"a filter may be {4 * NESTED} brackets deep at most")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise FilterError("the filter cannot be read as JSON") from error
