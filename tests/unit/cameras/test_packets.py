"""What passes of a camera's stream."""

import msgspec
import pytest

from cameras.packets import Header, Piece, Taps


def test_a_header_travels_over_the_pipe_and_comes_back_the_same() -> None:
    header = Header(codec="h264", extradata=b"\x01\x64", width=640, height=360, tick=(1, 90000))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(header), type=Header) == header


def test_a_piece_cannot_be_changed_by_one_of_those_who_hear_it() -> None:
    piece = Piece(b"\x00", 10, 10, True, 1.5)
    with pytest.raises(AttributeError):
        piece.data = b""  # type: ignore[misc]


class Listener:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Header | Piece] = []

    def opened(self, header: Header) -> None:
        self.heard.append(header)

    def passed(self, piece: Piece) -> None:
        self.heard.append(piece)


def test_several_taps_hear_the_same() -> None:
    header = Header(codec="h264", extradata=b"", width=640, height=360, tick=(1, 90000))
    piece = Piece(b"\x00", 10, 10, True, 1.5)
    listeners = [Listener(), Listener()]
    taps = Taps(listeners)
    taps.opened(header)
    taps.passed(piece)
    assert [listener.heard for listener in listeners] == [[header, piece]] * 2
