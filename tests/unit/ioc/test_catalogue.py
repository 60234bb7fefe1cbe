"""Shipped profiles and rules in the types of their rooms."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from cameras.event import Kind
from cameras.naming import CLASSES
from cameras.size import SHAPES
from ioc import catalogue, data
from ioc.incidents import aqi
from ioc.incidents.composite import faults
from ioc.registration import lawful
from ioc.settings import Settings, SettingsError
from sensors.codecs.table import NAMES, shipped_scripts


def test_every_profile_has_a_codec_an_interval_and_limits_in_their_order() -> None:
    found = catalogue.profiles()
    assert set(found) >= {"river-gauge", "rain-station", "air-station", "traffic-loop"}
    for code, profile in found.items():
        assert profile.code == code
        assert profile.codec in (*NAMES, *catalogue.OF_CAMERAS)
        assert profile.interval_s > 0
        assert bool(profile.properties) is (profile.codec not in catalogue.WITHOUT_PROPERTIES)
        assert not profile.script or (shipped_scripts() / f"{profile.script}.js").is_file()
        assert not profile.everything
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
        if rule.measured:
            assert rule.measured in profiles[rule.profile].properties, rule.name


def test_every_shipped_rule_is_as_agreed_names_its_source_and_finds_what_it_needs() -> None:
    known = tomllib.loads(files("ioc.data").joinpath("categories.toml").read_text("utf-8"))["category"]
    shipped = [(catalogue.rule_of(pack["pack"], rule), rule) for pack in data.rule_packs() for rule in pack["rule"]]
    assert list(faults([rule for rule, _ in shipped])) == []
    for rule, raw in shipped:
        assert rule.category in known, rule.name
        assert rule.source or rule.sighting or rule.system or rule.quiet, rule.name
        assert "{name}" in rule.title
        assert "{name}" in rule.title_en
        if rule.window is not None and rule.window.also:
            assert set(rule.window.also) <= set(catalogue.profiles()[rule.profile].properties)
        assert (rule in catalogue.rules(demo=True)) is raw.get("enabled", True)
    assert [rule.name for rule, raw in shipped if not raw.get("enabled", True)] == [
        "river-rise/rise-3h@1",
        "river-rise/gauge-silent@1",
    ]


def test_noise_is_judged_by_the_hours_of_the_day_without_a_gap() -> None:
    rules = {rule.code: rule for rule in catalogue.rules(demo=False) if rule.pack == "noise"}
    for day, night in (("day", "night"), ("sensor-day", "sensor-night")):
        hours = [one.schedule for one in (rules[day], rules[night])]
        assert [(one.begins.hour, one.ends.hour) for one in hours if one is not None] == [(6, 21), (21, 6)]
        assert (rules[day].levels["minor"], rules[night].levels["minor"]) == (70.0, 55.0)


def test_the_index_raises_its_categories_from_their_first_value_on() -> None:
    (rule,) = (rule for rule in catalogue.rules(demo=False) if rule.pack == "air")
    named = {severity: aqi.category(limit)[0] for severity, limit in rule.levels.items()}
    assert named == {"minor": "Kém", "moderate": "Xấu", "severe": "Rất xấu", "extreme": "Nguy hại"}
    assert all(aqi.category(limit - 1) != aqi.category(limit) for limit in rule.levels.values())


def test_every_kind_of_sighting_has_its_words_on_the_wall_and_all_but_leaving_have_a_rule() -> None:
    kinds = set(get_args(Kind))
    for language in ("vi", "en"):
        texts = files("ioc.wall").joinpath(f"src/i18n/{language}.ts").read_text("utf-8")
        assert [kind for kind in sorted(kinds) if f'"kind.{kind}": "' not in texts] == []
        names = {shape.name for shape in SHAPES} | set(CLASSES.values())
        assert [name for name in sorted(names) if f'subject.{name}": "' not in texts] == []
    assert kinds - {rule.sighting for rule in catalogue.rules(demo=False)} == {"zone_left"}


def test_a_rule_that_is_not_as_agreed_is_refused_by_its_member(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"code": "x", "category": "flood", "title": "t", "title_en": "t", "levels": {"severe": "high"}}
    monkeypatch.setattr(data, "rule_packs", lambda: ({"pack": {"code": "p", "version": 1}, "rule": [wrong]},))
    with pytest.raises(msgspec.ValidationError, match="levels"):
        catalogue.rules(demo=False)


OWN = """
[profile.my-tank]
name = "Bồn"
name_en = "Tank"
codec = "mapping"
interval_s = 60
at = "meta.time"
seq = "n"

[profile.my-tank.property.level]
name = "Mức"
name_en = "Level"
unit = "m"
min = 0.0
max = 9.0
path = ["a.b", "0"]
scale = 0.01
"""


def test_a_deployment_adds_profiles_of_its_own_over_the_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "profiles.toml").write_text(OWN + OWN.replace("my-tank", "river-gauge"))
    found = catalogue.profiles_of(Settings(state_dir=str(tmp_path)))
    assert (found["my-tank"].at, found["my-tank"].seq, found["my-tank"].run) == (("meta", "time"), ("n",), ())
    level = found["my-tank"].properties["level"]
    assert (level.path, level.scale, level.offset, level.text) == (("a.b", "0"), 0.01, 0.0, False)
    assert set(found["river-gauge"].properties) == {"level"}
    assert "rain-station" in found


def test_without_a_file_there_are_the_shipped_profiles(tmp_path: Path) -> None:
    assert catalogue.profiles_of(Settings(state_dir=str(tmp_path))) == catalogue.profiles()
    with pytest.raises(SettingsError, match="IOC_PROFILES"):
        catalogue.profiles_of(Settings(state_dir=str(tmp_path), profiles=str(tmp_path / "nowhere.toml")))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("min = 0.0", "min = 9.0"), "min must be below max"),
        (("scale = 0.01", "scale = 0"), "scale"),
        (("scale = 0.01", "skale = 0.01"), "skale"),
        (('codec = "mapping"', 'codec = "csv"'), "no codec 'csv'"),
        (('unit = "m"', ""), "unit"),
        (("interval_s = 60", "interval_s = 0"), "interval_s"),
        (("interval_s = 60", 'interval_s = 60\nretention = "ever"'), "no retention class 'ever'; there are"),
        (("interval_s = 60", 'interval_s = "often"'), "interval_s"),
        (("[profile.my-tank]", "[profil.my-tank]"), "tables"),
        (("name = ", "name "), "cannot be read"),
    ],
)
def test_a_profile_that_is_not_as_agreed_is_told_in_one_sentence(
    tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(OWN.replace(*change, 1))
    with pytest.raises(SettingsError, match=said) as told:
        catalogue.profiles(path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_the_law_is_the_shipped_one_or_that_of_a_file(tmp_path: Path) -> None:
    assert {one.field for one in catalogue.law_of(Settings()).asked} == set(lawful.FIELDS)
    own = tmp_path / "law.toml"
    own.write_text('[[asked]]\nfield = "purpose"\nof = ["camera"]\nlaw = "x"\n')
    assert [one.field for one in catalogue.law_of(Settings(register_policy=str(own))).asked] == ["purpose"]
    for wrong in ('[[asked]]\nfield = "colour"\nof = ["camera"]\nlaw = "x"\n', "asked = 3", "]"):
        own.write_text(wrong)
        with pytest.raises(SettingsError, match="the policy of the register in"):
            catalogue.law_of(Settings(register_policy=str(own)))
    with pytest.raises(SettingsError, match="nowhere"):
        catalogue.law_of(Settings(register_policy=str(tmp_path / "nowhere.toml")))
