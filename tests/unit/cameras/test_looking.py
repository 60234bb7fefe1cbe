"""One look at a stream, by a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from cameras.looking import look, rate_of
from cameras.looking_wire import Look, Order
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

ROOT = Path(__file__).parents[3]
FILM = shoot(passing(2.0, 10.0, width=1280, height=720))


@pytest.fixture(scope="module")
def stream() -> Iterator[RtspCamera]:
    with RtspCamera(FILM, user="u", password="right") as camera:
        yield camera


def test_a_stream_is_looked_at_once(stream: RtspCamera) -> None:
    seen = look(Order(url=stream.url(), within_s=6.0))
    assert (seen.codec, seen.width, seen.height, seen.failure) == ("h264", 1280, 720, "")
    assert seen.fps == pytest.approx(10.0, abs=0.5)
    picture = cv2.imdecode(np.frombuffer(seen.picture, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape[:2] == (360, 640), "a small picture is enough to see where it looks"


def test_what_fails_is_named_and_holds_no_secret(stream: RtspCamera) -> None:
    seen = look(Order(url=stream.url().replace("right", "wr0ng"), within_s=6.0))
    assert (seen.failure, seen.picture) == ("unauthorised", b"")
    assert "wr0ng" not in seen.reason


def test_the_process_answers_and_tells_no_secret_to_who_lists_processes(stream: RtspCamera) -> None:
    command = [sys.executable, "-m", "cameras.looking"]
    order = msgspec.json.encode(Order(url=stream.url(), within_s=6.0))
    done = subprocess.run(command, input=order + b"\n", capture_output=True, cwd=ROOT, check=True, timeout=30)
    assert msgspec.json.decode(done.stdout, type=Look).width == 1280
    assert not any("right" in word for word in command)


def test_a_process_that_is_told_nothing_ends_without_a_word() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cameras.looking"], input=b"", capture_output=True, cwd=ROOT, check=True
    )
    assert done.stdout == b""


@pytest.mark.parametrize(
    ("times", "rate"),
    [([], None), ([1.0] * 9, None), ([0.0, 0.04, 0.08], None), ([0.08, 0.0, 0.04, 0.12, 0.16], 25.0)],
)
def test_the_rate_is_counted_by_the_stream_s_own_times(times: list[float], rate: float | None) -> None:
    assert rate_of(times) == rate
