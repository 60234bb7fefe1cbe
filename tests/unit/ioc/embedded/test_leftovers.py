"""Processes of an earlier start are found by a path of ours, and ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ioc.embedded import leftovers
from ioc.embedded.errors import SetupError

STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
sys.stdin.read()
"""


def start(program: str, argument: Path) -> "subprocess.Popen[bytes]":
    """A process with the path in its command line, ready."""
    argv = [sys.executable, "-c", program, str(argument)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


async def test_what_does_not_listen_is_killed_and_others_stay(tmp_path: Path) -> None:
    """Only the exact path counts, not a longer one."""
    ours, other = start(STUBBORN, tmp_path / "data"), start(STUBBORN, tmp_path / "data2")
    with ours, other:
        assert leftovers.processes_with(str(tmp_path / "data")) == [ours.pid]
        # a zombie has no command line, so that it counts as gone although we have not waited for it
        await leftovers.end(str(tmp_path / "data"), (signal.SIGTERM, signal.SIGKILL), 0.2)
        assert ours.wait() == -signal.SIGKILL
        assert other.poll() is None
        other.kill()


async def test_what_cannot_be_ended_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the process."""
    with start(STUBBORN, tmp_path / "data") as process:
        with pytest.raises(SetupError, match=f"process {process.pid}"):
            await leftovers.end(str(tmp_path / "data"), (signal.SIGTERM,), 0.1)

        def refuse(pid: int, number: int) -> None:
            raise PermissionError

        monkeypatch.setattr(os, "kill", refuse)
        with pytest.raises(SetupError, match="of another user"):
            await leftovers.end(str(tmp_path / "data"), (signal.SIGTERM,), 0.1)
        monkeypatch.undo()
        process.kill()


async def test_nothing_left_is_no_work(tmp_path: Path) -> None:
    """The ordinary start."""
    await leftovers.end(str(tmp_path), (), 0)
