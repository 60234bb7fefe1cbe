"""Readings as columns: order, the newest of each stream, what all have in common."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from gis.observation import Value
from ioc.store.columns import Columns, new_of
from tests.fakes.things import NOW, reading

SECOND = dt.timedelta(seconds=1)


def moments(made: list[tuple[int, int]]) -> Columns:
    """Streams and seconds after NOW as columns."""
    found = Columns([], [], [], [], [], [], [], [], [], [])
    found.stream, found.at = [stream for stream, _ in made], [NOW + seconds * SECOND for _, seconds in made]
    return found


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(-50, 50))))
def test_the_latest_of_each_stream_is_its_newest(made: list[tuple[int, int]]) -> None:
    found = moments(made)
    newest = found.taken(found.newest())
    assert sorted(newest.stream) == sorted({stream for stream, _ in made})
    for stream, at in zip(newest.stream, newest.at, strict=True):
        assert at == max(NOW + seconds * SECOND for other, seconds in made if other == stream)


def test_of_two_at_one_moment_the_later_in_the_batch_is_the_latest() -> None:
    assert list(moments([(1, -5), (2, 0), (1, -5)]).newest()) == [2, 1]


def test_a_reading_keeps_those_of_its_values_that_werenew_of() -> None:
    both = reading(2.5, more=(Value("battery", 3.7),))
    assert new_of([both, reading(seq=2)], {0, 1, 2}) == [both, reading(seq=2)]
    assert new_of([both, reading(seq=2)], {1}) == [reading(2.5, more=(Value("battery", 3.7),)).__class__(
        stamp=both.stamp, values=(Value("battery", 3.7),)
    )]  # fmt: skip


def test_those_that_are_not_the_newest_are_marked_and_none_when_all_are() -> None:
    assert moments([(1, 0), (2, 0), (1, 5), (1, 3)]).passed() == [True, False, False, True]
    assert moments([(1, 0), (2, 0)]).passed() == []


def test_a_stream_s_values_stay_in_their_order() -> None:
    assert moments([(2, 1), (1, 5), (2, 0), (1, 5)]).ordered().at == [NOW + s * SECOND for s in (5, 5, 1, 0)]


def test_what_all_have_in_common_travels_once() -> None:
    found = Columns([NOW, NOW], [1, 2], [1, 1], [0.5, 0.5], ["r", "r"], [7, 7], [2, 1], [], [], [])
    at, *_, owner, runs, retentions, _, _, _, _, run, retention = found.arguments(NOW)
    assert (at, owner, runs, run) == ([NOW, NOW], [7, 7], [], "r")
    assert (retentions, retention) == ([2, 1], None)


def test_no_value_has_nothing_in_common() -> None:
    *_, run, retention = Columns([], [], [], [], [], [], [], [], [], []).arguments(NOW)
    assert (run, retention) == (None, None)
