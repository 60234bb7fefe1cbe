"""What windows come to, whatever the order in which their values arrived."""

import datetime as dt
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents.conditions import Window
from ioc.incidents.measures import MOST, Point, Points, figure, hourly_means
from tests.fakes.things import NOW

EVERY = ("sum", "mean", "min", "max", "range", "rise", "rate", "count")


def point(minutes: float, value: float, name: str = "rain", seq: int = 0) -> Point:
    at = NOW + dt.timedelta(minutes=minutes)
    return Point((at, at, "r", seq), {name: value})


def comes_to(kind: str, *pairs: tuple[float, float], hours: float = 1.0, least: int = 1, below: bool = False) -> object:
    window = Window(kind=kind, hours=hours, least=least)  # type: ignore[arg-type]
    found = figure(window, "rain", [point(*pair) for pair in pairs], below=below)
    return found.number if found is not None else None


def test_totals_leave_out_the_first_moment_and_levels_keep_it() -> None:
    hour = ((0, 5.0), (30, 1.0), (60, 2.0))
    assert comes_to("sum", *hour) == 3.0
    assert comes_to("count", *hour) == 2.0
    assert (comes_to("min", *hour), comes_to("max", *hour)) == (1.0, 5.0)
    assert comes_to("mean", *hour) == pytest.approx(8 / 3)


def test_a_rise_is_told_from_the_lowest_and_a_fall_from_the_highest() -> None:
    assert comes_to("rise", (0, 3.0), (20, 2.0), (60, 4.5)) == 2.5
    assert comes_to("rise", (0, 3.0), (20, 4.0), (60, 1.0), below=True) == -3.0
    assert comes_to("rise", (0, 3.0), (60, 1.0)) == 0.0
    assert comes_to("range", (0, 3.0), (20, -1.0), (60, 1.0)) == 4.0


def test_a_rate_is_told_per_hour_and_only_of_half_a_window_or_more() -> None:
    assert comes_to("rate", (0, 3.0), (30, 4.0), hours=2) is None
    assert comes_to("rate", (0, 3.0), (60, 4.0), hours=2) == 1.0
    assert comes_to("rate", (0, 3.0), (90, 1.5), hours=2) == -1.0


@pytest.mark.parametrize("kind", EVERY)
def test_numbers_at_the_end_of_the_scale_stop_nobody(kind: str) -> None:
    for sign in (1, -1):
        assert comes_to(kind, (0, sign * 1.7e308), (30, 1.7e308), (60, 1.7e308)) is not None
    window = Window(kind="vn_aqi", hours=12)
    assert figure(window, "pm2_5", [point(30 * number, 1.7e308, "pm2_5") for number in range(12)]) is None


def test_too_few_values_say_nothing() -> None:
    assert comes_to("mean", (0, 1.0), (1, 1.0), least=3) is None
    assert comes_to("mean", least=1) is None
    assert figure(Window(kind="sum", hours=1), "level", [point(0, 1.0)]) is None


def test_a_figure_tells_its_window_and_the_value_that_was_measured() -> None:
    found = figure(Window(kind="sum", hours=3), "rain", [point(0, 1.0), point(60, 2.5)])
    assert found is not None
    assert found.told["measured"] == 2.5
    assert found.told["window"] == {
        "kind": "sum",
        "hours": 3,
        "from": NOW.isoformat(),
        "to": (NOW + dt.timedelta(hours=1)).isoformat(),
        "values": 2,
    }


@given(st.lists(st.tuples(st.integers(0, 180), st.floats(-50, 50)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_arrival_is_nothing_to_any_measure(
    pairs: Sequence[tuple[int, float]], dice: random.Random
) -> None:
    points = [point(minutes, value, seq=seq) for seq, (minutes, value) in enumerate(pairs)]
    arriving = [*points, *points]
    dice.shuffle(arriving)
    ordered, shuffled = Points(dt.timedelta(hours=9)), Points(dt.timedelta(hours=9))
    for one in sorted(points, key=lambda one: one.order):
        ordered.add(one)
    for one in arriving:
        shuffled.add(one)
    assert len(shuffled) == len(points)
    for kind in EVERY:
        window = Window(kind=kind, hours=1)  # type: ignore[arg-type]
        for one in points:
            through = ordered.through(one.order, 1)
            assert through[-1] == one
            assert figure(window, "rain", through) == figure(window, "rain", shuffled.through(one.order, 1))


def test_what_no_window_reaches_any_more_is_forgotten() -> None:
    points = Points(dt.timedelta(hours=2))
    for minutes in range(600):
        points.add(point(minutes, 1.0))
    assert len(points) == 121
    points.add(point(0, 1.0))
    assert len(points) == 121


def test_a_window_has_a_most_of_values() -> None:
    points = Points(dt.timedelta(hours=240))
    for number in range(MOST + 10):
        points.add(point(number / 100, 1.0, seq=number))
    assert len(points) == MOST


def test_values_of_one_reading_that_come_apart_are_one_reading() -> None:
    points = Points(dt.timedelta(hours=2))
    points.add(point(0, 1.0))
    points.add(point(0, 2.0, name="level"))
    assert [one.values for one in points.after(point(0, 0).order)] == [{"rain": 1.0, "level": 2.0}]


@pytest.mark.parametrize("off_s", [-200, -2, 0, 1, 290])
def test_the_mean_of_an_hour_that_is_told_near_its_end_belongs_to_it(off_s: float) -> None:
    base = NOW.replace(minute=0, second=0, microsecond=0) - NOW
    minutes = [base.total_seconds() / 60 - 60 * age + off_s / 60 for age in range(12)]
    points = [point(one, float(age)) for age, one in enumerate(minutes)]
    ordered = sorted(points, key=lambda one: one.order)
    assert hourly_means(ordered, ["rain"], ordered[-1].at) == {"rain": [float(age) for age in range(12)]}


def test_minutes_of_an_hour_are_averaged_and_an_hour_that_goes_on_is_not_told() -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    made = []
    for minutes in range(10, 100, 5):
        at = hour + dt.timedelta(minutes=minutes)
        made.append(Point((at, at, "r", minutes), {"rain": 10.0 if minutes <= 65 else 99.0}))
    means = hourly_means(made, ["rain"], made[-1].at)["rain"]
    assert means[0] == 10.0
    assert means[1:] == [None] * 11
