"""The stream of a camera with masks: nothing passes as it came, whatever the source does."""

import pytest

from cameras.masking import Masking
from cameras.packets import Header, Piece
from tests.fakes.secret import MASK, TRACE, decoded, pieces, trace


def through(masking: Masking, header: Header, given: list[Piece]) -> list[Header | Piece]:
    """All of a stream."""
    return [made for one in (header, *given) for made in masking.take(one)]


def test_a_header_comes_before_the_first_masked_packet() -> None:
    header, given = pieces(1.0)
    made = through(Masking(MASK), header, given)
    first, packets = made[0], [one for one in made[1:] if isinstance(one, Piece)]
    assert isinstance(first, Header)
    assert first.codec == "h264"
    assert len(packets) == len(made) - 1 == len(given)
    assert max(trace(one) for one in decoded(first, packets)) < TRACE
    assert not {one.data for one in packets} & {one.data for one in given}


def test_another_size_midway_is_another_masked_stream() -> None:
    header, large = pieces(1.0)
    _, small = pieces(1.0, width=320, height=240)
    made = through(Masking(MASK), header, [*large, *small])
    headers = [one for one in made if isinstance(one, Header)]
    assert [(one.width, one.height) for one in headers] == [(640, 360), (320, 240)]
    packets = [one for one in made[made.index(headers[1]) :] if isinstance(one, Piece)]
    assert max(trace(one) for one in decoded(headers[1], packets)) < TRACE


def test_a_stream_that_begins_again_is_told_again() -> None:
    header, given = pieces(1.0)
    masking = Masking(MASK)
    made = through(masking, header, given) + through(masking, header, given)
    assert sum(isinstance(one, Header) for one in made) == 2


def test_without_a_mask_there_is_nothing_to_do_here() -> None:
    with pytest.raises(ValueError, match="no mask"):
        Masking(())


def test_packets_without_a_stream_yield_nothing() -> None:
    assert Masking(MASK).take(Piece(b"x", 0, 0, True, 0.0)) == []
