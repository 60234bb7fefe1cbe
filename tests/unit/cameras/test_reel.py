"""The last seconds of a stream in memory: bounded by time and by bytes, and always from a key frame."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cameras.packets import Header, Piece
from cameras.reel import Reel
from tests.fakes.secret import pieces

HEADER = Header(codec="h264", extradata=b"", width=4, height=4, tick=(1, 90_000))


def piece(at: float, *, key: bool = False, size: int = 100) -> Piece:
    return Piece(b"x" * size, round(at * 90_000), None, key, at)


def test_nothing_is_held_before_a_key_frame() -> None:
    reel = Reel()
    reel.passed(piece(0.0, key=True))
    assert reel.strip() is None
    reel.opened(HEADER)
    reel.passed(piece(0.0))
    assert reel.strip() is None
    reel.passed(piece(0.1, key=True))
    strip = reel.strip()
    assert strip is not None
    assert [one.at for one in strip.pieces] == [0.1]


@settings(deadline=None)
@given(
    groups=st.lists(st.lists(st.integers(1, 4000), min_size=1, max_size=20), min_size=1, max_size=20),
    seconds=st.floats(0.5, 10),
    most=st.integers(2_000, 40_000),
)
def test_whatever_comes_it_stays_within_its_bytes_and_begins_with_a_key_frame(
    groups: list[list[int]], seconds: float, most: int
) -> None:
    """And it holds the wanted time wherever the bytes allow it."""
    reel, at, all_of_it = Reel(seconds=seconds, most=most), 0.0, list[Piece]()
    reel.opened(HEADER)
    for sizes in groups:
        for number, size in enumerate(sizes):
            at += 0.1
            all_of_it.append(piece(at, key=number == 0, size=size))
            reel.passed(all_of_it[-1])
            strip = reel.strip()
            held = strip.pieces if strip is not None else ()
            assert reel.size == sum(len(one.data) for one in held) <= most
            assert list(held) == all_of_it[len(all_of_it) - len(held) :]
            if held:
                assert held[0].key
            wanted = [one for one in all_of_it if one.at > at - seconds]
            first = max((one.at for one in all_of_it if one.key and one.at <= wanted[0].at), default=0.0)
            if sum(len(one.data) for one in all_of_it if one.at >= first) <= most:
                assert held
                assert held[0].at <= wanted[0].at


def test_a_group_that_is_too_large_is_not_held_and_the_next_is() -> None:
    """A camera with a key frame a minute costs no more memory than others."""
    reel = Reel(most=1000)
    reel.opened(HEADER)
    for number in range(20):
        reel.passed(piece(number / 10, key=number == 0))
    assert reel.size <= 1000
    reel.passed(piece(9.0, key=True))
    assert reel.size == 100


def test_a_stream_that_is_opened_again_begins_anew() -> None:
    reel = Reel()
    reel.opened(HEADER)
    reel.passed(piece(0.0, key=True))
    reel.opened(HEADER)
    assert (reel.strip(), reel.size) == (None, 0)


def test_another_size_within_a_stream_is_noticed_by_its_parameter_sets() -> None:
    """Nobody opens it anew; the packets of both can be in no one file."""
    header, small = pieces(2.0, width=320, height=240)
    _, large = pieces(2.0)
    reel = Reel()
    reel.opened(header)
    assert [reel.passed(one) for one in small] == [False] * len(small)
    assert [reel.passed(one) for one in large] == [True] + [False] * (len(large) - 1)
    strip = reel.strip()
    assert strip is not None
    assert list(strip.pieces) == large
    assert strip.header.extradata != header.extradata
