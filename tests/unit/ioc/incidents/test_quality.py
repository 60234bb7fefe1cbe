"""Facts about the figures of alarms' quality: hand-computed sets, and what must hold of any."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ioc.incidents import quality
from ioc.incidents.quality import HOUR, SLOT, SLOTS, Figures, Hour, by_day, chatters, figures, flaps, most_within, slots

T0 = dt.datetime(2025, 10, 27, 0, 0, tzinfo=dt.UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def hour(number: int = 0, **members: Any) -> Hour:
    """An hour after T0."""
    return Hour(at=T0 + number * HOUR, **members)


def of(*hours: Hour) -> Figures:
    """The figures of some hours."""
    return figures(hours, slots(hours))


def test_an_hour_computed_by_hand() -> None:
    """Two operators; 31 alarms in six times ten minutes, so 31 / 2 / 6 = 2.583 a time."""
    one = hour(
        operators=2,
        alarms=(0, 24, 4, 2, 1, 0),
        incidents=(0, 3, 1, 0, 0, 0),
        severities=(20, 8, 2, 1),
        hidden=7,
        acknowledged=25,
        chattering=1,
        flapping=2,
        standing=4,
        false_alarms=1,
    )
    found = of(one)
    assert (found.hours, found.alarms, found.incidents, found.hidden) == (1, 31, 4, 7)
    assert found.alarms_mean == pytest.approx(31 / 12)
    assert (found.alarms_peak, found.incidents_peak) == (12.0, 1.5)
    assert found.incidents_mean == pytest.approx(4 / 12)
    assert found.severities == pytest.approx((20 / 31, 8 / 31, 2 / 31, 1 / 31))
    assert found.acknowledged == pytest.approx(25 / 31)
    assert found.false_alarms == pytest.approx(0.25)
    assert (found.chattering, found.flapping, found.standing, found.standing_most) == (1, 2, 4, 4)
    # 12 an operator begins a flood; the next ten minutes have 2 each, fewer than 5, and end it.
    assert (found.flood, found.floods) == (pytest.approx(1 / 6), 1)


def test_a_flood_begins_above_ten_and_goes_on_until_fewer_than_five() -> None:
    first = hour(0, alarms=(10, 11, 5, 5, 4, 10))
    second = hour(1, alarms=(11, 9, 0, 0, 0, 12))
    third = hour(2, alarms=(6, 6, 1, 0, 0, 0))
    found = slots([first, second, third])
    assert [slot.floods for slot in found] == [
        *(False, True, True, True, False, False),
        *(True, True, False, False, False, True),
        *(True, True, False, False, False, False),
    ]
    assert sum(slot.begins for slot in found) == 3
    assert of(first, second, third).flood == pytest.approx(8 / 18)


def test_a_flood_ends_where_an_hour_is_missing() -> None:
    full = (11, 11, 11, 11, 11, 11)
    assert [slot.floods for slot in slots([hour(0, alarms=full), hour(2, alarms=(6, 6, 6, 6, 6, 6))])] == [True] * 6 + [
        False
    ] * 6
    assert sum(slot.begins for slot in slots([hour(0, alarms=full), hour(2, alarms=full)])) == 2


def test_where_nobody_works_one_operator_is_meant() -> None:
    assert of(hour(operators=0, alarms=(6, 0, 0, 0, 0, 0))).alarms_peak == 6.0


def test_of_nothing_there_are_no_shares() -> None:
    empty = of()
    assert (empty.hours, empty.alarms_mean, empty.alarms_peak, empty.flood) == (0, 0.0, 0.0, 0.0)
    assert (empty.severities, empty.acknowledged, empty.false_alarms, empty.standing) == (None, None, None, 0)
    assert of(hour()).acknowledged is None


def test_days_are_local_and_a_flood_passes_midnight() -> None:
    """17:00 UTC is midnight in Viet Nam."""
    before = hour(16, alarms=(0, 0, 0, 0, 0, 20), standing=3)
    after = hour(17, alarms=(7, 1, 0, 0, 0, 0), standing=2)
    found = by_day([before, after], ZONE)
    assert [day for day, _ in found] == [dt.date(2025, 10, 27), dt.date(2025, 10, 28)]
    assert [one.floods for _, one in found] == [1, 0]
    assert [one.flood for _, one in found] == pytest.approx([1 / 6, 1 / 6])
    assert [one.alarms for _, one in found] == [20, 8]
    assert [one.standing for _, one in found] == [3, 2]


def at(*seconds: float) -> list[dt.datetime]:
    return [T0 + dt.timedelta(seconds=one) for one in seconds]


@pytest.mark.parametrize(
    ("raised", "chattering", "flapping"),
    [
        (at(), False, False),
        (at(0, 30), False, False),
        (at(0, 30, 60), True, False),
        (at(0, 30, 61), False, False),
        (at(60, 0, 30), True, False),
        (at(0, 1200, 2400), False, False),
        (at(0, 1200, 2400, 3600), False, True),
        (at(0, 1200, 2400, 3601), False, False),
        (at(0, 20, 40, 50), True, True),
    ],
)
def test_what_is_raised_thrice_a_minute_chatters_and_four_times_an_hour_flaps(
    raised: list[dt.datetime], chattering: bool, flapping: bool
) -> None:
    assert (chatters(raised), flaps(raised)) == (chattering, flapping)


SIX = st.tuples(*[st.integers(0, 40)] * SLOTS)
HOURS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 5), SIX, SIX), max_size=30, unique_by=lambda found: found[0]
).map(lambda found: [hour(n, operators=o, alarms=a, incidents=i) for n, o, a, i in sorted(found)])


@given(HOURS)
def test_every_ten_minutes_above_ten_are_in_flood_and_none_below_five(hours: list[Hour]) -> None:
    found = slots(hours)
    assert len(found) == SLOTS * len(hours)
    for slot in found:
        assert slot.floods or slot.alarms <= quality.FLOOD_BEGINS
        assert not (slot.floods and slot.alarms < quality.FLOOD_ENDS)
        assert slot.floods or not slot.begins
    assert [slot.at for slot in found] == [one.at + n * SLOT for one in hours for n in range(SLOTS)]


@given(HOURS)
def test_days_add_up_to_the_whole(hours: list[Hour]) -> None:
    total, days = of(*hours), [one for _, one in by_day(hours, ZONE)]
    for name in ("hours", "alarms", "incidents", "floods", "hidden"):
        assert sum(getattr(day, name) for day in days) == getattr(total, name)
    for name in ("alarms_peak", "incidents_peak", "standing_most"):
        assert max((getattr(day, name) for day in days), default=0) == getattr(total, name)
    assert sum(day.flood * day.hours for day in days) == pytest.approx(total.flood * total.hours)
    assert 0 <= total.flood <= 1
    assert total.alarms_mean <= total.alarms_peak or not hours


@given(st.lists(st.integers(0, 7200)), st.integers(0, 3600))
def test_the_most_within_a_span_is_what_counting_around_each_finds(seconds: list[int], span: int) -> None:
    counted = max((sum(0 <= one - first <= span for one in seconds) for first in seconds), default=0)
    assert most_within(at(*seconds), dt.timedelta(seconds=span)) == counted


def test_missing_hours_are_noticed() -> None:
    assert quality.whole([hour(0), hour(1), hour(2)])
    assert not quality.whole([hour(0), hour(2)])
    assert quality.whole([])
