"""The times of a clip: from 0, decoding times that rise, whatever the camera said."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from cameras.packets import Piece
from cameras.timeline import Timeline, depth

TICK = (1, 90_000)


def piece(pts: int | None, at: float = 0.0, *, key: bool = False) -> Piece:
    return Piece(b"", pts, None, key, at)


def test_times_begin_at_zero_and_keep_their_distance() -> None:
    line = Timeline(TICK)
    assert [line.place(piece(pts)) for pts in (5_000_000, 5_006_000, 5_012_000)] == [
        (0, 0), (6000, 6000), (12_000, 12_000)]  # fmt: skip


def test_pictures_in_another_order_than_shown_are_decoded_before_they_are_shown() -> None:
    order = [piece(pts, key=pts == 0) for pts in (0, 3000, 1000, 2000, 6000, 4000, 5000)]
    assert depth(order) == 1
    line = Timeline(TICK, depth(order))
    placed = [line.place(one) for one in order]
    assert [one[0] for one in placed if one] == [0, 3000, 1000, 2000, 6000, 4000, 5000]
    assert all(shown >= decoded for shown, decoded in placed)  # type: ignore[misc]


def test_a_picture_of_before_the_first_is_left_out() -> None:
    line = Timeline(TICK)
    assert line.place(piece(9000)) == (0, 0)
    assert line.place(piece(6000)) is None


def test_a_leap_of_the_camera_s_clock_is_replaced_by_the_time_of_arrival() -> None:
    """Forwards, and backwards as when a counter begins again."""
    line = Timeline(TICK)
    line.place(piece(0, 50.0))
    assert line.place(piece(90_000 * 3600, 50.2)) == (18_000, 18_000)
    assert line.place(piece(90_000 * 3600 + 9000, 50.3)) == (27_000, 27_000)
    assert line.place(piece(77, 50.5)) == (45_000, 45_000)


def test_times_that_stand_still_are_replaced_by_those_of_arrival() -> None:
    """As of a server that gives each packet the time 0, and the first none."""
    line = Timeline(TICK)
    given_ = [(None, 10.0), (0, 10.0), (0, 10.0), (0, 10.1), (0, 10.2), (0, 10.3)]
    placed = [line.place(piece(pts, at)) for pts, at in given_]
    assert placed == [(0, 0), (1, 1), (2, 2), (9002, 9002), (18_002, 18_002), (27_002, 27_002)]


def test_packets_without_times_go_by_their_arrival() -> None:
    line = Timeline(TICK)
    assert [line.place(piece(None, at)) for at in (10.0, 10.5)] == [(0, 0), (45_000, 45_000)]


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(-(2**40), 2**40)), st.floats(0, 1e6)), min_size=1, max_size=60),
    st.integers(0, 4),
)
def test_decoding_times_rise_and_none_is_after_its_showing(
    given_: list[tuple[int | None, float]], held_back: int
) -> None:
    """Of any stream, also one of nonsense: no player and no muxer takes less."""
    line = Timeline(TICK, held_back)
    placed = [one for pts, at in given_ if (one := line.place(piece(pts, at))) is not None]
    assert placed[0][0] == 0
    decoded = [one[1] for one in placed]
    assert all(a < b for a, b in itertools.pairwise(decoded))
    assert all(shown >= dts for shown, dts in placed)
