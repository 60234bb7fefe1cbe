"""Freshness: fresh for two expected intervals, stale until five, then lost."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.freshness import LOST_AFTER, STALE_AFTER, freshness, listened

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
WORDS = ("fresh", "stale", "lost")


def test_what_was_never_heard_is_lost() -> None:
    assert freshness(None, 60.0, NOW) == "lost"


@pytest.mark.parametrize(
    ("silence", "word"),
    [
        (0, "fresh"),
        (60 * STALE_AFTER, "fresh"),
        (60 * STALE_AFTER + 1, "stale"),
        (60 * LOST_AFTER, "stale"),
        (60 * LOST_AFTER + 1, "lost"),
        (-3600, "fresh"),
    ],
)
def test_the_bounds_belong_to_the_better_word_and_a_clock_set_back_changes_nothing(silence: float, word: str) -> None:
    assert freshness(NOW - dt.timedelta(seconds=silence), 60.0, NOW) == word


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0.001, 1e5))
def test_longer_silence_never_makes_a_source_fresher(one: float, other: float, interval: float) -> None:
    short, long = sorted((one, other))
    words = [freshness(NOW - dt.timedelta(seconds=silence), interval, NOW) for silence in (short, long)]
    assert WORDS.index(words[0]) <= WORDS.index(words[1])


def test_only_the_time_in_which_somebody_listened_counts() -> None:
    spans = [(NOW, NOW + dt.timedelta(seconds=60)), (NOW + dt.timedelta(hours=1), NOW + dt.timedelta(hours=2))]
    assert listened(spans, NOW + dt.timedelta(seconds=20), NOW + dt.timedelta(hours=1, seconds=5)) == 45.0
    assert listened(spans, NOW + dt.timedelta(minutes=2), NOW + dt.timedelta(minutes=50)) == 0.0
    assert listened([], NOW, NOW + dt.timedelta(days=1)) == 0.0
