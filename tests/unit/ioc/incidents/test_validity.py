"""A rule that is not as agreed is refused in one sentence that names the member."""

from typing import Any

import msgspec
import pytest

from ioc.incidents.conditions import Needs, Seen, Window
from ioc.incidents.rules import Rule
from tests.fakes.things import rule

WRITTEN: dict[str, Any] = {
    "code": "level",
    "pack": "test",
    "version": 1,
    "category": "flood",
    "title": "{name} vượt {level}",
    "title_en": "{name} above {level}",
    "profile": "river-gauge",
    "property": "water_level",
    "levels": {"moderate": 2.0, "severe": 4.0},
}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "Level!"}, "code must be"),
        ({"pack": ""}, "pack must be"),
        ({"version": 0}, "version must be"),
        ({"category": ""}, "category must not"),
        ({"title": ""}, "title must have"),
        ({"title_en": "{name.__class__}"}, "title_en may have only"),
        ({"title": "{name!r}"}, "title may have only"),
        ({"title": "{0}"}, "title may have only"),
        ({"title": "{name"}, "title may have only"),
        ({"severity": "awful"}, "severity must be one of minor"),
        ({"sighting": "crowd"}, "not about property and sighting"),
        ({"property": ""}, "is about one of property, sighting"),
        ({"profile": ""}, "profile must name"),
        ({"seen": {}}, "seen is for"),
        ({"absent_s": 60}, "absent_s is for"),
        ({"levels": {"awful": 2.0}}, "levels.awful is no severity"),
        ({"levels": {"moderate": 4.0, "severe": 2.0}}, "levels must rise"),
        ({"below": True}, "levels must fall"),
        ({"devices": {"a": {"moderate": 4.0, "severe": 2.0}}}, "devices.a must rise"),
        ({"area_levels": {"a": {"mild": 4.0}}}, "area_levels.a.mild"),
        ({"clear": {"moderate": 2.5}}, "clear.moderate must lie on the calm side of its limit 2"),
        ({"clear": {"extreme": 2.5}}, "clear.extreme has no limit"),
        ({"clear_margin": -1}, "clear_margin"),
        ({"for_s": -1}, "for_s must be"),
        ({"clear_for_s": 1e9}, "clear_for_s must be"),
        ({"breaches": 3, "of": 2}, "breaches must be"),
        ({"polygon": [[1, 1], [2, 2]]}, "polygon needs three"),
        ({"sources": ["a"] * 10_001}, "sources may name"),
        ({"levles": {}}, "levles"),
        ({"levels": {"severe": "high"}}, "levels"),
    ],
)
def test_a_bad_rule_is_told_by_its_member(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=said) as told:
        msgspec.convert(WRITTEN | wrong, Rule)
    assert "\n" not in str(told.value)


def test_a_good_rule_comes_back_as_it_was_written() -> None:
    made = msgspec.convert(WRITTEN, Rule)
    assert msgspec.convert(msgspec.to_builtins(made), Rule) == made
    assert msgspec.json.decode(msgspec.json.encode(made), type=Rule) == made


def test_a_rule_may_be_about_any_one_thing() -> None:
    assert rule(sighting="crowd", seen=Seen(min_count=3)).seen is not None
    assert rule(needs=Needs(rules=("a", "b")), quiet=True).quiet
    assert rule(levels={}, absent_s=60, severity="moderate").absent_s == 60
    with pytest.raises(ValueError, match="window is for"):
        rule(sighting="crowd", window=Window(kind="sum", hours=1))
    with pytest.raises(ValueError, match="quiet is for"):
        rule(sighting="crowd", quiet=True)
