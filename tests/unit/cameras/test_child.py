"""Facts about a worker's process as its warden sees it."""

import asyncio
import contextlib
import os
import signal
import subprocess

import pytest

from cameras.child import end, hear, spawn
from cameras.wire import Pulse, framed


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (framed(Pulse(dropped=3)), Pulse(dropped=3)),
        (b"", ""),
        (framed(Pulse(dropped=3))[:-1], ""),
        (b"\xff\xff\xff\xff", "what nobody understands"),
        (b"\0\0\0\1x", "what nobody understands"),
        (None, "said nothing"),
    ],
)
async def test_what_a_worker_says_is_a_report_or_the_reason_why_there_is_none(
    said: bytes | None, answer: Pulse | str
) -> None:
    """Whatever it does."""
    pipe = asyncio.StreamReader()
    if said is not None:
        pipe.feed_data(said)
        pipe.feed_eof()
    heard = await hear(pipe, 0.05)
    assert heard == answer if isinstance(answer, Pulse) or not answer else answer in str(heard)


async def test_a_worker_is_started_without_our_environment_and_ended_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pipes are closed with it."""
    monkeypatch.setenv("IOC_DATABASE_URL", "postgresql://secret")
    process = await spawn()
    async with asyncio.timeout(20):
        with open(f"/proc/{process.pid}/environ", "rb") as environment:  # noqa: ASYNC230, PTH123
            assert b"secret" not in environment.read()
        await end(process)
        await end(process)
    assert process.returncode == -9


async def test_how_a_worker_ended_is_left_to_whoever_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever polls it may reap it first, and then asyncio can only guess an exit code of 255."""
    process, polled = await spawn(), []
    monkeypatch.setattr(subprocess.Popen, "poll", lambda child: polled.append(child.pid))
    os.kill(process.pid, signal.SIGTERM)
    with contextlib.suppress(ChildProcessError):  # else asyncio has reaped it, and could not say so yet
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # noqa: ASYNC222
    async with asyncio.timeout(20):
        await end(process)
    assert process.returncode == -signal.SIGTERM
    assert polled == []
