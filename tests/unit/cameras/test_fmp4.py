"""Fragments are read back by a decoder that knows nothing of how they were made."""

import io
import itertools

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cameras.boxes import TIMESCALE
from cameras.fmp4 import Clock, Fragment, Fragmenter
from cameras.packets import Header, Piece
from tests.fakes.encoded import encoded


def fragments(header: Header, pieces: list[Piece], fragmenter: Fragmenter | None = None) -> list[Fragment]:
    """All of a stream."""
    fragmenter = fragmenter or Fragmenter()
    fragmenter.opened(header)
    return [fragment for piece in pieces for fragment in fragmenter.pieces(piece)]


def decoded(parts: list[Fragment]) -> list[tuple[int, int, int]]:
    """Time, width and height of each picture that a decoder finds in fragments."""
    with av.open(io.BytesIO(b"".join(part.data for part in parts))) as container:
        return [(frame.pts, frame.width, frame.height) for frame in container.decode(video=0)]


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("b_frames", [0, 2])
@pytest.mark.parametrize("annexb", [True, False])
def test_every_picture_is_there_at_its_time(codec: str, b_frames: int, annexb: bool) -> None:
    header, pieces = encoded(codec, b_frames=b_frames, annexb=annexb)
    parts = fragments(header, pieces)
    assert [part.init for part in parts] == [True] + [False] * len(pieces)
    shown = decoded(parts)
    assert len(shown) == len(pieces)
    times = [time for time, _, _ in shown]
    assert times == sorted(part.media for part in parts[1:])
    steps = {after - before for before, after in itertools.pairwise(times)}
    assert steps == {7200}
    assert {(width, height) for _, width, height in shown} == {(320, 240)}


def test_a_browser_is_told_which_codec() -> None:
    codec = fragments(*encoded("h264"))[0].codec
    assert codec.startswith("avc1.")
    assert len(codec) == 11
    assert fragments(*encoded("hevc"))[0].codec.startswith("hvc1.1.6.L")


def test_it_begins_at_a_key_frame() -> None:
    header, pieces = encoded()
    parts = fragments(header, pieces[5:])
    assert parts[0].init
    assert parts[1].key
    assert len(decoded(parts)) == len(pieces) - 12


def test_a_stream_that_begins_again_goes_on_later_and_says_so() -> None:
    header, pieces = encoded()
    fragmenter = Fragmenter()
    first = fragments(header, pieces, fragmenter)
    again = fragments(header, [piece._replace(at=piece.at + 60) for piece in pieces], fragmenter)
    assert again[0].init
    assert again[1].media >= first[-1].media + 50 * TIMESCALE
    assert len(decoded(first + again[1:])) == 2 * len(pieces)


@pytest.mark.parametrize("passed", [-1.0, 0.0, 30.0])
def test_a_stream_that_goes_on_where_another_ended_is_later_by_the_time_between(passed: float) -> None:
    header, pieces = encoded()
    before = 5 * TIMESCALE
    parts = fragments(header, pieces, Fragmenter((before, pieces[0].at - passed)))
    times = [part.media for part in parts[1:]]
    assert before < times[0] <= before + max(1.0, passed) * TIMESCALE
    assert {after - time for time, after in itertools.pairwise(times)} == {7200}
    assert decoded(parts)[0][0] == times[0]


def test_another_size_is_a_new_beginning() -> None:
    """Without a new header, as cameras do it: new parameter sets stand in the packets."""
    header, pieces = encoded()
    _, small = encoded(width=160, height=120)
    later = [piece._replace(at=piece.at + 3) for piece in small]
    parts = fragments(header, pieces + later)
    assert [part.init for part in parts].count(True) == 2
    second = next(place for place, part in enumerate(parts) if part.init and place)
    assert parts[second + 1].key
    assert {size[1:] for size in decoded(parts[second:])} == {(160, 120)}


