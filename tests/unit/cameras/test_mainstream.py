"""The main stream of a camera: read again and again, never hammered, told without secrets."""

import threading
import time

import pytest

from cameras.camera import Address, Camera
from cameras.mainstream import MainStream
from cameras.reel import Reel

MAIN = Camera(
    code="cam-a",
    centre="quang-nam",
    address=Address("rtsp://127.0.0.1:9/sub"),
    main=Address("rtsp://u:hidden@127.0.0.1:9/main"),
    scene="street",
)


def test_one_that_is_not_there_is_told_once_and_left_when_told(caplog: pytest.LogCaptureFixture) -> None:
    stream = MainStream(MAIN, Reel(), lambda: True)
    thread = threading.Thread(target=stream.watch, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while "refused" not in caplog.text and time.monotonic() < deadline:
        thread.join(0.01)
    assert "the main stream of cam-a is refused: nothing listens at 127.0.0.1:9" in caplog.text
    assert "hidden" not in caplog.text
    stream.leave()
    thread.join(5.0)
    assert not thread.is_alive()


def test_it_is_not_opened_while_the_camera_s_own_packets_do_not_come() -> None:
    """A password that is wrong is tried by one of the two streams alone."""
    opened: list[int] = []
    asked: list[int] = []

    def welcome() -> bool:
        asked.append(1)
        if len(asked) == 3:
            stream.leave()
        return False

    stream = MainStream(MAIN, Reel(), welcome, lambda: float(opened.append(1) is None))
    opened.clear()
    stream.watch()
    assert (len(asked), opened) == (3, [])
