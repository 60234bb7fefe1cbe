"""Shipped profiles and rules in the types of their rooms."""

import msgspec
import pytest

from ioc import catalogue, data


def test_every_profile_has_a_codec_an_interval_and_limits_in_their_order() -> None:
    found = catalogue.profiles()
    assert set(found) >= {"river-gauge", "rain-station", "air-station", "traffic-loop"}
    for code, profile in found.items():
        assert (profile.code, profile.codec) == (code, "ioc")
        assert profile.interval_s > 0
        assert profile.properties
        for name, about in profile.properties.items():
            assert about.name == name
            assert about.minimum < about.maximum
            assert about.unit


def test_a_demo_s_rules_are_there_only_when_asked_for() -> None:
    plain, demo = ({rule.name for rule in catalogue.rules(demo=asked)} for asked in (False, True))
    packs = {pack["pack"]["code"] for pack in data.rule_packs() if pack["pack"].get("demo")}
    assert plain < demo
    assert {name.partition("/")[0] for name in demo - plain} == packs


def test_a_rule_knows_its_pack_and_measures_what_its_profile_has() -> None:
    profiles = catalogue.profiles()
    for rule in catalogue.rules(demo=True):
        assert rule.name == f"{rule.pack}/{rule.code}@{rule.version}"
        if not rule.sighting and not rule.system:
            assert rule.measured in profiles[rule.profile].properties, rule.name


def test_a_rule_that_is_not_as_agreed_is_refused_by_its_member(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"code": "x", "category": "flood", "title": "t", "title_en": "t", "levels": {"severe": "high"}}
    monkeypatch.setattr(data, "rule_packs", lambda: ({"pack": {"code": "p", "version": 1}, "rule": [wrong]},))
    with pytest.raises(msgspec.ValidationError, match="levels"):
        catalogue.rules(demo=False)
