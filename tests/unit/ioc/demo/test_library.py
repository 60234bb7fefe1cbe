"""The shipped recording is whole, plausible, and ends below every alarm."""

import datetime as dt

import pytest

from ioc.data import profiles, rule_packs
from ioc.demo.library import recording
from ioc.demo.recording import END, START, Recorded, Recording
from ioc.demo.registry import registry


@pytest.fixture(scope="module")
def shipped() -> Recording:
    return recording()


@pytest.fixture(scope="module")
def river(shipped: Recording) -> list[Recorded]:
    return [reading for reading in shipped.readings if reading.device.startswith("gauge-")]


def test_every_recorded_device_is_registered_and_every_registered_one_plays(shipped: Recording) -> None:
    playing = {reading.device for reading in (*shipped.opening(), *shipped.played())}
    assert playing == {device.code for device in registry().devices}


def test_values_are_properties_of_the_profile_within_its_limits(shipped: Recording) -> None:
    kinds = {device.code: profiles()[device.profile]["property"] for device in registry().devices}
    for reading in shipped.readings:
        for name, value in reading.values.items():
            limits = kinds[reading.device][name]
            assert limits["min"] <= value <= limits["max"], reading


def test_readings_are_in_order_and_unique(shipped: Recording) -> None:
    order = [(r.plays_at, r.device) for r in shipped.readings]
    assert order == sorted(order)
    keys = [(r.device, r.recorded_at, tuple(r.values.items())) for r in shipped.readings]
    assert len(keys) == len(set(keys))


def test_ninety_nine_levels_were_published_and_nine_are_the_demo_s(river: list[Recorded]) -> None:
    assert len(river) == 99 + 9
    assert sum(reading.derived for reading in river) == 19 + 9
    assert {reading.recorded_at for reading in river if reading.plays_at == END} == {END}


def test_water_rises_above_an_official_level_five_recorded_minutes_after_the_start(
    river: list[Recorded],
) -> None:
    first = [r for r in river if r.plays_at == START + dt.timedelta(minutes=5)]
    assert {r.device: r.values["water_level"] for r in first}["gauge-hoi-an"] == 1.72
    assert len(first) == 8


def test_what_closes_the_flood_is_under_every_level_by_more_than_the_margin(river: list[Recorded]) -> None:
    rule = next(r for pack in rule_packs() for r in pack["rule"] if r["code"] == "river-level")
    closing = {r.device: r.values["water_level"] for r in river if r.plays_at == END}
    assert set(closing) == set(rule["devices"])
    for device, levels in rule["devices"].items():
        assert closing[device] < min(levels.values()) - rule["clear_margin"]


def test_air_and_traffic_play_through_to_the_end(shipped: Recording) -> None:
    for prefix, gap in (("air-", 6), ("traffic-tam-ky", 6), ("traffic-hoi-an", 12)):
        moments = [r.plays_at for r in shipped.played() if r.device.startswith(prefix)]
        steps = [b - a for a, b in zip([START, *moments], [*moments, END], strict=True)]
        assert max(steps) <= dt.timedelta(hours=gap), prefix


def test_the_opening_holds_rain_air_and_traffic(shipped: Recording) -> None:
    opening = {reading.device for reading in shipped.opening()}
    assert {"rain-tra-don", "rain-thang-binh", "air-tam-ky", "traffic-tam-ky", "traffic-hoi-an"} <= opening
    assert all(reading.plays_at < START for reading in shipped.opening())