@pytest.mark.parametrize("b_frames", [0, 2])
def test_a_camera_without_times_of_decoding_plays_in_order(b_frames: int) -> None:
    """Each picture is decoded after the one before it and, once the order is known, not after it is shown."""
    header, pieces = encoded(b_frames=b_frames)
    parts = fragments(header, [piece._replace(dts=None) for piece in pieces])
    shown = [time for time, _, _ in decoded(parts)]
    assert len(shown) == len(pieces)
    assert shown[12:] == sorted(shown[12:])
    assert {after - before for before, after in itertools.pairwise(shown[12:])} == {7200}


def test_a_camera_without_any_times_gets_those_of_arrival() -> None:
    header, pieces = encoded()
    parts = fragments(header, [piece._replace(pts=None, dts=None) for piece in pieces])
    assert [part.media for part in parts[1:4]] == [0, 7200, 14400]


def test_a_camera_whose_clock_stands_still_gets_the_times_of_arrival() -> None:
    header, pieces = encoded()
    parts = fragments(header, [piece._replace(pts=0, dts=0) for piece in pieces])
    steps = {after.media - before.media for before, after in itertools.pairwise(parts[2:])}
    assert steps == {7200}


def test_what_no_browser_plays_yields_nothing() -> None:
    header = Header(codec="mjpeg", extradata=b"", width=640, height=480, tick=(1, 90_000))
    assert fragments(header, [Piece(b"\xff\xd8", 0, 0, True, 0.0)]) == []


@given(st.lists(st.binary(max_size=80), max_size=8), st.sampled_from(["h264", "hevc"]), st.binary(max_size=60))
def test_garbage_is_left_out(packets: list[bytes], codec: str, extradata: bytes) -> None:
    """Whatever a camera sends, nothing is raised in the thread that sends it on."""
    header = Header(codec=codec, extradata=extradata, width=1, height=1, tick=(1, 90_000))
    fragments(header, [Piece(data, None, None, True, 0.0) for data in packets])


_TICKS = st.integers(-(1 << 40), 1 << 40)


@given(st.lists(st.tuples(_TICKS | st.none(), _TICKS | st.none(), st.floats(0.001, 100)), max_size=40))
def test_times_never_go_back_whatever_the_clock_of_the_camera_does(
    times: list[tuple[int | None, int | None, float]],
) -> None:
    clock, at, before = Clock(), 0.0, -1
    for pts, dts, passed in times:
        at += passed
        decoding, shown, duration = clock.place(pts, dts, at)
        assert decoding > before
        assert shown >= 0
        assert 0 < duration < TIMESCALE
        before = decoding


def test_a_clock_that_leaps_costs_no_more_than_the_time_that_passed() -> None:
    clock = Clock()
    assert clock.place(1000, 1000, 10.0)[0] == 0
    assert clock.place(1000 + 3600, 1000 + 3600, 10.04)[0] == 3600
    leaped = clock.place(9_999_999, 9_999_999, 10.08)[0]
    assert 3600 < leaped <= 3600 + TIMESCALE // 10


@given(st.lists(st.tuples(st.floats(0.001, 5), st.floats(0.001, 5)), max_size=80))
def test_no_picture_comes_later_than_a_browser_takes_it(passed: list[tuple[float, float]]) -> None:
    """More than twice the told length after the one before, it would drop all up to the next key frame."""
    clock, ticks, at, before = Clock(), 0, 0.0, None
    for by_camera, by_us in passed:
        ticks, at = ticks + round(by_camera * TIMESCALE), at + by_us
        decoding, _, duration = clock.place(ticks, ticks, at)
        assert before is None or decoding <= before
        before = decoding + 2 * duration


def test_times_that_vary_stay_the_camera_s() -> None:
    """At 30 pictures a second, as a busy camera stamps them: nothing is held or stretched."""
    clock, times = Clock(), [0, 33, 66, 76, 133, 166, 250, 260, 300, 333]
    placed = [clock.place(one * 90, one * 90, one / 1000)[0] for one in times]
    assert placed == [one * 90 for one in times]
