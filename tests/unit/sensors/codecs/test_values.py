"""Values of decoded JSON: found by their path, in their unit, with their quality."""

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Quality
from sensors.codecs.values import measured, number_of, quality_of, under
from sensors.profile import Profile, Property


def about(**changed: Any) -> Property:
    plain: dict[str, Any] = {"name": "level", "unit": "m", "title": "", "title_en": "", "minimum": 0.0, "maximum": 9.0}
    return Property(**plain | changed)


def profile(*properties: Property, everything: bool = False) -> Profile:
    named = {one.name: one for one in properties}
    return Profile(code="p", kind="", codec="mapping", interval_s=1.0, properties=named, everything=everything)


@pytest.mark.parametrize(
    ("number", "quality"),
    [(0.0, Quality.GOOD), (9.0, Quality.GOOD), (-0.1, Quality.IMPLAUSIBLE), (9.1, Quality.IMPLAUSIBLE)],
)
def test_a_number_outside_the_physical_limits_is_implausible(number: float, quality: Quality) -> None:
    assert quality_of(about(), number) is quality
    assert measured(profile(about()), {"level": number})[0][0].quality is quality


@pytest.mark.parametrize(
    ("path", "found"),
    [(("a", "b"), 1), (("l", "1"), 3), (("l", "9"), None), (("a", "x"), None), (("a", "b", "c"), None), (("x.y",), 4),
     (("l", "-1"), None), (("l", "9" * 5000), None), ((), {"a": {"b": 1}, "l": [2, 3], "x.y": 4})],
)  # fmt: skip
def test_a_path_names_members_and_items(path: tuple[str, ...], found: object) -> None:
    assert under({"a": {"b": 1}, "l": [2, 3], "x.y": 4}, path) == found


@pytest.mark.parametrize(
    ("raw", "number"),
    [("2000 mm", 2000), ("25 ℃", 25), ("-3.5", -3.5), (" +1e2x", 100), (".5", 0.5), ("3.4V", 3.4), (True, 1), (7, 7)],
)
def test_the_number_that_begins_a_text_is_taken_where_the_profile_allows_it(raw: object, number: float) -> None:
    assert number_of(raw, about(text=True)) == number


@pytest.mark.parametrize("raw", ["No Sensor", "", "NaN", "inf", "mm 20", "9" * 400, "1e999", "e5", "-"])
def test_a_text_that_begins_with_no_number_is_none(raw: str) -> None:
    with pytest.raises(ValueError, match="number"):
        number_of(raw, about(text=True))


@pytest.mark.parametrize("raw", ["2000 mm", [1], {"v": 1}, "1"])
def test_what_is_no_number_is_none(raw: object) -> None:
    with pytest.raises(ValueError, match="no number"):
        number_of(raw, about())


@pytest.mark.parametrize("raw", [10**400, 1e308, math.inf, math.nan])
def test_a_number_is_finite_also_after_scaling(raw: float) -> None:
    with pytest.raises(ValueError, match="too large"):
        number_of(raw, about(scale=100.0))


def test_scale_and_offset_give_the_property_s_unit() -> None:
    assert number_of(4232, about(scale=0.001, offset=1.5)) == pytest.approx(5.732)


def test_what_is_absent_or_null_was_not_measured() -> None:
    values, trouble = measured(profile(about(), about(name="other")), {"level": 1, "other": None})
    assert ([value.property for value in values], trouble) == (["level"], None)


def test_a_bad_value_costs_its_neighbours_nothing() -> None:
    values, trouble = measured(profile(about(), about(name="other")), {"level": 1, "other": "x"})
    assert [value.property for value in values] == ["level"]
    assert trouble is not None
    assert (trouble.code, trouble.reason) == ("value", "other is 'x' and no number")


def test_nothing_at_all_is_trouble_that_names_what_there_is() -> None:
    values, trouble = measured(profile(about()), {"Level": 1})
    assert values == ()
    assert trouble is not None
    assert trouble.code == "empty"
    assert "'Level'" in trouble.reason


def test_everything_takes_each_number_under_its_own_path() -> None:
    values, _ = measured(profile(everything=True), {"a": {"b": 1, "t": "x"}, "l": [2, {"c": True}], "n": None})
    assert [(value.property, value.number) for value in values] == [("a.b", 1.0), ("l.0", 2.0), ("l.1.c", 1.0)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["level", "a", "0"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(_JSON, st.booleans(), st.lists(st.sampled_from(["level", "a", "0", "1"]), max_size=3), st.booleans())
def test_any_json_gives_finite_values_or_a_reason(data: object, everything: bool, path: list[str], text: bool) -> None:
    values, trouble = measured(profile(about(path=tuple(path), text=text), everything=everything), data)
    assert values or trouble is not None
    assert all(math.isfinite(value.number) for value in values)
    assert trouble is None or 0 < len(trouble.reason) < 500
    msgspec.json.encode(values)
