"""Facts about one camera's watch post; its life with real streams is in the integration tests."""

import threading
import time

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.outbox import Outbox
from cameras.post import Post
from cameras.wire import Became, report_of


def test_a_camera_that_is_not_there_is_reported_and_tried_again() -> None:
    """The first try says why; the post goes on."""
    outbox = Outbox(time.monotonic)
    gate = Camera(code="cam-gate", centre="quang-nam", address=Address("rtsp://u:hidden@127.0.0.1:9/x"), scene="street")
    post = Post(gate, outbox)
    thread = threading.Thread(target=post.watch, daemon=True)
    thread.start()
    message = outbox.take(10.0)
    assert message is not None
    report = report_of(message[4:])
    assert isinstance(report, Became)
    assert report.state is State.REFUSED
    assert "hidden" not in report.reason
    assert thread.is_alive()


def test_time_alone_makes_a_camera_silent() -> None:
    """Even while its own thread waits for the network."""
    seconds = [0.0]
    outbox = Outbox(lambda: seconds[0])
    gate = Camera(code="cam-gate", centre="quang-nam", address=Address("rtsp://127.0.0.1:9/x"), scene="street")
    post = Post(gate, outbox, lambda: seconds[0])
    post.tick()
    assert outbox.take(0.0) is None
    seconds[0] = 12.0
    post.tick()
    message = outbox.take(0.0)
    assert message is not None
    assert report_of(message[4:]) == Became(camera="cam-gate", state=State.SILENT, reason="no picture for 12 s")
