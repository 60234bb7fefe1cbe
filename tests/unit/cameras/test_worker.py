"""Facts about the worker as a process."""

import subprocess
import sys
from pathlib import Path

import pytest

from cameras.camera import Address, Camera
from cameras.health import State
from cameras.wire import Became, Go, Orders, Report, framed, length_of, report_of

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
