"""Rules: levels with a margin, durations, conditions and qualities."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Quality, Value
from ioc.incidents.conditions import Schedule, Seen, When, Window
from ioc.incidents.rules import (
    NO_WAITS,
    Rule,
    Verdict,
    Waits,
    judge_reading,
    judge_sighting,
    key_of,
    level_now,
    levels_of,
    titles,
)
from ioc.incidents.severity import ORDER, rank
from tests.fakes.things import NOW, going_on, reading, rule, sighting

VALUES = st.floats(-100, 100)
HELD = st.sampled_from([None, *ORDER])
LEVELS = st.lists(VALUES, min_size=1, max_size=4, unique=True).map(
    lambda limits: dict(zip(ORDER, sorted(limits), strict=False))
)
MARGINS = st.floats(0, 10)


def mirrored(plain: Rule) -> Rule:
    """The same rule turned upside down."""
    return rule(
        levels={severity: -limit for severity, limit in plain.levels.items()},
        clear_margin=plain.clear_margin,
        below=True,
    )


def worth(severity: str | None) -> int:
    return -1 if severity is None else rank(severity)


@pytest.mark.parametrize(
    ("value", "severity"),
    [(1.99, None), (2.0, "moderate"), (3.99, "moderate"), (4.0, "severe"), (6.0, "extreme"), (99, "extreme")],
)
def test_a_level_holds_from_its_limit_on(value: float, severity: str | None) -> None:
    assert level_now(rule(), rule().levels, value, None) == severity


@pytest.mark.parametrize(
    ("value", "severity"),
    [(5.5, "extreme"), (5.49, "severe"), (3.5, "severe"), (3.49, "moderate"), (1.5, "moderate"), (1.49, None)],
)
def test_a_level_that_held_is_left_only_beyond_its_margin(value: float, severity: str | None) -> None:
    assert level_now(rule(), rule().levels, value, "extreme") == severity


@given(LEVELS, MARGINS, VALUES, HELD)
def test_a_verdict_repeated_is_the_same_verdict(
    levels: dict[str, float], margin: float, value: float, held: str | None
) -> None:
    one = rule(levels=levels, clear_margin=margin)
    first = level_now(one, levels, value, held)
    assert level_now(one, levels, value, first) == first


@given(LEVELS, MARGINS, st.data())
def test_a_value_that_wanders_inside_the_margin_never_flaps(
    levels: dict[str, float], margin: float, data: st.DataObject
) -> None:
    one = rule(levels=levels, clear_margin=margin)
    limit = data.draw(st.sampled_from(sorted(levels.values())))
    wander = data.draw(st.lists(st.floats(limit - margin, limit), min_size=2, max_size=20))
    held = level_now(one, levels, limit, None)
    for value in wander:
        after = level_now(one, levels, value, held)
        assert worth(after) >= worth(level_now(one, levels, limit, None)) or after == held
        held = after


@given(LEVELS, st.data())
def test_a_value_that_wanders_between_a_limit_and_its_clear_limit_never_flaps(
    levels: dict[str, float], data: st.DataObject
) -> None:
    severity = data.draw(st.sampled_from(sorted(levels)))
    left = data.draw(st.floats(levels[severity] - 10, levels[severity]))
    one = rule(levels=levels, clear={severity: left}, clear_margin=0.0)
    held = level_now(one, levels, levels[severity], None)
    for value in data.draw(st.lists(st.floats(left, levels[severity]), min_size=2, max_size=20)):
        held = level_now(one, levels, value, held)
        assert worth(held) >= rank(severity)


@given(LEVELS, MARGINS, VALUES, VALUES, HELD)
def test_a_worse_value_never_gives_a_milder_level(
    levels: dict[str, float], margin: float, one: float, other: float, held: str | None
) -> None:
    lower, higher = sorted((one, other))
    it = rule(levels=levels, clear_margin=margin)
    assert worth(level_now(it, levels, lower, held)) <= worth(level_now(it, levels, higher, held))


@given(LEVELS, MARGINS, VALUES, HELD)
def test_what_held_makes_a_level_never_milder(
    levels: dict[str, float], margin: float, value: float, held: str | None
) -> None:
    it = rule(levels=levels, clear_margin=margin)
    fresh, kept = level_now(it, levels, value, None), level_now(it, levels, value, held)
    assert worth(fresh) <= worth(kept) <= max(worth(fresh), worth(held))


@given(LEVELS, MARGINS, VALUES, HELD)
def test_a_rule_below_is_its_mirror_above(
    levels: dict[str, float], margin: float, value: float, held: str | None
) -> None:
    above = rule(levels=levels, clear_margin=margin)
    below = mirrored(above)
    assert level_now(above, above.levels, value, held) == level_now(below, below.levels, -value, held)


def judged(it: Rule, value: float, held: str | None = None, waits: Waits = NO_WAITS, **more: object) -> Verdict | None:
    found = judge_reading(it, reading(value, **more), held, waits)  # type: ignore[arg-type]
    return found[0] if found is not None else None


def test_a_verdict_carries_its_evidence() -> None:
    verdict = judged(rule(), 4.5)
    assert verdict is not None
    assert (verdict.severity, verdict.source_kind, verdict.property, verdict.at) == (
        "severe",
        "sensor",
        "water_level",
        NOW,
    )
    assert verdict.evidence["value"] == 4.5
    assert verdict.evidence["limit"] == 4.0
    assert verdict.evidence["levels"] == {"moderate": 2.0, "severe": 4.0, "extreme": 6.0}


def test_the_key_outlives_a_new_version_of_the_rule() -> None:
    assert key_of(rule(version=1), "gauge-1", "water_level") == key_of(rule(version=2), "gauge-1", "water_level")


@pytest.mark.parametrize("quality", [Quality.IMPLAUSIBLE, Quality.CALIBRATING, Quality.FAULT])
def test_a_value_of_doubtful_quality_raises_and_clears_nothing(quality: Quality) -> None:
    assert judged(rule(), 99.0, quality=quality) is None
    assert judged(rule(), 0.0, "severe", quality=quality) is None


def test_a_reading_without_the_property_is_not_judged() -> None:
    assert judged(rule(), 99.0, prop="rain_sum") is None


def test_a_device_without_levels_has_no_alarm() -> None:
    assert judged(rule(levels={}, devices={"gauge-other": {"moderate": 1.0}}), 99.0) is None


def test_a_device_s_own_levels_replace_the_rule_s() -> None:
    own = rule(devices={"gauge-ai-nghia": {"extreme": 9.0}})
    assert judged(own, 8.0).severity is None  # type: ignore[union-attr]
    assert judged(own, 9.0).severity == "extreme"  # type: ignore[union-attr]


@pytest.mark.parametrize(("hours", "judges"), [(24.0, True), (6.0, True), (24.01, False), (48.0, False)])
def test_a_rule_with_a_condition_judges_only_readings_that_meet_it(hours: float, judges: bool) -> None:
    rain = rule(measured="rain_sum", when=When(property="rain_hours", maximum=24.0))
    verdict = judged(rain, 100.0, prop="rain_sum", more=(Value("rain_hours", hours),))
    assert (verdict is not None) is judges


def test_a_condition_on_a_value_that_is_missing_does_not_hold() -> None:
    assert judged(rule(when=When(property="rain_hours", maximum=24.0)), 100.0) is None


def played(it: Rule, values: list[tuple[float, float]]) -> list[str | None]:
    """The severities that hold after each (second, value)."""
    held: str | None = None
    waits = NO_WAITS
    out = []
    for second, value in values:
        found = judge_reading(it, reading(value, at=NOW + dt.timedelta(seconds=second)), held, waits)
        assert found is not None
        verdict, waits = found
        held = verdict.severity
        out.append(held)
    return out


def test_a_level_counts_when_it_has_held_for_the_duration() -> None:
    assert played(rule(for_s=10), [(0, 3), (5, 3), (9.9, 3), (10, 3)]) == [None, None, None, "moderate"]


def test_a_level_that_is_left_before_its_time_begins_anew() -> None:
    assert played(rule(for_s=10), [(0, 3), (9, 1), (11, 3), (20, 3), (21, 3)]) == [None, None, None, None, "moderate"]


def test_a_level_that_has_not_held_for_the_duration_does_not_count_with_a_milder_one_that_has() -> None:
    it = rule(for_s=10)
    assert played(it, [(0, 3), (10, 7), (19, 7), (20, 7)]) == [None, "moderate", "moderate", "extreme"]


def test_a_worse_level_waits_while_the_milder_one_holds() -> None:
    it = rule(for_s=10)
    assert played(it, [(0, 3), (10, 3), (12, 7), (21, 7), (22, 7)]) == [None, *["moderate"] * 3, "extreme"]


def test_clearing_does_not_wait() -> None:
    assert played(rule(for_s=10), [(0, 3), (10, 3), (11, 1)]) == [None, "moderate", None]


def test_a_late_reading_from_before_a_wait_does_not_end_it() -> None:
    it = rule(for_s=10)
    assert played(it, [(0, 3), (-5, 1), (10, 3)])[-1] == "moderate"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 8)), min_size=1, max_size=30), st.floats(0.5, 40))
def test_a_level_never_counts_unless_every_value_of_the_last_duration_reached_it(
    raw: list[tuple[float, float]], for_s: float
) -> None:
    values = sorted(dict(raw).items())
    it = rule(for_s=for_s, clear_margin=0.0)
    held: str | None = None
    for number, severity in enumerate(played(it, values)):
        if severity is not None and worth(severity) > worth(held):
            since = values[number][0]
            for second, value in reversed(values[: number + 1]):
                if value < it.levels.get(severity, 99):
                    break
                since = second
            assert values[number][0] - since >= for_s - 1e-5
        held = severity


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 8)), min_size=1, max_size=30), st.floats(0, 40))
def test_every_reading_delivered_twice_gives_the_same_end(raw: list[tuple[float, float]], for_s: float) -> None:
    values = sorted(dict(raw).items())
    twice = [value for value in values for _ in range(2)]
    it = rule(for_s=for_s)
    assert played(it, values)[-1] == played(it, twice)[-1]


def test_a_sighting_of_the_rule_s_kind_raises_at_its_zone() -> None:
    zone = rule(sighting="zone_entered", severity="severe")
    verdict = judge_sighting(zone, sighting(subject="gate"))
    assert verdict is not None
    assert (verdict.severity, verdict.source_kind, verdict.key) == ("severe", "camera", "test/level:cam-a:gate")
    assert verdict.evidence["error_m"] == 2.0


def test_a_sighting_of_another_kind_is_not_judged() -> None:
    assert judge_sighting(rule(sighting="line_crossed"), sighting()) is None
    assert judge_sighting(rule(), sighting()) is None


def test_titles_name_the_place_and_the_level_in_both_languages() -> None:
    assert titles(rule(), "extreme", "Ái Nghĩa") == ("Ái Nghĩa vượt III", "Ái Nghĩa above III")


def test_a_level_is_left_at_its_own_clear_limit_where_it_has_one() -> None:
    it = rule(clear={"severe": 3.0})
    assert [level_now(it, it.levels, value, "severe") for value in (3.0, 2.9, 1.5, 1.4)] == [
        "severe",
        "moderate",
        "moderate",
        None,
    ]
    device = rule(clear={"severe": 3.0}, devices={"gauge-ai-nghia": {"severe": 9.0}})
    assert level_now(device, device.levels_of("gauge-ai-nghia"), 8.4, "severe") is None


def test_an_alarm_ends_when_nothing_has_held_for_long_enough() -> None:
    it = rule(clear_for_s=10)
    assert played(it, [(0, 3), (1, 1), (5, 3), (6, 1), (15.9, 1), (16, 1)]) == ["moderate"] * 5 + [None]


def test_a_milder_level_needs_no_such_calm() -> None:
    assert played(rule(clear_for_s=10), [(0, 7), (1, 3), (2, 1)]) == ["extreme", "moderate", "moderate"]


def test_a_level_counts_when_enough_of_the_last_values_reached_it() -> None:
    it = rule(breaches=2, of=3)
    values = [(second, value) for second, value in enumerate((3, 1, 1, 5, 1, 3, 1, 1))]
    assert played(it, values) == [None, None, None, None, None, "moderate", None, None]


def test_the_worst_level_of_enough_values_counts_and_hysteresis_keeps_it() -> None:
    it = rule(breaches=2, of=2)
    assert played(it, [(0, 7), (1, 5), (2, 7), (3, 7), (4, 5.6), (5, 1)]) == [
        None,
        "severe",
        "severe",
        "extreme",
        "extreme",
        None,
    ]


def test_outside_its_hours_nothing_holds_whatever_the_values_say() -> None:
    local = NOW.astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    until = (local + dt.timedelta(seconds=5)).time()
    it = rule(schedule=Schedule(begins=local.time(), ends=until), clear_for_s=60)
    assert played(it, [(-1, 9), (0, 9), (4, 9), (5, 9)]) == [None, "extreme", "extreme", None]


def test_limits_are_those_of_the_device_else_of_its_area_else_of_the_rule() -> None:
    it = rule(devices={"a": {"minor": 1.0}, "off": {}}, area_levels={"20335": {"minor": 2.0}})
    assert it.levels_of("a", "20335@2025-07-01") == {"minor": 1.0}
    assert it.levels_of("b", "20335@2025-07-01") == {"minor": 2.0}
    assert it.levels_of("b", "20341@2025-07-01") == it.levels
    assert it.levels_of("off", "20335@2025-07-01") == {}
    assert levels_of([rule(window=Window(kind="rise", hours=1), levels={"minor": 0.1}), it], "a", "water_level") == {
        "minor": 1.0
    }


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"subjects": ("gate",)}, True),
        ({"subjects": ("yard",)}, False),
        ({"classes": ("person",)}, False),
        ({"min_score": 0.5}, False),
        ({"min_count": 3}, True),
        ({"min_count": 5}, False),
        ({"min_share": 0.1}, False),
    ],
)
def test_a_sighting_counts_when_it_is_as_asked(asked: dict[str, Any], told: bool) -> None:
    seen = msgspec.structs.replace(sighting(subject="gate"), count=4)
    assert (judge_sighting(rule(sighting=seen.kind, seen=Seen(**asked)), seen) is not None) is told


def test_a_sighting_counts_in_its_hours_and_at_its_cameras_and_an_end_always() -> None:
    never = Schedule(days=("mon",), begins=dt.time(3), ends=dt.time(3, 1))
    start = going_on("start", 0, seq=1)
    end = going_on("end", 9, seq=2)
    it = rule(sighting="loitering", schedule=never, seen=Seen(min_count=9))
    assert judge_sighting(it, start) is None
    assert judge_sighting(it, end) is not None
    assert judge_sighting(rule(sighting="loitering", sources=("cam-other",)), start) is None
