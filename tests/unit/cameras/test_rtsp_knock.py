"""Knocking at RTSP servers: each failure has its name, and who sends elsewhere is not followed."""

import contextlib
import errno
import socket
import threading
from collections.abc import Iterator

import pytest

from cameras.camera import Address
from cameras.dial import opened
from cameras.failure import StreamError
from cameras.health import State
from cameras.rtsp_knock import account_of, knocked
from cameras.soap import Account
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each connection with the next of these, the last again; what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            turn = 0
            while not over.is_set():
                with contextlib.suppress(OSError):
                    line, _ = server.accept()
                    with line:
                        line.settimeout(2.0)
                        asked.append(line.recv(65536))
                        line.sendall(answers[min(turn, len(answers) - 1)])
                        turn += 1

        thread = threading.Thread(target=serve, name="answering")
        thread.start()
        try:
            yield server.getsockname()[1], asked
        finally:
            over.set()
            thread.join()


def failure(url: str, within_s: float = 2.0) -> StreamError:
    with pytest.raises(StreamError) as raised:
        knocked(Address(url), within_s).__enter__()
    assert "hunter2" not in raised.value.reason
    return raised.value


def test_a_camera_describes_its_stream_to_who_knows_the_password() -> None:
    with RtspCamera(shoot(passing(0.5, 10.0)), user="u", password="hunter2") as camera:
        with knocked(Address(camera.url()), 3.0) as described:
            assert described.video.codec == "h264"
        assert failure(camera.url().replace("hunter2", "hunter22")).state is State.UNAUTHORISED
        assert camera.refused == 1, "a wrong password is shown once"


def test_a_camera_with_room_for_one_connection_is_opened_too() -> None:
    """Ours, which asked first, makes place."""
    with RtspCamera(shoot(passing(0.5, 10.0)), room=1) as camera:
        with opened(Address(camera.url()), "tcp", 3.0, 3.0) as container:
            assert next(container.demux(container.streams.video[0])).size
        assert camera.opened == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"RTSP/1.0 302 Go\r\nLocation: rtsp://127.0.0.2/\r\n\r\n", "redirect"),
        (b"RTSP/1.0 305 Proxy\r\nLocation: rtsp://127.0.0.2/\r\n\r\n", "redirect"),
        (b"RTSP/1.0 404 No\r\n\r\n", "refused"), (b"RTSP/1.0 100 Wait\r\n\r\n", "refused"),
        (b"RTSP/1.0 403 No\r\n\r\n", "unauthorised"), (b"RTSP/1.0 200 OK\r\n\r\n", "garbled"),
        (b"HTTP/1.0 200 OK\r\n\r\n", "garbled"), (b"", "garbled"),
    ],
)  # fmt: skip
def test_each_answer_has_its_name(answer: bytes, code: str) -> None:
    with answering(answer) as (port, _):
        assert failure(f"rtsp://u:hunter2@127.0.0.1:{port}/x").code == code


def test_who_clears_away_after_somebody_is_asked_once_more() -> None:
    busy = b"RTSP/1.0 503 Service Unavailable\r\n\r\n"
    ready = b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(SDP) + SDP
    with answering(busy, ready) as (port, _), knocked(Address(f"rtsp://127.0.0.1:{port}/x"), 2.0) as described:
        assert described.video.codec == "h264"
    with answering(busy) as (port, asked):
        assert failure(f"rtsp://127.0.0.1:{port}/x").state is State.REFUSED
        assert len(asked) == 2
        assert failure(f"rtsp://127.0.0.1:{port}/x", 0.3).state is State.REFUSED
        assert len(asked) == 3, "for a second answer there is no time"


def test_nobody_who_sends_elsewhere_is_followed() -> None:
    """Neither by us nor by the library that opens streams: the canary stays alone."""
    with answering(b"RTSP/1.0 200 OK\r\n\r\n") as (canary, came):
        go = f"RTSP/1.0 302 Go\r\nCSeq: 1\r\nLocation: rtsp://127.0.0.1:{canary}/\r\n\r\n".encode()
        with answering(go) as (port, asked), pytest.raises(StreamError, match="not followed"):
            opened(Address(f"rtsp://127.0.0.1:{port}/x"), "tcp", 2.0, 2.0).__enter__()
        assert len(asked) == 1
    assert came == []


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (OSError(errno.EHOSTUNREACH, "no route"), State.UNREACHABLE),
        (TimeoutError(), State.UNREACHABLE),
        (socket.gaierror(-2, "unknown name"), State.UNREACHABLE),
        (ConnectionRefusedError(), State.REFUSED),
        (ConnectionResetError(), State.REFUSED),
    ],
)
def test_why_there_is_no_connection_has_its_name(error: OSError, state: State) -> None:
    def connect(*_: object, **__: object) -> socket.socket:
        raise error

    with pytest.raises(StreamError) as raised:
        knocked(Address("rtsp://u:hunter2@10.9.8.7/x"), 1.0, connect=connect).__enter__()
    assert raised.value.state is state
    assert "10.9.8.7:554" in raised.value.reason


def test_who_takes_the_connection_and_says_nothing_is_silent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        assert failure(f"rtsp://127.0.0.1:{mute.getsockname()[1]}/x", 0.3).state is State.SILENT


def test_who_speaks_no_tls_is_told_so() -> None:
    with answering(b"RTSP/1.0 200 OK\r\n\r\n") as (port, _):
        assert "rtsp://" in failure(f"rtsps://127.0.0.1:{port}/x").reason


def test_the_account_is_that_of_the_address() -> None:
    assert account_of(Address("rtsp://u%40x:p%2Fw@h/")) == Account("u@x", "p/w")
    assert account_of(Address("rtsp://u@h/")) == Account("u", "")
    assert account_of(Address("rtsp://h/")) is None
