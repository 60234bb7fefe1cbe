"""Facts about the worker as a process."""

import subprocess
import sys
from pathlib import Path

import pytest

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.wire import Became, Go, Orders, Report, framed, length_of, report_of
from tests.fakes.video import passing
from tests.instruments.film import shoot
from tests.instruments.rtsp import RtspCamera

ROOT = Path(__file__).parents[3]


def start() -> subprocess.Popen[bytes]:
    """A worker without orders yet."""
    return subprocess.Popen(
        [sys.executable, "-m", "cameras.worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def next_report(worker: subprocess.Popen[bytes]) -> Report:
    """The worker's next report."""
    assert worker.stdout is not None
    return report_of(worker.stdout.read(length_of(worker.stdout.read(4))))


@pytest.fixture
def orders() -> bytes:
    """Orders for a camera that is not there."""
    gate = Camera(code="cam-gate", centre="quang-nam", address=Address("rtsp://127.0.0.1:9/x"), scene="street")
    return framed(Orders(cameras=(gate,)))


def test_a_worker_reports_and_ends_when_its_orders_pipe_closes(orders: bytes) -> None:
    """At once, without being told."""
    with start() as worker:
        assert worker.stdin is not None
        worker.stdin.write(orders)
        worker.stdin.flush()
        worker.stdin.write(framed(Go(camera="cam-gate")))
        worker.stdin.flush()
        reports = [next_report(worker)]
        while not isinstance(reports[-1], Became):
            reports.append(next_report(worker))
        assert reports[-1].state is State.REFUSED
        worker.stdin.close()
        assert worker.wait(3) == 0


def test_a_worker_ends_when_nobody_reads_its_reports(orders: bytes) -> None:
    """Its pulse meets the closed pipe within seconds."""
    with start() as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(orders)
        worker.stdin.flush()
        next_report(worker)
        worker.stdout.close()
        assert worker.wait(5) == 0


def test_a_worker_without_orders_says_so() -> None:
    """Somebody who starts it by hand learns why it ends."""
    with start() as worker:
        _, said = worker.communicate(timeout=10)
    assert worker.returncode == 1
    assert b"started by the warden" in said


@pytest.mark.parametrize("mood", ["right", "wrong", "garbled", "gone"])
def test_nothing_that_a_worker_says_holds_a_password(mood: str) -> None:
    """Neither its reports nor what it and the libraries in it print; with a password that is refused, and others."""
    film = shoot(passing(1.0, 10.0, width=320, height=240))
    with RtspCamera(film.damaged(0.02, 1) if mood == "garbled" else film, user="viewer-7", password="s3cret") as there:
        password = "wr0ng" if mood == "wrong" else "s3cret"
        url = there.url(9 if mood == "gone" else None).replace("s3cret", password)
        gate = Camera(code="cam-gate", centre="quang-nam", address=Address(f"{url}?t=t0ken"), scene="street")
        with start() as worker:
            assert worker.stdin is not None
            worker.stdin.write(framed(Orders(cameras=(gate,))) + framed(Go(camera="cam-gate")))
            worker.stdin.flush()
            reports = [next_report(worker)]
            while not isinstance(reports[-1], Became):
                reports.append(next_report(worker))
            arguments = Path(f"/proc/{worker.pid}/cmdline").read_bytes()
            worker.stdin.close()
            assert worker.stdout is not None
            assert worker.stderr is not None
            said = arguments + repr(reports).encode() + worker.stdout.read() + worker.stderr.read()
    assert not [secret for secret in (b"viewer-7", b"s3cret", b"wr0ng", b"t0ken") if secret in said]


def test_a_worker_leaves_no_core_file() -> None:
    """Its memory holds passwords."""
    with start() as worker:
        assert worker.stdin is not None
        worker.stdin.write(framed(Orders(cameras=())))
        worker.stdin.flush()
        next_report(worker)
        limits = Path(f"/proc/{worker.pid}/limits").read_text()
        worker.stdin.close()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size")).split()
    assert core[4] in {"0", "1"}
