"""What passes of a camera's stream."""

import msgspec
import pytest

from cameras.packets import Header, Piece


def test_a_header_travels_over_the_pipe_and_comes_back_the_same() -> None:
    header = Header(codec="h264", extradata=b"\x01\x64", width=640, height=360, tick=(1, 90000))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(header), type=Header) == header


def test_a_piece_cannot_be_changed_by_one_of_those_who_hear_it() -> None:
    piece = Piece(b"\x00", 10, 10, True, 1.5)
    with pytest.raises(AttributeError):
        piece.data = b""  # type: ignore[misc]
