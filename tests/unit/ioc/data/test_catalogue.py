"""Shipped profiles and rule packs are complete and speak of each other's names."""

import csv
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gis.stamp import is_code
from ioc.data.catalogue import checklists, profiles, retention, rule_packs, tickets
from ioc.data.places import centres
from ioc.foreign import OF_CAMERAS
from ioc.incidents.checklist import Item

OWN = ("ioc", "senml", "mapping", "lorawan-raw")
OF_GATEWAYS = ("lorawan-tts", "lorawan-chirpstack", *OF_CAMERAS)
ORDER = ("minor", "moderate", "severe", "extreme")
RULES = [(pack["pack"]["code"], rule) for pack in rule_packs() for rule in pack["rule"]]
MEASURED = [(pack, rule) for pack, rule in RULES if "property" in rule]


def test_every_category_has_a_procedure_with_a_step_that_must_be_done() -> None:
    categories = tomllib.loads(resources.files("ioc.data").joinpath("categories.toml").read_text("utf-8"))["category"]
    found = checklists()
    assert found.keys() == categories.keys()
    for items in found.values():
        steps = [msgspec.convert(one, Item) for one in items]
        assert len({one.item for one in steps}) == len(steps)
        assert any(one.required for one in steps)
        assert all(one.vi and one.en for one in steps)


def levels_of(rule: dict[str, Any]) -> list[dict[str, float]]:
    return [*([rule["levels"]] if "levels" in rule else []), *rule.get("devices", {}).values()]


def test_the_profiles_of_our_own_codec_have_their_properties() -> None:
    found = {code: set(profile.get("property", {})) for code, profile in profiles().items()}
    assert {code: names for code, names in found.items() if not code.startswith(("lorawan-", "recorder-"))} == {
        "river-gauge": {"water_level"},
        "rain-station": {"rain_sum", "rain_hours"},
        "air-station": {"pm2_5", "pm10", "o3", "no2", "so2", "co"},
        "rain-gauge": {"rain"},
        "reservoir": {"water_level", "inflow", "outflow"},
        "noise-station": {"laeq"},
        "traffic-loop": {"speed", "occupancy", "travel_time"},
    }


@pytest.mark.parametrize("code", profiles())
def test_a_profile_names_itself_and_bounds_every_property(code: str) -> None:
    profile = profiles()[code]
    assert profile["name"]
    assert profile["name_en"]
    assert profile["codec"] in (*OWN, *OF_GATEWAYS)
    assert profile["interval_s"] > 0
    assert profile.get("retention", "standard") in retention()
    assert bool(profile.get("property")) != (profile["codec"] in OF_GATEWAYS)
    for found in profile.get("property", {}).values():
        assert found["min"] < found["max"]
        assert found["unit"]
        assert found["name"]
        assert found["name_en"]


def test_pack_and_rule_codes_are_unique() -> None:
    packs = [pack["pack"]["code"] for pack in rule_packs()]
    assert sorted(packs) == [
        "air",
        "camera-zones",
        "demo-traffic",
        "landslide",
        "noise",
        "rain",
        "reservoirs",
        "river-levels",
        "river-rise",
        "system",
    ]
    codes = [rule["code"] for _, rule in RULES]
    assert len(codes) == len(set(codes))
    assert all(is_code(code) for code in codes)


@pytest.mark.parametrize(("pack", "rule"), MEASURED, ids=[rule["code"] for _, rule in MEASURED])
def test_a_rule_speaks_of_a_property_of_its_profile_and_its_levels_rise(pack: str, rule: dict[str, Any]) -> None:
    properties = profiles()[rule["profile"]]["property"]
    assert rule["property"] in properties
    assert rule.get("when", {"property": rule["property"]})["property"] in properties
    assert rule["title"]
    assert rule["title_en"]
    assert rule["source"]
    assert "absent_s" in rule or rule["clear_margin"] > 0
    for levels in levels_of(rule):
        assert levels
        values = [levels[severity] for severity in ORDER if severity in levels]
        assert len(values) == len(levels)
        assert values == sorted(values, reverse=rule.get("below", False))
    assert "for_s" not in rule or pack in ("demo-traffic", "noise")


def test_only_the_traffic_pack_is_the_demo_s() -> None:
    assert [pack["pack"]["code"] for pack in rule_packs() if pack["pack"].get("demo")] == ["demo-traffic"]


def test_river_levels_are_those_of_the_gauges_and_none_is_invented() -> None:
    text = resources.files("ioc.demo").joinpath("data/flood/gauges.csv").read_text(encoding="utf-8")
    stated = {
        row["device"]: {
            severity: float(row[column])
            for severity, column in (
                ("moderate", "alarm1_m"),
                ("severe", "alarm2_m"),
                ("extreme", "alarm3_m"),
            )
            if row[column]
        }
        for row in csv.DictReader(text.splitlines())
    }
    shipped = next(rule for _, rule in RULES if rule["code"] == "river-level")
    assert shipped["devices"] == stated
    assert "levels" not in shipped


def test_every_shipped_file_of_data_is_named_in_the_sources() -> None:
    root = Path(__file__).parents[4]
    sources = (root / "SOURCES.md").read_text(encoding="utf-8")
    kinds = (".csv", ".geojson", ".mp4", ".toml")
    shipped = [*(root / "ioc" / "data").rglob("*"), *(root / "ioc" / "demo").rglob("*")]
    assert [file.name for file in shipped if file.suffix in kinds and file.stem not in sources] == []


def test_the_policy_of_tickets_names_every_centre_and_no_category_that_there_is_not() -> None:
    raw = tickets()
    assert {one.code for one in centres()} == {one["code"] for one in raw["units"] if one["code"] == one["centre"]}
    categories = tomllib.loads(resources.files("ioc.data").joinpath("categories.toml").read_text("utf-8"))["category"]
    named = {
        category
        for part in ("needs", "routes", "clocks")
        for one in raw[part]
        for category in one.get("categories", ())
    }
    assert named == categories.keys(), "each category stands somewhere, none stands nowhere"


def test_every_day_off_says_by_which_law_and_is_a_working_day_otherwise() -> None:
    for year in tickets()["holidays"]:
        assert "45/2019/QH14" in year["source"]
        assert all(day.isoweekday() < 6 for day in year["off"]), "weekends are off anyway"
        assert all(day.isoweekday() >= 6 for day in year["worked"]), "what is worked in exchange was a day off"
        fixed = {(1, 1), (4, 30), (9, 2)}
        assert fixed <= {(day.month, day.day) for day in year["off"]}
    announced = {
        year["year"]: len(year["off"]) - len(year["worked"])
        for year in tickets()["holidays"]
        if year.get("announced", True)
    }
    assert announced == {2025: 11, 2026: 11}, "eleven days a year by article 112; exchanged days are worked again"
