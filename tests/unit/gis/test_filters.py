"""What a filter may ask: each refusal in one sentence, each kind of operand once."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gis import cql2
from gis.filter_tree import And, Compare, FilterError, In, Literal, Property, Temporal
from gis.filters import DEPTH, LISTED, NODES, check, queryables
from gis.layers import AREAS, INCIDENTS, LAYERS

REFUSED = {
    "nothing = 'x'": "there is no field 'nothing' here; known are id, version",
    "severity = 'x'": "severity is one of minor, moderate, severe, extreme",
    "severity > title": "severity is compared with one of",
    "status >= 'new'": "words without an order",
    "title": "is not TRUE or FALSE by itself",
    "title = 3": "title is compared with text in single quotes",
    "count = 'x'": "count is compared with a number",
    "count = NULL": "write IS NULL",
    "count = title": "of one kind",
    "id = 'x'": "id is compared with a UUID",
    "cleared > TRUE": "cleared has no order",
    "cleared = 'yes'": "cleared is compared with TRUE or FALSE",
    "opened_at > DATE('2026-01-01')": "opened_at is compared with TIMESTAMP(",
    "opened_at > TIMESTAMP('2026-13-01T00:00:00Z')": "a moment of RFC 3339",
    "opened_at > TIMESTAMP('0001-01-01T00:00:00+14:00')": "a moment of RFC 3339",
    "sources = 'x'": "by functions that begin with A_",
    "geometry = 'x'": "by functions that begin with S_",
    "S_INTERSECTS(title, POINT(1 2))": "the geometry here is called geometry",
    "S_INTERSECTS(geometry, 'x')": "a geometry must be Point",
    "S_NEAR(geometry, POINT(1 2))": "there is no operator or function s_near",
    "S_WITHIN(geometry, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4)))": "S_INTERSECTS and S_DISJOINT alone",
    "T_AFTER(title, DATE('2026-01-01'))": "fields that hold moments",
    "T_AFTER(opened_at, 3)": "functions that begin with T_ take",
    "T_DURING(opened_at, INTERVAL('2026-02-01', '2026-01-01'))": "an interval begins before it ends",
    "A_CONTAINS(title, ('a', 'b'))": "title holds no list",
    "A_CONTAINS(sources, (1, 2))": "a list of at most",
    "title LIKE title_en": "LIKE takes a pattern in single quotes",
    "count LIKE 'x'": "LIKE takes text",
    "title LIKE 'x\\'": "may not end in the backslash",
    "title LIKE 'x\\\u0301'": "may not end in the backslash",
    "CASEI(count) = 'x'": "CASEI and ACCENTI take text",
    "UPPER(title) = 'x'": "there is no function upper",
    "count + 1 = 2": "there is no function + of values",
    "NOT foo(title)": "there is no operator or function foo",
    "3 = 'x'": "of one kind",
    "count = CASEI('x')": "of one kind",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_says_what_is_allowed(text: str) -> None:
    with pytest.raises(FilterError) as caught:
        check(INCIDENTS, cql2.parse(text))
    assert REFUSED[text] in str(caught.value)


def test_days_are_compared_with_days() -> None:
    with pytest.raises(FilterError, match="the field holds days"):
        check(AREAS, cql2.parse("T_AFTER(valid_from, TIMESTAMP('2026-01-01T00:00:00Z'))"))
    tree = check(AREAS, cql2.parse("T_INTERSECTS(INTERVAL(valid_from, valid_to), DATE('2026-01-01'))"))
    assert isinstance(tree, Temporal)
    assert tree.kind == "date"


RAW = [
    {"op": "=", "args": [{"property": "opened_at"}, {"timestamp": "2026-01-01T00:00:00"}]},
    None, 1, "x", [], {}, {"op": "="}, {"op": 3, "args": []}, {"op": "=", "args": {}}, {"op": "=", "args": [1]},
    {"op": "and", "args": [True]}, {"op": "not", "args": []}, {"op": "in", "args": [{"property": "title"}, "x"]},
    {"op": "in", "args": [{"property": "title"}, []]}, {"op": "isNull", "args": ["x"]}, {"property": 3},
    {"property": "title", "x": 1}, {"op": "=", "args": [{"property": "title"}, "\ud800"]},
    {"op": "=", "args": [{"property": "title"}, "\0"]}, {"op": "=", "args": [{"property": "title"}, ["x"]]},
    {"op": "t_after", "args": [{"interval": [1]}, {"date": "2026-01-01"}]},
    {"op": "t_after", "args": [{"property": "opened_at"}, {"interval": [None, {"date": 3}]}]},
    {"op": "t_after", "args": [{"property": "opened_at"}, {"date": []}]},
    {"op": "=", "args": [{"property": "count"}, 10**400]}, {"op": "=", "args": [{"property": "count"}, float("inf")]},
    {"op": "casei", "args": [{"property": "title"}]}, {"op": "=", "args": [{"op": "casei", "args": [3]}, "x"]},
    {"op": "a_equals", "args": [{"property": "sources"}, [None]]},
]  # fmt: skip


@pytest.mark.parametrize("raw", RAW, ids=str)
def test_wrong_json_is_refused(raw: object) -> None:
    with pytest.raises(FilterError):
        check(INCIDENTS, raw)


def test_severities_are_ordered_by_rank_and_flipped_sides_too() -> None:
    severe = In(Property("severity", "string"), Literal("string", ("severe", "extreme"), many=True))
    assert check(INCIDENTS, cql2.parse("severity >= 'severe'")) == severe
    assert check(INCIDENTS, cql2.parse("'moderate' < severity")) == severe
    between = check(INCIDENTS, cql2.parse("severity BETWEEN 'moderate' AND 'severe'"))
    assert isinstance(between, And)
    assert check(INCIDENTS, cql2.parse("3 > count")) == Compare(
        "<", Property("count", "integer"), Literal("integer", 3)
    )


def test_a_bare_day_is_the_day_in_the_zone() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    tree = check(INCIDENTS, cql2.parse("T_DURING(opened_at, INTERVAL('2026-11-26', '..'))"), zone=zone)
    assert isinstance(tree, Temporal)
    assert isinstance(tree.right.first, Literal)
    assert tree.right.first.value == dt.datetime(2026, 11, 25, 17, tzinfo=dt.UTC)
    assert tree.right.last is None


def test_all_is_bounded() -> None:
    deep: object = True
    for _ in range(DEPTH + 1):
        deep = {"op": "not", "args": [deep]}
    with pytest.raises(FilterError, match="levels deep"):
        check(INCIDENTS, deep)
    with pytest.raises(FilterError, match="parts at most"):
        check(INCIDENTS, {"op": "or", "args": [True] * (NODES + 1)})
    with pytest.raises(FilterError, match="a list of 1 to"):
        check(INCIDENTS, {"op": "in", "args": [{"property": "title"}, ["x"] * (LISTED + 1)]})


@pytest.mark.parametrize("name", LAYERS)
def test_every_field_but_objects_may_be_asked_for(name: str) -> None:
    layer = LAYERS[name]
    asked = {field.name for field in queryables(layer)}
    for field in layer.fields:
        raw = {"op": "isNull", "args": [{"property": field.name}]}
        if field.kind == "object":
            assert field.name not in asked
            with pytest.raises(FilterError, match="there is no field"):
                check(layer, raw)
        else:
            assert check(layer, raw)
