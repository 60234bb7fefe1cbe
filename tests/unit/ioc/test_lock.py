"""The lock of a state dir."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ioc.lock import HeldError, Lock

HOLDER = """
import sys, pathlib
from ioc.lock import Lock
with Lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_held_lock_is_refused_with_the_holders_pid_and_free_afterwards(tmp_path: Path) -> None:
    """In one process as between two."""
    path = tmp_path / "lock"
    with Lock(path):
        with pytest.raises(HeldError) as refused, Lock(path):
            pass
        assert refused.value.pid == os.getpid()
    with Lock(path):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_lock_left_by_a_killed_process_is_no_obstacle(tmp_path: Path) -> None:
    """The kernel gives it back; only the file with the old pid stays."""
    path = tmp_path / "lock"
    argv = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(HeldError) as refused, Lock(path):
            pass
        assert refused.value.pid == holder.pid
        holder.kill()
    with Lock(path):
        pass


def test_a_file_without_a_pid_names_process_zero(tmp_path: Path) -> None:
    """The moment between taking the lock and writing the pid."""
    path = tmp_path / "lock"
    with Lock(path):
        path.write_text("")
        with pytest.raises(HeldError) as refused, Lock(path):
            pass
    assert refused.value.pid == 0
