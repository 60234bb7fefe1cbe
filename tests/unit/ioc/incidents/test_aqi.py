"""The hourly index against the decision's own examples and against its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.aqi import BOUNDS, INDEX, category, hourly, nowcast, share_of

EXAMPLE = (20.6, 19.6, 22.4, 20.3, 16.5, 19.0, 16.5, 19.5, 23.5, 20.5, 24.7, 26.9)
"""Decision 1459/QĐ-TCMT, 2.3 a: PM2.5 from 20:00 back to 9:00."""

CONCENTRATIONS = st.floats(0, 5_000)
HOURS = st.lists(st.none() | CONCENTRATIONS, max_size=12)


def test_the_decision_s_own_nowcast() -> None:
    assert nowcast(EXAMPLE) == pytest.approx(20.3, abs=0.05)


@pytest.mark.parametrize(
    ("pollutant", "concentration", "said"),
    [("o3", 136.1, 43), ("pm2_5", 20.3, 41), ("o3", 114.6, 36), ("no2", 130.8, 65), ("pm2_5", 55.7, 110)],
)
def test_the_decision_s_own_indices(pollutant: str, concentration: float, said: int) -> None:
    """2.3 b and c; a half is rounded up (109.5 is told as 110)."""
    assert int(share_of(pollutant, concentration) + 0.5) == said


def test_where_the_decision_s_own_example_does_not_follow_its_formula() -> None:
    """It tells 60; its formula gives 50 / 100 * 18.7 + 50."""
    assert share_of("no2", 118.7) == pytest.approx(59.35)
    index = hourly({"o3": [136.1], "no2": [118.7], "pm2_5": EXAMPLE})
    assert index is not None
    assert (index.value, index.pollutant) == (59, "no2")


@pytest.mark.parametrize("pollutant", BOUNDS)
def test_every_bound_has_its_index_and_nothing_is_above_the_last(pollutant: str) -> None:
    assert [share_of(pollutant, bound) for bound in BOUNDS[pollutant]] == list(map(float, INDEX))
    assert share_of(pollutant, BOUNDS[pollutant][-1] * 10) == 500


@given(st.sampled_from(sorted(BOUNDS)), CONCENTRATIONS, CONCENTRATIONS)
def test_more_of_it_is_never_a_better_index(pollutant: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert share_of(pollutant, low) <= share_of(pollutant, high)


@given(HOURS)
def test_a_nowcast_lies_between_its_hours_and_needs_two_of_the_last_three(hours: list[float | None]) -> None:
    known = [one for one in hours if one is not None]
    found = nowcast(hours)
    assert (found is None) is (sum(one is not None for one in hours[:3]) < 2)
    if found is not None:
        assert min(known) <= found * (1 + 1e-9)
        assert found <= max(known) * (1 + 1e-9)


def test_at_the_lowest_weight_it_is_the_sum_that_the_decision_writes() -> None:
    hours = [100.0, 10.0, 40.0, 20.0, 30.0, 10.0, 80.0, 60.0, 20.0, 20.0, 30.0, 90.0]
    written = sum(0.5 ** (place + 1) * one for place, one in enumerate(hours))
    assert nowcast(hours) == pytest.approx(written, rel=1 / 4_000)


def test_missing_hours_have_no_weight_and_clean_air_is_zero() -> None:
    assert nowcast([10.0, None, 10.0]) == 10.0
    assert nowcast([0.0, 0.0]) == 0.0
    assert nowcast([40.0, 20.0]) == pytest.approx((40 + 0.5 * 20) / 1.5)
    assert nowcast([10.0] * 12 + [500.0]) == 10.0


def test_an_index_needs_particles_and_is_the_worst_of_all() -> None:
    assert hourly({"o3": [300.0], "no2": [900.0]}) is None
    assert hourly({"pm2_5": [80.0], "o3": [300.0]}) is None
    index = hourly({"pm10": [40.0, 40.0], "o3": [300.0, 10.0], "so2": [None, 3_000.0], "noise": [9.0], "co": []})
    assert index is not None
    assert (index.value, index.pollutant, set(index.shares)) == (150, "o3", {"pm10", "o3"})


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0, "Tốt"),
        (50, "Tốt"),
        (51, "Trung bình"),
        (100, "Trung bình"),
        (101, "Kém"),
        (150, "Kém"),
        (151, "Xấu"),
        (201, "Rất xấu"),
        (300, "Rất xấu"),
        (301, "Nguy hại"),
        (500, "Nguy hại"),
    ],
)
def test_the_six_categories(index: int, name: str) -> None:
    assert category(index)[0] == name
