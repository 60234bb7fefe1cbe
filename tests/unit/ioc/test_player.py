"""Observations played past a rule: the alarms that the desk would have made of them."""

import datetime as dt
from typing import Any

import pytest

from gis.observation import Observation, Value
from ioc.incidents.conditions import Needs, Seen, Window
from ioc.incidents.rules import Rule
from ioc.player import Absent, Player, missed_from
from tests.fakes.things import NOW, going_on, reading, rule, sighting, source

SOURCES = {code: source(code) for code in ("gauge-ai-nghia", "gauge-b", "cam-a")}
PROFILES = {"gauge-ai-nghia": "river-gauge", "gauge-b": "river-gauge"}


def minutes(number: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=number)


def played(one: Rule, observations: list[Observation], *others: Rule, until: float = 600) -> list[tuple[Any, ...]]:
    player = Player(one, others, SOURCES, lambda code: PROFILES.get(code, ""))
    for seen in observations:
        player.play(seen, seen.stamp.at)
    player.end(minutes(until))
    found = sorted(player.alarms.values(), key=lambda alarm: (alarm.raised_at, alarm.key))
    return [(alarm.raised_at, alarm.cleared_at, alarm.evidence.get("worst", alarm.severity)) for alarm in found]


def levels(*values: float, code: str = "gauge-ai-nghia", step: float = 10.0) -> list[Observation]:
    return [reading(value, seq=number, at=minutes(step * number), source=code) for number, value in enumerate(values)]


def test_a_flood_is_one_alarm_from_its_first_value_to_its_end() -> None:
    assert played(rule(), levels(1, 2.5, 4.5, 3.0, 1.0, 1.0, 2.0)) == [
        (minutes(10), minutes(40), "severe"),
        (minutes(60), None, "moderate"),
    ]


def test_a_level_counts_when_it_has_held_for_long_enough() -> None:
    assert played(rule(for_s=1200.0), levels(3, 3, 3, 1)) == [(minutes(20), minutes(30), "moderate")]


def test_a_window_sums_what_was_played() -> None:
    one = rule(levels={"severe": 6.0}, clear_margin=0.0, window=Window(kind="sum", hours=0.5))
    assert played(one, levels(1, 2, 3, 2, 0, 0)) == [(minutes(20), minutes(40), "severe")]


def test_a_rule_that_needs_others_holds_while_both_do() -> None:
    both = rule(code="both", needs=Needs(rules=("one", "two"), metres=1000.0), severity="extreme")
    parts = rule(code="one", quiet=True, sources=("gauge-ai-nghia",)), rule(code="two", sources=("gauge-b",))
    values = levels(3, 3, 3, 1, 1) + levels(1, 3, 3, 3, 1, code="gauge-b")
    values.sort(key=lambda one: (one.stamp.at, one.stamp.source))
    assert played(both, values, *parts) == [(minutes(10), minutes(30), "extreme")]


def test_what_a_camera_sees_ends_when_it_is_seen_no_more() -> None:
    one = rule(sighting="zone_entered", severity="severe", hold_s=120.0)
    seen: list[Observation] = [sighting(n, at=minutes(at)) for n, at in enumerate((0, 1, 2, 30))]
    assert played(one, seen) == [(minutes(0), minutes(4), "severe"), (minutes(30), minutes(32), "severe")]
    going: list[Observation] = [going_on("start", 0, seq=1), going_on("update", 60, seq=2), going_on("end", 90, seq=3)]
    loiters = rule(sighting="loitering", severity="minor")
    assert played(loiters, going) == [(NOW, minutes(1.5), "minor")]
    assert played(rule(sighting="loitering", seen=Seen(min_count=2)), going) == []


@pytest.mark.parametrize("quality_of", ["late", "other"])
def test_what_does_not_concern_the_rule_makes_nothing(quality_of: str) -> None:
    late = reading(9.0, seq=9, at=minutes(-60))
    other = reading(9.0, seq=9, at=minutes(60), prop="battery", more=(Value("temperature", 9.0),))
    values = [*levels(1, 2.5, 1), late if quality_of == "late" else other]
    assert played(rule(), values) == [(minutes(10), minutes(20), "moderate")]


LISTENED = [(minutes(0), minutes(60)), (minutes(120), minutes(180))]


@pytest.mark.parametrize(
    ("heard", "absent_s", "missed"),
    [(0, 600, 10), (-60, 600, 10), (30, 1800, 60), (30, 3600, 150), (0, 7200, 180), (0, 7201, None), (170, 900, None)],
)
def test_silence_counts_while_somebody_listened(heard: float, absent_s: float, missed: float | None) -> None:
    assert missed_from(LISTENED, minutes(heard), absent_s) == (None if missed is None else minutes(missed))


def test_a_property_that_does_not_come_is_missed_until_it_comes() -> None:
    absent = Absent(rule(levels={}, absent_s=600.0, severity="severe"), SOURCES, LISTENED)
    absent.miss("gauge-b", minutes(0), minutes(9), minutes(600))
    absent.miss("gauge-b", minutes(20), minutes(40), minutes(600))
    absent.miss("gauge-b", minutes(150), None, minutes(600))
    absent.miss("nobody", minutes(0), None, minutes(600))
    found = sorted(absent.alarms.values(), key=lambda alarm: alarm.raised_at)
    assert [(one.raised_at, one.cleared_at, one.severity) for one in found] == [
        (minutes(30), minutes(40), "severe"),
        (minutes(160), None, "severe"),
    ]
