"""What passes of a camera's stream."""

import msgspec
import pytest

from cameras.packets import Header, Piece, Taps, parameter_sets


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


@pytest.mark.parametrize(
    ("codec", "data", "sets"),
    [
        ("h264", b"\0\0\0\1\x67AB\0\0\0\1\x68C\0\0\1\x65picture", b"\0\0\0\1\x67AB\0\0\0\1\x68C"),
        ("h264", b"\0\0\0\1\x41picture", b""),
        ("hevc", b"\0\0\0\1\x40\1V\0\0\0\1\x42\1S\0\0\0\1\x26\1picture", b"\0\0\0\1\x40\1V\0\0\0\1\x42\1S"),
        ("mjpeg", b"\xff\xd8\0\0\1\x67", b""),
        ("h264", b"", b""),
    ],
)
def test_the_parameter_sets_of_a_packet_are_found(codec: str, data: bytes, sets: bytes) -> None:
    assert parameter_sets(codec, data) == sets
