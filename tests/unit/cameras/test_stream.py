"""Facts about opening and reading streams; the living ones are tried in the integration tests."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from cameras.camera import Address
from cameras.health import State
from cameras.stream import StreamError, frames, recorded
from tests.fakes.video import passing, write_clip


@contextlib.contextmanager
def answering(answer: bytes | None) -> Iterator[int]:
    """A port that answers each request with these bytes; b"": hangs up; None: never says a word."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    held.append(connection)
                    while answer and connection.recv(4096):
                        connection.sendall(answer)
                    if answer == b"":
                        connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for connection in held:
        connection.close()


def failure_of(port: int) -> StreamError:
    """How opening a stream at a port fails."""
    with pytest.raises(StreamError) as failed:
        next(frames(Address(f"rtsp://user:hidden@127.0.0.1:{port}/x"), open_s=1.0, read_s=1.0))
    assert "hidden" not in str(failed.value)
    assert failed.value.__cause__ is None
    return failed.value


def test_a_clip_with_b_frames_gives_its_luma_in_order(tmp_path: Path) -> None:
    """Every k-th picture, about five a second, nearly the bytes that were filmed."""
    filmed = passing(4.0, 12.5)
    clip = write_clip(tmp_path / "a.mp4", filmed)
    given = [(frame.at, frame.luma.copy(), frame.corrupt) for frame in recorded(clip)]
    assert 18 <= len(given) <= 21
    assert not any(corrupt for _, _, corrupt in given)
    for at, luma, _ in given:
        true = filmed[round(at * 12.5)]
        assert luma.shape == true.shape
        assert np.abs(luma.astype(int) * 255 / 219 - 16 * 255 / 219 - true).mean() < 4


def test_a_picture_is_made_small_in_proportion(tmp_path: Path) -> None:
    """Never larger than the stream."""
    frame = next(recorded(write_clip(tmp_path / "a.mp4", passing(0.5, 12.5))))
    assert frame.picture(320).shape == (180, 320, 3)
    assert frame.picture(4000).shape == (360, 640, 3)


def test_the_luma_is_a_view(tmp_path: Path) -> None:
    """No copy is made of the decoder's plane."""
    frame = next(recorded(write_clip(tmp_path / "a.mp4", passing(0.5, 12.5))))
    assert not frame.luma.flags.owndata


def test_a_closed_port_is_refused() -> None:
    """And the reason says where."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    failure = failure_of(port)
    assert failure.state is State.REFUSED
    assert str(port) in failure.reason


def test_a_port_that_says_nothing_is_silent() -> None:
    """Within the deadline for opening."""
    with answering(None) as port:
        assert failure_of(port).state is State.SILENT


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (
            b'RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="x"\r\n\r\n',
            State.UNAUTHORISED,
        ),
        (b"RTSP/1.0 403 Forbidden\r\nCSeq: 1\r\n\r\n", State.UNAUTHORISED),
        (b"RTSP/1.0 404 Not Found\r\nCSeq: 1\r\n\r\n", State.REFUSED),
        (b"RTSP/1.0 503 Service Unavailable\r\nCSeq: 1\r\n\r\n", State.REFUSED),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello", State.GARBLED),
        (b"", State.GARBLED),
    ],
)
def test_each_answer_has_its_name(answer: bytes, state: State) -> None:
    """What the other side says decides."""
    with answering(answer) as port:
        assert failure_of(port).state is state


def test_a_file_that_is_no_video_is_an_error(tmp_path: Path) -> None:
    """Recorded clips are trusted input; the error is the library's."""
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(av.FFmpegError):
        next(recorded(tmp_path / "a.mp4"))
