"""Facts about opening and reading streams; the living ones are tried in the integration tests."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cameras.annexb import parameter_sets
from cameras.camera import Address, Transport
from cameras.health import State
from cameras.packets import Header, Piece
from cameras.picture import jpeg
from cameras.privacy import Mask
from cameras.stream import StreamError, Tally, follow, frames, recorded
from tests.fakes.video import passing, write_clip
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera


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


class Listener:
    """A tap that keeps what it hears."""

    def __init__(self) -> None:
        self.headers: list[Header] = []
        self.pieces: list[Piece] = []

    def opened(self, header: Header) -> None:
        self.headers.append(header)

    def passed(self, piece: Piece) -> None:
        self.pieces.append(piece)


SMALL = shoot(passing(1.0, 10.0, width=320, height=240))
LARGE = shoot(passing(1.0, 10.0, width=640, height=360))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_a_camera_is_read_over_tcp_and_udp_and_the_tap_has_every_packet(transport: Transport) -> None:
    """Before it is decoded; the stream is entered once."""
    listener, entered = Listener(), []
    with RtspCamera(SMALL, user="viewer", password="right") as camera:
        address = Address(camera.url())
        watched = frames(address, transport=transport, tap=listener, entered=lambda: entered.append(1))
        with contextlib.closing(watched):
            assert next(watched).luma.shape == (240, 320)
            assert next(watched).luma.shape == (240, 320)
    assert entered == [1]
    assert (listener.headers[0].codec, listener.headers[0].width) == ("h264", 320)
    assert len(listener.pieces) >= 2
    assert listener.pieces[0].key


@pytest.mark.parametrize("codec", ["libx265", "mjpeg"])
def test_other_codecs_are_read_too(codec: str) -> None:
    """H.265 and MJPEG over RTSP."""
    with RtspCamera(shoot(passing(1.0, 10.0, width=320, height=240), codec=codec)) as camera:
        watched = frames(Address(camera.url()))
        with contextlib.closing(watched):
            assert next(watched).luma.shape == (240, 320)


def test_a_tap_is_told_when_the_size_changes_midway() -> None:
    """Before the first packet of the new size, with its size and parameter sets; nothing is decoded for it."""
    listener = Listener()
    with RtspCamera(SMALL.then(LARGE)) as camera:
        watched = follow(Address(camera.url()), listener)
        with contextlib.closing(watched):
            while len(listener.headers) < 3:
                next(watched)
    assert [(header.width, header.height) for header in listener.headers] == [(320, 240), (640, 360), (320, 240)]
    assert parameter_sets("h264", listener.pieces[-1].data) in (b"", listener.headers[-1].extradata)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b"HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n", State.UNAUTHORISED),
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", State.REFUSED),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello\r\n\r\nhello", State.GARBLED),
        (None, State.SILENT),
    ],
)
def test_each_answer_over_http_has_its_name(answer: bytes | None, state: State) -> None:
    """As over RTSP."""
    with answering(answer) as port, pytest.raises(StreamError) as failed:
        next(frames(Address(f"http://user:hidden@127.0.0.1:{port}/x"), open_s=1.0, read_s=1.0))
    assert "hidden" not in str(failed.value)
    assert failed.value.state is state


def test_a_camera_over_http_leads_nowhere_else() -> None:
    """A redirection is not followed: what was allowed is this host alone."""
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.5)
        there = f"http://127.0.0.1:{canary.getsockname()[1]}/x"
        answer = f"HTTP/1.1 302 Found\r\nLocation: {there}\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(answer) as port, pytest.raises(StreamError) as failed:
            next(frames(Address(f"http://user:hidden@127.0.0.1:{port}/x"), open_s=1.0, read_s=1.0))
        with pytest.raises(TimeoutError):
            canary.accept()
    assert failed.value.state is State.REFUSED


def test_mjpeg_over_http_is_read() -> None:
    """multipart/x-mixed-replace, as cheap cameras give it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=yard\r\n\r\n"
    parts = [
        b"--yard\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(picture), picture)
        for picture in (jpeg(np.repeat(luma[:, :, None], 3, axis=2), Mask(())) for luma in passing(2.0, 10.0))
    ]
    listener = Listener()
    with answering(head + b"".join(parts) + b"--yard--\r\n") as port:
        watched = frames(Address(f"http://127.0.0.1:{port}/mjpg"), tap=listener, open_s=2.0, read_s=2.0)
        with contextlib.closing(watched):
            assert next(watched).luma.shape == (360, 640)
    assert listener.headers[0].codec == "mjpeg"


def test_a_file_is_played_at_its_own_pace_and_ends(tmp_path: Path) -> None:
    """As a camera would have given it."""
    clip = write_clip(tmp_path / "a yard.mp4", passing(2.0, 12.5), b_frames=0)
    began, shown = time.monotonic(), 0
    with pytest.raises(StreamError) as ended:
        for _ in frames(Address(clip.as_uri())):
            shown += 1
    assert ended.value.state is State.ENDED
    assert 1.5 < time.monotonic() - began < 4.0
    assert 8 <= shown <= 13
    with pytest.raises(StreamError) as missing:
        next(frames(Address((tmp_path / "b.mp4").as_uri())))
    assert missing.value.state is State.REFUSED


def test_who_cannot_follow_leaves_pictures_out_and_counts_them() -> None:
    """The analysis takes 0.7 s a picture; what is looked at is never much older than that."""
    tally, late = Tally(), []
    film = shoot(passing(3.0, 25.0, width=320, height=240), rate=25)
    with RtspCamera(film) as camera:
        watched = frames(Address(camera.url()), tally=tally)
        with contextlib.closing(watched):
            for _ in watched:
                threading.Event().wait(0.7)
                late.append(tally.dropped + tally.skipped)
                if len(late) == 10:
                    break
    assert tally.analysed == 10
    assert tally.dropped + tally.skipped > 20


def test_of_a_stream_of_key_pictures_alone_some_are_left_out_too_and_counted(tmp_path: Path) -> None:
    """A clock that is always ahead: to whoever goes by it each picture of the second costs more than a second."""
    film, number = passing(30.0, 1.0, width=320, height=240), 30
    clip = write_clip(tmp_path / "keys.mp4", film, rate=Fraction(1), b_frames=0)
    hurried = itertools.count(0.0, 0.3)
    tally = Tally()
    with pytest.raises(StreamError):
        for _ in frames(Address(clip.as_uri()), tally=tally, read_s=1000.0, clock=lambda: next(hurried)):
            pass
    assert len(film) == number
    assert tally.skipped >= 3
    assert tally.decoded + tally.skipped == number
